"""Say in one sentence what an installation lacks: libraries of the system, or files of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from koopview.errors import FileError, KoopViewError
from koopview.resources import resource_path
from koopview.system_libraries import advice, lacking_with, named_in, on_path

NEEDED = (
    *("fonts/Inter-Regular.otf", "fonts/Inter-SemiBold.otf", "fonts/Inter-Bold.otf"),
    *("icons/koopview.svg", "icons/chevron-dark.svg", "icons/chevron-light.svg"),
    *("icons/tick-dark.svg", "icons/tick-light.svg"),
    *("models/yinyang.safetensors", "models/mnist.safetensors", "models/mnist-conv.safetensors"),
    *("models/mnist-vit.safetensors", "models/mnist-residual.safetensors"),
    *("studies/yinyang.koopview", "studies/mnist.koopview", "data/mnist-subset.idx.xz"),
)
"""The files below `resources/` that the window and the built-in studies are made of."""

_OWN_LIBRARIES = ("libQt6", "libpyside6", "libshiboken6", "libtorch", "libc10")
"""Beginnings of the names of shared libraries that come with KoopView's own dependencies."""


@contextmanager
def imports_explained() -> Iterator[None]:
    """Raise FileError with a sentence in place of an error of an import that the installation or the system causes."""
    try:
        yield
    except KoopViewError:
        raise
    except (ImportError, OSError) as error:
        explained = explanation(error)
        if explained is None:
            raise
        raise explained from error


def explanation(error: ImportError | OSError) -> FileError | None:
    """Return the error for a person of code that could not be loaded, None where it is not the installation's fault."""
    library = named_in(error)
    if library.startswith(_OWN_LIBRARIES):
        return FileError(_again(f"{library}, a library of KoopView's own, is missing or broken"))
    if library:
        return FileError(advice(lacking_with(library), on_path("apt-get")))
    if isinstance(error, ModuleNotFoundError) and error.name:
        return FileError(_again(f"Python's module {error.name} is missing"))
    return None


def check_resources() -> None:
    """Raise FileError, which names the first, where files that come with the program are missing or empty."""
    for name in NEEDED:
        path = resource_path(name)
        try:
            whole = path.stat().st_size > 0
        except OSError:
            whole = False
        if not whole:
            raise incomplete(path)


@contextmanager
def own_file(name: str) -> Iterator[Path]:
    """Yield the path of a file below `resources/`; a FileError of reading it becomes one that says to install again."""
    path = resource_path(name)
    try:
        yield path
    except FileError as error:
        raise incomplete(path) from error


def incomplete(path: Path) -> FileError:
    """Return the error of a file that comes with the program and is missing or broken."""
    return FileError(_again(f"{path}, which comes with KoopView, is missing or broken"))


def _again(found: str) -> str:
    return f"{found}: this installation is not whole; install KoopView again"
