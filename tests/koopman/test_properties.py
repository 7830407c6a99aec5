"""Identities of the decomposition over shapes, delays, ranks, precisions and libraries; the truth is plain numpy."""

import numpy as np
import pydmd
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import method
from reference.examples import distance, linear_system_paths

from koopview.errors import InputError
from koopview.koopman import Chunks, decomposition, fit_dmd, krylov, trajectories
from koopview.koopman.hankel import Hankel
from koopview.koopman.products import DelayProducts, FourierProducts, WindowProducts
from koopview.koopman.trajectories import snapshots

LIBRARIES = {"numpy": np.asarray, "torch": torch.tensor}
SHAPES = {
    "samples": st.integers(2, 12),
    "steps": st.integers(1, 9),
    "states": st.integers(1, 6),
    "delays": st.integers(1, 9),
    "seed": st.integers(0, 2**16),
}
WAYS = decomposition.WAYS
quick = settings(max_examples=25, deadline=None)


def random_paths(samples, steps, states, seed):
    """Paths of a random walk: every direction is used, neighbours in time are alike."""
    steps_taken = np.random.default_rng(seed).normal(size=(samples, steps + 1, states))
    return np.cumsum(steps_taken, axis=1)


def ignored(share):
    """Take no notice of progress."""


@quick
@given(**SHAPES, columns=st.integers(1, 5), library=st.sampled_from(sorted(LIBRARIES)))
@pytest.mark.parametrize("way", [WindowProducts, DelayProducts, FourierProducts])
def test_products_are_those_of_the_formed_matrix(way, samples, steps, states, delays, seed, columns, library):
    assume(delays <= steps)
    paths, make = random_paths(samples, steps, states, seed), LIBRARIES[library]
    before, after = method.hankel_pair(paths, delays)
    block = np.random.default_rng(seed).normal(size=(delays * states, columns))
    hankel = Hankel(snapshots(make(paths), delays))
    hankel.products = way(hankel.snapshots)
    found, squares = (np.asarray(part) for part in hankel.normal_and_squares(make(block), ignored))
    size = np.abs(before).max() ** 2 * before.shape[1] * np.sqrt(before.shape[0])
    np.testing.assert_allclose(found[: delays * states], before @ (before.T @ block), atol=1e-13 * size)
    np.testing.assert_allclose(found[states:], after @ (before.T @ block), atol=1e-13 * size)
    np.testing.assert_allclose(squares, block.T @ before @ before.T @ block, atol=1e-12 * size)


@quick
@given(**SHAPES, rows=st.integers(1, 5), library=st.sampled_from(sorted(LIBRARIES)))
def test_the_gram_matrix_by_lags_is_that_of_the_formed_windows(samples, steps, states, delays, seed, rows, library):
    assume(delays <= steps)
    paths = random_paths(samples, steps, states, seed)
    data = snapshots(Chunks(paths.shape, lambda start, stop: LIBRARIES[library](paths[start:stop])), delays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trajectories, "CHUNK", rows * (steps + 1) * states)
        found = np.asarray(decomposition.block_gram(data, ignored))
    before, after = method.hankel_pair(paths, delays)
    whole = np.concatenate([before, after[-states:]])
    np.testing.assert_allclose(found, whole @ whole.T, atol=1e-12 * np.abs(whole @ whole.T).max())


@quick
@given(**SHAPES, rank=st.integers(1, 20), library=st.sampled_from(sorted(LIBRARIES)))
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_the_operator_is_that_of_the_svd(precision, samples, steps, states, delays, seed, rank, library):
    assume(delays <= steps)
    paths = random_paths(samples, steps, states, seed).astype(precision)
    found = fit_dmd(LIBRARIES[library](paths), delays, rank)
    matrix, basis, s = method.dmd(paths.astype(np.float64), delays, rank, cutoff=1e-5)
    r = len(matrix)
    assume(r == len(s) or s[r] < 0.9 * s[r - 1])  # two equal values at the rank: any of their directions would do
    ours = np.asarray(found.basis)
    np.testing.assert_allclose(ours.T @ ours, np.eye(found.rank), atol=1e-11)
    assert found.rank >= r
    np.testing.assert_allclose(found.singular_values[:r], s[:r], rtol=1e-6)
    np.testing.assert_allclose(ours[:, :r] @ (ours[:, :r].T @ basis), basis, atol=1e-6)
    assert np.abs(np.poly(np.asarray(found.truncate(r).matrix)) - np.poly(matrix)).max() < 1e-5 * np.linalg.norm(
        np.poly(matrix)
    )


