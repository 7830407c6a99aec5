"""The samples whose answers a hybrid changes, against both networks run whole in plain torch."""

import numpy as np
import pytest
import torch
from reference import method
from reference.examples import plain_layers, random_network
from torch import nn

import koopview
from koopview.network.data import Dataset
from koopview.study.viewing import boundary
from koopview.study.viewing.meaning import PICTURES, pictures_of
from koopview.study.views import ChangedView, MovedView

CHANGES = [{"rank": 3}, {"edits": ((0, 0.0),)}, {"replaced": ("0", "2")}, {"layer": "0", "rank": 4}]


def study_of(widths, samples=400, labels="own", **options):
    """Return a random ReLU network and a study of it; labels are its answers, one in five drawn anew."""
    rng = np.random.default_rng(1)
    module = random_network(widths, "relu", seed=0)
    x = rng.normal(size=(samples, widths[0])).astype(np.float32)
    y = outputs_of(module, x).argmax(1)
    other = rng.random(samples) < 0.2
    y[other] = rng.integers(0, widths[-1], other.sum())
    y = {"own": y, "none": None, "real": outputs_of(module, x) + rng.normal(size=(samples, widths[-1]))}[labels]
    cut = samples // 2
    pairs = (x[:cut], None, x[cut:], None) if y is None else (x[:cut], y[:cut], x[cut:], y[cut:])
    return module, koopview.Study(module, Dataset(*pairs, **options))


def outputs_of(module, x):
    """Return a module's outputs, a numpy array."""
    with torch.no_grad():
        return module(torch.as_tensor(x)).numpy()


def settings(study, **given):
    return study.settings(given.pop("layer", "2"), **{"steps": 10, "delays": 2, "rank": 8, **given})


def hybrid_of(module, study, asked):
    """Return the network with its replaced layers' modules where a Linear and its activation were."""
    fits = study.fit_settings(asked).layer_fits
    parts = dict(module.named_children())
    for name, fit in fits.items():
        parts[name] = fit.module()
        parts[str(int(name) + 1)] = nn.Identity()
    return nn.Sequential(*parts.values())


@pytest.fixture(scope="module")
def classes():
    return study_of((6, 8, 6, 3), class_names=("a", "b", "c"))


@pytest.mark.parametrize("change", CHANGES)
def test_the_changed_samples_are_those_that_both_networks_answer_differently(classes, change):
    module, study = classes
    asked = settings(study, **change)
    view = study.view(asked, "meaning")
    old, new = (outputs_of(one, study.dataset.x_test) for one in (module, hybrid_of(module, study, asked)))
    changed = np.flatnonzero(old.argmax(1) != new.argmax(1))
    assert isinstance(view, ChangedView)
    assert view.test_samples == len(study.dataset.x_test)
    assert len(changed) > 5
    assert sorted(view.samples) == changed.tolist()
    np.testing.assert_array_equal(view.original, old.argmax(1)[view.samples])
    np.testing.assert_array_equal(view.hybrid, new.argmax(1)[view.samples])
    np.testing.assert_array_equal(view.labels, study.dataset.y_test[view.samples])


def test_the_order_is_that_of_the_swing_from_the_old_answer_to_the_new(classes):
    module, study = classes
    asked = settings(study, rank=3)
    view = study.view(asked, "meaning")
    old, new = (
        outputs_of(one, study.dataset.x_test).astype(float) for one in (module, hybrid_of(module, study, asked))
    )
    swings = [
        (old[sample, a] - old[sample, b]) + (new[sample, b] - new[sample, a])
        for sample, a, b in zip(view.samples, view.original, view.hybrid, strict=True)
    ]
    np.testing.assert_allclose(view.swings, swings, atol=1e-4)
    assert (np.diff(view.swings) <= 0).all()
    assert (view.swings > 0).all()


def test_what_became_wrong_and_right_adds_up_to_the_change_of_accuracy(classes):
    _, study = classes
    asked = settings(study, rank=3)
    view, result = study.view(asked, "meaning"), study.fit_settings(asked).result
    gained = int(view.became_right.sum()) - int(view.became_wrong.sum())
    assert not (view.became_right & view.became_wrong).any()
    assert view.became_right.any()
    assert result.accuracy["hybrid"] - result.accuracy["original"] == pytest.approx(gained / result.test_samples)


def test_an_exact_hybrid_changes_no_answer(classes):
    """Two delays tell a straight path's end."""
    _, study = classes
    view = study.view(settings(study, scaling="linear", delays=2, rank="numerical"), "meaning")
    assert len(view.samples) == 0
    assert view.plane is None


def test_without_labels_changes_are_all_that_is_told():
    _, study = study_of((6, 8, 6, 3), labels="none")
    view = study.view(settings(study, rank=3), "meaning")
    assert len(view.samples) > 0
    assert view.labels is None
    assert not view.became_wrong.any()
    assert not view.became_right.any()


