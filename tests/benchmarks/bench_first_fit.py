"""A new user's way from the file manager to the first fit of an own network, three times with different kinds of files.

    xvfb-run -a -s "-screen 0 1440x900x24" env QT_QPA_PLATFORM=xcb python tests/benchmarks/bench_first_fit.py

The real window is driven by mouse, keys and drops. Per way: the seconds from the first act until the first fit is on
screen (a person's own pauses are not in them), the acts (a double click, drop, click or typed field counts one), and
every sentence that was met. The files are made here.
"""

import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import torch
from bench_opening import until
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from safetensors.torch import save_file
from torch import nn

from koopview.gui import create_window

FACTORY = """\
from torch import nn


def build():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.LayerNorm(16), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2)
    )
"""


class Person:
    """Acts on the window, counts the acts and remembers the sentences."""

    def __init__(self, *words):
        self.started, self.acts, self.sentences = time.perf_counter(), [], []
        self.window = create_window(list(words))
        self.window.show()
        self.window.session.failed.connect(lambda sentence, details: self.meet(f"ERROR: {sentence}"))
        self.window.session.noted.connect(lambda sentence, better: self.meet(sentence))

    @property
    def dialog(self):
        return self.window.opening.dialog

    def meet(self, sentence):
        if sentence and sentence not in self.sentences:
            self.sentences.append(sentence)

    def act(self, what):
        self.acts.append(what)

    def drop(self, *paths):
        """Drop files onto the page if it is open, else onto the window."""
        self.act(f"drop {', '.join(Path(path).name for path in paths)}")
        target, data = self.dialog or self.window, QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(target, QDragEnterEvent(QPoint(20, 20), *how))
        QApplication.sendEvent(target, QDropEvent(QPointF(20, 20), *how))
        self.look()

    def look(self):
        """Wait until the page shows all, and read what it says."""
        until(lambda: not self.window.opening.looking)
        if self.dialog is None:
            return
        until(lambda: not self.dialog.page.reading)
        until(lambda: not self.dialog.proposing.running)
        page = self.dialog.page
        for row in self.dialog.rows():
            self.meet(row.note.text() if row.note.isVisible() else "")
        for text in (page.model.remarks, page.data.remarks, page.fit, self.dialog.sentence):
            self.meet(text.text() if text.isVisible() else "")

    def fill_in(self, line, text):
        """Click into a field and type."""
        self.act(f"type {Path(text).name}")
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        QTest.keyClicks(line, text)
        self.look()

    def press_open(self):
        """Press Open and wait for the first fit."""
        if self.dialog is not None:
            self.act("press Open")
            button = self.dialog.buttons.button(QDialogButtonBox.StandardButton.Open)
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            until(lambda: self.dialog is None or not self.dialog.waiting)
            if self.dialog is not None:
                self.meet(f"ERROR: {self.dialog.sentence.text()}")
        until(lambda: not self.window.is_busy())
        return time.perf_counter() - self.started

    def tell(self, name, seconds):
        """Print how it went, and close the window."""
        result = self.window.session.result
        drawn = "nothing" if result is None else f"layer {result.settings.layer} of {result.model} on {result.data}"
        print(f"{name}: {seconds:.1f} s, {len(self.acts)} acts ({'; '.join(self.acts)}); on screen: {drawn}")
        if result is not None:
            print(f"    accuracy of the original {result.accuracy.get('original')}, of the hybrid {result.hybrid}")
        for sentence in self.sentences:
            print(f"    “{sentence}”")
        if self.dialog is not None:
            self.dialog.reject()
        self.window.studies.forget_changes()
        self.window.close()


def chain(*widths):
    """Return a plain chain of Linear and ReLU."""
    torch.manual_seed(0)
    parts = [part for n, m in itertools.pairwise(widths) for part in (nn.Linear(n, m), nn.ReLU())]
    for part in parts[::2]:
        nn.init.normal_(part.weight, std=2 / part.in_features**0.5)
    return nn.Sequential(*parts[:-1])


def labelled(net, *shape):
    """Return samples and the classes that a network gives them."""
    x = torch.randn(400, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        outputs = net(x)
    return x.numpy(), outputs.argmax(1).numpy()


def weights_and_npz(folder):
    """Double-click bare weights in the file manager, drop an NPZ file onto the page, press Open."""
    net = chain(6, 24, 24, 3)
    save_file(net.state_dict(), folder / "net.safetensors")
    x, y = labelled(net, 6)
    np.savez(folder / "set.npz", x_train=x[:300], y_train=y[:300], x_test=x[300:], y_test=y[300:])
    person = Person(str(folder / "net.safetensors"))
    person.act("double-click net.safetensors")
    person.look()
    person.drop(folder / "set.npz")
    return person


def state_dict_and_csv(folder):
    """Drop a state dict whose names have a prefix, and a CSV file, at once."""
    net = chain(6, 24, 24, 3)
    torch.save({f"module.{name}": value for name, value in net.state_dict().items()}, folder / "trained.pt")
    x, y = labelled(net, 6)
    rows = [",".join(f"f{column}" for column in range(6)) + ",species"]
    rows += [
        ",".join(f"{value:.6f}" for value in sample) + f",{'abc'[kind]}" for sample, kind in zip(x, y, strict=True)
    ]
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    person = Person()
    person.drop(folder / "table.csv", folder / "trained.pt")
    if person.dialog is not None and person.dialog.data.rows["labels"].needed:
        person.fill_in(person.dialog.data.names.labels.lineEdit(), "species")
    return person


def factory_and_pictures(folder):
    """Drop the weights of a module that needs its factory, and a folder of pictures by class."""
    (folder / "mine.py").write_text(FACTORY)
    scope = {}
    exec(FACTORY, scope)
    torch.manual_seed(0)
    net = scope["build"]()
    torch.save(net.state_dict(), folder / "module.pt")
    rng = np.random.default_rng(0)
    for kind in ("cats", "dogs"):
        (folder / "pictures" / kind).mkdir(parents=True)
        for index in range(60):
            Image.fromarray(rng.integers(0, 255, (8, 8), dtype=np.uint8)).save(
                folder / "pictures" / kind / f"{index}.png"
            )
    person = Person()
    person.drop(folder / "module.pt")
    person.drop(folder / "pictures")
    person.fill_in(person.dialog.model.factory, str(folder / "mine.py:build"))
    return person


def main():
    """Go each way in a window of its own."""
    for way in (weights_and_npz, state_dict_and_csv, factory_and_pictures):
        with tempfile.TemporaryDirectory() as name:
            person = way(Path(name))
            person.tell(way.__name__.replace("_", " "), person.press_open())


if __name__ == "__main__":
    sys.exit(main())
