"""Observables against closed forms and EDMD written out in numpy."""

import numpy as np
import pytest
import torch

from koopview.errors import InputError
from koopview.koopman import fit_dmd
from koopview.koopman.observables import OBSERVABLES, feature_count, observables
from koopview.koopman.observables.rbf import RadialBasis

LAMBDA, MU, BEND = 0.9, 0.5, 0.3


def states(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def quadratic_map_paths(samples, steps):
    """Return paths of x' = lambda x, y' = mu y + (lambda^2 - mu) b x^2, linear in x, y and x^2."""
    x, y = states(2, samples)
    path = [(x, y)]
    for _ in range(steps):
        x, y = LAMBDA * x, MU * y + (LAMBDA**2 - MU) * BEND * x**2
        path.append((x, y))
    return np.moveaxis(np.array(path), 2, 0)


@pytest.mark.parametrize("name", OBSERVABLES)
@pytest.mark.parametrize("d", [1, 3])
def test_the_state_comes_first_and_every_observable_is_counted(name, d):
    paths = states(40, 4, d)
    seen = observables(name, paths, 7, 0)(paths)
    np.testing.assert_array_equal(seen[..., :d], paths)
    assert seen.shape == (40, 4, feature_count(name, d, 7))
    if name != "delay":
        np.testing.assert_array_equal(seen[..., d], 1)


@pytest.mark.parametrize("name", OBSERVABLES)
def test_torch_sees_what_numpy_sees(name):
    paths = states(40, 4, 3)
    expected = observables(name, paths, 7, 3)(paths)
    found = observables(name, torch.tensor(paths), 7, 3)(torch.tensor(paths))
    assert isinstance(found, torch.Tensor)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-14)


def test_polynomials_are_all_products_of_two_entries():
    x = states(5, 4)
    products = np.stack([x[:, i] * x[:, j] for i in range(4) for j in range(i, 4)], axis=1)
    np.testing.assert_array_equal(observables("polynomial", x[:, None], 1, 0)(x)[:, 5:], products)


def test_radial_functions_are_gaussians_around_states_that_have_a_successor():
    paths = states(30, 5, 3)
    seen = observables("rbf", paths, 50, 0)
    starts = {tuple(state) for state in paths[:, :-1].reshape(-1, 3)}
    centres = {tuple(centre) for centre in seen.centres}
    assert len(centres) == 50
    assert centres <= starts
    distances = np.linalg.norm(paths[:, :, None] - seen.centres, axis=-1)
    np.testing.assert_allclose(seen(paths)[..., 4:], np.exp(-((distances / seen.width) ** 2)), atol=1e-12)


def test_a_tenth_of_the_pairs_of_centres_are_nearer_than_the_width():
    seen = observables("rbf", states(400, 2, 5), 300, 0)
    distances = np.linalg.norm(seen.centres[:, None] - seen.centres, axis=-1)[np.triu_indices(300, 1)]
    assert np.mean(distances < seen.width) == pytest.approx(0.1, abs=0.001)


