"""Weights, or a whole module, in a PyTorch file; one that could run code is refused unless the user trusts it."""

import pickletools
import zipfile
from pathlib import Path
from typing import Any

import torch

from koopview.errors import FileError
from koopview.network.modelfiles.factory import FACTORY, one_line
from koopview.network.modelfiles.model_format import ModelContent


def read(path: Path, trust: bool) -> ModelContent:
    """Return a file's ModelContent, without running code unless trusted; raises FileError."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        if "TorchScript" in str(error):
            raise FileError(f"model {path} is a TorchScript archive, expected a state dict or safetensors") from error
        if not trust:
            raise _refusal(path, error) from error
        content = _read_trusted(path)
    return ModelContent(content, {}, in_order=True)


def _read_trusted(path: Path) -> Any:
    """Return a PyTorch file's content, running the code that is inside it."""
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except (AttributeError, ImportError) as error:
        raise FileError(
            f"model {path} needs code that is not here ({one_line(error)}), "
            "expected a state dict, with a factory where it is no plain multilayer perceptron",
            FACTORY,
        ) from error
    except (Exception, SystemExit) as error:  # code inside a file may raise anything
        raise FileError(f"model {path} cannot be read ({one_line(error)}), expected a PyTorch file") from error


def _refusal(path: Path, error: Exception) -> FileError:
    """Return the FileError for a file that was not read: it could run code, or is no model at all."""
    if "weights_only" in str(error) and _is_pickle(path):
        return FileError(
            f"model {path} could run code when it is read, expected a file of weights alone, "
            "or your trust in it if you know where it comes from",
            "--trust",
        )
    return FileError(f"model {path} cannot be read, expected a whole safetensors or PyTorch file")


def _is_pickle(path: Path) -> bool:
    """Return whether a file is a PyTorch zip file or a whole pickle; its code is scanned and never run."""
    if zipfile.is_zipfile(path):
        return True
    try:
        with path.open("rb") as file:
            return any(code.name == "STOP" for code, _, _ in pickletools.genops(file))
    except Exception:  # bytes that are no pickle raise many types
        return False
