"""Views in a study file: they come back as they were, equal what the engine finds, and wrong ones are refused."""

import json
import subprocess
import sys
import zipfile
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

import koopview
from koopview.arguments import Source
from koopview.errors import FileError
from koopview.network.data import Dataset
from koopview.opening import open_study
from koopview.resources import resource_path
from koopview.study.result import KnownView, StudyState
from koopview.study.stored.register import STORED
from koopview.study.study_file import read_study_file, write_study_file


@pytest.fixture(scope="module")
def state():
    """The state of a small study with the views of its one fit."""
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    x = np.random.default_rng(0).uniform(size=(200, 2)).astype(np.float32)
    with torch.no_grad():
        y = module(torch.tensor(x)).argmax(1).numpy()
    study = koopview.Study(module, Dataset(x[:150], y[:150], x[150:], y[150:]))
    settings = study.settings("0", steps=20, delays=6, rank=14, schedule="uniform")
    result = study.fit_settings(settings).result
    views = tuple(KnownView(kind, settings, study.view(settings, kind)) for kind in STORED)
    assert (result.fitted_eigenvalues.imag != 0).any()
    return StudyState(study.network.name, study.dataset.name, study.layers, (result,), views=views)


@pytest.fixture(scope="module")
def regression():
    """The state of a small study of real outputs, with what its one fit means."""
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
    x = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float32)
    study = koopview.Study(module, Dataset(x, x[:, :1].copy()))
    settings = study.settings("0", steps=6, delays=2, rank=5, schedule="uniform")
    result = study.fit_settings(settings).result
    views = tuple(KnownView(kind, settings, study.view(settings, kind)) for kind in ("meaning", "samples"))
    return StudyState(study.network.name, study.dataset.name, study.layers, (result,), views=views)


def same(found, expected, tolerance=0.0):
    """Whether two views are equal, nested ones included."""
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if is_dataclass(other):
            same(one, other, tolerance)
        elif isinstance(other, tuple) and field.name == "plane":
            assert one[0] == other[0]
            np.testing.assert_array_equal(one[1], other[1])
        elif isinstance(other, np.ndarray):
            assert one.shape == other.shape, field.name
            size = np.nanmax(np.abs(other), initial=0.0)
            np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * size, err_msg=field.name)
        else:
            assert one == other, field.name


@pytest.mark.parametrize("kept", ["state", "regression"])
def test_views_come_back_as_they_were(kept, tmp_path, request):
    state = request.getfixturevalue(kept)
    write_study_file(tmp_path / "a.koopview", state)
    found = read_study_file(tmp_path / "a.koopview").state.views
    for one, known in zip(found, state.views, strict=True):
        assert (one.kind, one.settings) == (known.kind, state.results[0].settings)
        assert type(one.view) is type(known.view)
        same(one.view, known.view, 1e-6 if one.kind == "modes" else 0.0)  # one column of each pair is stored
    write_study_file(tmp_path / "b.koopview", replace(state, results=(), views=state.views))
    assert read_study_file(tmp_path / "b.koopview").state.views == ()  # of no result that is there


def test_a_file_of_format_5_has_no_views_and_says_yes_or_no_of_previews(state, tmp_path):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)

    def earlier(text):
        del text["views"]
        text["format"] = 5
        text["results"][0]["preview"] = False

    altered(path, earlier, whole=True)
    found = read_study_file(path).state
    assert found.views == ()
    assert found.results[0].preview == ""


