"""Curves and sweeps that fill in while nothing else runs: every wish comes first, and nothing found is lost."""

import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from PySide6.QtCore import QTimer
from torch import nn

from koopview.errors import InputError
from koopview.gui.session import fitting
from koopview.gui.session.filled import CURVE, MOST_SECONDS, SWEEP, Filled, cells_around, coarse_first, plan
from koopview.gui.session.session import Session
from koopview.gui.words import filled_words
from koopview.network.data import Dataset
from koopview.study.fitter import Fitter
from koopview.study.settings import FitSettings
from koopview.study.study import Study
from koopview.study.study_file import read_study_file

MILLISECONDS = 60_000
"""A bound for what would otherwise hang; nothing here needs it."""

BASE = FitSettings("0", replaced=("0",), steps=6, delays=3, rank=5, samples=30)


def made_study(inputs=4, seed=0):
    """A small random network and samples for it, with the fit BASE."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(inputs, 8), nn.ReLU(), nn.Linear(8, 3))
    data = Dataset(rng.normal(size=(50, inputs)).astype(np.float32), rng.integers(0, 3, 50))
    study = Study(module, data)
    study.fit_settings(BASE)
    return study


class Gate:
    """Lets a number of fits through, then holds each at its first step until it is opened or no longer wanted."""

    def __init__(self, monkeypatch):
        self.opened, self.reached, self.ended, self.fits, self.error = threading.Event(), threading.Event(), 0, [], None
        self.left = 10**9
        real = Fitter.fitted

        def fitted(fitter, settings, progress=lambda fraction, text: None, **options):
            self.fits.append(settings)
            if self.error is not None:
                raise self.error
            self.left -= 1
            if self.left < 0:
                self.reached.set()
                try:
                    while not self.opened.wait(0.001):
                        progress(0.5, "at the gate")
                finally:
                    self.ended += 1
            return real(fitter, settings, progress, **options)

        monkeypatch.setattr(Fitter, "fitted", fitted)

    def shut(self, after=0):
        self.opened.clear()
        self.reached.clear()
        self.left = after

    def open(self):
        self.left = 10**9
        self.opened.set()


@pytest.fixture
def gate(monkeypatch):
    made = Gate(monkeypatch)
    yield made
    made.open()


@pytest.fixture
def session(qtbot, monkeypatch):
    """A session that shows the fit BASE, and rests for a millisecond before it fills in."""
    monkeypatch.setattr(fitting, "PATIENCE_SECONDS", 60)
    monkeypatch.setattr(fitting, "PAUSE_MS", 1)
    made = Session()
    soon = made._fits.idle.soon
    monkeypatch.setattr(soon, "start", lambda *milliseconds: QTimer.start(soon, 1))
    made.told, made.failures = [], []
    made.filled.connect(made.told.append)
    made.failed.connect(lambda sentence, details: made.failures.append(sentence))
    made.open_study(made_study())
    wait(qtbot, made)
    made.fit_now()  # so that no warm-up follows
    wait(qtbot, made)
    yield made
    made.close()


def wait(qtbot, session):
    qtbot.waitUntil(lambda: not session.busy, timeout=MILLISECONDS)


def until_filled(qtbot, session, name=SWEEP):
    """Wait until the last thing told is that all of a name is there."""
    whole = lambda: session.told and session.told[-1] is not None and session.told[-1].found == session.told[-1].cells  # noqa: E731
    qtbot.waitUntil(lambda: whole() and session.told[-1].name == name, timeout=MILLISECONDS)


def scores(cells):
    """What is compared of cells: their numbers, by their settings."""
    return {cell.settings: (cell.rank, cell.rows, cell.eigenvalues.tolist()) for cell in cells}


def curve(session):
    """The delays of the cells at the rank on screen."""
    return {cell.settings.delays for cell in session.state.cells if cell.settings.rank == session.settings.rank}


def test_the_curve_comes_first_then_a_sweep_with_the_numbers_of_one_that_is_asked_for(session, qtbot):
    session.fill(True)
    assert not session.busy
    until_filled(qtbot, session)
    names = [told.name for told in session.told if told is not None]
    assert names == sorted(names)  # "curve over h" before "sweep"
    found = scores(session.state.cells)
    other = Session()
    other.open_study(made_study())
    wait(qtbot, other)
    other.sweep()
    wait(qtbot, other)
    asked = scores(other.state.cells)
    other.close()
    assert found == asked
    assert len(found) > 20


def test_nothing_is_filled_in_unless_it_is_told_to_be(session, qtbot):
    qtbot.wait(100)
    assert session.state.cells == ()
    session.fill(True, only_curve=True)
    until_filled(qtbot, session, CURVE)
    qtbot.wait(50)
    assert curve(session) == {1, 2, 4, 5, 6}  # the fit at h = 3 is on screen
    assert {cell.settings.rank for cell in session.state.cells} == {5}
    session.fill(False)
    assert session.told[-1] is None


def test_what_is_filled_in_is_no_work_that_is_waited_for_or_saved(session, qtbot, gate):
    busy, drawn = [], []
    session.busy_changed.connect(busy.append)
    session.result_changed.connect(drawn.append)
    gate.shut(after=2)
    session.fill(True)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    qtbot.waitUntil(lambda: len(session.state.cells) == 2, timeout=MILLISECONDS)
    assert not session.busy
    gate.open()
    until_filled(qtbot, session)
    assert (busy, drawn, session.undo_stack.isClean(), len(session.state.results)) == ([], [], True, 1)


@pytest.mark.parametrize(
    "wish",
    [
        lambda session: session.request(BASE.with_rank(3)),
        lambda session: session.request(replace(BASE, delays=2)),
        lambda session: session.fit_now(),
        lambda session: session.watch("modes"),
        lambda session: session.repeat(2),
        lambda session: session.fill(False),
    ],
)
def test_a_wish_does_not_wait_for_a_cell_and_what_was_found_stays(session, qtbot, gate, wish):
    gate.shut(after=3)
    session.fill(True)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    qtbot.waitUntil(lambda: len(session.state.cells) == 3, timeout=MILLISECONDS)
    before, waiting = session.state.cells, gate.fits[-1]
    gate.left = 10**9  # fits that come later are not held; the one that waits at the gate is not let through
    wish(session)
    wait(qtbot, session)
    qtbot.waitUntil(lambda: gate.ended == 1, timeout=MILLISECONDS)
    assert session.state.cells[:3] == before
    gate.open()
    session.fill(True)
    session.request(BASE)
    wait(qtbot, session)
    until_filled(qtbot, session)
    fitted = [settings for settings in gate.fits if settings in {cell.settings for cell in before}]
    assert len(fitted) == 3  # none of them was begun again
    assert waiting in {cell.settings for cell in session.state.cells}


def test_an_edit_neither_begins_nor_ends_it(session, qtbot, gate):
    gate.shut(after=2)
    session.fill(True)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    gate.open()
    value = complex(session.result.fitted_eigenvalues[0])
    session.request(BASE.with_edits(((0, 0.5 * value),)))
    wait(qtbot, session)
    assert session.result.settings.edits
    until_filled(qtbot, session)
    assert not any(cell.settings.edits for cell in session.state.cells)
    fits = len(gate.fits)
    session.request(BASE.with_edits(((0, 0.7 * value),)))
    wait(qtbot, session)
    qtbot.wait(50)
    assert len(gate.fits) == fits + 1  # the edit's own


def test_another_study_drops_what_is_being_filled_in(session, qtbot, gate):
    gate.shut(after=2)
    session.fill(True)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    gate.left = 10**9
    session.open_study(made_study(inputs=5, seed=1))
    wait(qtbot, session)
    assert session.state.cells == ()
    qtbot.waitUntil(lambda: gate.ended == 1, timeout=MILLISECONDS)
    gate.open()
    until_filled(qtbot, session)
    assert {cell.layer_inputs for cell in session.state.cells} == {5}


def test_closing_in_the_middle_of_a_cell_ends_it(session, qtbot, gate):
    gate.shut(after=1)
    session.fill(True)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    qtbot.waitUntil(lambda: len(session.state.cells) == 1, timeout=MILLISECONDS)
    told = len(session.told)
    session.close()
    qtbot.waitUntil(lambda: gate.ended == 1, timeout=MILLISECONDS)
    qtbot.wait(20)
    assert (len(session.state.cells), len(session.told), session.failures) == (1, told, [])


def test_the_decomposition_on_screen_stays_whatever_is_filled_in(session, qtbot, monkeypatch):
    session.request(BASE.with_rank(4))
    session.fill(True)
    until_filled(qtbot, session)
    seen, real = [], Fitter.layer_fits
    monkeypatch.setattr(Fitter, "layer_fits", lambda fitter, *of: seen.append(fitter) or real(fitter, *of))
    session.request(BASE.with_rank(3))
    wait(qtbot, session)
    study = session._fits.engine.study(None)
    assert {*seen} == {study._fitter}
    assert len(study._fitter._layer_fits._fits._entries) == 1


def test_cells_are_saved_with_the_study_and_not_fitted_again(session, qtbot, gate, tmp_path):
    session.fill(True, only_curve=True)
    until_filled(qtbot, session, CURVE)
    written = []
    session.save_study(tmp_path / "filled.koopview", lambda: written.append(True))
    qtbot.waitUntil(lambda: bool(written), timeout=MILLISECONDS)
    assert scores(read_study_file(tmp_path / "filled.koopview").state.cells) == scores(session.state.cells)
    fits = len(gate.fits)
    session.fill(False)
    session.fill(True, only_curve=True)
    until_filled(qtbot, session, CURVE)
    assert len(gate.fits) == fits


def test_a_cell_that_is_refused_is_told_without_a_message(session, qtbot, gate):
    gate.error = InputError("too large")
    session.fill(True)
    refused = Filled(CURVE, 1, 6, why="too large")
    qtbot.waitUntil(lambda: session.told[-1:] == [refused], timeout=MILLISECONDS)
    assert session.failures == []
    assert filled_words(session.told[-1])[1].startswith("too large. Sweep")


def test_a_defect_is_told_once(session, qtbot, gate):
    gate.error = ZeroDivisionError("of mine")
    session.fill(True)
    qtbot.waitUntil(lambda: bool(session.failures), timeout=MILLISECONDS)
    qtbot.wait(50)
    assert (len(session.failures), len(gate.fits)) == (1, 1)


# What is filled in ----------------------------------------------------------------------------------------------------


def test_both_ends_come_first_then_the_middles():
    assert coarse_first([1, 2, 3, 4, 5, 6, 7, 8, 9])[:5] == [1, 9, 6, 4, 7]
    for count in range(1, 30):
        assert sorted(coarse_first([*range(count)])) == [*range(count)]


def test_a_fit_too_long_for_three_cells_is_not_begun_and_one_that_has_begun_ends_in_time(result, make):
    state, plain = make.state((result,)), replace(result.settings, delays=1)
    slow = replace(result, seconds={"decomposition": MOST_SECONDS / 3 + 1})
    found = plan(slow, state, False, {}, {})
    assert (found.cell, found.told.found, found.told.cells) == (None, 1, 20)
    assert found.told.seconds == pytest.approx(19 * slow.seconds["decomposition"])
    able = replace(result, seconds={"decomposition": MOST_SECONDS / 3})
    assert plan(able, state, False, {}, {}).cell == replace(result.settings, delays=1)
    for each, seconds, begun in ((50, 250.0, True), (50, 250.1, False), (1, 299.1, False), (1, 298.0, True)):
        slow = replace(result, seconds={"decomposition": each})
        found = plan(slow, state, False, {}, {(CURVE, plain): seconds})
        assert (found.cell is not None) == begun


def test_cells_of_a_decomposition_stay_together_the_largest_rank_first(result):
    cells = cells_around(result)
    delays = [cell.delays for cell in cells]
    assert all(cells[i].rank > cells[i + 1].rank for i in range(len(cells) - 1) if delays[i] == delays[i + 1])
    assert sum(one != other for one, other in pairwise(delays)) == 19


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (None, ""),
        (Filled(CURVE, 7, 20), "Curve over h 7 of 20, filled in while idle"),
        (Filled(SWEEP, 140, 140), "Sweep filled in"),
        (Filled(CURVE, 7, 20, seconds=540.0), "Curve over h 7 of 20 filled in"),
    ],
)
def test_the_status_bar_says_it_quietly(told, text):
    assert filled_words(told)[0] == text
