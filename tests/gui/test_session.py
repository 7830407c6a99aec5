"""Between controls and engine: a result matches its settings or is not there, the latest wins, nothing is lost."""

import random
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication
from safetensors.torch import save_file
from torch import nn

from koopview.arguments import Source, WindowOptions
from koopview.errors import InputError
from koopview.gui import fitting as module
from koopview.gui import session as session_module
from koopview.gui.session import Session
from koopview.network.data import Dataset
from koopview.network.load import load_network
from koopview.network.yinyang import yinyang_dataset
from koopview.study import study as study_module
from koopview.study.result import StudyState
from koopview.study.saved import save_state
from koopview.study.settings import FitSettings
from koopview.study.study import Study

MILLISECONDS = 60_000
"""A bound for what would otherwise hang; nothing here needs it."""

BASE = FitSettings("0", steps=6, delays=3, rank=5, samples=30)


class Watched(Session):
    """A session that notes all it emits and checks its promises at every emission."""

    def __init__(self):
        super().__init__()
        self.notes, self.failures, self.settles, self.shares, self.seen = [], [], 0, [], 0
        self.state_changed.connect(lambda state: self.note("state", state))
        self.settings_changed.connect(lambda settings: self.note("settings", settings))
        self.result_changed.connect(lambda result: self.note("result", result))
        self.busy_changed.connect(lambda busy: self.note("busy", busy))
        self.settled.connect(lambda: self.note("settled", None))
        self.failed.connect(lambda sentence, details: self.failures.append((sentence, details)))
        self.progressed.connect(lambda share, text, left: self.shares.append(share))

    def note(self, name, value):
        self.notes.append((name, value))
        assert self.result is None or self.result.settings == self.settings
        if name == "result":
            assert value is self.result
        if name == "settings":
            assert value == self.settings
        if name == "busy":
            assert value == self.busy
            assert value != next((b for n, b in reversed(self.notes[:-1]) if n == "busy"), False)
        if name == "settled":
            self.settles += 1
            assert not self.busy
            assert self.notes[-2] == ("busy", False)

    def forget(self):
        """Let `new` begin here."""
        self.seen = len(self.notes)
        self.shares.clear()

    def new(self, name):
        """The values of what was emitted under this name since `forget`."""
        return [value for noted, value in self.notes[self.seen :] if noted == name]

    def ends(self):
        """How often busy went from True to False."""
        return self.notes.count(("busy", False))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No wall clock decides here: a change of rank waits as long as it takes, other changes pause for a millisecond."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 60)
    monkeypatch.setattr(module, "PAUSE_MS", 1)


@pytest.fixture
def session(qtbot, tmp_path, monkeypatch):
    """A session with nothing open; tests write their files where they stand."""
    monkeypatch.chdir(tmp_path)
    made = Watched()
    yield made
    made.close()
    assert made.settles == made.ends()


def write_files():
    """A 4-8-3 network and 50 samples for it, a 5-8-3 network and samples for that."""
    rng = np.random.default_rng(0)
    for name, inputs in (("four", 4), ("five", 5)):
        torch.manual_seed(inputs)
        module = nn.Sequential(nn.Linear(inputs, 8), nn.ReLU(), nn.Linear(8, 3))
        save_file(module.state_dict(), f"{name}.safetensors", metadata={"activation": "relu"})
        np.savez(f"{name}.npz", x=rng.normal(size=(50, inputs)), y=rng.integers(0, 3, 50))


FOUR = WindowOptions(Source(model="four.safetensors", data="four.npz"))


def wait(qtbot, session):
    qtbot.waitUntil(lambda: not session.busy, timeout=MILLISECONDS)


@pytest.fixture
def fitted(session, qtbot):
    """A session that shows the fit BASE of the network of four inputs."""
    write_files()
    session.open_options(FOUR)
    wait(qtbot, session)
    session.request(BASE)
    wait(qtbot, session)
    assert session.result.settings == BASE
    return session