def altered(path, change, whole=False):
    """Change the JSON object of the views in a file, or the whole text."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    text = json.loads(members["study.json"])
    change(text if whole else text["views"])
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
    with pytest.raises(FileError, match="has a wrong value: views"):
        read_study_file(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda meaning, samples: meaning.update(kind="phase"),
        lambda meaning, samples: meaning["view"].update(test_samples=0),
        lambda meaning, samples: meaning["view"].update(points=None),
        lambda meaning, samples: meaning["view"].update(swings=meaning["view"]["samples"]),
        lambda meaning, samples: meaning["view"].update(samples=["int64", 0, []]),
        lambda meaning, samples: meaning["view"].update(pictures=meaning["view"]["points"]),
        lambda meaning, samples: meaning["view"].pop("original"),
        lambda meaning, samples: meaning["view"]["plane"].update(hybrid=meaning["view"]["samples"]),
        lambda meaning, samples: meaning["view"]["plane"].update(extent=[1.0, 0.0, 0.0, 1.0]),
        lambda meaning, samples: meaning["view"]["plane"].update(extent=[float("nan"), 1.0, 0.0, 1.0]),
        lambda meaning, samples: samples["view"].update(inputs=["float32", 0, []]),
        lambda meaning, samples: samples["view"].update(picture=[2, 2]),
        lambda meaning, samples: samples["view"]["plane"].pop(),
        lambda meaning, samples: samples["view"]["plane"].reverse(),
        lambda meaning, samples: samples["view"]["hybrid"].update(margins=meaning["view"]["swings"]),
        lambda meaning, samples: samples["view"]["hybrid"].update(classes=samples["view"]["hybrid"]["outputs"]),
    ],
)
def test_wrong_answers_are_refused_in_one_sentence(state, tmp_path, change):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, lambda views: change(views[1], views[2]))
    with pytest.raises(FileError, match=r"has a wrong value: views\[[12]\]"):
        read_study_file(path)


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_views_of_a_built_in_study_are_what_the_engine_finds_today(name):
    known = {one.kind: one for one in read_study_file(resource_path(f"studies/{name}.koopview")).state.views}
    study, settings, view = open_study(Source(model=f"demo:{name}")), known["modes"].settings, known["modes"].view
    fresh = study.view(settings, "modes")
    assert known.keys() == STORED.keys()
    answers_alike(known["meaning"].view, study.view(settings, "meaning"))
    samples_alike(known["samples"].view, study.view(settings, "samples"))
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


def answers_alike(stored, fresh):
    """The same samples are answered otherwise, but for what lies at the border itself: another machine rounds so."""
    both = set(stored.samples.tolist()) & set(fresh.samples.tolist())
    assert len(both) >= 0.95 * max(len(stored.samples), len(fresh.samples))
    places = [np.flatnonzero(np.isin(view.samples, [*both])) for view in (stored, fresh)]
    ordered = [where[np.argsort(view.samples[where])] for view, where in zip((stored, fresh), places, strict=True)]
    for part in ("original", "hybrid", "labels", "points", "pictures"):
        one, other = getattr(stored, part), getattr(fresh, part)
        if one is not None and len(one) == len(stored.samples):
            np.testing.assert_array_equal(one[ordered[0]], other[ordered[1]], err_msg=part)
    np.testing.assert_allclose(stored.swings[ordered[0]], fresh.swings[ordered[1]], atol=0.02, rtol=0.02)
    assert (stored.plane is None) == (fresh.plane is None)
    if stored.plane is not None:
        assert stored.plane.extent == pytest.approx(fresh.plane.extent)
        for part in ("original", "hybrid"):
            assert (getattr(stored.plane, part) != getattr(fresh.plane, part)).mean() < 1e-3


def samples_alike(stored, fresh):
    """The same samples, with answers and margins alike."""
    np.testing.assert_array_equal(stored.inputs, fresh.inputs)
    assert stored.picture == fresh.picture
    for part in ("original", "hybrid"):
        one, other = getattr(stored, part), getattr(fresh, part)
        assert (one.classes != other.classes).mean() < 0.02
        np.testing.assert_allclose(one.outputs, other.outputs, atol=0.02, rtol=0.02)


def alike(stored, fresh):
    """Columns that differ at most by rounding, which ill-conditioned ones magnify."""
    gaps = np.linalg.norm(stored - fresh, axis=0) / np.linalg.norm(fresh, axis=0)
    assert np.median(gaps) < 1e-3
    assert gaps.max() < 0.05


def test_a_built_in_study_hands_out_its_views_without_torch():
    code = (
        "import sys; from koopview.resources import resource_path;"
        "from koopview.study.study_file import read_study_file;"
        "state = read_study_file(resource_path('studies/mnist.koopview')).state;"
        "assert {one.settings for one in state.views} == {state.results[-1].settings};"
        "assert not {'torch', 'numpy.ma'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
