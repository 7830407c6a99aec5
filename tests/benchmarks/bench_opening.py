"""The window while hostile files are opened, and the page of the Open dialog for a model of 100 million parameters.

    python tests/benchmarks/bench_opening.py [FILE OR FOLDER ...]

Each file is dropped onto an offscreen window; where a page asks about it, Open is pressed, with a small model or small
data beside it. Per file: the longest gap between two ticks of a timer of 5 ms on the window's thread; the longest
without the time in which other programs had the processors (it should stay below 100 ms); the seconds until all is
said, and what is said. Without words a few hostile files are made here.
"""

import os
import struct
import sys
import tempfile
import time
import zipfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import torch
from bench_window import Gaps, rest, settle
from PySide6.QtCore import QEventLoop, QTimer
from safetensors.torch import save_file
from torch import nn

from koopview.gui import create_window
from koopview.gui.dialogs.open_source import OpenModelDialog
from koopview.study.source import Source

PATIENCE = 30
"""Seconds after which a file counts as hanging."""

WIDTH, DEPTH = 5000, 4
"""Layers of the large model: 4 x 5000 x 5000 = 100 million parameters."""


def until(done, seconds=PATIENCE):
    """Run the event loop until `done()`; return whether that came in time."""
    loop, timer, limit = QEventLoop(), QTimer(interval=5), time.monotonic() + seconds
    timer.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > limit else None)
    timer.start()
    if not done():
        loop.exec()
    return done()


class OwnGaps(Gaps):
    """Gaps, and the longest of them without the time in which other programs had the processors (Linux)."""

    def __init__(self):
        self.own, self._waited = 0.0, waited()
        super().__init__()

    def _tick(self):
        gap, waiting = self._clock.nsecsElapsed() / 1e6, waited()
        self.own = max(self.own, gap - (waiting - self._waited))
        self._waited = waiting
        super()._tick()

    def take(self):
        """Return the longest gap and the longest own one (ms) so far, and begin again."""
        own, self.own = self.own, 0.0
        return super().take(), own


def waited():
    """Return how long (ms) this thread could have run and was not let, since it began; 0 where that is not known."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6
    except OSError:
        return 0.0


class Opened:
    """Opens files in one window and remembers what is said."""

    def __init__(self, folder):
        self.folder = folder
        self.window = create_window(["--demo", "yinyang"])
        self.window.show()
        rest(1)
        settle(self.window)
        rest(10)  # torch is imported behind the first picture, and what affine maps explain is measured
        self.gaps, self.said = OwnGaps(), []
        self.window.session.failed.connect(lambda sentence, details: self.said.append(sentence))

    def open(self, path):
        """Drop a file, press Open where the page asks, and print how that went."""
        self.said.clear()
        before = self.window.session.state
        self.gaps.take()
        started = time.perf_counter()
        self.window.opening.open_files([str(path)])
        ended = until(lambda: not self.window.opening.looking)
        dialog = self.window.opening.dialog
        if ended and dialog is not None:
            ended = self._press_open(dialog)
        ended = until(lambda: not self.window.is_busy()) and ended
        seconds, (gap, own) = time.perf_counter() - started, self.gaps.take()
        opened = self.window.session.state is not before
        text = self.said[-1] if self.said else self.window.message.sentence.text()
        state = "HANGS" if not ended else "opened" if opened else "refused"
        took = f"gap {gap:4.0f} ms, own {own:4.0f} ms  {seconds:5.1f} s"
        print(f"{path.name:34.34s} {took}  {state:8s} {'' if opened else text[:150]}")
        self._tidy()
        return own

    def _press_open(self, dialog):
        if isinstance(dialog, OpenModelDialog):
            if dialog.model.path.text() is None:
                dialog.model.path.line.setText(str(self.folder / "small.safetensors"))
            elif dialog.data.path.text() is None:
                dialog.data.path.line.setText(str(self.folder / "small.npz"))
        read = until(lambda: not dialog.page.reading)
        if dialog.page.model.found is not None and not dialog.page.model.found.layers:
            self.said.append(dialog.page.model.empty.words.text())
        dialog.buttons.accepted.emit()
        return until(lambda: not dialog.waiting) and read

    def _tidy(self):
        if self.window.opening.dialog is not None:
            self.window.opening.dialog.reject()
        self.window.session.stop()
        self.window.studies.forget_changes()
        self.window.message.forget()


def small(folder):
    """Write a small network and data that fit it."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    save_file(net.state_dict(), folder / "small.safetensors", metadata={"activation": "relu"})
    np.savez(folder / "small.npz", x=np.random.default_rng(0).normal(size=(90, 4)), y=np.arange(90) % 3)


def hostile(folder):
    """Write a few hostile files, and return their folder."""
    made = folder / "hostile"
    made.mkdir()
    torch.save({"0.weight": torch.zeros(1, dtype=torch.int64).expand(2**31, 2**31)}, made / "claims.pt")
    for name, code in (("deep", b"(" * 3_000_000 + b"t" * 3_000_000), ("lists", b"](" + b"]" * 20_000_000 + b"e")):
        with zipfile.ZipFile(made / f"{name}.pt", "w", zipfile.ZIP_DEFLATED) as file:
            for part, content in (("data.pkl", b"\x80\x02" + code + b"."), ("version", b"3\n")):
                file.writestr(f"archive/{part}", content)
    header = b'{"a.weight":{"dtype":"F32","shape":[' + b"1," * 5_000_000 + b'1],"data_offsets":[0,4]}}'
    (made / "header.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    with zipfile.ZipFile(made / "claims.npz", "w", zipfile.ZIP_DEFLATED) as file:
        head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000, 10000), }"
        file.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head) + 1) + head + b"\n" + b"\0" * 800)
    (made / "wide.csv").write_text("a" * 2_000_000 + ",b,label\n1,2,0\n3,4,1\n")
    with zipfile.ZipFile(made / "bomb.koopview", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("study.json", b'{"format":1,"x":[' + b"[]," * (60 << 20) + b"1]}")
    return made


def page_of(window, path):
    """Print how long the page takes to show a model's layers after its path is filled in."""
    dialog = window.opening.ask_model(Source())
    rest(0.3)
    gaps, started = OwnGaps(), time.perf_counter()
    dialog.model.path.line.setText(str(path))
    shown = until(lambda: dialog.page.model.found is not None or not dialog.page.reading)
    layers = dialog.page.model.found.layers if shown and dialog.page.model.found is not None else ()
    print(
        f"{path.name}, {path.stat().st_size / 2**20:.0f} MiB: {len(layers)} layers on the page after "
        f"{time.perf_counter() - started:.2f} s, longest own gap {gaps.take()[1]:.0f} ms"
    )
    dialog.reject()


def large(folder):
    """Yield a model of 100 million parameters as safetensors and as a PyTorch file."""
    weights = {f"{index}.weight": torch.rand(WIDTH, WIDTH) for index in range(DEPTH)}
    save_file(weights, folder / "large.safetensors")
    yield folder / "large.safetensors"
    torch.save(weights, folder / "large.pt")
    yield folder / "large.pt"


def main(words):
    """Open hostile files, then show the page of a large model."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small(folder)
        opened = Opened(folder)
        places = [Path(word) for word in words] or [hostile(folder)]
        files = [file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else [place])]
        longest = [opened.open(file) for file in files]
        if longest:
            print(f"{len(longest)} files, longest own gap {max(longest):.0f} ms")
        for path in large(folder):
            page_of(opened.window, path)
        opened.window.close()


if __name__ == "__main__":
    main(sys.argv[1:])
