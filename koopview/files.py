"""Write files whole or not at all."""

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from koopview.errors import FileError


def check_folder(path: Path, what: str) -> None:
    """Raise FileError unless `path` can become a file: its folder exists and it is no folder itself."""
    if not path.parent.is_dir():
        raise FileError(f"{what} {path} cannot be written: the folder {path.parent} does not exist")
    if path.is_dir():
        raise FileError(f"{what} {path} is a folder, expected a file to write")


def write_whole(path: Path, content: bytes, what: str) -> None:
    """Write a file so that at every moment the old or the new one is there, whole; raises FileError."""
    check_folder(path, what)
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, 0o666 & ~_umask())
        os.replace(file.name, path)
    except OSError as error:
        raise FileError(f"{what} {path} cannot be written: {error.strerror or error}") from error


def json_text(value: Any) -> str:
    """Return a value as JSON, indented; NaN and infinity, which JSON lacks, become null."""
    return json.dumps(_finite(value), indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _umask() -> int:
    """Return the permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
