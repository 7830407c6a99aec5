"""What tasks share: sent to each worker once, and to those that come later."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from koopview.cluster.sending import Parcel
from koopview.errors import Cancelled

TRIES, PAUSE_SECONDS = 6, 0.2


@contextmanager
def sharing(client: Any, *sent: bytes) -> Iterator[list[Parcel]]:
    """Yield the Parcels of pickled objects, which every worker has while the block runs, and unpickles when used."""
    parcels = [Parcel(one) for one in sent]
    try:
        deliver(client, parcels)
        yield parcels
    finally:
        for parcel in parcels:
            if client.status == "running":
                with suppress(OSError, ValueError):  # a worker may have gone, or the scheduler forgotten all
                    client.unregister_worker_plugin(parcel.name)


def deliver(client: Any, parcels: Sequence[Parcel]) -> None:
    """Send parcels to all workers of a client: again where its connection was lost, since they may be others."""
    from koopview.cluster.holder import Holder  # imports Dask

    for parcel in parcels:
        for tried in range(TRIES):
            try:
                client.register_plugin(Holder(parcel))
                break
            except OSError:  # a worker ended just now
                if tried == TRIES - 1:
                    raise
                time.sleep(tried * PAUSE_SECONDS)


def content_of(name: str) -> Any:
    """Return the object of a parcel, on a worker; raises Cancelled once it is not shared any more."""
    from distributed import get_worker

    from koopview.cluster.holder import Holder

    found = get_worker().plugins.get(name)
    if not isinstance(found, Holder):
        raise Cancelled
    return found.content.get()
