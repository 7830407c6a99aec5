"""Files of the kinds that people have, to look at the Open dialog with: fitting, unfitting, broken, with long names."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer
from safetensors.numpy import save_file

from koopview.gui.dialogs.open_source import OpenModelDialog
from koopview.study.source import Source

_LONG = "a_network_whose_author_tells_all_of_its_settings_in_the_name_of_its_file"
WIDTHS = (64, 32, 32, 10)
_PATIENCE_MS = 120_000


def open_dialogs(folder: Path, names: Sequence[str] | None = None) -> Iterator[tuple[str, OpenModelDialog]]:
    """Write examples into `folder`, show the dialog for each, and yield a name and the dialog once it shows all.

    `names` are those that are wanted, None for all.
    """
    for name, source in examples(folder).items():
        if names is None or name in names:
            dialog = OpenModelDialog(None, source)
            dialog.show()
            _wait(dialog)
            yield name, dialog
            dialog.reject()


def examples(folder: Path) -> dict[str, Source]:
    """Write files into `folder`, and return a Source for each example's name."""
    bare, long, broken = folder / "digits.safetensors", folder / f"{_LONG}.safetensors", folder / "broken.safetensors"
    fitting, wide = folder / f"{_LONG}.npz", folder / "columns.npz"
    save_file(_weights(), bare)
    save_file({f"encoder.blocks.with.long.names.{name}": part for name, part in _weights().items()}, long)
    broken.write_bytes(b"\xff" * 64)
    x = np.random.default_rng(1).normal(size=(500, WIDTHS[0])).astype(np.float32)
    _save(fitting, x, _classes(x))
    _save(wide, np.column_stack([_classes(x).astype(np.float32), x]), _classes(x))
    pictures = _pictures(folder / "pictures")
    return {
        "empty": Source(),
        "weights": Source(model=str(bare), data=str(fitting.rename(folder / "digits.npz"))),
        "pictures": Source(model=str(bare), data=str(pictures)),
        "unfitting": Source(model=str(bare), data=str(wide)),
        "broken": Source(model=str(broken), data=str(folder / "gone.npz")),
        "long": Source(model=str(long), data=str(_save(fitting, x, _classes(x)))),
    }


def _weights() -> dict[str, np.ndarray]:
    """Return the weights of a plain chain of Linear layers, by name."""
    rng, parts = np.random.default_rng(0), {}
    for index, (inputs, outputs) in enumerate(itertools.pairwise(WIDTHS)):
        parts[f"{2 * index}.weight"] = (2 * rng.normal(size=(outputs, inputs)) / inputs**0.5).astype(np.float32)
        parts[f"{2 * index}.bias"] = np.zeros(outputs, np.float32)
    return parts


def _classes(x: np.ndarray) -> np.ndarray:
    """Return the classes (samples,) that the chain with ReLU gives to samples."""
    weights = [part.T for name, part in _weights().items() if name.endswith("weight")]
    for weight in weights[:-1]:
        x = np.maximum(x @ weight, 0)
    classes: np.ndarray = (x @ weights[-1]).argmax(1)
    return classes


def _save(path: Path, x: np.ndarray, y: np.ndarray) -> Path:
    """Write samples and labels, the last 100 of them for testing."""
    np.savez(path, x_train=x[:400], y_train=y[:400], x_test=x[400:], y_test=y[400:])
    return path


def _pictures(folder: Path) -> Path:
    """Write a folder of small pictures by class: bars that lie and bars that stand."""
    rng = np.random.default_rng(0)
    for kind in ("lying", "standing"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for index in range(8):
            picture = rng.integers(0, 60, (8, 8), dtype=np.uint8)
            picture[index if kind == "lying" else slice(None), slice(None) if kind == "lying" else index] = 255
            Image.fromarray(picture).save(folder / kind / f"{index}.png")
    return folder


def _wait(dialog: OpenModelDialog) -> None:
    """Run the event loop until the dialog shows what it found and proposes."""
    loop, timer = QEventLoop(), QTimer(interval=20)
    timer.timeout.connect(lambda: None if dialog.page.reading or dialog.proposing.running else loop.quit())
    QTimer.singleShot(_PATIENCE_MS, loop.quit)
    timer.start()
    loop.exec()
