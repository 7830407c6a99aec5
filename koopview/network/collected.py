"""PyTorch's data sets and loaders, collected into arrays in memory."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils import data as torch_data

from koopview.errors import InputError
from koopview.memory import check_memory
from koopview.network.data import Dataset

_BATCH = 256
_TIMES = 4
"""Copies of the samples that are held at once at most: read, joined, as float32, and split."""

Pair = tuple[Any, Any]


def collected(data: Any) -> Dataset:
    """Return the samples of a torch Dataset or DataLoader as a Dataset, with its own collation and transforms.

    The order is that of the torch Dataset, without a loader's shuffling, so that results can be had again.

    Raises
    ------
    InputError
        If a sample is no pair (input, label) of numbers, the number of samples is unknown, or they do not fit into
        the free memory.
    """
    name = type(data.dataset if isinstance(data, torch_data.DataLoader) else data).__name__
    if isinstance(data, torch_data.TensorDataset):
        x, y = inputs_and_labels(data.tensors, name)
        return Dataset(x, y, name=name)
    loader, remarks = ordered_loader(data, name)
    parts: list[Pair] = []
    for batch in batches(loader, name):
        parts.append(inputs_and_labels(batch, name))
        if len(parts) == 1:
            size = sum(_bytes(one) for one in parts[0] if one is not None)
            check_memory(_TIMES * size * len(loader), name, "fewer samples, such as a torch.utils.data.Subset")
    if not parts:
        raise InputError(f"{name} holds no sample, expected pairs (input, label)")
    inputs, labels = zip(*parts, strict=True)
    y = None if labels[0] is None else _joined(labels, f"{name}: labels")
    return Dataset(_joined(inputs, f"{name}: inputs"), y, name=name, remarks=remarks)


def ordered_loader(data: Any, name: str) -> tuple[torch_data.DataLoader[Any], tuple[str, ...]]:
    """Return a loader of each sample once and in order where that can be, and a remark where a loader shuffles."""
    loader = data if isinstance(data, torch_data.DataLoader) else None
    source: Any = data if loader is None else loader.dataset
    if isinstance(source, torch_data.IterableDataset) or not hasattr(source, "__len__"):
        raise InputError(
            f"{name} does not say how many samples it has, expected a data set with a length, or arrays: "
            "koopview.Dataset(inputs, labels)"
        )
    if loader is None:
        return torch_data.DataLoader(source, batch_size=_BATCH), ()
    plain = (torch_data.SequentialSampler, torch_data.RandomSampler)
    if not isinstance(loader.sampler, plain) or getattr(loader.sampler, "replacement", False):
        return loader, (f"samples of {name} are as its loader's {type(loader.sampler).__name__} drew them once",)
    size = None if loader.batch_sampler is None else loader.batch_size or _BATCH
    ordered: torch_data.DataLoader[Any] = torch_data.DataLoader(source, batch_size=size, collate_fn=loader.collate_fn)
    shuffled = isinstance(loader.sampler, torch_data.RandomSampler)
    return ordered, (f"samples of {name} are in its own order, not shuffled as by the loader",) if shuffled else ()


def batches(loader: torch_data.DataLoader[Any], name: str) -> Iterable[Any]:
    """Yield a loader's batches; raises InputError if a sample cannot be made or collated."""
    coming = iter(loader)
    while True:
        try:
            batch = next(coming)
        except StopIteration:
            return
        except Exception as error:  # the person's own code runs here: anything may be raised
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(
                f"{name}'s samples cannot be read ({said}), expected pairs (input, label) of tensors of one shape"
            ) from error
        yield batch


def inputs_and_labels(batch: Any, name: str) -> Pair:
    """Return inputs and labels of a batch, None for labels that it lacks."""
    if isinstance(batch, torch.Tensor):
        return batch, None
    if isinstance(batch, (tuple, list)) and len(batch) in (1, 2):
        x, y = batch[0], batch[1] if len(batch) == 2 else None
        alone = isinstance(x, torch.Tensor) and y is not None and np.ndim(y) == 0  # of a loader without batches
        return (x[None], torch.as_tensor(y)[None]) if alone else (x, y)
    if isinstance(batch, Mapping):
        found = f"samples with the entries {', '.join(map(str, batch))}"
    else:
        found = f"samples of {len(batch)} parts" if isinstance(batch, (tuple, list)) else f"a {type(batch).__name__}"
    raise InputError(f"{name} holds {found}, expected pairs (input, label)")


def _bytes(value: Any) -> int:
    return int(value.nbytes) if isinstance(value, (torch.Tensor, np.ndarray)) else 0


def _joined(parts: tuple[Any, ...], what: str) -> Any:
    """Return the parts of batches as one; raises InputError if their shapes differ."""
    if not all(isinstance(part, torch.Tensor) for part in parts):
        return [one for part in parts for one in part]
    try:
        return torch.cat([part.detach().cpu() for part in parts])
    except (RuntimeError, TypeError) as error:
        shapes = sorted({tuple(part.shape[1:]) for part in parts})
        raise InputError(f"{what} have the shapes {shapes[:3]}, expected one shape") from error