class Gate:
    """Stands in the way of every fit while it is shut; what waits there can be told to fail."""

    def __init__(self, monkeypatch):
        self.opened, self.reached, self.error, self.fits = threading.Event(), threading.Event(), None, []
        self.opened.set()
        real = Study.fit_settings

        def fit_settings(study, settings, progress=lambda fraction, text: None):
            self.fits.append(settings)
            self.reached.set()
            while not self.opened.wait(0.001):
                progress(0.5, "at the gate")
            if self.error is not None:
                raise self.error
            return real(study, settings, progress)

        monkeypatch.setattr(Study, "fit_settings", fit_settings)

    def shut(self):
        self.opened.clear()
        self.reached.clear()
        self.fits.clear()


@pytest.fixture
def gate(monkeypatch):
    made = Gate(monkeypatch)
    yield made
    made.opened.set()


@pytest.fixture
def decomposed(monkeypatch):
    """The numbers of delays of all decompositions that were made."""
    seen, real = [], study_module.fit_layer

    def fit_layer(scaled, inputs, lift, rank, progress):
        seen.append(lift.delays)
        return real(scaled, inputs, lift, rank, progress)

    monkeypatch.setattr(study_module, "fit_layer", fit_layer)
    return seen


# Nothing open ---------------------------------------------------------------------------------------------------------


def test_before_anything_is_open_nothing_happens(session):
    session.request(BASE)
    session.fit_now()
    session.sweep()
    session.stop()
    QCoreApplication.processEvents()
    assert session.notes == []
    assert (session.state, session.settings, session.result, session.busy) == (None, None, None, False)


def test_data_before_a_model_are_told_to_wait(session):
    write_files()
    session.open_data("four.npz")
    assert session.failures == [("no model is open, expected one before its data", "")]
    assert session.notes == []


# Opening --------------------------------------------------------------------------------------------------------------


def test_a_model_and_its_data_are_opened_and_fitted(session, qtbot):
    write_files()
    session.open_options(FOUR)
    assert session.busy
    wait(qtbot, session)
    assert session.failures == []
    assert (session.state.model, session.state.data) == ("four.safetensors", "four.npz")
    assert [layer.name for layer in session.state.layers] == ["0", "2"]
    assert session.result.settings == FitSettings("0", delays=10, rank=50, samples=40)
    assert session.settles == 1
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    assert session.result.accuracy == study.fit_settings(session.settings).result.accuracy


def test_a_model_without_data_shows_its_layers_and_says_what_is_missing(session, qtbot):
    write_files()
    session.open_options(WindowOptions(Source(model="four.safetensors")))
    wait(qtbot, session)
    assert [layer.name for layer in session.state.layers] == ["0", "2"]
    assert (session.state.data, session.settings, session.result) == ("", None, None)
    assert session.failures == [("four.safetensors has no data yet, expected --data or open data", "")]
    session.request(BASE)
    session.fit_now()
    session.sweep()
    assert not session.busy
    session.open_data("four.npz")
    wait(qtbot, session)
    assert session.result is not None
    assert session.state.data == "four.npz"


def test_a_second_model_without_data_is_not_taken_for_data(session, qtbot):
    write_files()
    for name in ("four", "five"):
        session.open_model(f"{name}.safetensors", None, None, False)
        wait(qtbot, session)
        assert session.state.model == f"{name}.safetensors"
    assert [sentence.split()[0] for sentence, _ in session.failures] == ["four.safetensors", "five.safetensors"]
    assert all("has no data yet" in sentence for sentence, _ in session.failures)


def test_another_model_keeps_the_data_where_they_fit(fitted, qtbot):
    torch.manual_seed(1)
    torch.save(nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).state_dict(), "other.pt")
    fitted.open_model("other.pt", "tanh", None, False)
    wait(qtbot, fitted)
    assert fitted.failures == []
    assert (fitted.result.model, fitted.result.data) == ("other.pt", "four.npz")


