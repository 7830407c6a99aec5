"""One sentence for whatever is wrong inside a broken file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from koopview.errors import Cancelled, FileError, KoopViewError
from koopview.network.datafiles.samples import Asked


@contextmanager
def whole_file(path: Path, asked: Asked, kind: str) -> Iterator[None]:
    """Raise FileError "... is no whole `kind`" for any error of a library inside, one sentence for lack of memory."""
    try:
        yield
    except (KoopViewError, Cancelled, KeyboardInterrupt):
        raise
    except MemoryError as error:
        raise FileError(f"{asked.what} {path} takes more memory than is free, expected a smaller file") from error
    except Exception as error:  # readers raise many types for a broken file
        raise FileError(f"{asked.what} {path} is no whole {kind}") from error
