"""Check files before they are read, and write them completely or not at all."""

import json
import math
import os
import platform
import stat
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from koopview.errors import FileError

_BESIDE = ".koopview-"
"""Prefix of the temporary files that are being written; a killed program leaves one."""

Writer = Callable[[IO[bytes]], object]
"""Writes the content of a file to it."""

_DAYS_OLD = 2 * 24 * 3600.0


def existing_file(path: Path, what: str, expected: str) -> Path:
    """Return `path` if it is a non-empty file; else raises FileError, which calls it `what`."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError(f"{what} {path} does not exist, expected {expected}") from error
    except OSError as error:
        raise FileError(f"{what} {path} cannot be read ({error.strerror}), expected {expected}") from error
    if stat.S_ISDIR(found.st_mode):
        raise FileError(f"{what} {path} is a folder, expected {expected}")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{what} {path} is a device or a pipe, expected {expected}")
    if found.st_size == 0:
        raise FileError(f"{what} {path} is empty, expected {expected}")
    if not os.access(path, os.R_OK):
        raise FileError(f"{what} {path} may not be read by you, expected {expected}")
    return path


def check_folder(path: Path, what: str) -> None:
    """Raise FileError unless a file can be written at `path`, so that long work is not done in vain."""
    folder = path.parent
    if not os.path.isdir(folder):
        raise FileError(f"{what} {path} cannot be written: the folder {folder} does not exist")
    if os.path.isdir(path):
        raise FileError(f"{what} {path} is a folder, expected a file to write")
    try:
        exists = path.exists()
    except OSError as error:
        raise FileError(f"{what} {path} cannot be written: {error.strerror}") from error
    if exists and not os.access(path, os.W_OK):
        raise FileError(f"{what} {path} cannot be written: it is write-protected")
    if not _takes_bytes(path) and not os.access(folder, os.W_OK):
        raise FileError(f"{what} {path} cannot be written: the folder {folder} is write-protected")


def write_whole(path: Path, content: bytes | Writer, what: str) -> None:
    """Write a file so that at every moment the complete old or new one is there; raises FileError.

    `content` are its bytes, or a function that writes them to an open file: large ones are then never held whole.
    """
    check_folder(path, what)
    write = content if callable(content) else partial(_write_bytes, content)
    try:
        if _takes_bytes(path):
            with path.open("wb") as file:
                write(file)
        else:
            _replace(Path(os.path.realpath(path)), write)
    except OSError as error:
        raise FileError(f"{what} {path} cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True)
class Stamp:
    """The identity of a file: a replaced or rewritten file has another stamp."""

    device: int
    number: int
    size: int
    changed: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the Stamp of a file, None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def json_text(value: Any) -> str:
    """Return a value as JSON, indented; NaN and infinity, which JSON lacks, become null."""
    return json.dumps(_finite(value), indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _takes_bytes(path: Path) -> bool:
    """Return whether `path` is a device or a pipe (/dev/stdout, /dev/null), to be written to and never replaced."""
    return path.exists() and not path.is_file()


def _write_bytes(content: bytes, file: IO[bytes]) -> None:
    file.write(content)


def _replace(path: Path, write: Writer) -> None:
    """Write a temporary file and rename it; an existing file keeps its permissions, a failure leaves nothing."""
    _clean_up(path.parent)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{_BESIDE}{_machine()}-{os.getpid()}-")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _clean_up(folder: Path) -> None:
    """Delete temporary files that killed programs left: their process is gone, or they are days old."""
    with suppress(OSError):
        for left in folder.glob(f"{_BESIDE}*"):
            with suppress(OSError, ValueError):
                machine, process, _ = left.name.removeprefix(_BESIDE).split("-", 2)
                gone = os.name == "posix" and machine == _machine() and not _runs(int(process))
                if gone or time.time() - left.stat().st_mtime > _DAYS_OLD:
                    left.unlink()


def _machine() -> str:
    """Return a short name of this machine without a hyphen."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs, under another user
        return True
    return True


def _umask() -> int:
    """Return the permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
