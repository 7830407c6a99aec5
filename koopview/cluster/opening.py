"""Open a cluster: workers on this machine, or those of a scheduler that runs already."""

import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar

from koopview import __version__
from koopview.cluster.worker import prepared
from koopview.errors import InputError

Value = TypeVar("Value")

LOCAL = "local"
EXPECTED = "local, local:N for N workers on this machine, or the ADDRESS of a scheduler as tcp://HOST:8786"

CONNECT_SECONDS = 4.0
"""A scheduler that does not answer for so long is not there."""

CHECK_SECONDS = 4.0
"""Workers that do not say their version for so long are not usable; with the time to connect less than 10 s."""

CLOSE_SECONDS = 20.0

START_SECONDS = 60.0
"""Workers of this machine that have not started for so long will not."""

_ABOUT = "(__import__('koopview').__version__, __import__('platform').python_version())"
"""Evaluated on every worker: a function of this package could not be sent to one that lacks it."""


_ENVIRONMENT = {f"{name}_NUM_THREADS": 1 for name in ("OMP", "OPENBLAS", "MKL")} | {"OMP_WAIT_POLICY": "PASSIVE"}
"""Of new workers, in the place of Dask's own, which has glibc give freed memory back at once: that cost a fit of 1,000
samples 1.6 of 6 processor seconds, in the kernel."""

_UNTRACKED = "ignore::UserWarning:multiprocessing.resource_tracker"
"""An option of Python's -W."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """A client of a cluster, its number of workers, and the seconds that starting or reaching it took."""

    client: Any
    workers: int
    seconds: float

    @property
    def told(self) -> str:
        """One sentence on what was opened."""
        return f"Dask: {counted_workers(self.workers)} ready in {self.seconds:.1f} s"


@contextmanager
def opened(where: str, step: Callable[[], None] = lambda: None) -> Iterator[Cluster]:
    """Yield the Cluster that a word or an address names; one of this machine ends with the block.

    Parameters
    ----------
    where : str
        "local" (a worker a processor), "local:N", or the address of a scheduler.
    step : callable
        Called between the steps of starting workers; may raise Cancelled.

    Raises
    ------
    InputError
        If Dask is not installed, nothing answers at the address, there are no workers, or one of them has another
        version of KoopView or Python, or no KoopView; within 10 s.
    """
    count = local_workers(where)
    check_installed()
    started = time.monotonic()
    with _silent():
        client = _connected(where) if count is None else _started(count, step)
        try:
            workers = check_workers(client, where)
            yield Cluster(client, workers, time.monotonic() - started)
        finally:
            _close(client)


def check_installed() -> None:
    """Raise InputError where Dask's distributed is not installed."""
    if find_spec("distributed") is None:
        raise InputError("a cluster takes Dask's package distributed, expected it: pip install 'koopview[dask]'")


def local_workers(where: str) -> int | None:
    """Return the number of workers that "local" or "local:N" asks for, None for an address; raises InputError."""
    word, colon, count = where.partition(":")
    if word == LOCAL:
        if not colon:
            return processors()
        if count.isascii() and count.isdigit() and 1 <= int(count) <= 1000:
            return int(count)
        raise InputError(f"cluster is {where!r}, expected {EXPECTED}", "--dask")
    address = where.rpartition("://")[2]
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise InputError(f"cluster is {where!r}, expected {EXPECTED}", "--dask")
    return None


def counted_workers(count: int) -> str:
    """Return a number of workers in words: "1 worker", "2 workers"."""
    return "1 worker" if count == 1 else f"{count} workers"


