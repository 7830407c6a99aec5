"""Bring objects that all tasks share to the workers: pickled once, unpickled once on each worker."""

import pickle
import sys
import sysconfig
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from koopview.errors import InputError


@dataclass(frozen=True)
class Parcel:
    """An object for all workers, :func:`packed`, under a name of its own."""

    sent: bytes
    name: str = field(default_factory=lambda: f"koopview-{uuid.uuid4().hex[:12]}")


def packed(shared: Any, modules: Iterable[str] = ()) -> bytes:
    """Return an object pickled.

    Parameters
    ----------
    shared : object
    modules : names of modules
        Those whose classes it is made of. The code of those that are installed nowhere is sent along: a person's own
        file beside the script, or one that a factory was run from.

    Raises
    ------
    InputError
        If it cannot be pickled.
    """
    import cloudpickle

    try:
        with _by_value(cloudpickle, modules):
            return bytes(cloudpickle.dumps(shared))
    except Exception as error:  # any code of a person's own class may run
        said = " ".join(str(error).split())[:200]
        raise InputError(f"the network cannot be sent to workers ({said}), expected one that pickles") from error


def unpacked(sent: bytes) -> Any:
    """Return the object of its pickle, on a worker: it comes from the client whose tasks the worker carries out."""
    return pickle.loads(sent)


@contextmanager
def _by_value(cloudpickle: ModuleType, names: Iterable[str]) -> Iterator[None]:
    """Let modules that are not installed be pickled with their code."""
    tops = {name.partition(".")[0] for name in names}
    own = [module for top in sorted(tops) if (module := sys.modules.get(top)) is not None and _is_own(module)]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)


def _is_own(module: ModuleType) -> bool:
    """Return whether a module is a file of a person's own: of no package that is installed, nor of Python itself."""
    places = [module.__file__] if getattr(module, "__file__", None) else list(getattr(module, "__path__", []))
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib", "platstdlib")]
    own = [Path(str(place)).resolve() for place in places]
    known = module.__name__ in ("__main__", "koopview") or not own
    return not known and not any(place.is_relative_to(home) for place in own for home in installed)
