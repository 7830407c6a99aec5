"""Inputs of PyTorch's data sets and loaders, made some samples at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils import data as torch_data

from koopview.errors import InputError
from koopview.network.collected import batches, inputs_and_labels, ordered_loader
from koopview.network.datafiles.parts import Parts


def loader_parts(data: Any) -> Parts:
    """Return the inputs of a torch Dataset or DataLoader as Parts, with its own collation and transforms.

    The order is that of the torch Dataset, without a loader's shuffling, so that the same samples come again. Samples
    that a transform makes anew by chance differ from pass to pass, and no result of them can be had again.

    Raises
    ------
    InputError
        If a sample is no pair (input, label) of numbers, or the number of samples is unknown.
    """
    name = type(data.dataset if isinstance(data, torch_data.DataLoader) else data).__name__
    loader, _ = ordered_loader(data, name)
    rows = _Made(loader.dataset, loader.collate_fn, loader.batch_size or 1, getattr(data, "num_workers", 0), name)
    return Parts(name, (len(loader.dataset), *rows(0, 1).shape[1:]), rows)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class _Made:
    """Samples of a torch Dataset, made by as many processes as its loader had."""

    source: Any
    collate: Any
    batch: int
    processes: int
    name: str

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """Return the inputs of some samples."""
        some = torch_data.Subset(self.source, range(start, stop))
        count = self.processes if stop - start > self.batch else 0
        loader: Any = torch_data.DataLoader(some, self.batch, num_workers=count, collate_fn=self.collate)
        found = [inputs_and_labels(one, self.name)[0] for one in batches(loader, self.name)]
        try:
            return np.asarray(torch.cat([torch.as_tensor(one) for one in found]).detach().cpu())
        except (RuntimeError, TypeError, ValueError) as error:
            raise InputError(
                f"{self.name}: samples {start} to {stop - 1} differ in shape, expected one shape"
            ) from error


def is_loader(data: Any) -> bool:
    """Return whether data are a torch Dataset or DataLoader."""
    return isinstance(data, (torch_data.Dataset, torch_data.DataLoader))
