"""Between controls and engine: a result matches its settings or is not there, the latest wins, nothing is lost."""

import copy
import gc
import random
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from safetensors.torch import save_file
from torch import nn

from koopview import installation
from koopview.arguments import Source, WindowOptions
from koopview.errors import InputError
from koopview.gui.session import changes
from koopview.gui.session import explaining as explaining_module
from koopview.gui.session import fitting as module
from koopview.gui.session import opener as opener_module
from koopview.gui.session import views as views_module
from koopview.gui.session.session import Session
from koopview.gui.session.sweeping import swept_delays, swept_ranks
from koopview.gui.session.watched import Watched as WatchedViews
from koopview.network.data import Dataset
from koopview.network.modelfiles.load import load_network
from koopview.network.yinyang import yinyang_dataset
from koopview.resources import resource_path
from koopview.study import layer_fits
from koopview.study.cache import Cache
from koopview.study.fitter import Fitter
from koopview.study.measuring import Controls
from koopview.study.result import KnownView, StudyState
from koopview.study.settings import FitSettings
from koopview.study.study import Study
from koopview.study.study_file import write_study_file

MILLISECONDS = 60_000
"""A bound for what would otherwise hang; nothing here needs it."""

BASE = FitSettings("0", steps=6, delays=3, rank=5, samples=30, centres=9)


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
    monkeypatch.setattr(views_module, "REST_MS", 1)
    monkeypatch.setattr(changes, "MERGE_SECONDS", -1)


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
    session.undo_stack.clear()
    return session


class Gate:
    """Stands in the way of every fit while it is shut; what waits there can be told to fail."""

    def __init__(self, monkeypatch):
        self.opened, self.reached, self.error, self.fits = threading.Event(), threading.Event(), None, []
        self.opened.set()
        real = Fitter.fitted

        def fitted(fitter, settings, progress=lambda fraction, text: None, **options):
            self.fits.append(settings)
            self.reached.set()
            while not self.opened.wait(0.001):
                progress(0.5, "at the gate")
            if self.error is not None:
                raise self.error
            return real(fitter, settings, progress, **options)

        monkeypatch.setattr(Fitter, "fitted", fitted)

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
    seen, real = [], layer_fits.fit_layer

    def fit_layer(scaled, inputs, lift, rank, progress):
        seen.append(lift.delays)
        return real(scaled, inputs, lift, rank, progress)

    monkeypatch.setattr(layer_fits, "fit_layer", fit_layer)
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
    session.open_data(Source(data="four.npz"))
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
    assert session.result.settings == FitSettings("0", samples=40)
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
    assert session.failures == [
        ("four.safetensors is open without data, expected the samples that it was trained on", "")
    ]
    session.request(BASE)
    session.fit_now()
    session.sweep()
    assert not session.busy
    session.open_data(Source(data="four.npz"))
    wait(qtbot, session)
    assert session.result is not None
    assert session.state.data == "four.npz"


def test_a_second_model_without_data_is_not_taken_for_data(session, qtbot):
    write_files()
    for name in ("four", "five"):
        session.open_model(Source(model=f"{name}.safetensors"))
        wait(qtbot, session)
        assert session.state.model == f"{name}.safetensors"
    assert [sentence.split()[0] for sentence, _ in session.failures] == ["four.safetensors", "five.safetensors"]
    assert all("is open without data" in sentence for sentence, _ in session.failures)


def test_another_model_keeps_the_data_where_they_fit(fitted, qtbot):
    torch.manual_seed(1)
    torch.save(nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).state_dict(), "other.pt")
    fitted.open_model(Source(model="other.pt", activation="tanh"))
    wait(qtbot, fitted)
    assert fitted.failures == []
    assert (fitted.result.model, fitted.result.data) == ("other.pt", "four.npz")


def test_another_model_that_its_data_do_not_fit_shows_its_layers(fitted, qtbot):
    fitted.open_model(Source(model="five.safetensors"))
    wait(qtbot, fitted)
    assert (fitted.state.model, fitted.state.data) == ("five.safetensors", "")
    assert (fitted.settings, fitted.result) == (None, None)
    assert ("settings", None) in fitted.notes  # the controls were told that nothing is asked for
    sentence = (
        "five.safetensors is open without data: four.npz has 4 features a sample, expected 5 as five.safetensors takes"
    )
    assert fitted.failures == [(sentence, "")]
    fitted.open_data(Source(data="five.npz"))
    wait(qtbot, fitted)
    assert fitted.result.data == "five.npz"


def save(qtbot, session, path):
    session.save_study(path, lambda: None)
    wait(qtbot, session)


def test_other_data_are_opened_for_the_network_of_a_study(fitted, qtbot, tmp_path):
    save(qtbot, fitted, tmp_path / "s.koopview")
    data = np.load("four.npz")
    np.savez("more.npz", x=data["x"] + 1, y=data["y"])
    fitted.open_saved("s.koopview")
    wait(qtbot, fitted)
    fitted.open_data(Source(data="more.npz"))
    wait(qtbot, fitted)
    assert fitted.failures == []
    assert (fitted.result.model, fitted.result.data) == ("four.safetensors", "more.npz")
    assert len(fitted.state.results) == 1  # the others are of other data


def test_a_study_whose_data_moved_goes_on_with_its_results_once_they_are_opened(fitted, qtbot, tmp_path):
    saved = fitted.result
    save(qtbot, fitted, tmp_path / "s.koopview")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "four.npz").rename("elsewhere/four.npz")
    fitted.open_saved("s.koopview")
    assert fitted.result.settings == BASE  # what was found is drawn
    qtbot.waitUntil(lambda: bool(fitted.failures), timeout=MILLISECONDS)  # the engine is made ready behind it
    sentence = fitted.failures[0][0]
    assert sentence.startswith("Nothing can be fitted or saved: the data of study s.koopview are no longer at ")
    assert "four.npz, expected them there, beside the study" in sentence
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert [said for said, _ in fitted.failures] == [sentence, sentence]
    assert (fitted.lacks, fitted.result.settings) == ("data", BASE)  # what was saved stays on screen
    fitted.open_data(Source(data="five.npz"))
    wait(qtbot, fitted)
    assert fitted.failures.pop()[0].startswith("five.npz has 5 features")
    fitted.open_data(Source(data="elsewhere/four.npz"))
    wait(qtbot, fitted)
    assert len(fitted.failures) == 2
    assert fitted.lacks == ""
    assert [result.settings for result in fitted.state.results][-1] == BASE
    np.testing.assert_array_equal(fitted.result.eigenvalues, saved.eigenvalues)
    fitted.request(BASE.with_rank(3))
    wait(qtbot, fitted)
    assert fitted.result.settings == BASE.with_rank(3)


