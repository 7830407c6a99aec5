"""Residuals of eigenpairs, on snapshots that took no part in the fit."""

import numpy as np
import pytest
from reference.examples import decaying_paths, in_random_basis, linear_system_paths, rotation

from koopview.koopman import fit_dmd
from koopview.koopman.delays import delay_embed
from koopview.koopman.residuals import pair_products, residuals


def brute_force(dmd, paths):
    """Return |v^T c' - lambda v^T c| / |v^T c| for every left eigenvector, pair by pair."""
    c = delay_embed(paths, dmd.delays) @ dmd.basis
    now, later = c[:, :-1].reshape(-1, dmd.rank), c[:, 1:].reshape(-1, dmd.rank)
    values, vectors = np.linalg.eig(dmd.matrix.T)
    found = {}
    for value, v in zip(values, vectors.T, strict=True):
        found[value] = np.linalg.norm(later @ v - value * (now @ v)) / np.linalg.norm(now @ v)
    return np.array([found[min(found, key=lambda known, value=value: abs(known - value))] for value in dmd.eigenvalues])


@pytest.mark.parametrize("rank", [3, 8, 12])
def test_residuals_are_those_of_brute_force(rank):
    paths = decaying_paths(samples=80, steps=10, states=5, decay=0.7, seed=1)
    dmd = fit_dmd(paths[:50], 3, 12)
    products = pair_products(dmd, paths[50:])
    cut = dmd.truncate(rank)
    np.testing.assert_allclose(residuals(cut, products), brute_force(cut, paths[50:]), rtol=1e-6)


def test_true_eigenvalues_have_none_and_spurious_ones_have_large_ones():
    matrix = in_random_basis([rotation(0.95, 0.5), np.array([[0.8]])])
    paths = linear_system_paths(matrix, samples=60, steps=8)
    noisy = np.concatenate([paths, np.random.default_rng(0).normal(size=(60, 9, 1))], axis=2)
    dmd = fit_dmd(noisy[:30], 1, 4)
    found = residuals(dmd, pair_products(dmd, noisy[30:]))
    true = np.array([np.abs(value - np.linalg.eigvals(matrix)).min() < 0.05 for value in dmd.eigenvalues])
    assert true.sum() == 3
    assert found[true].max() < 0.3 < 0.8 < found[~true].min()
    clean = fit_dmd(paths[:30], 1, 3)
    assert residuals(clean, pair_products(clean, paths[30:])).max() < 1e-6


def test_an_eigenfunction_that_vanishes_has_residual_infinity():
    paths = linear_system_paths(np.diag([0.9, 0.5]), samples=10, steps=4)
    dmd = fit_dmd(paths, 1, 2)
    assert np.all(np.isinf(residuals(dmd, pair_products(dmd, np.zeros((3, 5, 2))))))
