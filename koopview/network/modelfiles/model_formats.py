"""The register of formats of model files: one line each; command line, window and Python read it from here."""

import zipfile
from pathlib import Path

from koopview.network.modelfiles.graphs.pt2_program import is_exported
from koopview.network.modelfiles.model_format import ModelFormat


def _is_safetensors(path: Path) -> bool:
    """Return whether a file begins as safetensors do: with the length of a header in JSON."""
    with path.open("rb") as file:
        begin = file.read(9)
    return begin[8:] == b"{" and int.from_bytes(begin[:8], "little") < path.stat().st_size


def _is_exported(path: Path) -> bool:
    """Return whether a file is a zip file of an exported network."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as file:
        return is_exported(file.namelist())


MODEL_FORMATS = (
    ModelFormat("safetensors", "safetensors_file", (".safetensors",), _is_safetensors),
    ModelFormat("torch.export", "pt2", (".pt2",), _is_exported),
    ModelFormat("ONNX", "onnx_file", (".onnx",)),
    ModelFormat("PyTorch", "pytorch_file", (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".tar"), several=True),
)
"""A file that fits no format is tried as the last one."""

MODEL_ENDINGS = tuple(ending for one in MODEL_FORMATS for ending in one.endings)
KINDS = f"a {', '.join(one.name for one in MODEL_FORMATS[:-1])} or {MODEL_FORMATS[-1].name} file"
"""All formats in words, for the errors that say what was expected."""


def format_of(path: Path) -> ModelFormat:
    """Return the ModelFormat of a file: by its content where that says it, else by its name's ending, else the last."""
    try:
        known = next((one for one in MODEL_FORMATS if one.shows is not None and one.shows(path)), None)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):  # it is refused when it is read
        known = None
    name = path.name.lower()
    return known or next((one for one in MODEL_FORMATS if name.endswith(one.endings)), MODEL_FORMATS[-1])
