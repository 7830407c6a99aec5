"""Everything that comes in kinds is used once: scalings, observables, views, formats of models and data."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.koopman.observables import OBSERVABLES
from koopview.selftest.check import Check, Unexpected
from koopview.selftest.numbers import opened
from koopview.trajectory import SCALINGS

if TYPE_CHECKING:
    from koopview.network.data import Dataset
    from koopview.study.study import Study

SMALL: dict[str, Any] = {"layer": "2", "steps": 4, "delays": 2, "rank": 5, "samples": 100}
FINITE = "finite eigenvalues"
SAMPLES = 8
"""Samples of each class in the small data files."""


def checks(studies: dict[str, "Study"], folder: Path) -> Iterable[Check]:
    """Return the checks of all kinds; files are written into `folder`."""
    for scaling in SCALINGS:
        yield Check(f"scaling {scaling}", FINITE, partial(fits, studies, scaling=scaling))
    for kind in OBSERVABLES:
        yield Check(f"observables {kind}", FINITE, partial(fits, studies, observables=kind, steps=1, delays=1))
    yield Check("data files", "the samples that were written", partial(data_open, folder))
    yield Check("model files", "the outputs of the network written", partial(models_open, folder))


def fits(studies: dict[str, "Study"], **settings: Any) -> str:
    """Fit a small operator, and return its rank and accuracy; raises Unexpected where a number is not finite."""
    result = opened(studies, "yinyang").fit(**{**SMALL, **settings}).result
    if not np.isfinite(result.eigenvalues).all():
        raise Unexpected("eigenvalues that are not finite")
    return f"rank {len(result.eigenvalues)}, hybrid {100 * (result.accuracy['hybrid'] or 0):.1f} %"


def data_open(folder: Path) -> str:
    """Write two classes of small pictures as NPZ, CSV and a folder of PNG files, and open each."""
    from koopview.network.datafiles.load import load_dataset

    labels = np.arange(2).repeat(SAMPLES)
    pixels = np.random.default_rng(0).integers(0, 256, (2 * SAMPLES, 4)).astype(np.uint8)
    for path in (write_npz(folder, pixels, labels), write_csv(folder, pixels, labels), write_pictures(folder, pixels)):
        check_samples(load_dataset(path), path.name, pixels)
    return "NPZ, CSV, a folder of pictures"


def check_samples(dataset: "Dataset", name: str, pixels: np.ndarray) -> None:
    """Raise Unexpected if the data set's inputs are others than `pixels`, in any order and on a scale of 255 or 1."""
    inputs = np.concatenate([dataset.x_train, dataset.x_test]).reshape(len(pixels), -1)
    inputs = np.round(inputs * (1 if inputs.max() > 1 else 255))
    if sorted(inputs.tolist()) != sorted(pixels.astype(float).tolist()):
        raise Unexpected(f"other samples from {name} than were written")


def write_npz(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as an NPZ file and return its path."""
    np.savez(folder / "data.npz", x=pixels.astype(np.float32), y=labels)
    return folder / "data.npz"


def write_csv(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    """Write samples as a CSV file and return its path."""
    rows = [",".join(map(str, [*row, label])) for row, label in zip(pixels.tolist(), labels.tolist(), strict=True)]
    (folder / "data.csv").write_text("\n".join(["a,b,c,d,label", *rows]) + "\n", encoding="utf-8")
    return folder / "data.csv"


def write_pictures(folder: Path, pixels: np.ndarray) -> Path:
    """Write samples as PNG files of 2 x 2 pixels, a folder a class, and return the path of the outer folder."""
    from PIL import Image

    for index, row in enumerate(pixels):
        place = folder / "pictures" / ("one", "two")[index // SAMPLES]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(row.reshape(2, 2)).save(place / f"{index}.png")
    return folder / "pictures"


def models_open(folder: Path) -> str:
    """Write a network as safetensors and as a state dict, open both, and return what they are."""
    import safetensors.torch
    import torch

    from koopview.network.modelfiles.load import load_network

    network = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))
    safetensors.torch.save_file(network.state_dict(), folder / "model.safetensors")
    torch.save(network.state_dict(), folder / "model.pt")
    inputs = torch.linspace(-1, 1, 20).reshape(5, 4)
    for name in ("model.safetensors", "model.pt"):
        with torch.inference_mode():
            found = load_network(folder / name, activation_name="relu").run(inputs)
            if not torch.allclose(found, network(inputs), atol=1e-5):
                raise Unexpected(f"other outputs from {name} than from the network written")
    return "safetensors, a state dict"
