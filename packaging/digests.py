"""Sums of files."""

import hashlib
from pathlib import Path

BLOCK = 2**20


def digest(file: Path, kind: str = "sha256") -> str:
    """Return a file's sum of a kind that hashlib knows, in hexadecimal digits; libraries need not fit in memory."""
    whole = hashlib.new(kind)
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            whole.update(block)
    return whole.hexdigest()