def test_the_seed_draws_the_centres():
    paths = states(100, 2, 3)
    first, again, other = (observables("rbf", paths, 20, seed).centres for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_states_that_are_all_alike_have_finite_observables(value):
    paths = np.full((20, 3, 2), value)
    seen = observables("rbf", paths, 5, 0)(paths)
    np.testing.assert_allclose(seen, np.broadcast_to([value, value, 1, 1, 1, 1, 1, 1], (20, 3, 8)), atol=1e-12)


def test_what_cannot_be_is_told():
    with pytest.raises(InputError, match="centres is 21, expected at most 20"):
        observables("rbf", states(10, 3, 2), 21, 0)
    with pytest.raises(InputError, match="observables is 'fourier', expected one of delay, polynomial, rbf"):
        observables("fourier", states(10, 3, 2), 1, 0)


def test_a_quadratic_map_is_linear_in_monomials():
    paths = quadratic_map_paths(200, 1)
    dmd = fit_dmd(observables("polynomial", paths, 1, 0)(paths), 1, 6)
    found = [value for value in dmd.eigenvalues if np.abs(value - 1) > 1e-9]
    for expected in (LAMBDA, MU, LAMBDA**2):
        assert min(abs(value - expected) for value in found) < 1e-9
    assert np.min(np.abs(dmd.eigenvalues - 1)) < 1e-9  # the constant


def test_the_quadratic_map_is_predicted_from_its_start():
    paths = quadratic_map_paths(300, 6)
    fitted, later = paths[:200], paths[200:]
    seen = observables("polynomial", fitted, 1, 0)
    basis_of = fit_dmd(seen(fitted), 1, 6)
    lifted = seen(later[:, 0]) @ basis_of.basis
    found = lifted @ (basis_of.propagated_basis[:2] @ basis_of.power(6, left=1)).T
    np.testing.assert_allclose(found[:, 0], later[:, 6, 0], atol=1e-9)  # x needs no more than itself
    assert np.abs(found[:, 1] - later[:, 6, 1]).max() < 0.1  # y' needs x^2, x^2's image is x^2 alone


@pytest.mark.parametrize("name", ["polynomial", "rbf"])
@pytest.mark.parametrize("steps", [1, 3])
def test_the_operator_is_that_of_edmd_written_out(name, steps):
    x = states(300, 3)
    paths = np.stack([np.tanh(x * (1 + 0.2 * k)) for k in range(steps + 1)], axis=1)
    seen = observables(name, paths, 12, 0)(paths)
    z, after = (part.reshape(-1, seen.shape[-1]).T for part in (seen[:, :-1], seen[:, 1:]))
    operator = after @ np.linalg.pinv(z, rcond=1e-13)
    dmd = fit_dmd(seen, 1, seen.shape[-1])
    start = seen[:20, 0].T
    found = dmd.propagated_basis @ dmd.power(steps, left=1) @ (dmd.basis.T @ start)
    np.testing.assert_allclose(found, np.linalg.matrix_power(operator, steps) @ start, atol=1e-7)


def test_the_exact_step_reaches_what_the_inputs_do_not_span():
    """The third entry is 0 in every input and not in the outputs: the projected operator cannot give it."""
    x = states(200, 3)
    x[:, 2] = 0
    paths = np.stack([x, x[:, [1, 0, 0]] ** 2], axis=1)
    seen = observables("polynomial", paths, 1, 0)
    dmd = fit_dmd(seen(paths), 1, 10, cutoff=1e-9)
    coordinates = seen(x) @ dmd.basis
    exact = coordinates @ (dmd.propagated_basis[:3] @ dmd.power(1, left=1)).T
    projected = coordinates @ (dmd.basis[:3] @ dmd.power(1)).T
    np.testing.assert_allclose(exact, paths[:, 1], atol=1e-9)
    np.testing.assert_allclose(projected[:, 2], 0, atol=1e-9)


def test_functions_around_every_state_interpolate_a_smooth_layer():
    rng = np.random.default_rng(0)
    x, weights = rng.uniform(-1, 1, size=(300, 2)), rng.normal(size=(2, 2))
    paths = np.stack([x, np.tanh(x @ weights)], axis=1)
    seen = observables("rbf", paths, 300, 0)
    dmd = fit_dmd(seen(paths), 1, 303, cutoff=1e-9)
    between = rng.uniform(-0.9, 0.9, size=(200, 2))
    readout = dmd.propagated_basis[:2] @ dmd.power(1, left=1)
    for points, tolerance in ((x, 1e-5), (between, 1e-3)):
        found = seen(points) @ dmd.basis @ readout.T
        np.testing.assert_allclose(found, np.tanh(points @ weights), atol=tolerance)


def test_the_centres_follow_the_precision_of_the_states():
    seen = RadialBasis(states(4, 2), 1.0)
    single = seen(torch.tensor(states(3, 2), dtype=torch.float32))
    assert single.dtype == torch.float32
