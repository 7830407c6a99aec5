"""Pseudospectra against scipy's singular values, a normal matrix and a Jordan block."""

import numpy as np
import pytest
import scipy.linalg

from koopview.errors import Cancelled
from koopview.koopman.pseudospectrum import (
    by_inverse_iteration,
    decades_within,
    pseudospectrum_around,
    smallest_singular_values,
)


def around(matrix):
    """Return the pseudospectrum of a matrix around its own eigenvalues."""
    return pseudospectrum_around(matrix, np.linalg.eigvals(matrix).astype(complex))


def test_values_are_the_smallest_singular_values():
    matrix = np.random.default_rng(1).normal(size=(12, 12)) / 4
    found = around(matrix)
    assert found.values.shape == (len(found.imag), len(found.real))
    for row, column in [(0, 0), (5, 40), (30, 30), (60, 11)]:
        z = found.real[column] + 1j * found.imag[row]
        known = scipy.linalg.svdvals(z * np.eye(12) - matrix)[-1]
        assert found.values[row, column] == pytest.approx(known, rel=1e-9)


def test_of_a_normal_matrix_it_is_the_distance_from_the_nearest_eigenvalue():
    values = np.array([0.9, 0.5, -0.2])
    found = around(np.diag(values))
    z = found.real[None, :] + 1j * found.imag[:, None]
    np.testing.assert_allclose(found.values, np.abs(z[..., None] - values).min(axis=-1), atol=1e-12)


def test_of_a_jordan_block_it_falls_with_the_cube_of_the_distance():
    block = np.eye(3) + np.diag([1.0, 1.0], 1)
    near, nearer = smallest_singular_values(block, np.array([1 + 0.02j, 1 + 0.01j]))
    assert near / nearer == pytest.approx(8, rel=0.01)


def test_all_eigenvalues_lie_inside_the_grid_and_levels_inside_the_values():
    matrix = np.random.default_rng(2).normal(size=(20, 20)) / 5
    found, values = around(matrix), np.linalg.eigvals(matrix)
    assert found.real[0] < values.real.min() < values.real.max() < found.real[-1]
    assert found.imag[0] < values.imag.min() < values.imag.max() < found.imag[-1]
    assert all(found.values.min() <= level <= found.values.max() for level in found.levels)
    assert found.levels


def test_one_eigenvalue_has_a_grid_too():
    assert np.isfinite(around(np.array([[0.7]])).values).all()


@pytest.mark.parametrize("rank", [80, 120])
def test_a_large_rank_by_iteration_agrees(rank):
    matrix = np.random.default_rng(3).normal(size=(rank, rank)) / rank**0.5
    at = np.array([[0.1 + 0.9j, 1.3, -0.4 + 0.2j]])
    known = [scipy.linalg.svdvals(z * np.eye(rank) - matrix)[-1] for z in at.ravel()]
    np.testing.assert_allclose(by_inverse_iteration(matrix, at)[0], known, rtol=0.03)


def test_levels_of_nothing_are_none():
    assert decades_within(np.zeros((2, 2))) == ()


def test_it_can_be_stopped():
    def stop(share, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        pseudospectrum_around(np.diag([0.9, 0.5]), np.array([0.9 + 0j, 0.5]), stop)
