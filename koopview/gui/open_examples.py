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
_PATIENCE_MS = 20_000


def open_dialogs(folder: Path) -> Iterator[tuple[str, OpenModelDialog]]:
    """Write examples into `folder`, show the dialog for each, and yield a name and the dialog once it shows all."""
    for name, source in examples(folder).items():
        dialog = OpenModelDialog(None, source)
        dialog.show()
        wait_until_shown(dialog)
        yield name, dialog
        dialog.reject()


def examples(folder: Path) -> dict[str, Source]:
    """Write files into `folder`, and return a Source for each example's name."""
    bare = str(_weights(folder / "digits.safetensors", (64, 32, 32, 10)))
    long = str(_weights(folder / f"{_LONG}.safetensors", (64, 32, 32, 10), "encoder.blocks.with.long.names."))
    broken = folder / "broken.safetensors"
    broken.write_bytes(b"\xff" * 64)
    return {
        "empty": Source(),
        "weights": Source(model=bare, data=str(_table(folder / "digits.npz", 64))),
        "pictures": Source(model=bare, data=str(_pictures(folder / "pictures"))),
        "unfitting": Source(model=bare, data=str(_table(folder / "columns.npz", 65))),
        "broken": Source(model=str(broken), data=str(folder / "gone.npz")),
        "long": Source(model=long, data=str(_table(folder / f"{_LONG}.npz", 64))),
    }


def _weights(path: Path, widths: Sequence[int], prefix: str = "") -> Path:
    """Write the weights of a plain chain of Linear layers."""
    rng = np.random.default_rng(0)
    parts = {}
    for index, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        parts[f"{prefix}{2 * index}.weight"] = rng.normal(size=(outputs, inputs)).astype(np.float32) / inputs**0.5
        parts[f"{prefix}{2 * index}.bias"] = np.zeros(outputs, np.float32)
    save_file(parts, path)
    return path


def _table(path: Path, features: int) -> Path:
    """Write samples and labels."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(500, features)).astype(np.float32), np.arange(500) % 10
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


def wait_until_shown(dialog: OpenModelDialog) -> None:
    """Run the event loop until the dialog shows what it found and proposes."""
    loop, timer = QEventLoop(), QTimer(interval=20)
    timer.timeout.connect(lambda: None if dialog.page.reading or dialog.proposing.running else loop.quit())
    QTimer.singleShot(_PATIENCE_MS, loop.quit)
    timer.start()
    loop.exec()
