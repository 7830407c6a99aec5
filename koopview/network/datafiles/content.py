"""Which format a file is of by its first bytes, for names that say nothing; no numpy here."""

import re
import zipfile
from pathlib import Path

_START = 4096
_NUMBER = re.compile(r"\s*\"?[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?\"?\s*")

_MARKS = (
    (b"\x93NUMPY", "npydata"),
    (b"PAR1", "parquetdata"),
    (b"MATLAB 5.0 MAT-file", "matdata"),
    (b"\x89HDF\r\n", "foreigndata"),
    (b"\x1f\x8b", "foreigndata"),
    *((bytes([0x80, protocol]), "foreigndata") for protocol in range(2, 6)),
)
"""First bytes, and the module that reads such a file or says what it is."""


def home_by_content(path: Path) -> str:
    """Return the module that reads a file, by its content; empty if it is like none."""
    with path.open("rb") as file:
        start = file.read(_START)
    for mark, home in _MARKS:
        if start.startswith(mark):
            return home
    if start.startswith(b"PK") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return "torchdata" if any(name.endswith("/data.pkl") for name in archive.namelist()) else "npzdata"
    if len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < path.stat().st_size:
        return "safetensorsdata"
    return "textdata" if _is_table(start) else ""


def _is_table(start: bytes) -> bool:
    """Return whether the lines of a text hold several fields each, most of them numbers."""
    lines = [line for line in start.decode("utf-8", "ignore").splitlines() if line.strip()][1:-1]
    if b"\0" in start or not lines:
        return False
    return any(all(_is_row(line, separator) for line in lines[:20]) for separator in (";", "\t", "|", ",", None))


def _is_row(line: str, separator: str | None) -> bool:
    fields = line.split(separator)
    return len(fields) > 1 and 2 * sum(_NUMBER.fullmatch(field) is not None for field in fields) >= len(fields)