def test_another_model_that_its_data_do_not_fit_shows_its_layers(fitted, qtbot):
    fitted.open_model("five.safetensors", None, None, False)
    wait(qtbot, fitted)
    assert (fitted.state.model, fitted.state.data) == ("five.safetensors", "")
    assert (fitted.settings, fitted.result) == (None, None)
    assert ("settings", None) in fitted.notes  # the controls were told that nothing is asked for
    sentence = "four.npz has 4 features a sample, expected 5 as five.safetensors takes; open data that fit"
    assert fitted.failures == [(sentence, "")]
    fitted.open_data("five.npz")
    wait(qtbot, fitted)
    assert fitted.result.data == "five.npz"


def test_data_that_are_named_and_not_there_leave_the_layers(session, qtbot):
    write_files()
    session.open_options(WindowOptions(Source(model="four.safetensors", data="none.npz")))
    wait(qtbot, session)
    assert len(session.state.layers) == 2
    assert session.failures[0][0].startswith("data none.npz does not exist, expected")


@pytest.mark.parametrize(
    ("open_it", "sentence"),
    [
        (lambda session: session.open_model("none.pt", None, None, False), "model none.pt does not exist"),
        (lambda session: session.open_model("pickled.pt", None, None, False), "model pickled.pt could run code"),
        (lambda session: session.open_model("four.npz", None, None, False), "model four.npz"),
        (lambda session: session.open_data("none.npz"), "data none.npz does not exist"),
        (lambda session: session.open_data("five.npz"), "five.npz has 5 features a sample, expected 4"),
        (lambda session: session.open_data("four.safetensors"), "data four.safetensors is no whole NPZ file"),
        (lambda session: session.open_options(WindowOptions(Source(model="none.pt"))), "model none.pt does not exist"),
    ],
)
@pytest.mark.parametrize("pending", [False, True])
def test_what_cannot_be_opened_leaves_everything_as_it_was(fitted, qtbot, open_it, sentence, pending):
    torch.save(nn.Linear(4, 3), "pickled.pt")
    state, result = fitted.state, fitted.result
    if pending:
        fitted.request(replace(BASE, delays=2))
    open_it(fitted)
    wait(qtbot, fitted)
    assert fitted.failures[0][0].startswith(sentence)
    assert len(fitted.failures) == 1
    assert fitted.state is state
    assert fitted.result is result
    assert fitted.settings == BASE
    fitted.request(replace(BASE, delays=4))
    wait(qtbot, fitted)
    assert fitted.result.settings.delays == 4


def test_a_model_without_a_layer_to_replace_is_shown_and_told(session, qtbot):
    write_files()
    torch.save(nn.Sequential(nn.LayerNorm(4)), "norm.pt")
    session.open_options(WindowOptions(Source(model="norm.pt", trust=True, data="four.npz")))
    wait(qtbot, session)
    assert [layer.supported for layer in session.state.layers] == [False]
    assert session.failures[0][0].startswith("norm.pt has no layer that can be replaced, expected at least one Linear")
    assert session.settings is None


def test_the_latest_of_two_models_is_opened(session, qtbot):
    write_files()
    session.open_options(FOUR)
    session.open_options(WindowOptions(Source(model="five.safetensors", data="five.npz")))
    wait(qtbot, session)
    assert session.state.model == "five.safetensors"
    assert [value.model for name, value in session.notes if name == "state"] == ["five.safetensors"]
    assert session.settles == 1


# Built-in studies -----------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A saved result of a built-in study, made here."""
    (tmp_path / "studies").mkdir()
    study = Study(load_network("demo:yinyang"), yinyang_dataset())
    result = study.fit_settings(BASE).result
    state = StudyState("demo:yinyang", "yinyang", study.layers, (result,))
    save_state(state, tmp_path / "studies" / "yinyang.koopview")
    monkeypatch.setattr(session_module, "resource_path", lambda name: tmp_path / name)
    return result


