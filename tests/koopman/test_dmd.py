"""DMD over many short trajectories against PyDMD, closed forms and brute force."""

import numpy as np
import pydmd
import pytest
import torch
from reference import method
from reference.examples import decaying_paths, distance, in_random_basis, linear_system_paths, random_network, rotation

from koopview.errors import InputError
from koopview.koopman import fit_dmd
from koopview.koopman.dmd import FLOAT32_ROUNDING

PATHS = decaying_paths(samples=60, steps=12, states=6, decay=0.6, seed=3)


@pytest.mark.parametrize(("delays", "rank"), [(1, 4), (3, 10), (6, 20)])
def test_pydmd_on_the_same_pairs_finds_the_same_eigenvalues_and_modes(delays, rank):
    before, after = method.hankel_pair(PATHS, delays)
    peer = pydmd.DMD(svd_rank=rank, exact=True).fit(before, after)
    found = fit_dmd(PATHS, delays, rank)
    assert found.rank == rank == len(peer.eigs)
    assert distance(found.eigenvalues, peer.eigs) < 1e-8
    for value, mode in zip(found.eigenvalues, found.modes.T, strict=True):
        theirs = peer.modes[:, np.argmin(np.abs(peer.eigs - value))]
        cosine = np.abs(np.vdot(mode, theirs)) / (np.linalg.norm(mode) * np.linalg.norm(theirs))
        assert cosine == pytest.approx(1, abs=1e-6)


def test_the_eigenvalues_of_a_linear_system_are_those_of_its_matrix():
    matrix = in_random_basis([rotation(0.95, 0.4), rotation(1.02, 1.1), np.array([[0.9]]), np.array([[0.3]])])
    paths = linear_system_paths(matrix, samples=30, steps=8)
    assert distance(fit_dmd(paths, 1, 6).eigenvalues, np.linalg.eigvals(matrix)) < 1e-9


@pytest.mark.parametrize("delays", [1, 2])
def test_no_pair_crosses_from_one_trajectory_to_the_next(delays):
    paths = linear_system_paths(np.array([[0.9]]), samples=40, steps=10)
    assert fit_dmd(paths, delays, 1).eigenvalues[0] == pytest.approx(0.9, abs=1e-12)
    joined = paths.reshape(1, -1, 1)  # what concatenating would do
    assert abs(fit_dmd(joined, 1, 1).eigenvalues[0] - 0.9) > 1e-3


@pytest.mark.parametrize("rank", [1, 2, 7, 15])
def test_a_smaller_rank_is_the_leading_block(rank):
    large, small = fit_dmd(PATHS, 4, 15), fit_dmd(PATHS, 4, rank)
    cut = large.truncate(rank)
    signs = np.sign(np.sum(cut.basis * small.basis, axis=0))
    np.testing.assert_allclose(cut.matrix, small.matrix * np.outer(signs, signs), atol=1e-10)
    np.testing.assert_array_equal(cut.matrix, large.matrix[:rank, :rank])
    assert cut.singular_values is large.singular_values


def test_a_rank_above_the_numerical_one_is_lowered_and_both_are_told():
    low = np.random.default_rng(0).normal(size=(3, 8))
    paths = linear_system_paths(np.diag([0.9, 0.8, 0.7]), samples=50, steps=6) @ low
    found = fit_dmd(paths, 2, 16)
    assert (found.rank, found.numerical_rank) == (3, 3)
    assert distance(found.eigenvalues, np.array([0.9, 0.8, 0.7])) < 1e-8


@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_float32_states_give_the_leading_eigenvalues_of_float64(make):
    layer = (np.random.default_rng(1).normal(size=(6, 8)) / 2, np.full(6, 0.1), "relu")
    paths = method.homotopy(layer, np.random.default_rng(2).normal(size=(400, 8)), 20)
    expected = np.linalg.eigvals(method.dmd(paths, 8, 30)[0])
    found = fit_dmd(make(paths.astype(np.float32)), 8, 30)
    leading = expected[np.argsort(-np.abs(expected))[:12]]
    assert distance(found.eigenvalues, leading) < 1e-4
    assert found.singular_values[found.numerical_rank - 1] > FLOAT32_ROUNDING * found.singular_values[0]


def test_torch_and_numpy_agree_and_stay_where_they_are():
    ours, theirs = fit_dmd(PATHS, 3, 9), fit_dmd(torch.tensor(PATHS), 3, 9)
    assert isinstance(ours.basis, np.ndarray)
    assert isinstance(theirs.basis, torch.Tensor)
    assert distance(theirs.eigenvalues, ours.eigenvalues) < 1e-10


def test_prediction_follows_a_linear_system():
    matrix = in_random_basis([rotation(0.97, 0.3), np.array([[0.8]])])
    paths = linear_system_paths(matrix, samples=20, steps=9)
    dmd = fit_dmd(paths, 2, 3)
    lifted = paths[:, :2].reshape(20, -1)
    np.testing.assert_allclose(dmd.predict(lifted, 7)[:, -3:], paths[:, 8], atol=1e-9)


def test_eigenvalues_fall_and_conjugates_stand_side_by_side():
    values = fit_dmd(PATHS, 5, 25).eigenvalues
    assert np.all(np.diff(np.abs(values)) <= 1e-12)
    complex_ones = values[values.imag != 0]
    np.testing.assert_array_equal(complex_ones[::2], complex_ones[1::2].conj())
    assert np.all(complex_ones[::2].imag > 0)


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_a_layers_rank_deficient_lift_gives_no_exploding_eigenvalue(activation):
    module = random_network((64, 32), activation)
    weight, bias = (p.detach().double().numpy() for p in module[0].parameters())
    inputs = np.random.default_rng(4).normal(size=(300, 64)).clip(0)
    paths = method.homotopy((weight, bias, activation), inputs, 20)
    found = fit_dmd(paths, 6, 384, cutoff=FLOAT32_ROUNDING)
    assert found.rank == found.numerical_rank < 384
    assert np.abs(found.eigenvalues).max() < 1.5


@pytest.mark.parametrize(
    ("paths", "delays", "rank", "word"),
    [
        (np.zeros((3, 4, 2)), 1, 1, "zero"),
        (np.full((3, 4, 2), np.nan), 1, 1, "NaN"),
        (np.ones((3, 4)), 1, 1, "shape"),
        (np.ones((0, 4, 2)), 1, 1, "shape"),
        (np.ones((3, 4, 2)), 4, 1, "delays"),
        (np.ones((3, 4, 2)), 0, 1, "delays"),
        (np.ones((3, 4, 2)), 1, 0, "rank"),
        (np.ones((3, 4, 2)), 1, 2.5, "rank"),
        (np.ones((3, 4, 2), dtype=complex), 1, 1, "complex"),
    ],
)
def test_what_cannot_be_fitted_is_told_in_one_sentence(paths, delays, rank, word):
    with pytest.raises(InputError, match=word) as caught:
        fit_dmd(paths, delays, rank)
    assert "\n" not in str(caught.value)


def test_constant_states_and_two_samples_are_fitted():
    assert fit_dmd(np.ones((2, 3, 2)), 1, 5).eigenvalues == pytest.approx([1.0])
