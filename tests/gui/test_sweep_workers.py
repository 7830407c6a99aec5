"""Sweeps on the workers that the Sweep tab names: the same cells, refusals where they are typed, nothing left over."""

import os
import signal
import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from torch import nn

from koopview.cluster import opening
from koopview.gui.panels.sweep_fields import THIS_MACHINE
from koopview.gui.session import workers as workers_module
from koopview.gui.session.session import Session
from koopview.gui.session.sweeping import SweepEnd
from koopview.gui.session.workers import Workers
from koopview.network.data import Dataset
from koopview.progress import silent
from koopview.study.settings import FitSettings
from koopview.study.study import Study

MILLISECONDS = 60_000
"""A bound for what would otherwise hang; nothing here needs it."""

BASE = FitSettings("0", replaced=("0",), steps=20, delays=3, rank=5, samples=150)
DELAYS, RANKS = (1, 4, 9), (3, "auto")
MANY = tuple(range(1, 21))
"""Delays enough that a sweep can be stopped in its middle."""

EXPECTED = "expected local, local:N for N workers on this machine, or the ADDRESS of a scheduler as tcp://HOST:8786"


def made_study():
    """A network and samples made in memory, with the fit BASE."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 3))
    study = Study(module, Dataset(rng.normal(size=(1200, 6)).astype(np.float32), rng.integers(0, 3, 1200)))
    study.fit_settings(BASE)
    return study


@pytest.fixture
def live(qtbot):
    """A session that shows the fit BASE."""
    made = Session()
    made.open_study(made_study())
    wait(qtbot, made)
    yield made
    made.close()


@pytest.fixture
def dask():
    """Dask's distributed; tests that start workers are skipped without it."""
    return pytest.importorskip("distributed", reason="the extra dask is not installed: bootstrap.py test installs it")


@pytest.fixture(scope="module")
def address():
    """The address of a scheduler of one worker."""
    pytest.importorskip("distributed", reason="the extra dask is not installed: bootstrap.py test installs it")
    with opening.opened("local:1") as cluster:
        yield cluster.client.scheduler.address


@pytest.fixture
def others(dask):
    """Return the worker processes that this process started since the test began."""
    before = set(worker_processes())
    return lambda: set(worker_processes()) - before


def worker_processes():
    """The processes of workers that this process started, by their numbers."""
    import psutil

    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            found += [child.pid] * ("multiprocessing.spawn" in " ".join(child.cmdline()))
        except psutil.Error:
            continue  # it ended just now
    return found


def wait(qtbot, session):
    qtbot.waitUntil(lambda: not session.busy, timeout=MILLISECONDS)


def swept(qtbot, session, where, delays=DELAYS, ranks=RANKS):
    """Sweep on workers until the end."""
    session.compute_on(where)
    session.sweep(delays, ranks)
    wait(qtbot, session)


def none_left(others):
    """Wait until no worker is left: they end by themselves."""
    deadline = time.monotonic() + 60
    while others() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not others()


# The field ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["locl", "local:0", "local:two", "tcp://nowhere"])
def test_what_names_no_workers_is_told_where_it_was_typed(fitted, text):
    panel = fitted.window.results.sweep
    fitted.window.results.open_sweep()
    panel.workers.setText(text)
    panel.delays.setText("99")
    panel.start.click()
    assert panel.caption.text().endswith(f"1, 5, 10; cluster is '{text}', {EXPECTED}")
    assert panel.caption.text().startswith("h is 99, expected whole numbers")
    assert panel.caption.isVisible()
    assert fitted.session.calls == []
    fitted.session.filled.emit(None)
    assert panel.caption.isVisible()
    panel.delays.clear()
    QTest.keyClicks(panel.delays, "3")
    assert not panel.caption.isVisible()


def test_workers_are_named_before_the_sweep_and_once(fitted, qtbot):
    panel = fitted.window.results.sweep
    fitted.window.results.open_sweep()
    qtbot.keyClicks(panel.workers, " local:2 ")
    qtbot.keyClick(panel.workers, Qt.Key.Key_Return)
    fitted.window.actions_by_name["sweep"].trigger()
    assert fitted.session.calls == [("compute_on", "local:2"), ("sweep", None, None), ("sweep", None, None)]
    panel.workers.clear()
    panel.workers.editingFinished.emit()
    panel.workers.editingFinished.emit()
    assert fitted.session.calls[3:] == [("compute_on", "")]


def test_keys_reach_the_field_and_it_says_what_it_is(fitted):
    panel = fitted.window.results.sweep
    fitted.window.results.open_sweep()
    reached = panel.delays
    for wanted in (panel.ranks, panel.workers, panel.start):
        reached = reached.nextInFocusChain()
        while not reached.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached = reached.nextInFocusChain()
        assert reached is wanted
    assert panel.workers.accessibleName() == "Workers that compute the sweep"
    assert panel.workers.placeholderText() == THIS_MACHINE
    assert all(word in panel.workers.toolTip() for word in ("local:N", "tcp://HOST:8786", "left empty"))


