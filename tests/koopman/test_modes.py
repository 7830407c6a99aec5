"""Mode shapes and eigenfunctions against PyDMD and against what linear systems do to them."""

from itertools import pairwise

import numpy as np
import pydmd
import pytest
import torch
from reference import method
from reference.examples import decaying_paths, in_random_basis, linear_system_paths, rotation

from koopview.koopman import fit_dmd
from koopview.koopman.delays import delay_windows
from koopview.koopman.modes import eigenfunctions, mode_shapes

STATES = 5
PATHS = decaying_paths(samples=60, steps=12, states=STATES, decay=0.7, seed=3)


@pytest.mark.parametrize(("delays", "rank"), [(1, 4), (3, 9)])
def test_shapes_are_the_newest_state_of_pydmds_exact_modes(delays, rank):
    peer = pydmd.DMD(svd_rank=rank, exact=True).fit(*method.hankel_pair(PATHS, delays))
    dmd = fit_dmd(PATHS, delays, rank)
    for value, shape in zip(dmd.eigenvalues, mode_shapes(dmd, STATES).T, strict=True):
        theirs = peer.modes[-STATES:, np.argmin(np.abs(peer.eigs - value))]
        assert np.abs(np.vdot(shape, theirs)) == pytest.approx(np.linalg.norm(theirs), rel=1e-6)
        assert np.linalg.norm(shape) == pytest.approx(1)
        assert shape[np.abs(shape).argmax()] == pytest.approx(np.abs(shape).max())


def test_of_observables_the_shape_is_that_of_the_state_which_they_begin_with():
    seen = np.concatenate([PATHS, PATHS**2], axis=2)
    shapes = mode_shapes(fit_dmd(seen, 2, 6), STATES)
    whole = mode_shapes(fit_dmd(seen, 2, 6), 2 * STATES)
    assert shapes.shape == (STATES, 6)
    cosine = np.abs(np.sum(shapes.conj() * whole[:STATES], axis=0)) / np.linalg.norm(whole[:STATES], axis=0)
    np.testing.assert_allclose(cosine, 1, atol=1e-9)


def test_a_mode_that_does_not_reach_the_newest_state_is_zero():
    dmd = fit_dmd(PATHS, 1, 3)
    blind = type(dmd)(**{**vars(dmd), "propagated_basis": np.zeros_like(dmd.propagated_basis)})
    np.testing.assert_array_equal(mode_shapes(blind, STATES), np.zeros((STATES, 3)))


@pytest.mark.parametrize("library", [np.asarray, torch.tensor])
def test_along_a_linear_systems_path_an_eigenfunction_is_multiplied_by_its_eigenvalue(library):
    paths = library(linear_system_paths(in_random_basis([rotation(0.97, 0.3), np.array([[0.8]])]), 20, 9))
    dmd = fit_dmd(paths, 2, 3)
    along = [eigenfunctions(dmd, window @ dmd.basis) for window in delay_windows(paths, 2)]
    for now, later in pairwise(along):
        np.testing.assert_allclose(later, now * dmd.eigenvalues, atol=1e-9)


def test_eigenfunctions_are_biorthogonal_to_the_modes():
    dmd = fit_dmd(PATHS, 2, 8)
    real, imaginary = (eigenfunctions(dmd, part) for part in (dmd.eigenvectors.T.real, dmd.eigenvectors.T.imag))
    np.testing.assert_allclose(real + 1j * imaginary, np.eye(8), atol=1e-9)


def test_modes_and_eigenfunctions_together_are_the_prediction():
    dmd = fit_dmd(PATHS, 2, 8)
    coordinates = delay_windows(PATHS, 2)[0] @ dmd.basis
    seen = eigenfunctions(dmd, coordinates)
    predicted = (dmd.modes * dmd.eigenvalues**6 @ seen.T).T
    expected = coordinates @ np.linalg.matrix_power(dmd.matrix, 6).T @ dmd.propagated_basis.T
    np.testing.assert_allclose(predicted, expected, atol=1e-9)
