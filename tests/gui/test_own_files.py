"""A window on someone's own files begins with what every other face begins with."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview.arguments import WindowOptions
from koopview.cli import main
from koopview.gui.session.session import Session
from koopview.koopman.observables import OBSERVABLES
from koopview.study.source import Source

SECONDS = 60_000
"""A bound for what would otherwise hang, in milliseconds."""

MEASURED = ("seconds", "versions")
"""What differs between two runs of the same fit."""


@pytest.fixture
def session(qtbot):
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


def wait(qtbot, session):
    qtbot.waitUntil(lambda: not session.busy, timeout=SECONDS)


def of_the_command_line(capsys, *words):
    assert main(["fit", *words, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def told(summary):
    return {name: value for name, value in json.loads(json.dumps(summary)).items() if name not in MEASURED}


def test_the_first_fit_of_own_files_is_that_of_the_command_line_without_options(qtbot, session, tmp_path, capsys):
    model, data = own_files(tmp_path)
    session.open_options(WindowOptions(Source(model=model, data=data)))
    wait(qtbot, session)
    words = ("--model", model, "--data", data, "--layer", session.settings.layer)
    assert session.settings.layer == "0"  # the first that bends
    assert told(session.result.summary()) == told(of_the_command_line(capsys, *words))


def test_so_it_is_after_a_built_in_study_with_settings_of_its_own(qtbot, session, tmp_path, capsys):
    session.open_options(WindowOptions())
    wait(qtbot, session)
    own = session.settings
    layers = session.state.layers
    x = np.random.default_rng(1).uniform(size=(200, layers[0].inputs)).astype(np.float32)
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(200) % 3)
    session.open_data(Source(data=str(tmp_path / "own.npz")))
    qtbot.waitUntil(lambda: session.state.data == "own.npz", timeout=SECONDS)
    wait(qtbot, session)
    words = ("--model", "demo:yinyang", "--data", str(tmp_path / "own.npz"), "--layer", session.settings.layer)
    assert session.settings.delays != own.delays  # the study's own settings are others
    assert told(session.result.summary()) == told(of_the_command_line(capsys, *words))


def test_a_persons_own_settings_stay_when_other_data_of_the_same_network_are_opened(qtbot, session, tmp_path):
    model, data = own_files(tmp_path)
    session.open_options(WindowOptions(Source(model=model, data=data)))
    wait(qtbot, session)
    session.request(session.settings.__class__(**{**vars(session.settings), "delays": 3, "rank": 4}))
    wait(qtbot, session)
    (tmp_path / "other").mkdir()
    _, other = own_files(tmp_path / "other")
    session.open_data(Source(data=other))
    wait(qtbot, session)
    assert (session.settings.delays, session.settings.rank) == (3, 4)
    assert session.settings.observables == OBSERVABLES[0]