@pytest.mark.parametrize("size", [(960, 540), (1280, 800), (1440, 900)])
def test_fields_and_their_words_are_whole(fitted, size):
    window, panel = fitted.window, fitted.window.results.sweep
    window.resize(*size)
    window.workspace.docks["results"].show()
    window.results.open_sweep()
    QApplication.processEvents()
    line = panel.workers.parentWidget()
    places = [one.geometry() for one in line.children() if isinstance(one, QWidget)]
    assert len(places) == 7
    assert all(line.rect().contains(place) for place in places)
    assert not any(one.intersects(other) for one, other in combinations(places, 2))
    for field in (panel.delays, panel.workers):
        assert field.fontMetrics().horizontalAdvance(field.placeholderText()) + 16 <= field.width()
    assert (window.width(), window.height()) == size


def test_no_time_is_told_for_workers_whose_pace_is_not_known(fitted, qtbot, make):
    panel = fitted.window.results.sweep
    assert "about" in panel.cost.text() or "under" in panel.cost.text()
    qtbot.keyClicks(panel.workers, "local")
    assert panel.cost.text().split(",")[0].endswith("cells")
    assert "about" not in panel.cost.text()


def test_a_refusal_stands_in_the_place_of_the_caption_until_something_is_typed(fitted, qtbot):
    panel = fitted.window.results.sweep
    fitted.window.results.open_sweep()
    panel.workers.setText("tcp://nobody:1")
    panel.start.click()
    said = f"no Dask scheduler answers at tcp://nobody:1, {EXPECTED}"
    fitted.session.sweep_end = SweepEnd(0, 12, 4.0, stopped=False, refused=said)
    fitted.session.finish(fitted.result)
    assert panel.caption.text() == panel.caption.toolTip() == said
    assert fitted.window.status.text.text() == "No cell was fitted"
    panel.resize(330, 200)
    assert panel.caption.drawn().startswith("no Dask scheduler answers at")
    fitted.session.swept.emit()
    assert panel.caption.isVisible()
    qtbot.keyClicks(panel.workers, "2")
    assert not panel.caption.isVisible()


def test_the_status_says_how_long_workers_took_to_be_ready(fitted):
    end = SweepEnd(12, 12, 8.04, stopped=False, ready="Dask: 2 workers ready in 3.5 s")
    fitted.session.work()
    fitted.session.sweep_end = end
    fitted.session.finish(fitted.result)
    assert fitted.window.status.text.text() == "Swept 12 cells in 8.04 s. Dask: 2 workers ready in 3.5 s"


def test_what_was_computed_twice_is_told(fitted):
    fitted.session.remarked.emit("a worker was lost; computed again: layer 2, h = 3")
    assert fitted.window.message.sentence.text() == "a worker was lost; computed again: layer 2, h = 3"
    assert fitted.window.message.quiet


# Refused --------------------------------------------------------------------------------------------------------------


def refused(qtbot, live, where):
    """Return why a sweep on workers was refused; the study stays as it was."""
    before, failures = live.state, []
    live.failed.connect(lambda *said: failures.append(said))
    swept(qtbot, live, where)
    assert failures == []
    assert live.state is before
    assert live.result is not None
    assert not live.sweeping
    end = live.sweep_end
    assert (end.found, end.stopped, end.ready) == (0, False, "")
    return end.refused


