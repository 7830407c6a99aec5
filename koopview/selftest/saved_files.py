"""Files that the window wrote, read again by what knows nothing of how they were written."""

import csv
import json
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from koopview.errors import InputError
from koopview.selftest.pictures import is_blank
from koopview.study.result import FitResult


def check_picture(path: Path) -> None:
    """Raise InputError unless a PNG, SVG or PDF file holds a picture."""
    content = path.read_bytes()
    whole = {
        ".png": lambda: not is_blank(QImage(str(path))),
        ".svg": lambda: b"<svg" in content and content.rstrip().endswith(b"</svg>"),
        ".pdf": lambda: content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF"),
    }
    if not whole[path.suffix]():
        raise InputError(f"the {path.suffix} file of a plot holds no picture")


def check_numbers(path: Path, result: FitResult) -> None:
    """Raise InputError unless a CSV, JSON or NPZ file has the eigenvalues of `result`."""
    read = {".csv": _csv, ".json": _json, ".npz": _npz}[path.suffix](path)
    if len(read) != len(result.eigenvalues) or not np.allclose(read, result.eigenvalues, rtol=0, atol=1e-12):
        raise InputError(f"the {path.suffix} file of a fit has other eigenvalues than the window")


def _csv(path: Path) -> np.ndarray:
    with path.open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    return np.array([complex(float(row[1]), float(row[2])) for row in rows])


def _json(path: Path) -> np.ndarray:
    pairs = json.loads(path.read_text(encoding="utf-8"))["eigenvalues"]
    return np.array([complex(*pair) for pair in pairs])


def _npz(path: Path) -> np.ndarray:
    with np.load(path, allow_pickle=False) as arrays:
        return np.array(arrays["eigenvalues"])
