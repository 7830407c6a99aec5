"""A window on someone's own files begins with what every other face begins with."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview.arguments import WindowOptions
from koopview.cli import main
from koopview.errors import FileError
from koopview.gui.session.engine import Engine
from koopview.gui.session.session import Session
from koopview.koopman.observables import OBSERVABLES
from koopview.network.data import Dataset
from koopview.progress import silent
from koopview.study.source import Source
from koopview.study.study import Study
from koopview.study.study_file import read_study_file

SECONDS = 60_000
"""A bound for what would otherwise hang, in milliseconds."""

MEASURED = ("seconds", "versions")
"""What differs between two runs of the same fit."""


@pytest.fixture
def real(qtbot):
    made = Session()
    yield made
    made.close()


def own_files(folder, inputs=4):
    """A 4-8-3 network and 60 samples of it, of which some are drawn for testing."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(inputs, 8), nn.ReLU(), nn.Linear(8, 3))
    save_file(module.state_dict(), folder / "net.safetensors", metadata={"activation": "relu"})
    x = np.random.default_rng(0).normal(size=(60, inputs)).astype(np.float32)
    with torch.no_grad():
        labels = module(torch.from_numpy(x)).argmax(1).numpy()
    np.savez(folder / "set.npz", x=x, y=labels)
    return str(folder / "net.safetensors"), str(folder / "set.npz")


def wait(qtbot, real):
    qtbot.waitUntil(lambda: not real.busy, timeout=SECONDS)


def of_the_command_line(capsys, *words):
    assert main(["fit", *words, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def told(summary):
    return {name: value for name, value in json.loads(json.dumps(summary)).items() if name not in MEASURED}


def test_the_first_fit_of_own_files_is_that_of_the_command_line_without_options(qtbot, real, tmp_path, capsys):
    model, data = own_files(tmp_path)
    real.open_options(WindowOptions(Source(model=model, data=data)))
    wait(qtbot, real)
    words = ("--model", model, "--data", data, "--layer", real.settings.layer)
    assert real.settings.layer == "0"  # the first that bends
    assert told(real.result.summary()) == told(of_the_command_line(capsys, *words))


def test_so_it_is_after_a_built_in_study_with_settings_of_its_own(qtbot, real, tmp_path, capsys):
    real.open_options(WindowOptions())
    wait(qtbot, real)
    own = real.settings
    layers = real.state.layers
    x = np.random.default_rng(1).uniform(size=(200, layers[0].inputs)).astype(np.float32)
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(200) % 3)
    real.open_data(Source(data=str(tmp_path / "own.npz")))
    qtbot.waitUntil(lambda: real.state.data == "own.npz", timeout=SECONDS)
    wait(qtbot, real)
    words = ("--model", "demo:yinyang", "--data", str(tmp_path / "own.npz"), "--layer", real.settings.layer)
    assert real.settings.delays != own.delays  # the study's own settings are others
    assert told(real.result.summary()) == told(of_the_command_line(capsys, *words))


def test_a_persons_own_settings_stay_when_other_data_of_the_same_network_are_opened(qtbot, real, tmp_path):
    model, data = own_files(tmp_path)
    real.open_options(WindowOptions(Source(model=model, data=data)))
    wait(qtbot, real)
    real.request(real.settings.__class__(**{**vars(real.settings), "delays": 3, "rank": 4}))
    wait(qtbot, real)
    (tmp_path / "other").mkdir()
    _, other = own_files(tmp_path / "other")
    real.open_data(Source(data=other))
    wait(qtbot, real)
    assert (real.settings.delays, real.settings.rank) == (3, 4)
    assert real.settings.observables == OBSERVABLES[0]


class Own(nn.ReLU):
    """An activation that a study file cannot hold, so that it names the code that makes the network."""


def test_code_that_a_study_names_is_never_filled_in(window, session, tmp_path):
    (tmp_path / "evil.py").write_text("raise SystemExit('this was run')\n")
    model, data = own_files(tmp_path)
    network = nn.Sequential(nn.Linear(4, 8), Own(), nn.Linear(8, 3))
    named = Source(model=model, factory=f"{tmp_path / 'evil.py'}:f", trust=True, data=data)
    path = tmp_path / "s.koopview"
    Study(network, Dataset(np.ones((40, 4)), np.arange(40) % 3), source=named).save(path)
    session.source, session.file = Source(study=str(path)), read_study_file(path)
    assert session.file.source.factory == named.factory  # the file names it
    dialog = window.opening.ask_model()
    assert dialog.model.path.text() == model
    assert dialog.model.factory.text() == ""
    assert not dialog.model.trust.isChecked()
    assert dialog.source().factory is None


def test_code_that_a_recovery_file_names_is_neither_run_nor_handed_on(tmp_path):
    """No person named it: it is not among what the window fills in, nor in what it opens the data with."""
    (tmp_path / "evil.py").write_text("raise SystemExit('this was run')\n")
    model, data = own_files(tmp_path)
    engine = Engine(Source(model=model, factory=f"{tmp_path / 'evil.py'}:f", data=data), restored=True)
    assert engine.source == Source(model=model, data=data)
    with pytest.raises(FileError, match=r"made by the code .*evil\.py:f, expected you to open it again"):
        engine.study(silent)
