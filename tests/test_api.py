"""KoopView from Python: what `import koopview` gives, and errors of one sentence, ValueErrors and OSErrors."""

import copy
import json
import multiprocessing
import sys

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.errors import Cancelled, FileError, InputError
from koopview.files import json_text

X = np.random.default_rng(0).normal(size=(80, 4))
Y = np.arange(80) % 3


def module():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))


@pytest.fixture
def data():
    return koopview.Dataset(X, Y)


@pytest.fixture
def study(data):
    return koopview.Study(module(), data)


def test_the_names_of_the_package():
    assert koopview.__version__.count(".") == 2
    assert {name for name in koopview.__all__ if not hasattr(koopview, name)} == set()
    with pytest.raises(AttributeError, match="module 'koopview' has no attribute 'Fit'"):
        koopview.Fit  # noqa: B018


def test_errors_are_a_valueerror_or_an_oserror_with_their_sentence():
    assert issubclass(InputError, ValueError)
    assert issubclass(FileError, OSError)
    assert str(FileError("data x does not exist")) == "data x does not exist"
    assert not issubclass(Cancelled, (ValueError, OSError))


def test_a_fit_as_the_documentation_shows_it(study):
    fit = study.fit("0", delays=5, rank=6, samples=50)
    assert len(fit.eigenvalues) == 6
    assert fit.hybrid_accuracy == fit.result.accuracy["hybrid"]
    assert len(fit.truncate(3).eigenvalues) == 3
    assert [layer.name for layer in study.layers] == ["0", "3", "5"]


def test_the_hybrids_accuracy_is_that_of_its_module_in_the_layers_place(study, data):
    original = module().eval()
    fit = study.fit("0", delays=2, rank=2, samples=50)
    with torch.no_grad():
        outputs = original[3:](fit.module()(torch.tensor(data.x_test)))
    assert fit.hybrid_accuracy == (outputs.argmax(1).numpy() == data.y_test).mean()


def test_the_persons_module_stays_as_it_was(data):
    mine = module().double()
    mine.train()
    before = copy.deepcopy(mine.state_dict())
    koopview.Study(mine, data).fit("3", delays=2, samples=50)
    assert mine.training
    assert all(parameter.requires_grad and parameter.dtype == torch.float64 for parameter in mine.parameters())
    assert all(torch.equal(before[key], value) for key, value in mine.state_dict().items())


@pytest.mark.parametrize("earlier", [1, 4, None, 1000])
@pytest.mark.parametrize("rank", [2, 30, None, 1000])
def test_equal_settings_give_equal_results_whatever_was_fitted_before(study, data, earlier, rank):
    settings = {"delays": 5, "samples": 50}
    study.fit("0", rank=earlier, **settings)
    after, fresh = study.fit("0", rank=rank, **settings), koopview.Study(module(), data).fit("0", rank=rank, **settings)
    assert after.result.rank == fresh.result.rank
    np.testing.assert_allclose(after.eigenvalues, fresh.eigenvalues, atol=1e-9)
    assert after.result.accuracy == fresh.result.accuracy


def test_equal_settings_give_equal_results_in_a_large_decomposition():
    inputs = np.random.default_rng(0).normal(size=(300, 60)) / 8
    wide, data = nn.Sequential(nn.Linear(60, 180), nn.Tanh(), nn.Linear(180, 3)), koopview.Dataset(inputs)
    settings = {"delays": 5, "steps": 10, "samples": 200}
    once = koopview.Study(wide, data)
    automatic = once.fit("0", rank=None, **settings).result
    between = (automatic.rank + automatic.numerical_rank) // 2
    assert automatic.rank < between < automatic.numerical_rank  # else this test holds nothing
    for rank in (between, 20, 1000):
        after, fresh = once.fit("0", rank=rank, **settings), koopview.Study(wide, data).fit("0", rank=rank, **settings)
        assert after.result.rank == fresh.result.rank
        assert after.result.output_error == pytest.approx(fresh.result.output_error, rel=1e-2)


def test_a_large_rank_is_decomposed_once(study, monkeypatch):
    from koopview.study import layer_fits

    seen, real = [], layer_fits.fit_layer
    monkeypatch.setattr(layer_fits, "fit_layer", lambda *arguments: seen.append(1) or real(*arguments))
    for rank in (1000, 1000, 5, 900, 1000, None):
        study.fit("0", delays=5, samples=50, rank=rank)
    assert len(seen) == 1


