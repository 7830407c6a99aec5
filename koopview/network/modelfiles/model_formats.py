"""The register of formats of model files: one line each; command line, window and Python read it from here."""

from pathlib import Path

from koopview.network.modelfiles.model_format import ModelFormat

MODEL_FORMATS = (
    ModelFormat("safetensors", "safetensors_file", (".safetensors",)),
    ModelFormat("PyTorch", "pytorch_file", (".pt", ".pth", ".pt2", ".ckpt", ".bin")),
)
"""A file that fits no format is tried as the last one."""

MODEL_ENDINGS = tuple(ending for one in MODEL_FORMATS for ending in one.endings)
KINDS = f"a {' or '.join(one.name for one in MODEL_FORMATS)} file"
"""All formats in words, for the errors that say what was expected."""


def format_of(path: Path) -> ModelFormat:
    """Return the ModelFormat of a file by its name's ending, or the last one if none fits."""
    name = path.name.lower()
    return next((one for one in MODEL_FORMATS if name.endswith(one.endings)), MODEL_FORMATS[-1])
