"""Keep what the window draws in one file, and read it back without torch and without running code.

The file is an NPZ: one JSON text, and the arrays of each result under its number.
"""

import io
import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.files import write_whole
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

FORMAT = 2
_ARRAYS = ("eigenvalues", "fitted_eigenvalues", "residuals", "singular_values", "paths", "path_labels")


def save_state(state: StudyState, path: Path) -> None:
    """Write a state to a file, whole or not at all; raises FileError."""
    arrays = {
        f"{i}/{name}": getattr(result, name)
        for i, result in enumerate(state.results)
        for name in _ARRAYS
        if getattr(result, name) is not None
    }
    text = {
        "format": FORMAT,
        "model": state.model,
        "data": state.data,
        "layers": [asdict(layer) for layer in state.layers],
        "results": [_plain(result) for result in state.results],
    }
    content = io.BytesIO()
    np.savez_compressed(content, study=np.array(json.dumps(text)), **arrays)
    write_whole(path, content.getvalue(), "study")


def load_state(path: Path) -> StudyState:
    """Read a state from a file; raises FileError with one sentence for one that is missing or broken."""
    try:
        with np.load(path, allow_pickle=False) as file:
            text = json.loads(str(file["study"]))
            arrays = {key: file[key] for key in file.files}
        if text["format"] != FORMAT:
            raise FileError(f"study {path} has format {text['format']}, expected {FORMAT}")
        results = tuple(_result(plain, arrays, i) for i, plain in enumerate(text["results"]))
        layers = tuple(LayerInfo(**layer) for layer in text["layers"])
        return StudyState(text["model"], text["data"], layers, results)
    except FileNotFoundError as error:
        raise FileError(f"study {path} does not exist") from error
    except FileError:
        raise
    except Exception as error:  # zlib, zipfile, numpy and json each stumble in their own way over a broken file
        raise FileError(f"study {path} cannot be read, expected a whole study that KoopView saved") from error


def without_paths(result: FitResult) -> FitResult:
    """Return a result without its paths, small enough to keep many."""
    return replace(result, paths=result.paths[:0], path_labels=None)


def _plain(result: FitResult) -> dict[str, Any]:
    """Return what JSON can hold of a result."""
    names = [field.name for field in fields(result) if field.name not in (*_ARRAYS, "settings", "confusion")]
    settings = asdict(result.settings) | {"edits": [(i, v.real, v.imag) for i, v in result.settings.edits]}
    confusion = {name: counts.tolist() for name, counts in result.confusion.items()}
    return {name: getattr(result, name) for name in names} | {"settings": settings, "confusion": confusion}


def _result(plain: dict[str, Any], arrays: dict[str, np.ndarray], number: int) -> FitResult:
    """Return the result of that number."""
    settings = plain.pop("settings")
    settings["replaced"] = tuple(settings["replaced"])
    settings["edits"] = tuple((i, complex(real, imaginary)) for i, real, imaginary in settings["edits"])
    plain["confusion"] = {name: np.array(counts, dtype=int) for name, counts in plain["confusion"].items()}
    held: dict[str, Any] = {name: arrays[f"{number}/{name}"] for name in _ARRAYS if name != "path_labels"}
    held["path_labels"] = arrays.get(f"{number}/path_labels")
    return FitResult(settings=FitSettings(**settings), **plain, **held)
