"""Weights in a safetensors file, which cannot hold code."""

import json
from pathlib import Path

from safetensors.torch import load

from koopview.errors import FileError
from koopview.network.modelfiles.model_format import ModelContent


def read(path: Path, trust: bool) -> ModelContent:
    """Return the tensors and the metadata of a file; raises FileError."""
    try:
        content = path.read_bytes()  # safetensors itself opens no file whose name is not UTF-8
        tensors = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except Exception as error:
        raise FileError(f"model {path} cannot be read, expected a whole safetensors file") from error
    return ModelContent(tensors, header.get("__metadata__", {}), in_order=False)  # tensors are in alphabetical order