def other_network(inputs=4):
    torch.manual_seed(1)
    torch.save(nn.Sequential(nn.Linear(inputs, 6), nn.Tanh(), nn.Linear(6, 3)).state_dict(), "other.pt")
    return Source(model="other.pt", activation="tanh")


def test_another_model_keeps_the_data_file_of_a_study(fitted, qtbot, tmp_path):
    save(qtbot, fitted, tmp_path / "s.koopview")
    fitted.open_saved("s.koopview")
    wait(qtbot, fitted)
    fitted.open_model(other_network())
    wait(qtbot, fitted)
    assert fitted.failures == []
    assert (fitted.result.model, fitted.result.data) == ("other.pt", "four.npz")
    assert fitted.source == other_network().with_data_of(Source(data=str(tmp_path / "four.npz")))


@pytest.fixture
def with_data_inside(session, qtbot):
    """A session on a study file that holds its data, and all that it noted."""
    write_files()
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"], name="made here"))
    study.fit_settings(BASE)
    study.save("s.koopview")
    session.open_saved("s.koopview")
    wait(qtbot, session)
    session.noted.connect(lambda sentence, better: session.told.append(sentence))
    session.told = []
    return session


def test_another_model_keeps_the_data_inside_a_study(with_data_inside, qtbot):
    session = with_data_inside
    for _ in range(2):
        session.open_model(other_network())
        wait(qtbot, session)
        assert (session.result.model, session.result.data) == ("other.pt", "made here")
    assert session.failures == []
    assert not any("saved with" in sentence for sentence in session.told)
    session.request(replace(session.settings, delays=2))
    wait(qtbot, session)
    assert session.result.settings.delays == 2


def test_data_inside_a_study_that_do_not_fit_are_let_go(with_data_inside, qtbot):
    session = with_data_inside
    session.open_model(other_network(5))
    wait(qtbot, session)
    assert session.failures == [
        ("other.pt is open without data: made here has 4 features a sample, expected 5 as other.pt takes", "")
    ]
    session.open_data(Source(data="five.npz"))
    wait(qtbot, session)
    assert session.result.data == "five.npz"
    assert not any("saved with" in sentence for sentence in session.told)


def test_the_data_of_a_built_in_network_are_not_taken_from_a_study_either(saved, session, qtbot, tmp_path):
    write_files()
    session.open_demo("yinyang")
    wait(qtbot, session)
    save(qtbot, session, tmp_path / "s.koopview")
    session.open_saved("s.koopview")
    wait(qtbot, session)
    session.open_model(Source(model="four.safetensors"))
    wait(qtbot, session)
    assert "expected the samples that it was trained on" in session.failures[0][0]


def test_a_study_whose_model_needs_trust_goes_on_with_its_results_once_that_is_given(fitted, qtbot, tmp_path):
    (tmp_path / "made.py").write_text(
        "from torch import nn\n\n\nclass Own(nn.ReLU):\n    pass\n\n\n"
        "def build():\n    return nn.Sequential(nn.Linear(4, 8), Own(), nn.Linear(8, 3))\n"
    )
    with_code = Source(model="four.safetensors", factory="made.py:build", trust=True, data="four.npz")
    fitted.open_model(with_code)
    wait(qtbot, fitted)
    fitted.request(BASE)
    wait(qtbot, fitted)
    save(qtbot, fitted, tmp_path / "s.koopview")
    fitted.open_saved("s.koopview")
    qtbot.waitUntil(lambda: bool(fitted.failures), timeout=MILLISECONDS)
    assert "expected your trust in it" in fitted.failures[0][0]
    assert fitted.lacks == "model"
    fitted.open_model(with_code)
    wait(qtbot, fitted)
    assert len(fitted.failures) == 1
    assert fitted.result.settings == BASE
    assert len(fitted.state.results) == 2


def test_what_could_not_be_opened_is_remembered_until_something_is(fitted, qtbot):
    wanted = Source(model="four.safetensors", data="five.npz", keys=("x", "y"))
    fitted.open_model(wanted)
    wait(qtbot, fitted)
    assert len(fitted.failures) == 1
    assert fitted.asked == wanted
    assert fitted.result.data == "four.npz"
    fitted.open_data(Source(data="four.npz"))
    wait(qtbot, fitted)
    assert fitted.asked is None


def test_an_activation_that_the_samples_do_not_bear_out_is_noted_and_fitted_all_the_same(session, qtbot):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    x = 3 * torch.randn(100, 4)
    torch.save(module.state_dict(), "odd.pt")
    np.savez("odd.npz", x=x.numpy(), y=module(x).argmax(1).numpy())
    noted = []
    session.noted.connect(lambda *said: noted.append(said))
    session.open_model(Source(model="odd.pt", activation="sigmoid", data="odd.npz"))
    wait(qtbot, session)
    assert session.failures == []
    assert session.result is not None
    ((sentence, better),) = noted
    assert "20 of the 100 samples of odd.npz were drawn for testing" in sentence
    assert "With activation sigmoid, as you said" in sentence
    first = session.result.accuracy["original"]
    session.open_model(better)  # what the message bar offers
    wait(qtbot, session)
    assert [layer.activation for layer in session.state.layers] == ["tanh", "identity"]
    assert session.result.accuracy["original"] == 1.0 > first
    assert "With activation" not in noted[-1][0]


def test_the_data_of_a_built_in_network_are_not_taken_for_those_of_another(saved, session, qtbot):
    write_files()
    session.open_demo("yinyang")
    wait(qtbot, session)
    session.open_model(Source(model="four.safetensors"))
    wait(qtbot, session)
    sentence = "four.safetensors is open without data, expected the samples that it was trained on"
    assert session.failures == [(sentence, "")]


def test_data_that_are_named_and_not_there_leave_the_layers(session, qtbot):
    write_files()
    session.open_options(WindowOptions(Source(model="four.safetensors", data="none.npz")))
    wait(qtbot, session)
    assert len(session.state.layers) == 2
    assert "is open without data: data none.npz does not exist, expected" in session.failures[0][0]