def test_numbers_of_numpy_and_lists_of_names_are_settings(study):
    plain = study.fit("0", replaced=("0", "3"), steps=10, delays=4, rank=3, samples=40, pad=-1.0, seed=2)
    settings = koopview.FitSettings(
        "0", ["0", "3"], "homotopy", np.int64(10), np.int32(4), np.uint8(3), np.array(40), np.float32(-1), np.int64(2)
    )
    assert settings == plain.settings
    assert hash(settings) == hash(plain.settings)
    summary = study.fit_settings(settings).result.summary()
    assert json.loads(json_text(summary))["accuracy"] == plain.result.accuracy


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"steps": 0}, "steps is 0, expected a whole number of 1 or more"),
        ({"steps": "x"}, "steps is 'x', expected a whole number of 1 or more"),
        ({"steps": True, "delays": 1}, "steps is True, expected a whole number"),
        ({"steps": 2.5}, "steps is 2.5, expected a whole number"),
        ({"steps": None}, "steps is None, expected a whole number"),
        ({"delays": 0}, r"delays is 0, expected a whole number of 1 to 20 \(the number of steps\)"),
        ({"delays": 21}, r"delays is 21, expected 1 to 20 \(the number of steps\)"),
        ({"delays": "x"}, "delays is 'x', expected a whole number of 1 to 20"),
        ({"rank": 0}, "rank is 0, expected a whole number of 1 or more, or auto"),
        ({"rank": "best"}, "rank is 'best', expected a whole number of 1 or more, or auto, numerical, gavish-donoho"),
        (
            {"dealys": 3},
            "'dealys' is no setting of a fit \\(did you mean delays\\?\\), expected one of replaced, scaling",
        ),
        ({"schedule": "cubic"}, "schedule is 'cubic', expected uniform, geometric or geometric:RHO"),
        ({"scaling": "flow", "schedule": "uniform"}, "schedule is 'uniform' with scaling flow, which learns"),
        ({"samples": -1}, "samples is -1, expected a whole number of 1 or more, or all"),
        ({"samples": 65}, r"samples is 65, expected at most 64 \(the training samples of data\), or all"),
        ({"seed": -1}, "seed is -1, expected a whole number of 0 or more"),
        ({"pad": "x"}, "pad is 'x', expected a finite number"),
        ({"pad": np.nan}, "pad is nan, expected a finite number"),
        ({"replaced": "02"}, "replaced is '02', expected a tuple of layer names"),
        ({"replaced": ("9",)}, "layer '9' is not in Sequential, expected one of 0, 3, 5"),
        ({"scaling": "bend"}, "scaling is 'bend', expected one of homotopy, flow, inserted, linear"),
    ],
)
def test_wrong_settings_are_one_sentence(study, wrong, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        study.fit("0", **{"samples": 50, **wrong})


@pytest.mark.parametrize(
    ("model", "inputs", "labels", "sentence"),
    [
        ("model.pt", X, Y, "model is the path 'model.pt', expected a torch.nn.Module"),
        (nn.Sequential(), X, Y, "Sequential holds no layer, expected a network with at least one Linear layer"),
        (module(), X[:, :3], Y, "data has 3 features a sample, expected 4 as Sequential takes"),
        (module(), X, np.arange(len(X)) % 4, "data has label 3, expected 0 to 2 as Sequential has 3 outputs"),
        (nn.Sequential(nn.Conv1d(2, 1, 1)), X, Y, r"data has samples of shape \(4,\), expected \(2, rows\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.Unflatten(1, (3, 1))), X, Y, "Sequential gives outputs of shape"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(model, inputs, labels, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        koopview.Study(model, koopview.Dataset(inputs, labels))


def test_weights_that_are_no_numbers_are_told(data):
    mine = module()
    mine[0].weight.data[0, 0] = float("nan")
    with pytest.raises(InputError, match="Sequential gives NaN or infinite outputs on data, expected finite ones"):
        koopview.Study(mine, data)


def test_progress_rises_and_may_stop_the_work(study):
    shares = []
    study.fit("0", samples=50, progress=lambda share, text: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)

    def stop(share, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        study.fit("3", samples=50, progress=stop)


# The window from Python -----------------------------------------------------------------------------------------------


@pytest.fixture
def windows(qtbot, monkeypatch):
    """Windows that `view` made; its event loop runs until the study is shown, and then the window is closed."""
    from PySide6.QtWidgets import QApplication

    from koopview.gui import application

    made, real = [], application._empty_window
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(application, "_empty_window", lambda options: made.append(real(options)) or made[-1])
    monkeypatch.setattr(
        QApplication,
        "exec",
        lambda: qtbot.waitUntil(lambda: made[-1].session.result is not None and made[-1].session.result.controls_known),
    )
    yield made
    for window in made:
        window.close()
        window.deleteLater()


def test_view_blocks_until_the_window_of_a_module_is_closed(windows):
    window = koopview.view(module(), X, Y)
    assert windows == [window]
    assert window.session.state.model == "Sequential"
    fresh = koopview.Study(module(), koopview.Dataset(X, Y)).fit_settings(window.session.result.settings).result
    assert window.session.result.accuracy == fresh.accuracy


def test_no_second_window_opens_where_a_worker_reads_the_script(windows, monkeypatch):
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    assert koopview.view(module(), X, Y) is None
    assert windows == []


def test_view_shows_a_studys_last_result(windows, study):
    result = study.fit("3", delays=4, rank=3, samples=50).result
    window = koopview.view(study)
    assert window.session.result.settings == result.settings
    assert window.session.state.results[-1].accuracy == result.accuracy


def test_in_ipython_view_gives_the_window_to_its_event_loop(windows, study, monkeypatch, qtbot):
    from types import SimpleNamespace

    from koopview.gui import application

    loops = []
    shell = SimpleNamespace(enable_gui=loops.append)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    study.fit("3", delays=4, rank=3, samples=50)
    window = koopview.view(study)
    assert loops == ["qt6"]
    assert window.session.result is None  # nothing was waited for
    assert application._open_windows[-1] is window
    qtbot.waitUntil(lambda: window.session.result is not None)


def test_without_a_display_view_is_one_sentence(study, monkeypatch):
    from koopview.gui import application

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(application.QApplication, "instance", lambda: None)
    with pytest.raises(InputError, match=r"^DISPLAY and WAYLAND_DISPLAY are not set"):
        koopview.view(study)
