"""Views of a fit against brute force: paths and windows formed whole, numpy's SVD, the network run point by point."""

import numpy as np
import pytest
import torch
from reference import method
from reference.examples import Counter, plain_layers, random_network

import koopview
from koopview.errors import Cancelled, InputError
from koopview.network.data import Dataset
from koopview.network.yinyang import yinyang_dataset, yinyang_inputs
from koopview.study.viewing import boundary, paths
from koopview.study.viewing.boundary import grid_points
from koopview.study.viewing.paths import affordable
from koopview.study.viewing.phase import principal_components
from koopview.study.views import NoView

STEPS, DELAYS = 10, 4


def study_of(widths, samples=260, seed=0, **options):
    """Return a study of a random ReLU network on random inputs, labelled by the network itself."""
    module = random_network(widths, "relu", seed=seed)
    x = np.random.default_rng(1).normal(size=(samples, widths[0])).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    cut = 3 * samples // 4
    return koopview.Study(module, Dataset(x[:cut], y[:cut], x[cut:], y[cut:], **options)), plain_layers(module, "relu")


@pytest.fixture(scope="module")
def narrow():
    return study_of((5, 8, 6, 3), class_names=("a", "b", "c"))


@pytest.fixture(scope="module")
def plane():
    return study_of((2, 7, 6, 3))


def settings(study, layer="2", **given):
    given = {"steps": STEPS, "delays": DELAYS, "rank": 12, "samples": 150, "schedule": "uniform", **given}
    return study.settings(layer, **given)


def aligned(found, expected):
    """Return `found` with each column's sign that of `expected`."""
    return found * np.sign((found * expected).sum(axis=0))


def test_a_phase_portrait_holds_paths_of_test_samples(narrow):
    study, layers = narrow
    view = study.view(settings(study), "phase")
    inputs = method.run(layers[:1], study.dataset.x_test.astype(np.float64))
    np.testing.assert_allclose(view.paths, method.homotopy(layers[1], inputs, STEPS), atol=1e-5)
    np.testing.assert_array_equal(view.labels, study.dataset.y_test)
    assert view.class_names == ("a", "b", "c")


@pytest.mark.parametrize("shape", [(30, 6, 5), (3, 4, 40), (1, 3, 2)])
def test_principal_components_are_those_of_the_svd(shape):
    """Both of the Gram matrices, that of the states and that of the rows."""
    paths = np.random.default_rng(2).normal(size=shape) * np.linspace(1, 4, shape[2]) + 3
    coordinates, shares = principal_components(paths)
    rows = paths.reshape(-1, shape[2])
    centred = rows - rows.mean(axis=0)
    U, s, _ = np.linalg.svd(centred, full_matrices=False)
    count = coordinates.shape[2]
    assert count == min(4, shape[2], len(rows))
    np.testing.assert_allclose(shares, s[:count] ** 2 / (s**2).sum(), atol=1e-12)
    real = s[:count] > 1e-9 * s[0]
    expected = (U * s)[:, :count][:, real]
    found = coordinates.reshape(len(rows), count)[:, real]
    np.testing.assert_allclose(aligned(found, expected), expected, atol=1e-8)
    loadings = centred.T @ found
    assert (np.take_along_axis(loadings, np.abs(loadings).argmax(axis=0)[None], axis=0) > 0).all()


def test_paths_that_do_not_move_have_no_components():
    coordinates, shares = principal_components(np.ones((4, 3, 2)))
    assert not coordinates.any()
    assert not shares.any()


def test_a_wide_or_long_layer_shows_fewer_paths(narrow, monkeypatch):
    study, _ = narrow
    monkeypatch.setattr(paths, "NUMBERS", 7 * (STEPS + 1) * 8)
    assert len(study.view(settings(study, pad=-2.0), "phase").paths) == 7
    assert affordable(100, 10**9) == 1


def test_a_boundary_is_both_networks_predictions_point_by_point(plane):
    study, layers = plane
    asked = settings(study, rank=9)
    view, fit = study.view(asked, "boundary"), study.fit_settings(asked)
    x_low, x_high, y_low, y_high = view.extent
    data = np.concatenate([study.dataset.x_train, study.dataset.x_test])
    assert (np.array([x_low, y_low]) < data.min(axis=0)).all()
    assert (np.array([x_high, y_high]) > data.max(axis=0)).all()
    count = len(view.original)
    assert view.original.shape == view.hybrid.shape == (count, count)
    rows, columns = np.random.default_rng(0).integers(count, size=(2, 400))
    points = np.column_stack(
        [x_low + (columns + 0.5) / count * (x_high - x_low), y_low + (rows + 0.5) / count * (y_high - y_low)]
    )
    right = method.run(layers, points).argmax(axis=1) == view.original[rows, columns]
    assert right.mean() > 0.995  # float32 there, float64 here
    hybrid = study.network.run(torch.tensor(points, dtype=torch.float32), {"2": fit.module()}).argmax(1).numpy()
    assert (hybrid == view.hybrid[rows, columns]).mean() > 0.995
    assert (view.hybrid != view.original).any()


def grid_predictions(study, fit, extent):
    """Predict the whole plane with every replaced layer's module in place."""
    modules = {name: one.module() for name, one in fit.layer_fits.items()}
    x = torch.tensor(grid_points(extent), dtype=torch.float32)
    return study.network.run(x, modules).argmax(1).numpy()