@pytest.mark.parametrize(
    ("open_it", "sentence"),
    [
        (lambda session: session.open_model(Source(model="none.pt")), "model none.pt does not exist"),
        (lambda session: session.open_model(Source(model="pickled.pt")), "model pickled.pt could run code"),
        (lambda session: session.open_model(Source(model="four.npz")), "model four.npz"),
        (lambda session: session.open_data(Source(data="none.npz")), "data none.npz does not exist"),
        (lambda session: session.open_data(Source(data="five.npz")), "five.npz has 5 features a sample, expected 4"),
        (
            lambda session: session.open_data(Source(data="four.safetensors")),
            "data four.safetensors holds a network's weights",
        ),
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
    hooked = nn.Linear(4, 4)
    hooked.forward = copy.copy  # a forward pass of its own
    torch.save(nn.Sequential(hooked), "norm.pt")
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
def own_studies(tmp_path, monkeypatch):
    """A folder from which built-in studies are read, empty; the built-in networks stay where they are."""
    folder = tmp_path / "studies"
    folder.mkdir()
    monkeypatch.setattr(
        installation,
        "resource_path",
        lambda name: folder / Path(name).name if name.startswith("studies/") else resource_path(name),
    )
    return folder


@pytest.fixture
def saved(own_studies):
    """A saved result of a built-in study, made here."""
    study = Study(load_network("demo:yinyang"), yinyang_dataset())
    result = study.fit_settings(BASE).result
    state = StudyState("demo:yinyang", "yinyang", study.layers, (result,))
    write_study_file(own_studies / "yinyang.koopview", state)
    return result


def test_a_saved_study_is_on_screen_at_once_and_settles_once(saved, session, qtbot):
    session.open_options(WindowOptions())
    assert session.busy
    assert session.settles == 0  # who waits for it can connect now
    qtbot.waitUntil(lambda: session.result is not None, timeout=MILLISECONDS)
    assert session.result.accuracy == saved.accuracy
    assert not session._fits.engine.ready  # drawn before anything of the engine is opened
    wait(qtbot, session)
    qtbot.waitUntil(lambda: not session._work.jobs.running, timeout=MILLISECONDS)
    assert session.settles == 1
    assert session.failures == []


def test_after_the_warm_up_a_rank_is_no_new_decomposition(saved, session, qtbot, decomposed):
    session.open_demo("yinyang")
    qtbot.waitUntil(lambda: decomposed == [3] and not session._work.jobs.running, timeout=MILLISECONDS)
    session.request(BASE.with_rank(3))
    assert session.result.rank == 3
    assert decomposed == [3]


def test_what_is_asked_in_the_same_moment_is_what_settles(saved, session, qtbot, gate):
    gate.shut()
    asked = []

    def ask(result):
        if result is not None and not asked:
            asked.append(result.settings)
            session.request(replace(BASE, delays=2))

    session.result_changed.connect(ask)
    session.open_demo("yinyang")
    qtbot.waitUntil(lambda: bool(asked), timeout=MILLISECONDS)
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


@pytest.mark.parametrize("content", [None, b"", b"PK cut off"])
def test_a_built_in_study_that_is_broken_is_told(own_studies, content, session, qtbot, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)  # what fails is not waited for any longer
    path = own_studies / "yinyang.koopview"
    if content is not None:
        path.write_bytes(content)
    session.open_demo("yinyang")
    wait(qtbot, session)
    assert session.result is None
    ((sentence, details),) = session.failures
    assert sentence.startswith(f"{path}, which comes with KoopView, is missing or broken")
    assert details == ""
    assert session.settles == 1


def test_a_built_in_network_without_a_study_opens_with_its_own_data(session, qtbot, monkeypatch):
    monkeypatch.setattr(opener_module, "default_layer", lambda layers: None)  # its first fit takes seconds
    session.open_options(WindowOptions(demo="mnist-residual"))
    wait(qtbot, session)
    assert (session.state.model, session.state.data) == ("demo:mnist-residual", "mnist")
    assert (session.state.layers[0].inputs, session.state.layers[-1].outputs) == (784, 10)


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
    for rank in (1000, "auto", "numerical", "gavish-donoho", 7):
        fitted.request(BASE.with_rank(rank))
        assert fitted.result.settings.rank == rank
    assert decomposed == []


def test_a_change_of_delays_is_fitted_after_a_pause_once_for_many(fitted, qtbot, decomposed):
    fitted._fits._pause.setInterval(50)
    for delays in (1, 2, 4, 5):
        fitted.request(replace(BASE, delays=delays))
        assert fitted.result is None
        assert fitted.settings.delays == delays
        assert fitted.busy
        assert not fitted._work.jobs.running
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
    assert not fitted._fits._pause.isActive()
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
    assert {result.settings.delays for result in fitted.new("result") if result is not None} == {2}


def test_a_fit_that_ended_in_the_moment_before_a_change_is_never_shown(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    job = fitted._work.jobs._latest
    gate.opened.set()
    assert job.ended.wait(60)  # its result is on the way
    fitted.forget()
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert {result.settings.delays for result in fitted.new("result") if result is not None} == {2}


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
    fitted._fits._pause.setInterval(MILLISECONDS)
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


# Controls -------------------------------------------------------------------------------------------------------------


class Measured:
    """Stands in the way of the measuring of controls while it is shut, and notes what is measured."""

    def __init__(self, monkeypatch):
        self.opened, self.reached, self.error, self.delays = threading.Event(), threading.Event(), None, []
        self.opened.set()
        real = Controls._measure

        def measure(controls, name, settings, fits, progress):
            self.reached.set()
            while not self.opened.wait(0.001):
                progress(0.5, "at the gate")
            if self.error is not None:
                raise self.error
            self.delays.append((name, settings.delays))
            return real(controls, name, settings, fits, progress)

        monkeypatch.setattr(Controls, "_measure", measure)

    def shut(self):
        self.opened.clear()
        self.reached.clear()


@pytest.fixture
def controls(monkeypatch):
    made = Measured(monkeypatch)
    yield made
    made.opened.set()


def rows_of(session):
    return [session.result.rows[name] for name in ("affine", "lift_affine", "mean", "identity")]


def test_the_hybrid_is_shown_before_its_controls_and_settled_tells_of_both(fitted, qtbot, controls):
    controls.shut()
    fitted.forget()
    fitted.request(replace(BASE, delays=2))
    qtbot.waitUntil(controls.reached.is_set, timeout=MILLISECONDS)
    assert fitted.result.settings.delays == 2
    assert fitted.result.hybrid is not None
    assert rows_of(fitted) == [None] * 4
    assert fitted.busy
    assert fitted.new("settled") == []
    controls.opened.set()
    wait(qtbot, fitted)
    assert None not in rows_of(fitted)
    assert fitted.result.above_best_control is not None
    assert fitted.state.results[-1].controls_known
    assert len(fitted.new("settled")) == 1
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    assert fitted.result.rows == study.fit_settings(fitted.settings).result.rows


def test_controls_are_measured_once_for_all_ranks_and_edits(fitted, qtbot, controls):
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert sorted(controls.delays) == [("lift_affine", 2)]  # the others are the same for all delays
    for settings in (replace(BASE, delays=2, rank=3), replace(BASE, delays=2, rank="auto")):
        fitted.request(settings)
        assert fitted.result.controls_known
        assert not fitted.busy
    assert len(controls.delays) == 1


def test_a_rank_never_waits_for_controls_that_are_being_measured(fitted, qtbot, controls):
    controls.shut()
    fitted.request(replace(BASE, delays=2))
    qtbot.waitUntil(controls.reached.is_set, timeout=MILLISECONDS)
    for rank in (4, 3, 2):
        fitted.request(replace(BASE, delays=2, rank=rank))
        assert fitted.result.rank == rank
        assert fitted.busy
    controls.opened.set()
    wait(qtbot, fitted)
    assert fitted.result.rank == 2
    assert None not in rows_of(fitted)


def test_stop_leaves_a_result_without_its_controls_and_a_later_fit_measures_them(fitted, qtbot, controls):
    controls.shut()
    fitted.request(replace(BASE, delays=2))
    qtbot.waitUntil(controls.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    assert not fitted.busy
    assert fitted.result.settings.delays == 2
    assert rows_of(fitted) == [None] * 4
    controls.opened.set()
    fitted.fit_now()
    wait(qtbot, fitted)
    assert None not in rows_of(fitted)


def test_a_result_whose_controls_are_forgotten_has_them_measured_again(fitted, qtbot, controls):
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    fitted._fits.engine.study(lambda share, text: None)._fitter._controls._measured = Cache()
    fitted.fit_now()
    wait(qtbot, fitted)
    assert None not in rows_of(fitted)
    assert len(controls.delays) == 5


def test_a_failure_of_controls_is_told_and_the_hybrid_stays(fitted, qtbot, controls):
    controls.error = InputError("an affine map has no finite outputs")
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    assert fitted.failures == [("an affine map has no finite outputs", "")]
    assert fitted.result.settings.delays == 2
    assert rows_of(fitted) == [None] * 4
    controls.error = None
    fitted.fit_now()
    wait(qtbot, fitted)
    assert None not in rows_of(fitted)


def test_a_sweep_begun_before_the_controls_are_there_ends_with_them(fitted, qtbot, controls):
    controls.shut()
    fitted.request(replace(BASE, delays=2))
    qtbot.waitUntil(controls.reached.is_set, timeout=MILLISECONDS)
    fitted.sweep([1, 2], [2, 5])
    controls.opened.set()
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, delays=2)
    assert None not in rows_of(fitted)
    assert all(cell.controls_known for cell in fitted.state.cells)


def test_a_saved_study_whose_controls_are_unknown_has_them_measured(fitted, qtbot, controls, tmp_path):
    controls.shut()
    fitted.request(replace(BASE, delays=2))
    qtbot.waitUntil(controls.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    controls.opened.set()
    save(qtbot, fitted, tmp_path / "s.koopview")
    assert rows_of(fitted) == [None] * 4
    fitted.open_saved("s.koopview")
    assert rows_of(fitted) == [None] * 4
    assert fitted.busy
    wait(qtbot, fitted)
    assert None not in rows_of(fitted)


# Repeats --------------------------------------------------------------------------------------------------------------


def test_repeats_show_the_spread_and_leave_the_rank_cheap(fitted, qtbot, decomposed):
    before = fitted.result
    fitted.forget()
    fitted.repeat(3)
    assert fitted.busy
    assert fitted.result is before  # the picture stays
    wait(qtbot, fitted)
    assert fitted.result.settings == BASE
    assert fitted.result.spread.draws == 3
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    scores = [study.fit_settings(replace(BASE, draw=draw)).result.hybrid for draw in range(3)]
    assert fitted.result.spread.mean["hybrid"] == pytest.approx(np.mean(scores))
    wider = (1 - BASE.samples / len(study.dataset.x_train)) ** -0.5  # draws share some samples
    assert fitted.result.spread.deviation["hybrid"] == pytest.approx(wider * np.std(scores, ddof=1))
    assert len(fitted.new("settled")) == 1
    decomposed.clear()
    fitted.request(BASE.with_rank(3))
    assert not fitted.busy
    assert decomposed == []


def test_stop_of_repeats_and_repeats_of_all_samples_keep_the_picture(fitted, qtbot, gate):
    gate.shut()
    before = fitted.result
    fitted.repeat(3)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    assert (fitted.result, fitted.busy) == (before, False)
    gate.opened.set()
    fitted.request(replace(BASE, samples=None))
    wait(qtbot, fitted)
    fitted.repeat(3)
    wait(qtbot, fitted)
    assert fitted.failures[0][0].startswith("repeats draw other fitting samples")
    assert fitted.result.settings == replace(BASE, samples=None)


# What an affine map explains ------------------------------------------------------------------------------------------


@pytest.fixture
def heard(session, monkeypatch):
    """What is told of the layers' R2_lin, and how often it was worked out."""
    monkeypatch.setattr(session._fits.idle.soon, "start", lambda *ms: QTimer.start(session._fits.idle.soon, 1))
    told = []
    session.explained.connect(told.append)
    return told


def is_whole(told):
    """Return whether R² of both layers is told: where a machine is slow, that of the first comes before."""
    return told is not None and told.keys() == {"0", "2"}


def test_r2_of_every_layer_follows_once_a_study_and_is_not_waited_for(session, qtbot, heard):
    write_files()
    session.open_options(FOUR)
    wait(qtbot, session)
    settles = session.settles
    qtbot.waitUntil(lambda: is_whole(heard[-1]), timeout=MILLISECONDS)
    assert not session.busy
    assert session.settles == settles
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    assert (heard[0], heard[-1]) == (None, study.r2_linear())
    told = len(heard)
    session.request(BASE)
    wait(qtbot, session)
    qtbot.wait(50)
    assert len(heard) == told
    session.open_options(FOUR)
    wait(qtbot, session)
    qtbot.waitUntil(lambda: len(heard) > told + 1 and is_whole(heard[-1]), timeout=MILLISECONDS)
    assert (heard[told], heard[-1]) == (heard[0], heard[told - 1])


def test_any_wish_interrupts_it_and_it_begins_again(session, qtbot, heard, monkeypatch):
    opened, begun, real = threading.Event(), [], Study.each_r2_linear

    def each_r2_linear(study, progress, known):
        begun.append(study)
        while not opened.wait(0.001):
            progress(0.5, "R2")
        yield from real(study, progress, known)

    monkeypatch.setattr(Study, "each_r2_linear", each_r2_linear)
    write_files()
    session.open_options(FOUR)
    qtbot.waitUntil(lambda: len(begun) == 1, timeout=MILLISECONDS)
    assert not session.busy
    session.request(BASE)
    wait(qtbot, session)
    qtbot.waitUntil(lambda: len(begun) == 2, timeout=MILLISECONDS)
    session.request(BASE.with_rank(3))
    assert session.result.rank == 3
    qtbot.waitUntil(lambda: len(begun) == 3, timeout=MILLISECONDS)
    session.watch("phase")
    wait(qtbot, session)
    qtbot.waitUntil(lambda: len(begun) == 4, timeout=MILLISECONDS)
    opened.set()
    qtbot.waitUntil(lambda: is_whole(heard[-1]), timeout=MILLISECONDS)


def test_what_was_found_before_an_interruption_is_told_at_once_and_kept(session, qtbot, heard, monkeypatch):
    opened, known_at_start, real = threading.Event(), [], Study.each_r2_linear

    def each_r2_linear(study, progress, known):
        known_at_start.append([*known])
        for found in real(study, progress, known):
            yield found
            while not opened.wait(0.001):
                progress(0.5, "R2")

    monkeypatch.setattr(Study, "each_r2_linear", each_r2_linear)
    monkeypatch.setattr(explaining_module, "TOLD_SECONDS", 0.0)
    write_files()
    session.open_options(FOUR)
    qtbot.waitUntil(lambda: bool(heard) and heard[-1] is not None, timeout=MILLISECONDS)
    assert heard[-1].keys() == {"0"}
    opened.set()
    session.request(BASE)
    wait(qtbot, session)
    qtbot.waitUntil(lambda: len(heard[-1]) == 2, timeout=MILLISECONDS)
    assert known_at_start in ([[]], [[], ["0"]])  # the second one unless the first came to its end before the request
    assert heard[-1] == session._fits.engine.study(None).r2_linear()


def test_a_failure_of_it_is_told_once(session, qtbot, heard, monkeypatch):
    def each_r2_linear(study, progress, known):
        raise InputError("no finite outputs")

    monkeypatch.setattr(Study, "each_r2_linear", each_r2_linear)
    write_files()
    session.open_options(FOUR)
    qtbot.waitUntil(lambda: bool(session.failures), timeout=MILLISECONDS)
    session.request(BASE)
    wait(qtbot, session)
    qtbot.wait(50)
    assert session.failures == [("no finite outputs", "")]
    assert heard == [None]
    assert session.result.settings == BASE


# Sweeping -------------------------------------------------------------------------------------------------------------


def test_a_sweep_fits_delays_times_ranks_and_ends_with_what_was_shown(fitted, qtbot):
    fitted.forget()
    cells = []
    fitted.swept.connect(lambda: cells.append(fitted.state.cells[-1].settings))
    fitted.sweep()
    assert fitted.busy
    assert fitted.sweeping
    wait(qtbot, fitted)
    assert not fitted.sweeping
    most = fitted.result.kept_rank
    ranks = [rank for rank in (1, 2, 5, 10, 20) if rank < most] + [most]
    assert len(set(cells)) == len(cells)
    assert {(cell.delays, cell.rank) for cell in cells} == {(h, r) for h in range(1, 7) for r in ranks}
    assert {replace(cell, delays=3, rank=5) for cell in cells} == {BASE}
    assert {result.settings.delays for result in fitted.state.results if result.settings.rank == 5} == {*range(1, 7)}
    assert fitted.state.results[-1].settings == fitted.result.settings == BASE
    assert None not in fitted.new("result")  # the picture stood all the time
    assert len(fitted.new("settled")) == 1
    end = fitted.sweep_end
    assert (end.found, end.asked, end.stopped) == (len(cells), len(cells), False)
    assert 0 < end.seconds < 60
    assert fitted.shares == sorted(fitted.shares)
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    for cell in fitted.state.cells[::7]:
        assert cell.accuracy == study.fit_settings(cell.settings).result.accuracy


def test_stop_in_a_sweep_keeps_the_picture_and_what_was_found(fitted, qtbot, gate):
    before = fitted.result
    fitted.swept.connect(gate.shut)
    fitted.sweep()
    qtbot.waitUntil(lambda: len(fitted.state.cells) > 0, timeout=MILLISECONDS)
    fitted.stop()
    found = len(fitted.state.cells)
    assert found > 0
    gate.opened.set()
    assert fitted.result is before
    assert not fitted.busy
    assert (fitted.sweep_end.found, fitted.sweep_end.stopped) == (found, True)
    assert found < fitted.sweep_end.asked
    fitted.request(BASE.with_rank(4))
    assert fitted.result.settings.rank == 4
    assert fitted.sweep_end is None
    assert len(fitted.state.cells) == found  # what the stopped sweep still tells is not heard


@pytest.mark.parametrize("change", [{"delays": 2}, {"rank": 4}])
def test_a_request_waits_for_the_end_of_a_sweep(fitted, qtbot, gate, change):
    held, before = [], fitted.result
    fitted.held.connect(lambda: held.append(fitted.settings))
    gate.shut()
    fitted.sweep([1, 2, 3], [2, 4])
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.request(replace(BASE, **change))
    assert held == [BASE]
    assert (fitted.result, fitted.sweeping) == (before, True)
    gate.opened.set()
    qtbot.waitUntil(lambda: fitted.settings == replace(BASE, **change), timeout=MILLISECONDS)
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, **change)
    assert len(fitted.state.cells) == 6
    fitted.undo_stack.undo()
    wait(qtbot, fitted)
    assert fitted.result.settings == BASE


def test_a_request_in_a_sweep_comes_at_once_where_the_sweep_is_stopped(fitted, qtbot, gate):
    gate.shut()
    fitted.sweep([1, 2, 3], [2, 4])
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.request(replace(BASE, delays=2))
    fitted.stop()
    gate.opened.set()
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, delays=2)
    assert len(fitted.state.cells) < 6


def test_undo_in_a_sweep_waits_too(fitted, qtbot, gate):
    fitted.request(BASE.with_rank(4))
    wait(qtbot, fitted)
    gate.shut()
    fitted.sweep([1, 2], [2, 4])
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.undo_stack.undo()
    assert fitted.settings == BASE.with_rank(4)
    assert fitted.sweeping
    gate.opened.set()
    qtbot.waitUntil(lambda: fitted.settings == BASE, timeout=MILLISECONDS)
    wait(qtbot, fitted)
    assert fitted.result.settings == BASE


def test_a_failure_in_a_sweep_ends_it_and_keeps_the_picture(fitted, qtbot, gate):
    before, gate.error = fitted.result, InputError("delays is 1")
    fitted.sweep()
    wait(qtbot, fitted)
    assert fitted.failures == [("delays is 1", "")]
    assert fitted.sweep_end is None
    assert fitted.result is before
    assert len(gate.fits) == 1


def test_a_sweep_over_one_step(fitted, qtbot):
    fitted.request(replace(BASE, steps=1, delays=1))
    wait(qtbot, fitted)
    fitted.sweep()
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, steps=1, delays=1)


@pytest.mark.parametrize(("steps", "present"), [(1, 1), (20, 12), (24, 24), (100, 37), (1000, 1), (1000, 1000)])
def test_swept_delays_go_from_end_to_end_through_the_present_one(steps, present):
    delays = swept_delays(steps, present)
    assert delays == sorted(set(delays))
    assert {1, steps, present} <= set(delays) <= set(range(1, steps + 1))
    assert len(delays) == min(steps, 24)


def test_swept_ranks_hold_the_most_and_the_present_one():
    assert swept_ranks(96, 30) == [1, 2, 5, 10, 20, 30, 50, 96]
    assert swept_ranks(4, "auto") == [1, 2, 4, "auto"]
    assert swept_ranks(1, 1) == [1]


def test_a_class_is_unlearned_as_one_change_with_the_numbers_told(fitted, qtbot):
    told = []
    fitted.unlearned.connect(lambda *said: told.append(said))
    before = fitted.result
    fitted.unlearn(1, 3)
    assert fitted.busy
    assert fitted.result is before
    wait(qtbot, fitted)
    ((found,),) = told
    after = found.after
    assert (found.target, found.before) == (1, before)
    assert bool(found.note) is not bool(after.edited)
    for share in (found.told_before, found.told_after):
        assert 0 <= share <= 1 if after.edited else share is None
    assert fitted.result.settings == after.settings
    assert after.settings.with_edits(()) == BASE
    assert len(after.edited) <= 3
    if after.settings != BASE:
        assert fitted.undo_stack.undoText() == "unlearn class 1"
        fitted.undo_stack.undo()
    assert fitted.result.accuracy == before.accuracy


def test_stop_while_a_class_is_unlearned_changes_nothing(fitted, qtbot, gate):
    before = fitted.result
    gate.shut()
    fitted.unlearn(1, 3)
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    fitted.stop()
    gate.opened.set()
    assert fitted.result is before
    assert not fitted.busy
    fitted.request(BASE.with_rank(4))
    assert fitted.result.settings == BASE.with_rank(4)


# Undoing --------------------------------------------------------------------------------------------------------------


def test_every_change_is_undone_and_redone_exactly(fitted, qtbot):
    asked = [BASE, BASE.with_rank(3), replace(BASE, rank=3, delays=2), replace(BASE, rank=3, delays=2, samples=20)]
    for settings in asked[1:]:
        fitted.request(settings)
        wait(qtbot, fitted)
    for settings in asked[-2::-1]:
        fitted.undo_stack.undo()
        wait(qtbot, fitted)
        assert fitted.result.settings == fitted.settings == settings
    assert not fitted.undo_stack.canUndo()
    for settings in asked[1:]:
        fitted.undo_stack.redo()
        wait(qtbot, fitted)
        assert fitted.result.settings == settings
    assert not fitted.undo_stack.canRedo()


def test_a_slider_that_moves_is_one_change(fitted, monkeypatch):
    monkeypatch.setattr(changes, "MERGE_SECONDS", 60)
    for rank in (4, 3, 2):
        fitted.request(BASE.with_rank(rank))
    assert (fitted.undo_stack.count(), fitted.undo_stack.undoText()) == (1, "rank r 2")
    fitted.undo_stack.undo()
    assert fitted.result.settings == BASE
    fitted.undo_stack.redo()
    assert fitted.result.settings == BASE.with_rank(2)


def test_a_slider_that_moved_keeps_no_closed_session(qtbot, tmp_path, monkeypatch):
    """Qt deletes each change that the one before takes in, and PySide keeps what is left of it for ever."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(changes, "MERGE_SECONDS", 60)
    write_files()
    made = Session()
    made.open_options(FOUR)
    wait(qtbot, made)
    for rank in (4, 3, 2):
        made.request(replace(made.settings, rank=rank))
    engine = weakref.ref(made._fits.engine)
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del made
    gc.collect()
    assert engine() is None


def test_a_slider_that_comes_back_leaves_no_change(fitted, monkeypatch):
    monkeypatch.setattr(changes, "MERGE_SECONDS", 60)
    for rank in (4, 3, 5):
        fitted.request(BASE.with_rank(rank))
    assert fitted.undo_stack.count() == 0
    assert fitted.result.settings == BASE


def test_changes_far_apart_or_of_other_settings_are_several(fitted, qtbot, monkeypatch):
    for rank in (4, 3):
        fitted.request(BASE.with_rank(rank))
    assert fitted.undo_stack.count() == 2
    monkeypatch.setattr(changes, "MERGE_SECONDS", 60)
    fitted.request(replace(BASE, rank=3, delays=2))
    fitted.request(replace(BASE, rank=3, delays=2, scaling="linear"))
    assert fitted.undo_stack.count() == 4
    wait(qtbot, fitted)


def test_a_drag_of_an_eigenvalue_is_one_change_and_its_undo_exact(fitted):
    before, drag = fitted.result, object()
    for value in (0.9, 0.5, 0.1):
        fitted.request(BASE.with_edits([(0, value)]), "move an eigenvalue", drag)
        assert fitted.result.settings.edits == ((0, value),)
    fitted.request(BASE.with_edits([(0, 0.1), (1, 0.2)]), "move an eigenvalue", object())
    assert [fitted.undo_stack.text(place) for place in range(fitted.undo_stack.count())] == 2 * ["move an eigenvalue"]
    fitted.undo_stack.undo()
    fitted.undo_stack.undo()
    assert fitted.result.settings == BASE
    np.testing.assert_array_equal(fitted.result.eigenvalues, before.eigenvalues)
    assert (fitted.result.accuracy, fitted.result.output_error) == (before.accuracy, before.output_error)


@pytest.mark.parametrize("change", [{"rank": 3}, {"delays": 2}])
def test_edits_go_with_their_operator_and_undo_brings_them_back(fitted, change):
    edited = BASE.with_edits([(0, 0.0)])
    fitted.request(edited)
    fitted.request(replace(edited, **change))
    assert fitted.settings == replace(BASE, **change)
    fitted.undo_stack.undo()
    assert fitted.settings == edited


def test_a_change_of_edits_decomposes_nothing_and_comes_at_once(fitted, decomposed):
    fitted.request(BASE.with_edits([(0, 0.0)]))
    assert fitted.result.settings.edits == ((0, 0.0),)
    assert fitted.result.eigenvalues[0] == 0
    fitted.request(BASE)
    assert not fitted.busy
    assert decomposed == []


def test_stop_takes_what_did_not_come_back_to_be_redone(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    fitted.stop()
    assert not fitted.undo_stack.canUndo()
    assert fitted.undo_stack.redoText() == "delays h 1"
    gate.opened.set()
    fitted.undo_stack.redo()
    wait(qtbot, fitted)
    assert fitted.result.settings == replace(BASE, delays=1)


def test_a_change_that_failed_is_behind_undo_no_more(fitted, qtbot, gate):
    fitted.request(BASE.with_rank(4))
    gate.error = InputError("no")
    fitted.request(replace(BASE, rank=4, delays=1))
    wait(qtbot, fitted)
    gate.error = None
    assert fitted.settings == BASE.with_rank(4)
    fitted.undo_stack.undo()
    assert fitted.result.settings == BASE


def test_stop_of_a_slider_under_way_undoes_to_where_it_came_from(fitted, qtbot, gate, monkeypatch):
    """The slider went 3, 2 (shown), 1 (stopped): what is on screen is 2, and undo goes to 3."""
    monkeypatch.setattr(changes, "MERGE_SECONDS", 60)
    fitted.request(replace(BASE, delays=2))
    wait(qtbot, fitted)
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    fitted.stop()
    gate.opened.set()
    assert fitted.settings.delays == 2
    fitted.undo_stack.undo()
    wait(qtbot, fitted)
    assert fitted.result.settings == BASE
    fitted.undo_stack.redo()
    wait(qtbot, fitted)
    assert fitted.result.settings.delays == 2


def test_another_study_has_nothing_to_undo(fitted, qtbot):
    fitted.request(BASE.with_rank(4))
    fitted.open_model(Source(model="five.safetensors"))
    wait(qtbot, fitted)
    assert fitted.undo_stack.count() == 0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"delays": 6}, "delays h 6"),
        ({"steps": 9, "delays": 9}, "steps N 9"),
        ({"rank": "auto"}, "rank r auto"),
        ({"rank": "gavish-donoho"}, "rank r gavish-donoho"),
        ({"schedule": "uniform"}, "schedule uniform"),
        ({"scaling": "flow", "schedule": None}, "scaling flow"),
        ({"draw": 2}, "draw 2"),
        ({"centres": None}, "centres auto"),
        ({"samples": None}, "samples B all"),
        ({"samples": 5000}, "samples B 5,000"),
        ({"scaling": "linear"}, "scaling linear"),
        ({"layer": "2", "replaced": ("2",)}, "layer 2"),
        ({"replaced": ("0", "2")}, "replaced layers 0, 2"),
        ({"edits": ((0, 0.5),)}, "mode edits"),
    ],
)
def test_changes_are_named_for_the_menu(change, text):
    assert changes.change_text(BASE, replace(BASE, **change)) == text


# Views ----------------------------------------------------------------------------------------------------------------


class Views:
    """Stands in for the engine's views: each is (settings, kind), made when `opened`."""

    def __init__(self, monkeypatch):
        self.made, self.shown, self.opened, self.error = [], [], threading.Event(), None
        self.opened.set()

        def view(study, settings, kind, progress=lambda fraction, text: None):
            self.made.append((settings, kind))
            while not self.opened.wait(0.001):
                progress(0.5, "view")
            if self.error is not None:
                raise self.error
            return settings, kind

        monkeypatch.setattr(Study, "view", view)
        monkeypatch.setattr(views_module, "REST_MS", 1)

    def hear(self, session):
        session.view_changed.connect(lambda kind, view: self.shown.append((kind, view)))
        session.view_changed.connect(lambda kind, view: self.check(session, kind, view))

    @staticmethod
    def check(session, kind, view):
        assert view is None or view == (session.result.settings, kind)


@pytest.fixture
def views(fitted, monkeypatch):
    made = Views(monkeypatch)
    made.hear(fitted)
    yield made
    made.opened.set()


def test_a_watched_view_of_the_result_on_screen_is_made_and_waited_for(fitted, qtbot, views):
    settles = fitted.settles
    fitted.watch("phase")
    assert fitted.busy
    assert fitted.result.settings == BASE  # what is shown stays shown
    wait(qtbot, fitted)
    assert views.shown == [("phase", None), ("phase", (BASE, "phase"))]
    assert fitted.settles == settles + 1


def test_each_result_has_its_own_views_and_each_is_made_once(fitted, qtbot, views):
    fitted.watch("phase")
    fitted.watch("modes", True, "table")
    fitted.watch("modes", True, "tab")
    wait(qtbot, fitted)
    fitted.request(BASE.with_rank(3))
    assert views.shown[-1][1] is None
    wait(qtbot, fitted)
    assert len(views.made) == 4
    assert {*views.made} == {(s, k) for s in (BASE, BASE.with_rank(3)) for k in ("modes", "phase")}
    fitted.watch("modes", False, "tab")
    fitted.request(BASE)
    wait(qtbot, fitted)
    assert views.shown[-1][1][0] == BASE
    fitted.watch("modes", False, "table")
    fitted.watch("phase", False)
    made = len(views.made)
    fitted.request(BASE.with_rank(2))
    assert not fitted.busy
    assert len(views.made) == made


def test_a_view_that_is_looked_at_no_longer_is_not_waited_for(fitted, qtbot, views):
    settles = fitted.settles
    fitted.watch("phase")
    fitted.watch("phase", False)  # before it is begun
    assert not fitted.busy
    assert fitted.settles == settles + 1
    views.opened.clear()
    fitted.watch("modes")
    qtbot.waitUntil(lambda: bool(views.made), timeout=MILLISECONDS)
    fitted.watch("modes", False)  # while it is made
    assert not fitted.busy
    views.opened.set()
    qtbot.wait(20)
    assert not fitted.busy


def test_a_tab_that_is_opened_while_something_is_written_does_not_end_the_wait_for_it(fitted, qtbot, views):
    gate, written = threading.Event(), []
    fitted._keeping._write(lambda progress: gate.wait(), lambda: written.append(True))
    fitted.watch("phase")
    fitted.watch("phase", False)
    assert fitted.busy
    gate.set()
    wait(qtbot, fitted)
    assert written == [True]


def test_a_view_looked_at_again_is_there_at_once(fitted, qtbot, views):
    fitted.watch("phase")
    wait(qtbot, fitted)
    fitted.watch("phase", False)
    fitted.watch("phase")
    assert not fitted.busy
    assert views.shown[-1] == ("phase", (BASE, "phase"))
    assert len(views.made) == 1


@pytest.mark.parametrize("change", [{"rank": 4}, {"delays": 2}])
def test_a_request_ends_a_view_that_is_being_made(fitted, qtbot, views, change):
    views.opened.clear()
    fitted.watch("phase")
    qtbot.waitUntil(lambda: bool(views.made), timeout=MILLISECONDS)
    fitted.request(replace(BASE, **change))
    views.opened.set()
    wait(qtbot, fitted)
    assert [view for kind, view in views.shown if view is not None] == [(replace(BASE, **change), "phase")]


def test_stop_gives_a_view_up_and_keeps_the_result(fitted, qtbot, views):
    before = fitted.result
    views.opened.clear()
    fitted.watch("phase")
    qtbot.waitUntil(lambda: bool(views.made), timeout=MILLISECONDS)
    fitted.stop()
    assert fitted.result is before
    assert not fitted.busy
    views.opened.set()
    fitted.request(BASE.with_rank(4))
    wait(qtbot, fitted)
    assert views.shown[-1] == ("phase", (BASE.with_rank(4), "phase"))


def test_a_view_that_fails_is_told_once_and_others_follow(fitted, qtbot, views):
    before, views.error = fitted.result, InputError("no view")
    fitted.watch("phase")
    wait(qtbot, fitted)
    assert fitted.failures == [("no view", "")]
    assert fitted.result is before
    views.error = None
    fitted.request(BASE.with_rank(4))
    wait(qtbot, fitted)
    assert views.shown[-1] == ("phase", (BASE.with_rank(4), "phase"))


def test_views_wait_for_a_sweep_and_for_another_study(fitted, qtbot, views):
    fitted.watch("phase")
    wait(qtbot, fitted)
    fitted.sweep()
    wait(qtbot, fitted)
    assert views.made == [(BASE, "phase")]
    fitted.open_model(Source(model="five.safetensors"))
    wait(qtbot, fitted)
    assert views.shown[-1] == ("phase", None)
    fitted.open_data(Source(data="five.npz"))
    wait(qtbot, fitted)
    assert views.shown[-1] == ("phase", (fitted.settings, "phase"))


def test_a_quick_view_follows_at_once_a_slow_one_when_the_slider_rests():
    watched = WatchedViews()
    watched.want("modes", True)
    watched.want("phase", True)
    watched.show(BASE)
    assert not watched.quick("phase")  # nothing is known of it yet
    watched.put("phase", "a", 0.01)
    watched.put("modes", "b", 3.0)
    watched.show(BASE.with_rank(2))
    assert watched.get("phase") is None
    assert watched.next() == "phase"
    assert watched.quick("phase")
    watched.put("phase", "c", 0.02)
    assert watched.next() == "modes"
    assert not watched.quick("modes")


def test_a_view_that_a_study_file_holds_is_there_at_once_and_never_made():
    watched = WatchedViews()
    watched.know(KnownView("modes", BASE, "of the file"))
    watched.want("modes", True)
    watched.show(BASE)
    assert watched.get("modes") == "of the file"
    assert watched.next() is None
    watched.show(BASE.with_rank(2))
    assert watched.get("modes") is None
    assert watched.next() == "modes"
    watched.show(BASE)
    assert watched.get("modes") == "of the file"
    watched.forget()
    watched.show(BASE)
    assert watched.get("modes") is None


def test_a_view_of_a_saved_study_waits_until_it_is_painted(saved, session, qtbot, monkeypatch):
    views = Views(monkeypatch)
    views.hear(session)
    session.watch("phase")
    session.open_demo("yinyang")
    qtbot.waitUntil(lambda: session.result is not None, timeout=MILLISECONDS)
    assert views.made == []
    wait(qtbot, session)
    assert views.shown[-1] == ("phase", (session.result.settings, "phase"))
    assert session.settles == 1


# Closing and everything at once ---------------------------------------------------------------------------------------


def test_closing_in_the_middle_of_a_fit_ends_the_thread_and_shows_nothing_more(fitted, qtbot, gate):
    gate.shut()
    fitted.request(replace(BASE, delays=1))
    qtbot.waitUntil(gate.reached.is_set, timeout=MILLISECONDS)
    thread = fitted._work.jobs._thread
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
        threads.append(made._work.jobs._thread)
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
            asked = (fitted.settings or BASE).with_rank(chance.choice([1, 2, 3, 5, 40, "auto", "gavish-donoho"]))
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
            fitted.open_data(Source(data=chance.choice(["none.npz", "five.npz", "four.npz"])))
        else:
            fitted.fit_now()
        for _ in range(chance.choice([0, 0, 1, 5])):
            QCoreApplication.processEvents()
    last = replace(BASE, delays=chance.randint(1, 6), rank=chance.choice([1, 4, "auto"]))
    fitted.request(last)
    wait(qtbot, fitted)
    assert fitted.result.settings == last
    assert fitted.settles == fitted.ends()
    data = np.load("four.npz")
    study = Study(load_network("four.safetensors"), Dataset(data["x"], data["y"]))
    np.testing.assert_allclose(fitted.result.eigenvalues, study.fit_settings(last).result.eigenvalues, atol=1e-9)