def test_without_dask_it_is_said_what_to_install(live, qtbot, monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    assert refused(qtbot, live, "local:2").endswith("expected it: pip install 'koopview[dask]'")


def test_an_address_at_which_nobody_listens(live, qtbot, dask, monkeypatch):
    monkeypatch.setattr(opening, "CONNECT_SECONDS", 0.5)
    assert refused(qtbot, live, "tcp://127.0.0.1:1").startswith("no Dask scheduler answers at tcp://127.0.0.1:1, ")
    swept(qtbot, live, "")
    assert len(live.state.cells) == len(DELAYS) * len(RANKS)


def test_workers_of_another_version(live, qtbot, address, monkeypatch):
    monkeypatch.setattr(opening, "__version__", "9.9.9")
    assert "expected 9.9.9 as here" in refused(qtbot, live, address)


def test_a_fit_that_a_refused_sweep_ended_is_made(live, qtbot, monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    live.compute_on("local:2")
    live.request(replace(BASE, delays=7))
    live.sweep(DELAYS, RANKS)
    wait(qtbot, live)
    assert live.result.settings == replace(BASE, delays=7)


# Computed -------------------------------------------------------------------------------------------------------------


def check_cells(live, delays):
    """Hold that the session has the cells that are computed here, with the same numbers."""
    cells = {cell.settings: cell for cell in live.state.cells}
    for cell in made_study().sweep(["0"], delays, RANKS, steps=20, samples=150):
        found = cells[cell.settings]
        np.testing.assert_allclose(found.eigenvalues, cell.eigenvalues, atol=1e-8)
        np.testing.assert_allclose(list(found.accuracy.values()), list(cell.accuracy.values()), atol=1e-8)
        assert (found.rank, found.apart) == (cell.rank, cell.apart)


def test_cells_are_those_of_this_program_and_workers_are_kept_until_others_are_named(live, qtbot, others):
    swept(qtbot, live, "local:2")
    kept = others()
    assert live.sweep_end.ready.startswith("Dask: 2 workers ready in ")
    check_cells(live, DELAYS)
    assert len(live.state.cells) == len(DELAYS) * len(RANKS)
    swept(qtbot, live, "local:2", (2, 5))
    assert live.sweep_end.ready == ""
    assert others() == kept
    assert len(kept) == 2
    live.swept.connect(lambda: os.kill(kept.pop(), signal.SIGKILL), Qt.ConnectionType.SingleShotConnection)
    told = []
    live.remarked.connect(told.append)
    swept(qtbot, live, "local:2", MANY[:8])
    check_cells(live, MANY[:8])
    assert all(note.startswith("a worker was lost; computed again: layer 0, h = ") for note in told)
    live.compute_on("")
    assert none_left(others)


def test_stop_ends_a_sweep_and_its_workers_and_keeps_what_was_found(live, qtbot, others):
    live.swept.connect(live.stop, Qt.ConnectionType.SingleShotConnection)
    swept(qtbot, live, "local:1", MANY)
    found = len(live.state.cells)
    assert live.sweep_end.stopped
    assert 0 < found < len(MANY) * len(RANKS)
    assert none_left(others)
    live.request(replace(BASE, delays=2))
    wait(qtbot, live)
    assert live.result.settings.delays == 2
    assert len(live.state.cells) == found


def test_stop_while_workers_start_leaves_none(live, qtbot, others):
    texts = []
    live.progressed.connect(lambda share, text, left: texts.append(text))
    live.compute_on("local:1")
    live.sweep(DELAYS, RANKS)
    qtbot.waitUntil(lambda: "starting 1 worker" in texts, timeout=MILLISECONDS)
    live.stop()
    assert not live.busy
    live.close()
    assert others() == set()


def test_closing_in_the_middle_of_a_sweep_leaves_no_worker(live, qtbot, others):
    from reference.windows import main_window

    window = main_window(live)
    window.show()
    live.compute_on("local:1")
    live.sweep(MANY, RANKS)
    qtbot.waitUntil(lambda: len(live.state.cells) > 0, timeout=MILLISECONDS)
    assert others()
    assert live.sweeping
    window.close_now()
    assert others() == set()


def test_what_fills_in_while_idle_uses_no_workers(live, qtbot, monkeypatch):
    monkeypatch.setattr(workers_module, "LastingCluster", None)
    live.compute_on("local:2")
    live.fill(True, only_curve=True)
    qtbot.waitUntil(lambda: len(live.state.cells) > 2, timeout=MILLISECONDS)


# Kept -----------------------------------------------------------------------------------------------------------------


class FakeCluster:
    """A lasting cluster that nothing is behind."""

    def __init__(self, where):
        self.where, self.running, self.ended, self.uses = where, True, False, 0

    def use(self, progress):
        self.uses += 1
        return opening.Cluster(self, 3, 1.0), self.uses == 1

    def end(self):
        self.running, self.ended = False, True

    def wait(self):
        assert self.ended


@pytest.fixture
def workers(monkeypatch):
    monkeypatch.setattr(workers_module, "LastingCluster", FakeCluster)
    return Workers()


def use(workers, where, act=lambda: None):
    """Use workers for what `act` does, and return the client."""
    workers.name(where)
    with workers.used(where, silent) as used:
        act()
    return used.client


def test_workers_are_kept_for_the_next_use_and_end_with_another_name(workers):
    first = use(workers, "local:1")
    assert use(workers, "local:1") is first
    assert use(workers, "local:2") is not first
    assert first.ended
    workers.close()


def test_workers_in_use_end_after_it_where_others_are_named(workers):
    client = use(workers, "local:1", lambda: workers.name(""))
    assert client.ended
    assert client.uses == 1


def test_workers_end_where_their_use_fails_and_are_opened_again_where_they_are_gone(workers):
    def fail():
        raise ZeroDivisionError

    first = use(workers, "local:1")
    with pytest.raises(ZeroDivisionError):
        use(workers, "local:1", fail)
    assert first.ended
    second = use(workers, "local:1")
    second.running = False
    assert use(workers, "local:1") is not second
    assert second.ended
