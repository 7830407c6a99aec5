"""What all tasks of a call share: sent to each worker once, and to those that come later."""

from collections.abc import Sequence
from typing import Any

from distributed import WorkerPlugin, get_worker

from koopview.cluster.kept import Once
from koopview.cluster.sending import unpacked
from koopview.errors import Cancelled


class Shared(WorkerPlugin):
    """Pickled objects under the name of a call, unpickled by the first task that takes them."""

    def __init__(self, name: str, sent: Sequence[bytes]) -> None:
        self.name, self._sent = name, tuple(sent)
        self._objects = Once(lambda: tuple(unpacked(one) for one in self._sent))

    def __reduce__(self) -> tuple[Any, ...]:
        return Shared, (self.name, self._sent)

    def objects(self) -> tuple[Any, ...]:
        """Return the objects."""
        return self._objects.get()


def shared_by(name: str) -> tuple[Any, ...]:
    """Return what is shared by the tasks of a call, on a worker; raises Cancelled once the call has ended."""
    found = get_worker().plugins.get(name)
    if not isinstance(found, Shared):
        raise Cancelled
    return found.objects()