@quick
@given(**SHAPES, large=st.integers(2, 20), data=st.data())
def test_a_smaller_rank_is_the_leading_block(samples, steps, states, delays, seed, large, data):
    assume(delays <= steps)
    whole = fit_dmd(random_paths(samples, steps, states, seed), delays, large)
    rank = data.draw(st.integers(1, whole.rank))
    np.testing.assert_array_equal(whole.truncate(rank).matrix, whole.matrix[:rank, :rank])
    np.testing.assert_array_equal(whole.truncate(rank).basis, whole.basis[:, :rank])
    np.testing.assert_allclose(
        whole.basis.T @ whole.propagated_basis, whole.matrix, atol=1e-12 * np.abs(whole.matrix).max()
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("library", LIBRARIES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**16), delays=st.integers(1, 4), rank=st.integers(1, 6), spread=st.integers(0, 4))
def test_every_way_gives_the_operator_of_pydmd(way, library, seed, delays, rank, spread):
    paths = random_paths(60, 6, 20, seed) * np.geomspace(1, 10.0**-spread, 20)
    peer = pydmd.DMD(svd_rank=rank).fit(*method.hankel_pair(paths, delays))
    data = snapshots(LIBRARIES[library](paths), delays)
    found = WAYS[way](decomposition.Problem(Hankel(data), rank, cutoff=1e-6))
    triplets = found.triplets
    values, vectors = np.linalg.eig(np.asarray(triplets.basis.T @ triplets.propagated_basis))
    assert found.convergence < 1e-4
    # Block Krylov leaves 1e-7 in the operator; eigenvalues move by so much times the condition of their eigenvectors.
    assert distance(values, peer.eigs) < 1e-7 * max(10, np.linalg.cond(vectors))


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**16), rows=st.integers(1, 40), library=st.sampled_from(sorted(LIBRARIES)))
def test_chunks_give_what_the_whole_gives(way, seed, rows, library):
    paths = LIBRARIES[library](random_paths(50, 5, 12, seed))
    made = []

    def make(start, stop):
        made.append(stop - start)
        return paths[start:stop]

    whole = WAYS[way](decomposition.Problem(Hankel(snapshots(paths, 2)), 6, cutoff=1e-6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trajectories, "CHUNK", rows * 6 * 12)
        chunked = WAYS[way](decomposition.Problem(Hankel(snapshots(Chunks((50, 6, 12), make), 2)), 6, cutoff=1e-6))
    assert max(made) <= max(rows, 1)
    np.testing.assert_allclose(chunked.singular_values, whole.singular_values, rtol=1e-9)
    np.testing.assert_allclose(
        np.asarray(chunked.triplets.basis @ chunked.triplets.basis.T),
        np.asarray(whole.triplets.basis @ whole.triplets.basis.T),
        atol=1e-6,
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("true", [1, 3, 7])
def test_a_rank_that_the_data_do_not_have_is_lowered(way, library, true):
    rng = np.random.default_rng(true)
    values = np.linspace(0.5, 1.0, true)
    paths = linear_system_paths(np.diag(values), samples=80, steps=5) @ rng.normal(size=(true, 30))
    data = snapshots(LIBRARIES[library](paths), 2)
    found = WAYS[way](decomposition.Problem(Hankel(data), 20, cutoff=1e-6))
    basis = np.asarray(found.triplets.basis)
    assert found.usable == basis.shape[1] == true
    matrix = basis.T @ np.asarray(found.triplets.propagated_basis)
    assert distance(np.linalg.eigvals(matrix), values) < 1e-7


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("growth", [1e3, 1e6, 1e-3])
def test_a_huge_or_tiny_eigenvalue_is_found(library, growth):
    paths = linear_system_paths(np.diag([growth]), samples=5, steps=8)
    found = fit_dmd(LIBRARIES[library](paths), 2, 2)
    assert found.eigenvalues[0] == pytest.approx(growth, rel=1e-9)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_two_samples_of_constant_states_give_the_eigenvalue_one(library, precision):
    paths = LIBRARIES[library](np.ones((2, 4, 3), dtype=precision))
    found = fit_dmd(paths, 2, 4)
    assert found.rank == 1
    assert found.eigenvalues == pytest.approx([1.0])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("number", "word"), [(np.nan, "NaN"), (np.inf, "NaN or infinite"), (1e200, "1e"), (0.0, "zero")]
)
def test_what_cannot_be_squared_is_told_in_one_sentence(library, number, word):
    paths = np.zeros((6, 4, 2))
    paths[3, 2, 1] = number
    for data in (
        LIBRARIES[library](paths),
        Chunks((6, 4, 2), lambda start, stop: LIBRARIES[library](paths[start:stop])),
    ):
        with pytest.raises(InputError, match=word) as caught:
            fit_dmd(data, 1, 2)
        assert "\n" not in str(caught.value)


def test_chunks_of_another_shape_are_told():
    with pytest.raises(InputError, match=r"shape \(1, 4, 2\), expected \(6, 4, 2\)"):
        fit_dmd(Chunks((6, 4, 2), lambda start, stop: np.ones((1, 4, 2))), 1, 2)


def test_the_residual_falls_to_what_was_asked_for_and_is_told(monkeypatch):
    layer = (np.random.default_rng(0).normal(size=(60, 90)) / 9, np.full(60, 0.1), "relu")
    data = method.homotopy(layer, np.random.default_rng(1).normal(size=(300, 90)), 12)
    monkeypatch.setattr(decomposition, "SMALL", 100)
    monkeypatch.setattr(decomposition, "GRAM_LIMIT", 100)
    assert fit_dmd(data, 4, 10).convergence < 1e-5
    monkeypatch.setattr(krylov, "BLOCKS", 3)
    assert fit_dmd(data, 4, 10).convergence > 1e-3


def test_a_long_path_of_few_states_takes_no_square_of_its_length():
    data = snapshots(random_paths(3, 5000, 2, 0), 4)
    assert isinstance(Hankel(data).products, DelayProducts)
    assert isinstance(Hankel(snapshots(random_paths(300, 20, 2, 0), 4)).products, WindowProducts)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("way", WAYS)
def test_a_gpu_gives_what_the_cpu_gives(way):
    paths = torch.tensor(random_paths(60, 6, 20, 0))
    found = [
        WAYS[way](decomposition.Problem(Hankel(snapshots(place, 3)), 6, cutoff=1e-6)) for place in (paths, paths.cuda())
    ]
    assert found[1].triplets.basis.is_cuda
    np.testing.assert_allclose(found[1].singular_values, found[0].singular_values, rtol=1e-9)
    assert distance(fit_dmd(paths.cuda(), 3, 6).eigenvalues, fit_dmd(paths, 3, 6).eigenvalues) < 1e-8