def test_a_saved_study_is_on_screen_at_once_and_settles_once(saved, session, qtbot):
    session.open_options(WindowOptions())
    assert session.result.accuracy == saved.accuracy
    assert session.busy
    assert session.settles == 0  # who waits for it can connect now
    wait(qtbot, session)
    qtbot.waitUntil(lambda: not session._jobs.running, timeout=MILLISECONDS)
    assert session.settles == 1
    assert session.failures == []


def test_after_the_warm_up_a_rank_is_no_new_decomposition(saved, session, qtbot, decomposed):
    session.open_demo("yinyang")
    qtbot.waitUntil(lambda: decomposed == [3] and not session._jobs.running, timeout=MILLISECONDS)
    session.request(BASE.with_rank(3))
    assert session.result.rank == 3
    assert decomposed == [3]


def test_what_is_asked_in_the_same_moment_is_what_settles(saved, session, qtbot, gate):
    gate.shut()
    session.open_demo("yinyang")
    session.request(replace(BASE, delays=2))
    QCoreApplication.processEvents()
    assert session.busy
    assert session.settles == 0
    gate.opened.set()
    wait(qtbot, session)
    assert session.result.settings.delays == 2
    assert session.settles == 1


def test_a_model_opened_in_the_same_moment_is_what_settles(saved, session, qtbot, gate):
    write_files()
    session.open_demo("yinyang")
    session.open_options(FOUR)
    wait(qtbot, session)
    assert session.state.model == "four.safetensors"
    assert session.settles == 1


def test_an_engine_that_does_not_start_is_told_and_the_picture_stays(saved, session, qtbot, gate):
    gate.error = InputError("the model is gone")
    session.open_demo("yinyang")
    qtbot.waitUntil(lambda: session.failures == [("the model is gone", "")], timeout=MILLISECONDS)
    assert session.result.accuracy == saved.accuracy
    assert session.settles == 1


