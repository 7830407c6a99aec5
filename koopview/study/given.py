"""A model and data as a person gives them in Python: modules, arrays, and PyTorch's own data sets and loaders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn
from torch.utils import data as torch_data

from koopview.errors import InputError
from koopview.network.collected import collected
from koopview.network.data import Dataset
from koopview.network.network import Network

_HOW = "expected Study(model, data), a torch.nn.Module and a koopview.Dataset, or Study(model, inputs, labels)"
_ARRAYS = (np.ndarray, Tensor)
_DATA = (*_ARRAYS, Dataset, torch_data.Dataset, torch_data.DataLoader)


def given_model(model: Any, data: Any = None) -> nn.Module | Network:
    """Return `model`, or raise InputError with one sentence on what was given in a module's place."""
    if isinstance(model, (nn.Module, Network)):
        return model
    if isinstance(data, (nn.Module, Network)) or (isinstance(model, _DATA) and isinstance(data, (str, Path))):
        raise InputError(f"the model comes first and the data after it, here they are swapped; {_HOW}")
    if isinstance(model, (str, Path)):
        opened = "koopview.open_study(koopview.Source(model=PATH, data=PATH)) for files, koopview.Study.open(PATH)"
        raise InputError(f"model is the path {str(model)!r}, expected a torch.nn.Module; {opened} for a saved study")
    if isinstance(model, type):
        raise InputError(f"model is the class {model.__name__}, expected a module of it, such as {model.__name__}()")
    if isinstance(model, Mapping):
        raise InputError(
            f"model is a state dict or another mapping ({type(model).__name__}), which does not say what is computed; "
            "expected the torch.nn.Module that load_state_dict was called on"
        )
    raise InputError(f"model is a {type(model).__name__}, expected a torch.nn.Module; {_HOW}")


def given_dataset(data: Any, labels: Any = None) -> Dataset:
    """Return data as a Dataset.

    Parameters
    ----------
    data : Dataset, array (samples, ...), pair (inputs, labels), torch Dataset of pairs, or DataLoader
    labels : array (samples,) or (samples, ...), optional
        Of inputs that are given as an array.

    Raises
    ------
    InputError
        If the data are something else, or labels are given twice.
    """
    whole = isinstance(data, (Dataset, torch_data.Dataset, torch_data.DataLoader))
    if whole and labels is not None:
        raise InputError(f"labels are given beside a {type(data).__name__}, which has its own; expected one of both")
    if isinstance(data, Dataset):
        return data
    if whole:
        return collected(data)
    if isinstance(data, (str, Path)):
        raise InputError(
            f"data are the path {str(data)!r}, expected a koopview.Dataset or arrays; "
            "koopview.open_study(koopview.Source(model=PATH, data=PATH)) opens files"
        )
    if labels is None and isinstance(data, (tuple, list)) and len(data) == 2 and isinstance(data[0], _ARRAYS):
        data, labels = data
    if data is None or isinstance(data, Mapping):
        raise InputError(f"data are {'missing' if data is None else f'a {type(data).__name__}'}; {_HOW}")
    return Dataset(data, labels)