@pytest.mark.parametrize(
    "change", [{"rank": 3}, {"edits": ((0, 0.0),)}, {"replaced": ("0", "2")}, {"layer": "0", "rank": None}]
)
def test_a_boundary_follows_rank_edits_and_replaced_layers(plane, change):
    """Though the plane's coordinates are made once."""
    study, _ = plane
    study.view(settings(study), "boundary")
    asked = settings(study, **change)
    view = study.view(asked, "boundary")
    expected = grid_predictions(study, study.fit_settings(asked), view.extent)
    assert (view.hybrid.ravel() == expected).mean() > 0.999


def test_another_number_of_delays_has_coordinates_of_its_own(plane):
    study, _ = plane
    for delays in (1, 2):
        asked = settings(study, delays=delays, rank=6)
        view = study.view(asked, "boundary")
        expected = grid_predictions(study, study.fit_settings(asked), view.extent)
        assert (view.hybrid.ravel() == expected).mean() > 0.999


def test_data_say_how_a_point_of_the_plane_becomes_an_input():
    data = yinyang_dataset(train=50, test=40)
    points = np.random.default_rng(0).random((9, 2)).astype(np.float32)
    np.testing.assert_array_equal(data.plane(points), np.column_stack([points, 1 - points]))
    assert data.plane is yinyang_inputs
    two = Dataset(np.zeros((5, 2)))
    np.testing.assert_array_equal(two.plane(points), points)
    assert Dataset(np.zeros((5, 3))).plane is None


def test_inputs_of_more_dimensions_have_no_boundary_and_say_so(narrow):
    study, _ = narrow
    view = study.view(settings(study), "boundary")
    assert isinstance(view, NoView)
    assert "two dimensions" in view.reason
    assert "5" in view.reason


def brute_vectors(paths, delays):
    """Right singular vectors (samples, windows, vectors) of the formed Hankel matrix, root mean square 1."""
    samples, length, _ = paths.shape
    count = length - delays
    windows = np.stack([paths[:, k : k + delays].reshape(samples, -1) for k in range(count)], axis=1)
    Z = windows.reshape(samples * count, -1).T
    _, _, Vt = np.linalg.svd(Z, full_matrices=False)
    return Vt.T.reshape(samples, count, -1) * np.sqrt(samples * count)


def test_right_vectors_are_those_of_the_formed_matrix(narrow):
    study, layers = narrow
    asked = settings(study, delays=3)
    view = study.view(asked, "right_vectors")
    assert view.delays == (1, 3, 10)
    inputs = method.run(layers[:1], study.dataset.x_train[:150].astype(np.float64))
    paths = method.homotopy(layers[1], inputs, STEPS)
    for delays, found in zip(view.delays, view.vectors, strict=True):
        expected = brute_vectors(paths, delays)[:40, :, :3]
        assert found.shape == (3, 40, STEPS - delays + 1)
        flat, wanted = np.moveaxis(found, 0, 2).reshape(-1, 3), expected.reshape(-1, 3)
        np.testing.assert_allclose(aligned(flat, wanted), wanted, atol=2e-3)
        means = found.mean(axis=1)
        assert (np.take_along_axis(means, np.abs(means).argmax(axis=1)[:, None], axis=1) > 0).all()
    np.testing.assert_array_equal(view.labels, study.dataset.y_train[:40])


def test_delays_past_the_steps_are_left_out(narrow):
    study, _ = narrow
    assert study.view(settings(study, steps=6, delays=2), "right_vectors").delays == (1, 2)


def test_views_are_made_once_and_paths_know_nothing_of_the_rank(narrow):
    study, _ = narrow
    asked = settings(study)
    for kind in ("phase", "right_vectors"):
        first = study.view(asked, kind)
        assert study.view(asked, kind) is first
        assert study.view(asked.with_rank(3), kind) is first
        assert study.view(settings(study, schedule="uniform", steps=STEPS - 1), kind) is not first
    both = settings(study, replaced=("0", "2"))
    assert study.view(both, "phase") is not study.view(both.with_rank(3), "phase")


def test_the_original_is_predicted_once(plane, monkeypatch):
    study, _ = plane
    study.view(settings(study), "boundary")
    counter = Counter(boundary.in_batches)
    monkeypatch.setattr(boundary, "in_batches", counter)
    study.view(settings(study, rank=5), "boundary")
    assert counter.calls == 0


def test_without_labels_views_have_none():
    study, _ = study_of((2, 5, 3))
    bare = koopview.Study(study.network, Dataset(study.dataset.x_train, None, study.dataset.x_test, None))
    asked = settings(bare, "0", samples=60)
    assert bare.view(asked, "phase").labels is None
    assert bare.view(asked, "right_vectors").labels is None
    assert bare.view(asked, "boundary").original.size


def test_one_test_sample_is_enough():
    study, _ = study_of((2, 5, 3))
    alone = koopview.Study(study.network, Dataset(study.dataset.x_train, None, study.dataset.x_test[:1], None))
    asked = settings(alone, "0", samples=1, rank=2)
    assert alone.view(asked, "phase").components.shape[:2] == (1, STEPS + 1)
    assert alone.view(asked, "right_vectors").vectors[0].shape[1] == 1


def test_unknown_views_and_cancelling(narrow):
    study, _ = narrow
    with pytest.raises(InputError, match="view is 'sideways', expected one of phase"):
        study.view(settings(study), "sideways")

    def stop(fraction, text):
        raise Cancelled

    for kind in ("phase", "right_vectors"):
        with pytest.raises(Cancelled):
            study.view(settings(study, pad=-3.0), kind, stop)