def test_a_study_that_was_not_saved_is_fitted(session, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(session_module, "resource_path", lambda name: tmp_path / name)
    session.open_demo("yinyang")
    assert session.result is None
    wait(qtbot, session)
    assert session.result.model == "demo:yinyang"
    assert session.settles == 1


def test_what_else_is_said_of_a_built_in_study_is_heard(saved, session, qtbot):
    session.open_options(WindowOptions(Source(normalize="standard")))
    wait(qtbot, session)
    assert session.result is not None
    assert session.result.accuracy["original"] < saved.accuracy["original"]  # it was trained on other numbers


# Fitting --------------------------------------------------------------------------------------------------------------


def test_a_change_of_rank_alone_comes_at_once_and_decomposes_nothing(fitted, decomposed):
    for rank in (4, 2, 1, 3, 5):
        fitted.request(BASE.with_rank(rank))
        assert fitted.result.settings.rank == fitted.result.rank == rank
        assert not fitted.busy
    assert decomposed == []


def test_ranks_beyond_all_and_the_automatic_one_decompose_nothing(fitted, decomposed):
    for rank in (1000, None, 7):
        fitted.request(BASE.with_rank(rank))
        assert fitted.result.settings.rank == rank
    assert decomposed == []


def test_a_change_of_delays_is_fitted_after_a_pause_once_for_many(fitted, qtbot, decomposed):
    fitted._pause.setInterval(50)
    for delays in (1, 2, 4, 5):
        fitted.request(replace(BASE, delays=delays))
        assert fitted.result is None
        assert fitted.settings.delays == delays
        assert fitted.busy
        assert not fitted._jobs.running
    wait(qtbot, fitted)
    assert decomposed == [5]
    assert fitted.result.settings.delays == 5


def test_asking_for_what_is_on_screen_does_nothing(fitted):
    fitted.forget()
    fitted.request(BASE)
    assert fitted.notes[fitted.seen :] == []


def test_fit_now_fits_again_without_a_pause(fitted, qtbot, gate):
    gate.shut()
    fitted.fit_now()
    assert fitted.result is None
    assert not fitted._pause.isActive()
    gate.opened.set()
    wait(qtbot, fitted)
    assert gate.fits == [BASE]
    assert fitted.result.settings == BASE


def test_a_superseded_fit_is_never_shown(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.forget()
    fitted.request(replace(BASE, delays=2))
    gate.opened.set()
    wait(qtbot, fitted)
    assert [result.settings.delays for result in fitted.new("result") if result is not None] == [2]


def test_a_fit_that_ended_in_the_moment_before_a_change_is_never_shown(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    job = fitted._jobs._latest
    gate.opened.set()
    assert job.ended.wait(60)  # its result is on the way
    fitted.forget()
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert [result.settings.delays for result in fitted.new("result") if result is not None] == [2]


def test_stop_goes_back_to_the_last_picture_and_its_settings(fitted, qtbot, gate):
    gate.shut()
    before, settles = fitted.result, fitted.settles
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    assert (fitted.result, fitted.settings, fitted.busy) == (before, BASE, False)
    assert fitted.settles == settles + 1
    gate.opened.set()
    fitted.stop()
    assert fitted.settles == settles + 1  # nothing ran
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert fitted.result.settings.delays == 2
    assert fitted.failures == []


def test_stop_in_the_pause(fitted, decomposed):
    fitted._pause.setInterval(MILLISECONDS)
    fitted.request(replace(BASE, delays=1))
    fitted.stop()
    assert (fitted.settings, fitted.busy, decomposed) == (BASE, False, [])
    assert fitted.result.settings == BASE


def test_stop_of_the_first_fit_leaves_settings_to_fit_again(session, qtbot, gate):
    write_files()
    gate.shut()
    session.open_options(FOUR)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    session.stop()
    assert not session.busy
    assert session.result is None
    gate.opened.set()
    session.fit_now()
    wait(qtbot, session)
    assert session.result.settings == session.settings


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("samples is 9"), "samples is 9"),
        (ZeroDivisionError("oops"), "Something unexpected went wrong: ZeroDivisionError: oops"),
    ],
)
def test_a_failure_is_told_and_the_last_picture_comes_back(fitted, qtbot, gate, error, sentence):
    before, gate.error = fitted.result, error
    fitted.request(replace(BASE, delays=1))
    wait(qtbot, fitted)
    assert fitted.result is before
    assert fitted.settings == BASE
    assert fitted.failures[0][0] == sentence
    assert ("Traceback" in fitted.failures[0][1]) == isinstance(error, ZeroDivisionError)
    gate.error = None
    fitted.request(replace(BASE, delays=1))
    wait(qtbot, fitted)
    assert fitted.result.settings.delays == 1


def test_what_the_engine_refuses_is_told_in_its_words(fitted, qtbot):
    fitted.request(replace(BASE, layer="2", replaced=("0", "nine")))
    wait(qtbot, fitted)
    assert fitted.failures == [("layer 'nine' is not in four.safetensors, expected one of 0, 2", "")]
    assert fitted.settings == BASE


def test_results_are_remembered_once_a_setting_without_paths_and_bounded(fitted, qtbot, monkeypatch):
    monkeypatch.setattr(module, "HISTORY", 3)
    for rank in (1, 2, 3, 2, 4, 2):
        fitted.request(BASE.with_rank(rank))
    assert [result.settings.rank for result in fitted.state.results] == [3, 4, 2]
    assert all(len(result.paths) == 0 for result in fitted.state.results)
    assert len(fitted.result.paths) > 0


# Sweeping -------------------------------------------------------------------------------------------------------------


def test_a_sweep_fills_the_history_and_ends_with_what_was_shown(fitted, qtbot):
    fitted.forget()
    fitted.sweep()
    assert fitted.busy
    wait(qtbot, fitted)
    assert [result.settings.delays for result in fitted.state.results[-6:]] == [1, 2, 4, 5, 6, 3]
    assert {result.settings.rank for result in fitted.state.results[-6:]} == {5}
    assert fitted.result.settings == BASE
    assert None not in fitted.new("result")  # the picture stood all the time
    assert len(fitted.new("settled")) == 1
    assert fitted.shares == sorted(fitted.shares)


