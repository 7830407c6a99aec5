"""What files are that were dropped, used before or named at the start: found on a worker, by their content in doubt."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from koopview.arguments import STUDY_ENDING
from koopview.gui.session.heads import FoundData, read_data, read_model
from koopview.network.datafiles.data_formats import DATA_ENDINGS, DATA_FORMATS
from koopview.network.modelfiles.head import ModelHead
from koopview.network.modelfiles.model_formats import MODEL_ENDINGS
from koopview.progress import Progress
from koopview.study.archive import TEXT
from koopview.study.source import Source

EITHER = (".pt", ".pth", ".bin", ".safetensors")
"""Endings of files that hold a network or data: their heads say which."""


@dataclass(frozen=True)
class SortedFile:
    """A file's path and kind: "study", "model", "data", "gone", or empty for none of them; and its head if known."""

    path: str
    kind: str
    model: ModelHead | None = None
    data: FoundData | None = None


def sort_files(paths: Sequence[str], progress: Progress) -> list[SortedFile]:
    """Return the SortedFile of each path; reads heads, so it is called on a worker."""
    found = []
    for path in paths:
        progress(0.0, "looking at the files")
        found.append(sort_file(path))
    return found


def sort_file(path: str) -> SortedFile:
    """Return the SortedFile of a path."""
    try:
        there, folder = Path(path).exists(), Path(path).is_dir()
    except OSError:
        there = folder = False
    if not there:
        return SortedFile(path, "gone")
    kind = "data" if folder else _by_name(path)
    if kind == "study" or not kind:
        return SortedFile(path, kind)
    model = _model(path) if kind == "model" else None
    data = _data(path) if kind == "data" or path.lower().endswith(EITHER) else None
    if kind == "model" and _holds_samples(data) and not (model is not None and model.layers):
        return SortedFile(path, "data", None, data)
    return SortedFile(path, kind, model, data if kind == "data" else None)


def known_endings() -> tuple[str, ...]:
    """Return the endings of all files that can be opened."""
    return tuple(dict.fromkeys((*(STUDY_ENDING,), *MODEL_ENDINGS, *DATA_ENDINGS)))


def _by_name(path: str) -> str:
    """Return "study", "model" or "data" by a file's name, empty for none of them."""
    endings = {"study": (STUDY_ENDING,), "model": MODEL_ENDINGS, "data": DATA_ENDINGS}
    kind = next((kind for kind, known in endings.items() if path.lower().endswith(known)), "")
    kind = kind or ("data" if any(one.fits(Path(path)) for one in DATA_FORMATS) else "")
    return kind or ("study" if _is_study(path) else "")


def _is_study(path: str) -> bool:
    """Return whether a file of any name holds a study."""
    try:
        return zipfile.is_zipfile(path) and TEXT in zipfile.ZipFile(path).namelist()
    except Exception:  # broken zip files raise many types
        return False


def _holds_samples(found: FoundData | None) -> bool:
    """Return whether a head names inputs of several samples."""
    return found is not None and found.head is not None and bool(found.head.inputs)


def _model(path: str) -> ModelHead | None:
    try:
        return read_model(Source(model=path))
    except Exception:  # whatever is wrong with it is told on the page that asks
        return None


def _data(path: str) -> FoundData | None:
    try:
        return read_data(Source(data=path))
    except Exception:  # whatever is wrong with it is told on the page that asks
        return None
