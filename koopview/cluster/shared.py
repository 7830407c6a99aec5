"""What tasks share: sent to each worker once, and to those that come later."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from koopview.cluster.sending import Parcel
from koopview.errors import Cancelled


@contextmanager
def sharing(client: Any, *sent: bytes) -> Iterator[list[Parcel]]:
    """Yield the Parcels of pickled objects, which every worker has while the block runs, and unpickles when used."""
    parcels = [Parcel(one) for one in sent]
    try:
        deliver(client, parcels)
        yield parcels
    finally:
        if client.status == "running":
            for parcel in parcels:
                client.unregister_worker_plugin(parcel.name)


def deliver(client: Any, parcels: Sequence[Parcel]) -> None:
    """Send parcels to all workers of a client: again where its connection was lost, since they may be others."""
    from koopview.cluster.holder import Holder  # imports Dask

    for parcel in parcels:
        client.register_plugin(Holder(parcel))


def content_of(name: str) -> Any:
    """Return the object of a parcel, on a worker; raises Cancelled once it is not shared any more."""
    from distributed import get_worker

    from koopview.cluster.holder import Holder

    found = get_worker().plugins.get(name)
    if not isinstance(found, Holder):
        raise Cancelled
    return found.content.get()
