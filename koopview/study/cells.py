"""Finished cells of sweeps on disk: one JSON object per line, added as each is finished."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from koopview import __version__
from koopview.errors import FileError
from koopview.files import check_folder
from koopview.study.checking import Unfit, typed
from koopview.study.plain import plain_result, result_of
from koopview.study.result import SCHEMA, FitResult
from koopview.study.settings import FitSettings

_TYPES = ("complex128", "float64", "float32", "int64")


class CellFile:
    """The file of one sweep; cells of another network, other data or another version of KoopView are ignored.

    A line is ``{"study": fingerprint, "result": {...}}``. An incomplete last line, which a killed program leaves, is
    ignored.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        check_folder(path, "sweep")
        self._path, self._key = path, f"{__version__} {SCHEMA} {fingerprint}"

    def read(self) -> dict[FitSettings, FitResult]:
        """Return the finished cells of this study, by their settings.

        Raises
        ------
        FileError
            If the file is something else, or cannot be read.
        """
        results = []
        for number, line in enumerate(self._whole_lines(), 1):
            try:
                cell = json.loads(line)
                if cell["study"] == self._key:
                    results.append(result_of(cell["result"], _array))
            except Exception as error:  # a line may be anything
                raise self._foreign(number) from error
        return {result.settings: result for result in results}

    def add(self, result: FitResult) -> None:
        """Append one finished cell; raises FileError if it cannot be written, as on a full disk."""
        line = json.dumps({"study": self._key, "result": plain_result(result, _plain_array)}) + "\n"
        try:
            with self._path.open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FileError(f"sweep {self._path} cannot be written: {error.strerror}") from error

    def _whole_lines(self) -> list[bytes]:
        """Return the complete lines; an incomplete last one is cut off the file, so that lines can be added."""
        try:
            content = self._path.read_bytes() if self._path.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content) and content.startswith(b'{"study"'[: len(content)]):
                os.truncate(self._path, len(whole))
        except OSError as error:
            raise FileError(f"sweep {self._path} cannot be read: {error.strerror}") from error
        if content and not content.startswith(b'{"study"'[: len(content)]):
            raise self._foreign(1)
        return whole.splitlines()

    def _foreign(self, line: int) -> FileError:
        """Return the FileError for a line that no sweep wrote: line 1 means another file, later ones a damaged file."""
        if line == 1:
            return FileError(f"sweep {self._path} is no file of finished cells, expected one that a sweep wrote")
        return FileError(
            f"line {line} of sweep {self._path} is no finished cell, expected one that a sweep wrote: without it "
            "the sweep goes on from the others"
        )


def _plain_array(array: np.ndarray) -> dict[str, Any]:
    """Return an array as a JSON object; every digit is kept."""
    numbers = np.ascontiguousarray(array).view(f"f{array.itemsize // 2}") if np.iscomplexobj(array) else array
    return {"type": array.dtype.name, "shape": list(array.shape), "numbers": numbers.ravel().tolist()}


@dataclass(frozen=True)
class _Numbers:
    """An array as in a JSON object."""

    type: str
    shape: tuple[int, ...]
    numbers: tuple[float, ...]


def _array(plain: Any) -> np.ndarray:
    """Return the array of a JSON object; raises Unfit for any other object."""
    held: _Numbers = typed(_Numbers, plain)
    if held.type not in _TYPES:
        raise Unfit(held.type, f"one of {', '.join(_TYPES)}")
    kind = np.dtype(held.type)
    part = np.dtype(f"f{kind.itemsize // 2}") if kind.kind == "c" else kind
    if math.prod(held.shape) * (2 if kind.kind == "c" else 1) != len(held.numbers) or min(held.shape, default=0) < 0:
        raise Unfit(list(held.shape), "a shape of as many numbers as there are")
    return np.array(held.numbers, dtype=part).view(kind).reshape(held.shape)
