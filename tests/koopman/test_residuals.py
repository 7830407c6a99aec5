"""Residuals of eigenpairs, on snapshots that took no part in the fit."""

from dataclasses import replace

import numpy as np
import pytest
from reference.examples import decaying_paths, in_random_basis, linear_system_paths, rotation

from koopview.koopman import fit_dmd
from koopview.koopman.delays import delay_embed
from koopview.koopman.residuals import held_out_products, operator_residual, residuals


def brute_force(dmd, paths, steps=1):
    """Return |v^T c' - lambda^steps v^T c| / |v^T c| for every left eigenvector, pair by pair."""
    c = delay_embed(paths, dmd.delays) @ dmd.basis
    now, later = c[:, :-steps].reshape(-1, dmd.rank), c[:, steps:].reshape(-1, dmd.rank)
    values, vectors = np.linalg.eig(dmd.matrix.T)
    found = {}
    for value, v in zip(values, vectors.T, strict=True):
        found[value] = np.linalg.norm(later @ v - value**steps * (now @ v)) / np.linalg.norm(now @ v)
    return np.array([found[min(found, key=lambda known, value=value: abs(known - value))] for value in dmd.eigenvalues])


@pytest.mark.parametrize("rank", [3, 8, 12])
def test_residuals_are_those_of_brute_force(rank):
    paths = decaying_paths(samples=80, steps=10, states=5, decay=0.7, seed=1)
    dmd = fit_dmd(paths[:50], 3, 12)
    products = held_out_products(dmd, paths[50:])
    cut, whole = dmd.truncate(rank), 10 - 3 + 1
    np.testing.assert_allclose(residuals(cut, products.steps), brute_force(cut, paths[50:]), rtol=1e-6)
    over_layer = residuals(cut, products.ends, whole)
    np.testing.assert_allclose(over_layer, brute_force(cut, paths[50:], whole), rtol=1e-6)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("rank", [3, 12])
def test_the_operators_residual_is_that_of_its_predictions(rank, exact):
    paths = decaying_paths(samples=80, steps=10, states=5, decay=0.7, seed=1)
    whole = fit_dmd(paths[:50], 3, 12)
    dmd, z = whole.truncate(rank), delay_embed(paths[50:], 3)
    image = dmd.propagated_basis if exact else dmd.basis
    power = np.linalg.matrix_power(dmd.matrix, 8 - exact)
    left = z[:, -1] - z[:, 0] @ dmd.basis @ power.T @ image.T
    known = np.linalg.norm(left) / np.linalg.norm(z[:, -1])
    assert operator_residual(dmd, held_out_products(whole, paths[50:], exact), 8, exact) == pytest.approx(
        known, rel=1e-9
    )


def test_one_step_flatters_what_the_whole_layer_does_not():
    """Functionals that have nothing to do with a slow system look true over one step: a step moves nothing far."""
    matrix = np.eye(4) + 0.02 * in_random_basis([rotation(1.0, 0.9), np.diag([0.4, -0.6])])
    paths = linear_system_paths(matrix, samples=60, steps=20)
    true = fit_dmd(paths[:30], 1, 4)
    still = replace(true, matrix=np.eye(4) * 0.999, shared_pairs=None)
    products = held_out_products(true, paths[30:])
    assert residuals(still, products.steps).max() < 0.1 < 0.2 < np.median(residuals(still, products.ends, 20))
    assert residuals(true, products.ends, 20).max() < 1e-6


def test_true_eigenvalues_have_none_and_spurious_ones_have_large_ones():
    matrix = in_random_basis([rotation(0.95, 0.5), np.array([[0.8]])])
    paths = linear_system_paths(matrix, samples=60, steps=8)
    noisy = np.concatenate([paths, np.random.default_rng(0).normal(size=(60, 9, 1))], axis=2)
    dmd = fit_dmd(noisy[:30], 1, 4)
    found = residuals(dmd, held_out_products(dmd, noisy[30:]).steps)
    true = np.array([np.abs(value - np.linalg.eigvals(matrix)).min() < 0.05 for value in dmd.eigenvalues])
    assert true.sum() == 3
    assert found[true].max() < 0.3 < 0.8 < found[~true].min()
    clean = fit_dmd(paths[:30], 1, 3)
    assert residuals(clean, held_out_products(clean, paths[30:]).steps).max() < 1e-6


def test_an_eigenfunction_that_vanishes_has_residual_infinity():
    paths = linear_system_paths(np.diag([0.9, 0.5]), samples=10, steps=4)
    dmd = fit_dmd(paths, 1, 2)
    assert np.all(np.isinf(residuals(dmd, held_out_products(dmd, np.zeros((3, 5, 2))).ends)))
