"""Studies as people bring them, to look at the window with: a table, a regression, names longer than any panel."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from koopview.study.source import Source

CLASSES = ("lost to follow-up in year two", "recovered without intervention", "recurrence after radiotherapy")
"""Names of 30 letters, as tables of patients have them; in the order of their letters, as they are read."""

TITLE = "a_network_whose_author_tells_all_the_settings_of_its_training_in_its_file's_name"
"""The name of a file, 80 letters."""

DEPTH = 300
_SAMPLES, _COLUMNS, _SEED = 1200, 6, 5
_WIDTHS = (48, 32)


def own_studies(folder: Path) -> dict[str, Source]:
    """Write models and data into `folder`, and return a Source for each example's name."""
    rng = np.random.default_rng(_SEED)
    x = rng.normal(size=(_SAMPLES, _COLUMNS)).astype(np.float32)
    wave = np.sin(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * x.sum(1)
    classes = np.digitize(wave, np.quantile(wave, (1 / 3, 2 / 3)))
    answers = np.eye(len(CLASSES), dtype=np.float32)[classes]
    table = _table(folder / "patients.csv", x, [CLASSES[one] for one in classes])
    real = _table(folder / "doses.csv", x, [f"{value:.4f}" for value in wave])
    patients, doses = (_chain(rng, x, y, _WIDTHS, _drawn) for y in (answers, wave[:, None]))
    deep = _chain(rng, x, answers, [2 * _COLUMNS] * DEPTH, _kept)
    return {
        "table": _source(folder / "patients.safetensors", patients, _short, table),
        "regression": _source(folder / "doses.safetensors", doses, _short, real),
        "long": _source(folder / f"{TITLE}.safetensors", deep, _long, table),
    }


Draw = Callable[[np.random.Generator, int, int], np.ndarray]
Layers = list[tuple[np.ndarray, np.ndarray]]


def _chain(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, widths: Sequence[int], draw: Draw) -> Layers:
    """Return weight and bias of each layer of a network whose last layer alone is fitted, by least squares."""
    parts: Layers = []
    states = x
    for width in widths:
        weight = draw(rng, width, states.shape[1])
        bias = (0.3 * rng.normal(size=width) if draw is _drawn else np.zeros(width)).astype(np.float32)
        parts.append((weight, bias))
        states = np.maximum(states @ weight.T + bias, 0)
    known = np.column_stack([states, np.ones(len(x))])
    last = np.linalg.lstsq(known, y, rcond=None)[0].T.astype(np.float32)
    return [*parts, (np.ascontiguousarray(last[:, :-1]), np.ascontiguousarray(last[:, -1]))]


def _drawn(rng: np.random.Generator, outputs: int, inputs: int) -> np.ndarray:
    return (1.5 * rng.normal(size=(outputs, inputs)) / inputs**0.5).astype(np.float32)


def _kept(rng: np.random.Generator, outputs: int, inputs: int) -> np.ndarray:
    """Return a matrix near the identity, so that hundreds of layers leave something of a sample."""
    half = np.eye(outputs, inputs)
    if inputs < outputs:
        half[inputs:] = -np.eye(outputs - inputs, inputs)
    return (half + 0.004 * rng.normal(size=(outputs, inputs))).astype(np.float32)


def _short(index: int) -> str:
    return f"hidden.{index}"


def _long(index: int) -> str:
    return f"encoder.layers.{index}.attention.self.query"


def _source(path: Path, layers: Layers, name: Callable[[int], str], data: Path) -> Source:
    tensors: dict[str, np.ndarray] = {}
    for index, (weight, bias) in enumerate(layers):
        tensors |= {f"{name(index)}.weight": weight, f"{name(index)}.bias": bias}
    save_file(tensors, path)
    return Source(model=str(path), data=str(data), activation="relu")


def _table(path: Path, x: np.ndarray, last: Sequence[str]) -> Path:
    names = ["age", "dose", "tumour_volume_in_millilitres", "days", "marker_a", "marker_b", "outcome"]
    rows = (",".join([*(f"{value:.5f}" for value in row), end]) for row, end in zip(x, last, strict=True))
    path.write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    return path