def test_one_output_changes_its_answer_where_it_crosses_the_threshold():
    module = random_network((6, 8, 6, 1), "relu", seed=0)
    x = np.random.default_rng(1).normal(size=(400, 6)).astype(np.float32)
    with torch.no_grad():  # half of the samples on either side
        module[-1].bias -= np.median(outputs_of(module, x))
    y = (outputs_of(module, x)[:, 0] > 0).astype(int)
    study = koopview.Study(module, Dataset(x[:200], y[:200], x[200:], y[200:]))
    asked = settings(study, rank=3)
    view = study.view(asked, "meaning")
    old, new = (outputs_of(one, x[200:])[:, 0] for one in (module, hybrid_of(module, study, asked)))
    assert sorted(view.samples) == np.flatnonzero((old > 0) != (new > 0)).tolist()
    assert len(view.samples) > 0
    np.testing.assert_allclose(view.swings, np.abs(new - old)[view.samples], atol=1e-5)


@pytest.mark.parametrize("outputs", [1, 3])
def test_real_outputs_are_ordered_by_how_far_they_move(outputs):
    module, study = study_of((6, 8, 6, outputs), labels="real")
    asked = settings(study, rank=4)
    view = study.view(asked, "meaning")
    assert isinstance(view, MovedView)
    x, y = study.dataset.x_test, study.dataset.y_test.astype(float)
    old, new = (outputs_of(one, x).astype(float) for one in (module, hybrid_of(module, study, asked)))
    changes = np.sqrt(((new - old) ** 2).mean(1))
    np.testing.assert_allclose(view.changes, np.sort(changes)[::-1], atol=1e-5)
    np.testing.assert_allclose(changes[view.samples], view.changes, atol=1e-5)
    if outputs == 1:
        expected = (y[:, 0], old[:, 0], new[:, 0])
    else:
        expected = (None, *(np.sqrt(((one - y) ** 2).mean(1)) for one in (old, new)))
    for found, wanted in zip((view.targets, view.original, view.hybrid), expected, strict=True):
        assert (found is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_allclose(found, wanted[view.samples], atol=1e-5)
    assert view.errors == (outputs == 3)


def test_a_plane_is_the_decision_boundary_itself_computed_once(monkeypatch):
    _, study = study_of((2, 7, 6, 3))
    asked = settings(study, rank=3)
    view = study.view(asked, "meaning")
    monkeypatch.setattr(boundary, "hybrid_outputs", None)  # nothing is computed again
    assert view.plane is study.view(asked, "boundary")
    np.testing.assert_array_equal(view.points, study.dataset.x_test[view.samples])
    assert view.pictures is None


@pytest.mark.parametrize(
    ("shape", "picture", "expected"),
    [
        ((784,), (28, 28), (28, 28, 1)),
        ((1, 12, 10), None, (12, 10, 1)),
        ((3, 16, 16), None, (16, 16, 3)),
        ((16, 16, 3), None, (16, 16, 3)),
        ((3, 100), None, None),  # a series of three channels
        ((8, 64), None, None),  # tokens
        ((256,), None, None),
        ((5,), None, None),
    ],
)
def test_inputs_are_pictures_where_their_shape_is_one(shape, picture, expected):
    x = np.random.default_rng(0).random((6, *shape)).astype(np.float32)
    found = pictures_of(Dataset(x, None, x[::-1], picture=picture), np.array([2, 0]))
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.shape == (2, *expected)
        wanted = np.moveaxis(x, 1, -1) if shape == (3, 16, 16) else x.reshape(6, *expected)
        np.testing.assert_array_equal(found, wanted[[3, 5]])


def test_the_first_changed_samples_have_pictures_in_their_order():
    _, study = study_of((144, 24, 12, 6), picture=(12, 12))
    view = study.view(settings(study, layer="0", delays=1, rank=3), "meaning")
    assert len(view.pictures) == min(PICTURES, len(view.samples)) > 0
    np.testing.assert_array_equal(view.pictures.reshape(-1, 144), study.dataset.x_test[view.samples[:PICTURES]])


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_sample_has_the_path_that_it_takes_through_the_scaled_layer(classes, change):
    """Through the hybrids before it."""
    module, study = classes
    asked = settings(study, schedule="uniform", **change)
    view, paths = study.view(asked, "meaning"), study.view(asked, "changed_paths")
    np.testing.assert_array_equal(paths.samples, view.samples)
    index, x = ["0", "2", "4"].index(asked.layer), torch.as_tensor(study.dataset.x_test[view.samples[[3]]])
    parts = list(module.children())[: 2 * index]
    before = [study.fit_settings(asked).layer_fits["0"].module()] if len(asked.replaced) > 1 else parts
    inputs = outputs_of(nn.Sequential(*before), x).astype(float)
    expected = method.homotopy(plain_layers(module, "relu")[index], inputs, asked.steps)[0]
    path, label = paths.path(int(view.samples[3]))
    np.testing.assert_allclose(path, expected, atol=1e-4)
    assert label == study.dataset.y_test[view.samples[3]]
    unchanged = np.setdiff1d(np.arange(view.test_samples), view.samples)[0]
    assert paths.path(int(unchanged)) is None
