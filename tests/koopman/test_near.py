"""Passes in float32, and block Krylov that begins near: the same operator as that of all samples at once."""

import numpy as np
import pydmd
import pytest
import torch
from reference import method
from reference.examples import distance

from koopview.koopman import moments_of
from koopview.koopman.arrays import NUMPY
from koopview.koopman.centred import CentredPass
from koopview.koopman.hankel import Hankel
from koopview.koopman.krylov import CONVERGED, leading_eigenvectors
from koopview.koopman.moments_fit import single_rounding
from koopview.koopman.near import fit_near, single_is_enough
from koopview.koopman.spectrum import Wanted
from koopview.koopman.trajectories import snapshots

GENERATOR = np.random.default_rng(0)


def nothing(share):
    """Ignore progress."""


def formed(paths, delays):
    """Return ``Z Z^T`` with the last block row of ``Z' Z^T`` below it, from the matrix as it stands."""
    now, later = method.hankel_pair(paths, delays)
    return np.concatenate([now @ now.T, (later @ now.T)[-paths.shape[2] :]])


@pytest.mark.parametrize("place", [np.asarray, torch.tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize(("steps", "delays"), [(6, 2), (20, 10), (40, 20)])
def test_a_pass_in_single_precision_is_the_product_of_the_formed_matrix(place, steps, delays):
    paths = GENERATOR.normal(size=(50, steps + 1, 5)) + 5
    block = np.linalg.qr(GENERATOR.normal(size=(delays * 5, 4)))[0]
    made = CentredPass(snapshots(place(paths), delays, 4), place(block))
    for start in range(0, 50, 16):
        made.add(place(paths[start : start + 16].astype(np.float32)))
    truth = formed(paths, delays) @ block
    assert np.abs(np.asarray(made.product()) - truth).max() < 1e-7 * np.abs(truth).max()


def test_a_large_mean_costs_no_digits_of_what_is_left():
    paths = 1e-3 * GENERATOR.normal(size=(64, 7, 5)).cumsum(1) + 1.0
    single = paths.astype(np.float32).astype(float)
    block = np.linalg.qr(np.concatenate([np.ones((10, 1)), GENERATOR.normal(size=(10, 3))], 1))[0]
    made = CentredPass(snapshots(paths, 2, 4), block)
    made.add(single.astype(np.float32))
    truth = formed(single, 2) @ block
    plain = Hankel(snapshots(single.astype(np.float32), 2, 4)).normal(block, nothing)
    small = block[:, 1:].T @ truth[:10, 1:]  # beside the mean's direction, a millionth of the whole
    assert np.abs(block[:, 1:].T @ made.product()[:10, 1:] - small).max() < 1e-5 * np.abs(small).max()
    np.testing.assert_allclose(plain, truth, rtol=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.05, 1.0])
def test_an_iteration_that_begins_near_ends_at_the_eigenvectors(noise):
    values = 0.8 ** np.arange(60)
    vectors = np.linalg.qr(GENERATOR.normal(size=(60, 60)))[0]
    matrix = vectors * values @ vectors.T
    start = np.linalg.qr(vectors[:, :12] + noise * GENERATOR.normal(size=(60, 12)))[0]
    passes = []

    def multiply(block, tick):
        passes.append(block.shape[1])
        return matrix @ block

    found = leading_eigenvectors(multiply, 60, 6, NUMPY, nothing, start)
    np.testing.assert_allclose(found.values, values[:6], rtol=1e-9)
    assert np.abs(np.abs(vectors[:, :6].T @ found.vectors) - np.eye(6)).max() < 1e-4
    assert passes[0] == 12
    if noise == 0:
        assert len(passes) == 1  # there is nothing to find


def test_the_operator_is_that_of_pydmd():
    paths = method.homotopy(
        (GENERATOR.normal(size=(9, 12)) / 2, np.full(9, 0.3), "relu"), 0.5 + GENERATOR.normal(size=(80, 12)), 9
    )
    delays, rank = 3, 6
    gram = formed(paths, delays)
    start = np.linalg.qr(np.linalg.eigh(gram[:36])[1][:, -12:] + 0.01 * GENERATOR.normal(size=(36, 12)))[0]
    found = fit_near(start, lambda block, tick: gram @ block, Wanted((36, 80 * 7), rank), delays, nothing)
    peer = pydmd.DMD(svd_rank=rank).fit(*method.hankel_pair(paths, delays))
    assert (found.rank, found.decomposition) == (rank, "randomized")
    assert distance(found.eigenvalues, peer.eigs) < 1e-7
    assert found.convergence < CONVERGED


def test_single_precision_is_enough_where_its_rounding_is_below_the_iterations_residual():
    paths = GENERATOR.normal(size=(30, 5, 4))
    moments = moments_of(paths)
    square = single_rounding(moments) / CONVERGED
    assert 0 < square < 1e-2
    enough, short = np.array([1.0, 1.01 * square**0.5]), np.array([1.0, 0.99 * square**0.5])
    assert single_is_enough(moments, enough, 2)
    assert not single_is_enough(moments, short, 2)
    assert single_is_enough(moments, short, 1)
    assert not single_is_enough(moments, enough, 3)  # not known
