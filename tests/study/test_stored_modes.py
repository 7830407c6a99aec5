"""Modes in a study file: they come back as they were, equal what the engine finds, and wrong ones are refused."""

import json
import subprocess
import sys
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest

import koopview
from koopview.arguments import Source
from koopview.errors import FileError
from koopview.network.data import Dataset
from koopview.opening import open_study
from koopview.resources import resource_path
from koopview.study.result import StudyState
from koopview.study.study_file import read_study_file, write_study_file


@pytest.fixture(scope="module")
def state():
    """The state of a small study with the modes of its one fit."""
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    x = np.random.default_rng(0).uniform(size=(200, 2)).astype(np.float32)
    with torch.no_grad():
        y = module(torch.tensor(x)).argmax(1).numpy()
    study = koopview.Study(module, Dataset(x[:150], y[:150], x[150:], y[150:]))
    settings = study.settings("0", steps=20, delays=6, rank=14, schedule="uniform")
    result = study.fit_settings(settings).result
    modes = ((settings, study.view(settings, "modes")),)
    assert (result.fitted_eigenvalues.imag != 0).any()
    return StudyState(study.network.name, study.dataset.name, study.layers, (result,), modes=modes)


def same(found, expected, tolerance=0.0):
    """Whether two views are equal, nested ones included."""
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if hasattr(other, "averaged"):
            same(one, other, tolerance)
        elif isinstance(other, np.ndarray):
            assert one.shape == other.shape, field.name
            size = np.nanmax(np.abs(other), initial=0.0)
            np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * size, err_msg=field.name)
        else:
            assert one == other, field.name


def test_modes_come_back_as_they_were(state, tmp_path):
    write_study_file(tmp_path / "a.koopview", state)
    ((settings, view),) = read_study_file(tmp_path / "a.koopview").state.modes
    assert settings == state.results[0].settings
    same(view, state.modes[0][1], 1e-6)  # one column of each pair is stored
    write_study_file(tmp_path / "b.koopview", replace(state, results=(), modes=state.modes))
    assert read_study_file(tmp_path / "b.koopview").state.modes == ()  # of no result that is there


def test_a_file_of_format_5_has_no_modes_and_says_yes_or_no_of_previews(state, tmp_path):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)

    def earlier(text):
        del text["modes"]
        text["format"] = 5
        text["results"][0]["preview"] = False

    altered(path, earlier, whole=True)
    found = read_study_file(path).state
    assert found.modes == ()
    assert found.results[0].preview == ""


def altered(path, change, whole=False):
    """Change the JSON object of the modes in a file, or the whole text."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    text = json.loads(members["study.json"])
    change(text if whole else text["modes"])
    members["study.json"] = json.dumps(text)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def swap(part, name, other):
    """Return a change that puts one array's reference in the place of another's."""

    def change(modes):
        view = modes[0]["view"]
        owner = view["inputs"] if part else view
        owner[name] = view["inputs"][other] if other in view["inputs"] else view[other]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda modes: modes[0].update(result=1),
        lambda modes: modes[0].update(view=3),
        lambda modes: modes[0].update(more=3),
        lambda modes: modes.extend(modes * 30),
        lambda modes: modes[0]["view"].pop("shapes"),
        lambda modes: modes[0]["view"].update(picture=[0, 4]),
        lambda modes: modes[0]["view"].update(picture=[9, 9]),
        lambda modes: modes[0]["view"]["inputs"].update(extent=[0.0]),
        lambda modes: modes[0]["view"]["inputs"].update(common=None),
        swap(False, "shapes", "importance"),
        swap(False, "importance", "groups"),
        swap(False, "class_importance", "class_scores"),
        swap(False, "labels", "groups"),
        swap(True, "gradients", "plane"),
        swap(True, "samples", "groups"),
        swap(True, "inputs", "spreads"),
        swap(True, "most", "groups"),
        swap(True, "plane", "patterns"),
    ],
)
def test_wrong_modes_are_refused_in_one_sentence(state, tmp_path, change):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, change)
    with pytest.raises(FileError, match="has a wrong value: modes"):
        read_study_file(path)


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_modes_of_a_built_in_study_are_what_the_engine_finds_today(name):
    ((settings, view),) = read_study_file(resource_path(f"studies/{name}.koopview")).state.modes
    study = open_study(Source(model=f"demo:{name}"))
    fresh = study.view(settings, "modes")
    np.testing.assert_array_equal(view.groups, fresh.groups)
    np.testing.assert_allclose(view.importance, fresh.importance, atol=1e-3)
    np.testing.assert_allclose(view.class_scores, fresh.class_scores, atol=5e-3)
    for part in ("shapes", "eigenfunctions"):
        alike(getattr(view, part), getattr(fresh, part))
    for part in ("gradients", "patterns"):
        alike(getattr(view.inputs, part), getattr(fresh.inputs, part))
    np.testing.assert_allclose(view.inputs.common, fresh.inputs.common, atol=1e-3)
    np.testing.assert_array_equal(
        view.inputs.inputs, study.dataset.x_test[view.inputs.samples].reshape(len(view.inputs.samples), -1)
    )


def alike(stored, fresh):
    """Columns that differ at most by rounding, which ill-conditioned ones magnify."""
    gaps = np.linalg.norm(stored - fresh, axis=0) / np.linalg.norm(fresh, axis=0)
    assert np.median(gaps) < 1e-3
    assert gaps.max() < 0.05


def test_a_built_in_study_hands_out_its_modes_without_torch():
    code = (
        "import sys; from koopview.resources import resource_path;"
        "from koopview.study.study_file import read_study_file;"
        "state = read_study_file(resource_path('studies/mnist.koopview')).state;"
        "assert state.modes[0][0] == state.results[-1].settings; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
