"""Curves that fill in by themselves: how soon after opening, and what whoever asks for something notices of it.

    python packaging/bootstrap.py bench

A network of MNIST's size is opened from files. A wish is something asked for at a random moment: another rank, an edit,
work that takes no time. Its wait is the time from the request to the worker's first step for it, once while cells are
fitted and once with nothing filled in. Times are of this machine and this run.
"""

import os
import random
import shutil
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from bench_window import Gaps, rest, settle
from PySide6.QtCore import QSettings

from koopview.gui import create_window
from koopview.gui.selection import with_eigenvalues
from koopview.gui.session.filled import curve_around
from koopview.network.mnist import mnist_dataset
from koopview.resources import resource_path

WISHES = 200
PATIENCE = 180.0
"""Seconds from opening in which the curve over h should be there."""

RANK = 50


class Waits:
    """Measures, of every job of a session's worker, the time from its request to its first step."""

    def __init__(self, session):
        self.seconds, jobs = [], session._work.jobs
        start = jobs.start

        def timed(work, done):
            asked = time.perf_counter()

            def begun(progress):
                self.seconds.append(time.perf_counter() - asked)
                return work(progress)

            start(begun, done)

        jobs.start = timed

    def take(self):
        """Return the waits (ms) so far and begin again."""
        found, self.seconds = [1000 * one for one in self.seconds], []
        return found


def wishes():
    """Return one wish after another, each a function of a session, always the same ones."""
    drawn = random.Random(0)

    def rank(session):
        session.request(session.settings.with_edits(()).with_rank(drawn.randint(5, 100)))

    def edit(session):
        value = complex(session.result.fitted_eigenvalues[0])
        session.request(with_eigenvalues(session.result, {0: drawn.uniform(0.5, 1.0) * value}))

    def nothing(session):
        session._fits.start(lambda progress: None, lambda nothing: session._fits.settle())

    return [(drawn.choice((rank, edit, nothing)), drawn.uniform(0.0, 0.5)) for _ in range(WISHES)]


def wish(window, waits, gaps):
    """Make all wishes, each at a random moment after the one before is shown; print their waits and the gaps."""
    session, met, idle = window.session, 0, window.session._fits.idle
    waits.take()
    gaps.take()
    shown = []
    for call, pause in wishes():
        rest(0.41 + pause)
        met += idle.running
        started = time.perf_counter()
        call(session)
        settle(window)
        shown.append(1000 * (time.perf_counter() - started))
    found = waits.take()
    print(
        f"  {len(shown)} wishes, {met} of them while a cell was fitted: worker begins after median "
        f"{statistics.median(found):.1f} ms, 99 % {np.quantile(found, 0.99):.1f} ms, worst {max(found):.1f} ms; "
        f"shown after median {statistics.median(shown):.0f} ms; longest gap {gaps.take():.0f} ms",
        flush=True,
    )


def until_curve(window, gaps, opened):
    """Wait until the curve is there, at most PATIENCE; print when, and the gaps on the way."""
    told, longest = [], []
    window.session.filled.connect(told.append)
    while time.perf_counter() - opened < PATIENCE and not (told and told[-1] is not None and told[-1].name == "sweep"):
        rest(1.0)
        longest.append(gaps.take())
    seconds, session = time.perf_counter() - opened, window.session
    known = {result.settings for result in (*session.state.cells, *session.state.results)}
    curve = [cell in known for cell in curve_around(session.result)]
    print(
        f"  {seconds:.0f} s after opening: {sum(curve)} of {len(curve)} cells of the curve; longest gap "
        f"median {statistics.median(longest):.0f} ms, worst {max(longest):.0f} ms of {len(longest)}; "
        f"{time.process_time():.0f} s of processors in all",
        flush=True,
    )


def measure(model, data, layer):
    """Open a model, fit a layer, let its curve fill in, and make wishes."""
    opened = time.perf_counter()
    window = create_window(["--model", model, "--data", data])
    window.show()
    window.filling.begin()
    waits, session = Waits(window.session), window.session
    while session.settings is None:
        rest(0.05)
    session.request(replace(session.settings, layer=layer, replaced=(layer,), rank=RANK))  # in the place of the first
    settle(window)
    fitted = sum(session.result.seconds.values())
    print(
        f"layer {layer}, r = {RANK}: fit {fitted:.1f} s, on screen {time.perf_counter() - opened:.0f} s after opening"
    )
    gaps = Gaps()
    until_curve(window, gaps, opened)
    print("  while cells are fitted:")
    wish(window, waits, gaps)
    window.actions_by_name["fill_in"].setChecked(False)
    rest(5.0)
    print("  nothing filled in:")
    wish(window, waits, gaps)
    window.close()


def main():
    """Measure the layers named as arguments, by default the first and the second."""
    with TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)  # a person's choices stay
        model, data = Path(folder, "own.safetensors"), Path(folder, "own.npz")
        shutil.copy(resource_path("models/mnist.safetensors"), model)
        digits = mnist_dataset(False)
        parts = {name: getattr(digits, name) for name in ("x_train", "y_train", "x_test", "y_test")}
        np.savez(data, **parts)
        for layer in sys.argv[1:] or ("0", "2"):
            measure(str(model), str(data), layer)


if __name__ == "__main__":
    main()