def processors() -> int:
    """Return the number of processors that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def check_client(client: Any) -> None:
    """Raise InputError unless a client of Dask is open and its workers can be used, see :func:`check_workers`."""
    check_installed()
    from distributed import Client

    if not isinstance(client, Client) or client.asynchronous:
        raise InputError(f"client is {client!r}, expected a distributed.Client that is not asynchronous")
    if client.status != "running":
        raise InputError(f"client is {client.status}, expected one that is connected to its scheduler")
    check_workers(client)


def check_workers(client: Any, where: str = "") -> int:
    """Return the number of a client's workers once each has said that it has this KoopView and Python.

    Raises
    ------
    InputError
        If there is none, or one lacks them or does not answer.
    """
    name = where or client.scheduler.address
    try:
        asked = within(CHECK_SECONDS, lambda: client.run(eval, _ABOUT, on_error="return"))
    except (TimeoutError, OSError) as error:
        raise InputError(
            f"the workers of {name} do not answer, expected them to within {CHECK_SECONDS:.0f} s"
        ) from error
    asked = {worker: said for worker, said in asked.items() if not isinstance(said, OSError)}  # those may be ending
    if not asked:
        raise InputError(f"the scheduler {name} has no workers, expected one at least: dask worker {name}")
    for worker, said in asked.items():
        _check_worker(worker, said)
    return len(asked)


def _check_worker(worker: str, said: Any) -> None:
    """Raise InputError unless a worker's answer names this KoopView and this Python."""
    if isinstance(said, ModuleNotFoundError):
        raise InputError(f"worker {worker} has no KoopView, expected version {__version__} on every worker")
    if isinstance(said, BaseException):
        raise InputError(f"worker {worker} cannot import KoopView ({said}), expected version {__version__} to run")
    version, python = said
    if version != __version__:
        raise InputError(f"worker {worker} has KoopView {version}, expected {__version__} as here")
    if _minor(python) != _minor(platform.python_version()):  # what is sent may hold code
        raise InputError(f"worker {worker} runs Python {python}, expected {_minor(platform.python_version())} as here")


def _minor(python: str) -> str:
    """Return the first two numbers of a version."""
    return ".".join(python.split(".")[:2])


def _connected(address: str) -> Any:
    """Return the client of a scheduler; raises InputError where none answers."""
    import asyncio

    from distributed import Client

    try:
        answer = within(CONNECT_SECONDS, lambda: asyncio.run(_identity(address)))
        if answer.get("type") == "Scheduler":
            return Client(address, set_as_default=False)
        found = f"a {answer.get('type', 'server')} of Dask"
    except Exception as error:  # whatever listens there may send anything
        raise _nobody(f"no Dask scheduler answers at {address}") from error
    raise _nobody(f"{found} answers at {address} in the place of a scheduler")


def _nobody(found: str) -> InputError:
    """Return the InputError for an address with no scheduler."""
    return InputError(f"{found}, expected {EXPECTED}", "--dask")


async def _identity(address: str) -> Mapping[str, Any]:
    """Return what a server of Dask says of itself: a client of one that is none could not be closed again."""
    from distributed import rpc
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT_SECONDS, connection_args=arguments) as server:
        said: Mapping[str, Any] = await server.identity()
        return said


def _started(count: int, step: Callable[[], None]) -> Any:
    """Return the client of `count` new workers on this machine, each a process of one thread, with KoopView ready."""
    import dask
    from distributed import Client, LocalCluster

    _quieten_tracker()
    with dask.config.set(
        {"distributed.nanny.pre-spawn-environ": _ENVIRONMENT, "distributed.worker.profile.enabled": False}
    ):
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=None,  # fits say themselves what they take; a worker that is paused would end nothing
            silence_logs=logging.CRITICAL,
        )
    client = Client(cluster, set_as_default=False)
    try:
        step()
        client.wait_for_workers(count, timeout=START_SECONDS)
        step()
        client.run(prepared)
    except TimeoutError as error:
        _close(client)
        raise InputError(f"{count} workers did not start in {START_SECONDS:.0f} s, expected fewer of them") from error
    except BaseException:
        _close(client)
        raise
    return client


def _quieten_tracker() -> None:
    """Start Python's tracker of shared resources, which complains where Ctrl+C ends a program with workers."""
    from multiprocessing.resource_tracker import ensure_running

    sys.warnoptions.append(_UNTRACKED)  # it takes over the options of this process
    try:
        ensure_running()
    finally:
        sys.warnoptions.remove(_UNTRACKED)


def _close(client: Any) -> None:
    """Close a client, and the cluster if this process started it.

    On a busy machine that may take its time, and need not be waited for: workers of a process that has ended end too.
    """
    for one in (client, client.cluster):
        if one is not None:
            with suppress(TimeoutError, OSError):
                one.close(timeout=CLOSE_SECONDS)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask's messages off stderr: what a person must know of them is said in a sentence."""
    import distributed  # noqa: F401 - which sets the levels of its loggers as it is imported

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def within(seconds: float, call: Callable[[], Value]) -> Value:
    """Return what a call returns; raises its error, or TimeoutError if it takes longer than some seconds."""
    found: list[Value] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(call())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)  # one that never ends must not hold the program
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError
    return found[0]
