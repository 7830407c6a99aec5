"""Previews: what is shown first of a fit that takes its time, held against the fit itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.study.previews import COMPONENTS, TESTS

TESTED = 1200


@pytest.fixture(scope="module")
def study():
    """A network of 600 inputs of few directions, and enough test samples that a preview is worth while."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((1600, 20)) @ rng.standard_normal((20, 600))).astype(np.float32) / 20
    model = nn.Sequential(nn.Linear(600, 600), nn.ReLU(), nn.Linear(600, 600), nn.ReLU(), nn.Linear(600, 3))
    labels = model(torch.as_tensor(x)).argmax(1).numpy()
    data = koopview.Dataset(x[:400], labels[:400], x[400:], labels[400:])
    return koopview.Study(model.eval(), data)


@pytest.fixture(scope="module")
def settings(study):
    return study.settings("0", delays=3, rank=40, samples=300)


@pytest.fixture(scope="module")
def preview(study, settings):
    return study.preview(settings)


@pytest.fixture(scope="module")
def exact(study, settings, preview):
    return study.fitted(settings, controls=False).result


def test_a_new_decomposition_is_previewed_in_components_of_the_first_test_samples(study, settings, preview):
    assert preview.preview == f"first {TESTS} test samples, in {COMPONENTS} components"
    assert preview.settings == settings
    data = study.dataset
    few = koopview.Dataset(data.x_train[:300], data.y_train[:300], data.x_test[:TESTS], data.y_test[:TESTS])
    by_hand = koopview.Study(study.network, few).fit("0", delays=3, rank=40, samples=300, states=f"pca:{COMPONENTS}")
    np.testing.assert_allclose(preview.eigenvalues, by_hand.result.eigenvalues, atol=1e-9)
    assert preview.hybrid == by_hand.result.hybrid
    assert preview.test_samples == TESTS


def test_the_preview_is_near_the_fit_and_shows_its_paths(preview, exact):
    nearest = np.abs(exact.eigenvalues[:, None] - preview.eigenvalues).min(1)
    assert np.median(nearest) < 0.05
    assert abs(preview.hybrid - exact.hybrid) < 0.1
    np.testing.assert_array_equal(preview.paths, exact.paths)
    np.testing.assert_array_equal(preview.path_labels, exact.path_labels)
    assert preview.path_ends == exact.path_ends == (600, 600)
    assert exact.preview == ""


def test_a_known_decomposition_is_previewed_by_its_own_operator(study, settings, exact):
    at_rank = settings.with_rank(20)
    shown, whole = study.preview(at_rank), study.fitted(at_rank).result
    assert shown.preview == f"first {TESTS} test samples"
    np.testing.assert_array_equal(shown.eigenvalues, whole.eigenvalues)
    data = study.dataset
    outputs = study.network.run(torch.as_tensor(data.x_test), {"0": study.fitted(at_rank).module()})
    right = outputs.argmax(1).numpy() == data.y_test
    assert shown.hybrid == pytest.approx(right[:TESTS].mean())
    assert whole.hybrid == pytest.approx(right.mean())


@pytest.mark.parametrize(
    "other", [{"scaling": "flow", "schedule": None}, {"observables": "rbf", "delays": 1}, {"replaced": ("0", "2")}]
)
def test_no_preview_stands_for_another_kind_of_fit(study, settings, other):
    assert study.preview(replace(settings, **{"delays": 4, **other})) is None


def test_few_test_samples_need_no_preview(study, settings):
    data = study.dataset
    few = koopview.Dataset(data.x_train, data.y_train, data.x_test[: 2 * TESTS], data.y_test[: 2 * TESTS])
    assert koopview.Study(study.network, few).preview(settings) is None
