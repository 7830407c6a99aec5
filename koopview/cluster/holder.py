"""What a worker holds of a parcel; the one module that imports Dask when it is imported."""

from typing import Any

from distributed import WorkerPlugin

from koopview.cluster.kept import Once
from koopview.cluster.sending import Parcel, unpacked


class Holder(WorkerPlugin):
    """A parcel on a worker, under its name; its object is unpickled by the first task that takes it."""

    def __init__(self, parcel: Parcel) -> None:
        self.name, self._parcel = parcel.name, parcel
        self.content: Once[Any] = Once(lambda: unpacked(parcel.sent))

    def __reduce__(self) -> tuple[Any, ...]:
        return Holder, (self._parcel,)
