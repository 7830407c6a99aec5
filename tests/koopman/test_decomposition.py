"""The three ways to decompose, each against the SVD of the matrix that is never formed."""

import numpy as np
import pydmd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import method
from reference.examples import distance

from koopview.koopman import Chunks, decomposition, fit_dmd, hankel
from koopview.koopman.delays import delay_embed
from koopview.koopman.hankel import Hankel
from koopview.koopman.rank import numerical_rank, optimal_rank
from koopview.koopman.trajectories import snapshots

RANK = 8


def paths(decay, seed=0, samples=60, steps=6, states=80):
    """Paths whose snapshot matrix has singular values that fall by `decay` from one state to the next."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(samples, steps + 1, states)) * decay ** np.arange(states)


def problem(data, delays, rank=RANK, cutoff=1e-6):
    return decomposition.Problem(Hankel(snapshots(data, delays)), rank, cutoff)


WAYS = decomposition.WAYS


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("decay", [0.9, 0.8, 0.5])
@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_singular_values_and_vectors_are_those_of_the_svd(way, decay, make):
    data = paths(decay)
    u, s, _ = np.linalg.svd(method.hankel_pair(data, 2)[0], full_matrices=False)
    found = WAYS[way](problem(make(data), 2))
    np.testing.assert_allclose(found.singular_values[:RANK], s[:RANK], rtol=1e-9)
    basis = np.asarray(found.triplets.basis)
    assert basis.shape == (160, RANK)
    np.testing.assert_allclose(basis.T @ basis, np.eye(RANK), atol=1e-12)
    cosines = np.linalg.svd(u[:, :RANK].T @ basis, compute_uv=False)
    np.testing.assert_allclose(cosines, 1, atol=1e-9)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("delays", [1, 4])
@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_one_long_trajectory_gives_the_eigenvalues_of_pydmd(way, delays, make):
    data = paths(0.9, samples=1, steps=500, states=40)
    peer = pydmd.DMD(svd_rank=RANK).fit(*method.hankel_pair(data, delays))
    found = WAYS[way](problem(make(data), delays)).triplets
    values = np.linalg.eigvals(np.asarray(found.basis.T @ found.propagated_basis))
    assert distance(values, peer.eigs) < 1e-7
    assert distance(fit_dmd(make(data), delays, RANK).eigenvalues, peer.eigs) < 1e-9


def test_gram_keeps_digits_that_the_squares_lose():
    data = paths(0.6, samples=200)
    s = np.linalg.svd(method.hankel_pair(data, 1)[0], compute_uv=False)
    found = WAYS["gram"](problem(data, 1, rank=80)).singular_values
    kept = s > 1e-6 * s[0]
    assert kept.sum() > 20
    np.testing.assert_allclose(found[kept], s[kept], rtol=1e-8)


def test_krylov_is_right_at_a_layer_whose_spectrum_has_no_gap(monkeypatch):
    generator = np.random.default_rng(0)
    layer = (generator.normal(size=(60, 90)) / 9, np.full(60, 0.1), "relu")
    data = method.homotopy(layer, generator.normal(size=(300, 90)), 12)
    matrix, _, s = method.dmd(data, 4, 20)
    assert s[19] / s[20] < 1.05
    monkeypatch.setattr(decomposition, "SMALL", 100)
    monkeypatch.setattr(decomposition, "GRAM_LIMIT", 100)
    found = fit_dmd(data, 4, 20)
    assert found.decomposition == "randomized"
    assert found.optimal_rank is None
    assert distance(found.eigenvalues, np.linalg.eigvals(matrix)) < 1e-4


@pytest.mark.parametrize(("samples", "states", "rank", "way"), [(400, 8, 3, "gram"), (20, 900, 3, "exact")])
def test_small_problems_are_decomposed_without_chance(samples, states, rank, way):
    found = fit_dmd(paths(0.9, samples=samples, states=states), 1, rank)
    assert (found.decomposition, found.convergence) == (way, 0)


def test_a_small_problem_that_needs_more_digits_than_a_gram_matrix_has_is_decomposed_exactly():
    data = paths(0.1, samples=100, states=12)
    found = fit_dmd(data, 1, 12)
    assert found.decomposition == "exact"
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(method.hankel_pair(data, 1)[0])[1], rtol=1e-4)
    assert fit_dmd(data, 1, 12, cutoff=1e-6).decomposition == "gram"


def test_progress_may_stop_it(monkeypatch):
    monkeypatch.setattr(decomposition, "SMALL", 10)

    class StopError(Exception):
        pass

    def stop(share, text):
        if share > 0.3:
            raise StopError

    with pytest.raises(StopError):
        fit_dmd(paths(0.9, states=120), 2, 5, progress=stop)


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(1, 6),
    steps=st.integers(1, 7),
    states=st.integers(1, 5),
    delays=st.integers(1, 7),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_delay_vectors_stack_successive_states(samples, steps, states, delays, dtype):
    if delays > steps:
        return
    data = np.random.default_rng(0).normal(size=(samples, steps + 1, states)).astype(dtype)
    z = delay_embed(data, delays)
    assert z.shape == (samples, steps - delays + 2, delays * states)
    assert z.dtype == dtype
    for i in range(samples):
        for k in range(z.shape[1]):
            np.testing.assert_array_equal(z[i, k], data[i, k : k + delays].ravel())


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(2, 8),
    steps=st.integers(2, 7),
    states=st.integers(1, 5),
    delays=st.integers(1, 4),
    rank=st.integers(1, 12),
    seed=st.integers(0, 1000),
)
def test_identities_of_the_operator(samples, steps, states, delays, rank, seed):
    if delays > steps:
        return
    data = np.random.default_rng(seed).normal(size=(samples, steps + 1, states))
    dmd = fit_dmd(data, delays, rank)
    assert 1 <= dmd.rank <= min(rank, dmd.numerical_rank, delays * states)
    np.testing.assert_allclose(dmd.basis.T @ dmd.basis, np.eye(dmd.rank), atol=1e-9)
    lifted = delay_embed(data, delays)[:, 0]
    projection = lifted @ dmd.basis @ dmd.basis.T
    np.testing.assert_allclose(dmd.predict(lifted, 0), projection, atol=1e-8)
    twice = dmd.predict(dmd.predict(lifted, 1), 2)
    np.testing.assert_allclose(dmd.predict(lifted, 3), twice, rtol=1e-6, atol=1e-6 * np.abs(twice).max())
    np.testing.assert_allclose(np.sort(dmd.eigenvalues.imag), np.sort(-dmd.eigenvalues.imag), atol=1e-12)


def test_the_optimal_threshold_finds_the_rank_of_a_noisy_matrix():
    generator = np.random.default_rng(0)
    signal = 20 * generator.normal(size=(100, 4)) @ generator.normal(size=(4, 300)) / np.sqrt(300)
    noisy = signal + generator.normal(size=(100, 300)) / np.sqrt(300)
    assert optimal_rank(np.linalg.svd(noisy, compute_uv=False), noisy.shape) == 4


def test_the_optimal_threshold_of_a_square_matrix_is_the_published_one():
    # Gavish and Donoho 2014: for a square matrix and unknown noise, 2.858 times the median.
    s = np.array([2.9, 2.85, *([1.0] * 5)])
    assert optimal_rank(s, (7, 7)) == 1


def test_numerical_rank_counts_what_stands_above_the_cutoff():
    assert numerical_rank(np.array([10.0, 1.0, 1e-3]), 1e-2) == 2
    assert numerical_rank(np.zeros(3), 1e-2) == 0
    assert numerical_rank(np.zeros(0), 1e-2) == 0


def test_what_squares_lose_comes_back_where_small_singular_values_are_used():
    """At s_r / s_1 = 1e-6 squares alone leave an error of 1e-4 in the eigenvalue of the weakest direction."""
    rng = np.random.default_rng(4)
    turn, values = np.linalg.qr(rng.normal(size=(6, 6)))[0], np.linspace(0.95, 0.5, 6)
    starts = rng.normal(size=(200, 6)) * 10.0 ** -np.linspace(0, 6, 6)
    paths = np.stack([(starts * values**k) @ turn.T for k in range(9)], axis=1)
    found = fit_dmd(paths, 1, 6)
    assert found.decomposition == "gram"
    assert 1e-7 < found.singular_values[-1] / found.singular_values[0] < 1e-5
    np.testing.assert_allclose(np.sort(found.eigenvalues.real), np.sort(values), atol=1e-8)


@pytest.mark.parametrize("delays", [1, 7])
def test_fewer_snapshots_than_features_are_decomposed_by_their_own_gram_matrix(monkeypatch, delays):
    monkeypatch.setattr(decomposition, "SMALL", 20)
    data = np.random.default_rng(0).normal(size=(12, 9, 40))
    found = fit_dmd(data, delays, 10)
    assert found.decomposition == "gram"
    matrix, _, s = method.dmd(data, delays, 10)
    np.testing.assert_allclose(found.singular_values[:10], s[:10], rtol=1e-9)
    assert distance(found.eigenvalues, np.linalg.eigvals(matrix)) < 1e-8


def test_fewer_snapshots_that_need_more_digits_are_decomposed_exactly(monkeypatch):
    monkeypatch.setattr(decomposition, "SMALL", 20)
    data = np.random.default_rng(0).normal(size=(30, 3, 90)) * np.geomspace(1, 1e-6, 30)[:, None, None]
    found = fit_dmd(data, 1, 60)
    assert found.decomposition == "exact"
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(method.hankel_pair(data, 1)[0])[1], rtol=1e-7)


@pytest.mark.parametrize(("free", "is_made_once"), [(2**21, True), (None, False), (10_000, False)])
def test_trajectories_are_made_once_where_memory_has_room_for_them(monkeypatch, free, is_made_once):
    data, made = paths(0.9), []

    def make(start, stop):
        made.append(stop - start)
        return data[start:stop]

    monkeypatch.setattr(hankel, "KEPT", 10)
    monkeypatch.setattr(hankel, "free_memory", lambda: free)
    chunks = Chunks(data.shape, make)
    known = WAYS["randomized"](problem(data, 2)).singular_values
    found = WAYS["randomized"](problem(chunks, 2)).singular_values
    np.testing.assert_allclose(found[:RANK], known[:RANK], rtol=1e-12)
    assert (made == [1, len(data)]) == is_made_once  # the first one shows the kind of numbers