def test_stop_in_a_sweep_keeps_the_picture_and_what_was_found(fitted, qtbot, gate):
    before = fitted.result
    gate.shut()
    fitted.sweep()
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    gate.opened.set()
    assert fitted.result is before
    assert not fitted.busy
    fitted.request(BASE.with_rank(4))
    assert fitted.result.settings.rank == 4
    assert {result.settings.delays for result in fitted.state.results if result.settings.steps == 6} == {3}


@pytest.mark.parametrize("change", [{"delays": 2}, {"rank": 4}])
def test_a_request_ends_a_sweep(fitted, qtbot, gate, change):
    gate.shut()
    fitted.sweep()
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    gate.opened.set()
    fitted.request(replace(BASE, **change))
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, **change)
    assert len(gate.fits) < 6


def test_a_failure_in_a_sweep_ends_it_and_keeps_the_picture(fitted, qtbot, gate):
    before, gate.error = fitted.result, InputError("delays is 1")
    fitted.sweep()
    wait(qtbot, fitted)
    assert fitted.failures == [("delays is 1", "")]
    assert fitted.result is before
    assert len(gate.fits) == 1


def test_a_sweep_over_one_step(fitted, qtbot):
    fitted.request(replace(BASE, steps=1, delays=1))
    wait(qtbot, fitted)
    fitted.sweep()
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, steps=1, delays=1)


# Closing and everything at once ---------------------------------------------------------------------------------------


def test_closing_in_the_middle_of_a_fit_ends_the_thread_and_shows_nothing_more(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    thread = fitted._jobs._thread
    fitted.close()
    assert thread.isFinished()
    fitted.forget()
    gate.opened.set()
    QCoreApplication.processEvents()
    assert fitted.notes[fitted.seen :] == []
    fitted.close()


def test_opening_and_closing_often_leaves_no_thread(qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_files()
    threads = []
    for _ in range(10):
        made = Watched()
        made.open_options(FOUR)
        QCoreApplication.processEvents()
        threads.append(made._jobs._thread)
        made.close()
    assert all(thread.isFinished() for thread in threads)


@pytest.mark.parametrize("seed", [0, 1])
def test_whatever_is_asked_in_whatever_order_ends_with_what_was_asked_last(fitted, qtbot, seed):
    """200 requests, stops, fits, sweeps and files at random; Watched checks every emission."""
    chance = random.Random(seed)
    asked = BASE
    for _ in range(200):
        kind = chance.random()
        if kind < 0.45:
            asked = (fitted.settings or BASE).with_rank(chance.choice([1, 2, 3, 5, 40, None]))
            fitted.request(asked)
        elif kind < 0.75:
            asked = replace(fitted.settings or BASE, delays=chance.randint(1, 6), layer="0", replaced=())
            fitted.request(asked)
        elif kind < 0.8:
            fitted.request(replace(fitted.settings or BASE, replaced=("0", "nine")))
        elif kind < 0.85:
            fitted.stop()
        elif kind < 0.9:
            fitted.sweep()
        elif kind < 0.93:
            fitted.open_data(chance.choice(["none.npz", "five.npz", "four.npz"]))
        else:
            fitted.fit_now()
        for _ in range(chance.choice([0, 0, 1, 5])):
            QCoreApplication.processEvents()
    last = replace(BASE, delays=chance.randint(1, 6), rank=chance.choice([1, 4, None]))
    fitted.request(last)
    wait(qtbot, fitted)
    assert fitted.result.settings == last
    assert fitted.settles == fitted.ends()
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    np.testing.assert_allclose(fitted.result.eigenvalues, study.fit_settings(last).result.eigenvalues, atol=1e-9)
