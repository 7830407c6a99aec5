"""A hybrid network's file, run by PyTorch alone."""

from pathlib import Path

import torch

from koopview.study.held import open_dataset
from koopview.study.source import Source


def right_of_file(path: Path, demo: str) -> int:
    """Return how many test samples of a built-in data set a ``torch.export`` file puts into their class."""
    dataset = open_dataset(Source(model=f"demo:{demo}"))
    hybrid = torch.export.load(path).module()
    with torch.no_grad():
        chosen = hybrid(torch.as_tensor(dataset.x_test)).argmax(1)
    return int((chosen == torch.as_tensor(dataset.y_test)).sum())
