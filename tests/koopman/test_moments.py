"""Sums over samples: what is fitted to them is what is fitted to the samples, in any chunks and any order."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pydmd
import pytest
from reference import method
from reference.examples import distance
from reference.places import PLACES

from koopview.errors import FileError, InputError
from koopview.koopman import fit_dmd
from koopview.koopman.arrays import as_numpy
from koopview.koopman.moments import merged, moments_of, no_moments
from koopview.koopman.moments_bases import principal_components, principal_steps
from koopview.koopman.moments_file import read_moments, save_moments
from koopview.koopman.moments_fit import DigitsShort, fit_moments, held_out_of
from koopview.koopman.residuals import held_out_products, operator_residual, residuals
from koopview.koopman.trajectories import Chunks


def layer_paths(samples=80, states=12, steps=9, seed=0):
    """Return homotopy paths (samples, steps + 1, states) of a random ReLU layer with a mean that is not zero."""
    generator = np.random.default_rng(seed)
    layer = (generator.normal(size=(states - 3, states)) / 2, np.full(states - 3, 0.3), "relu")
    return method.homotopy(layer, 0.5 + generator.normal(size=(samples, states)), steps)


PATHS, HELD = layer_paths(), layer_paths(30, seed=1)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("delays", "rank"), [(1, 12), (2, 5), (2, 14), (5, 9), (9, 6)])
def test_every_delay_and_rank_has_the_eigenvalues_of_pydmd(place, delays, rank):
    found = fit_moments(moments_of(place(PATHS)), delays, rank)
    peer = pydmd.DMD(svd_rank=rank).fit(*method.hankel_pair(PATHS, delays))
    assert found.rank == rank
    assert distance(found.eigenvalues, peer.eigs) < 1e-7


@pytest.mark.parametrize("delays", [1, 3, 9])
def test_operator_and_modes_are_those_of_the_fit_to_the_samples(delays):
    found, exact = fit_moments(moments_of(PATHS), delays, 6), fit_dmd(PATHS, delays, 6)
    np.testing.assert_allclose(found.singular_values[:6], exact.singular_values[:6], rtol=1e-9)
    for name in ("basis", "propagated_basis"):
        one, other = (getattr(each, name) @ each.basis.T for each in (found, exact))
        np.testing.assert_allclose(one, other, atol=1e-7)
    assert (found.numerical_rank, found.optimal_rank) == (exact.numerical_rank, exact.optimal_rank)
    np.testing.assert_allclose(as_numpy(found.truncate(3).matrix), found.matrix[:3, :3])


@pytest.mark.parametrize("place", PLACES)
def test_chunks_and_merges_in_any_order_give_the_same(place):
    whole = moments_of(place(PATHS))
    cuts = [0, 1, 20, 33, 80]
    parts = [moments_of(place(PATHS[a:b])) for a, b in pairwise(cuts)]
    one_by_one = no_moments(place(PATHS[:1]))
    for start in (60, 0, 20, 40):
        one_by_one.add(place(PATHS[start : start + 20]))
    for other in (reduce(merged, parts), reduce(merged, parts[::-1]), merged(parts[0], reduce(merged, parts[1:]))):
        assert same(other, whole)
    assert same(one_by_one, whole)


def same(one, other, tolerance=1e-10):
    """Return whether two moments agree, relative to their largest number."""
    pairs = [
        (as_numpy(getattr(one, name)), as_numpy(getattr(other, name))) for name in ("sums", "products", "energies")
    ]
    return one.count == other.count and all(abs(a - b).max() <= tolerance * abs(b).max() for a, b in pairs)


def test_chunks_made_at_every_pass_are_summed_as_they_come(monkeypatch):
    monkeypatch.setattr("koopview.koopman.trajectories.CHUNK", 1000)
    made = moments_of(Chunks(PATHS.shape, lambda start, stop: PATHS[start:stop]))
    assert same(made, moments_of(PATHS))


@pytest.mark.parametrize("place", PLACES)
def test_saved_moments_go_on_where_they_stopped(place, tmp_path):
    half = moments_of(place(PATHS[:40]), components=principal_components(place(PATHS), 8))
    save_moments(half, tmp_path / "half.npz")
    resumed = read_moments(tmp_path / "half.npz", like=place(PATHS))
    for moments in (resumed, half):
        moments.add(place(PATHS[40:]))
    assert same(resumed, half, 0)
    assert resumed.kept == 8
    assert distance(fit_moments(resumed, 4, 9).eigenvalues, fit_moments(half, 4, 9).eigenvalues) == 0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("components", [None, 12])
def test_float32_products_of_centred_paths_are_nearly_those_of_float64(place, components):
    data = place(PATHS + 3)
    basis = components and principal_components(data, components)
    found = fit_moments(moments_of(data, components=basis, single=True), 3, 6)
    assert distance(found.eigenvalues, fit_dmd(data, 3, 6).eigenvalues) < 1e-6


def test_all_components_change_nothing_and_few_are_those_of_the_projected_states():
    basis = principal_components(PATHS, 12)
    assert (
        distance(fit_moments(moments_of(PATHS, components=basis), 3, 8).eigenvalues, fit_dmd(PATHS, 3, 8).eigenvalues)
        < 1e-7
    )
    few = basis[:, :5]
    found, projected = fit_moments(moments_of(PATHS, components=few), 3, 8), fit_dmd(PATHS @ few @ few.T, 3, 8)
    assert found.basis.shape == (36, 8)
    assert distance(found.eigenvalues, projected.eigenvalues) < 1e-7
    np.testing.assert_allclose(found.basis @ found.basis.T, projected.basis @ projected.basis.T, atol=1e-7)


def test_principal_components_keep_the_most_of_the_states():
    states = PATHS.reshape(-1, 12)
    _, _, vh = np.linalg.svd(states, full_matrices=False)
    basis = principal_components(PATHS, 4)
    np.testing.assert_allclose(basis @ basis.T, vh[:4].T @ vh[:4], atol=1e-8)


@pytest.mark.parametrize("kept", [None, 12, 7])
def test_residuals_come_from_the_moments_of_the_held_out(kept):
    basis = kept and principal_components(PATHS, kept)
    dmd = fit_moments(moments_of(PATHS, components=basis), 4, 7)
    of_moments, of_samples = held_out_of(dmd, moments_of(HELD, components=basis)), held_out_products(dmd, HELD)
    for one, other, steps in ((of_moments.ends, of_samples.ends, 6), (of_moments.steps, of_samples.steps, 1)):
        np.testing.assert_allclose(residuals(dmd, one, steps), residuals(dmd, other, steps), rtol=1e-6)
    assert operator_residual(dmd, of_moments, 6) == pytest.approx(operator_residual(dmd, of_samples, 6), rel=1e-9)


def test_a_large_problem_is_decomposed_in_part(monkeypatch):
    data = layer_paths(300, 40, 12)
    monkeypatch.setattr("koopview.koopman.moments_fit.SMALL", 100)
    found, exact = fit_moments(moments_of(data), 8, 5), fit_dmd(data, 8, 5)
    assert found.optimal_rank is None
    assert distance(found.eigenvalues, exact.eigenvalues) < 1e-7


def test_a_rank_without_digits_is_refused_with_the_largest_that_has_them():
    data = PATHS * 0.3 ** np.arange(12)
    with pytest.raises(DigitsShort, match="down to 1e-04: expected a rank of at most 8, or a fit of the samples"):
        fit_moments(moments_of(data), 1, 12)
    assert distance(fit_moments(moments_of(data), 1, 8).eigenvalues, fit_dmd(data, 1, 8).eigenvalues) < 1e-7


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: fit_moments(moments_of(PATHS), 10, 3), "delays is 10, expected a whole number of 1 to 9"),
        (lambda: fit_moments(no_moments(PATHS), 1, 3), "the moments are of no samples"),
        (lambda: fit_moments(moments_of(PATHS), 1, 0), "rank is 0, expected a whole number of at least 1"),
        (lambda: fit_moments(moments_of(0 * PATHS), 1, 3), "zero everywhere"),
        (lambda: no_moments(PATHS).add(PATHS[:, :4]), r"shape \(80, 4, 12\), expected \(80, 10, 12\)"),
        (lambda: no_moments(PATHS).add(PATHS.astype(int)), "hold int64, expected float32 or float64"),
        (lambda: no_moments(PATHS).add(PATHS * np.nan), "NaN or infinite"),
        (lambda: merged(no_moments(PATHS), no_moments(PATHS[:, :4])), "9 steps of 12 numbers and of 3 steps"),
        (
            lambda: merged(no_moments(PATHS), no_moments(PATHS, components=np.eye(12))),
            "do not add up, expected the same components",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()


def test_more_memory_than_is_free_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr("koopview.memory.free_memory", lambda: 1000)
    with pytest.raises(InputError, match="the moments of 10 steps of 12 numbers would take"):
        no_moments(PATHS)


def test_another_file_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "sums.npz"
    with pytest.raises(FileError, match=r"does not exist, expected a file that save_moments wrote"):
        read_moments(path)
    path.write_bytes(b"something else")
    with pytest.raises(FileError, match="hold something else"):
        read_moments(path)
    moments = moments_of(PATHS)
    moments.products = moments.products[:-1]
    save_moments(moments, path)
    with pytest.raises(FileError, match="damaged"):
        read_moments(path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("delays", "rank", "kept"), [(1, 12, None), (3, 9, None), (9, 6, None), (4, 7, 8)])
def test_combinations_of_steps_give_what_a_fit_of_the_combined_paths_gives(place, delays, rank, kept):
    modes = np.linalg.qr(np.random.default_rng(3).normal(size=(10, 10)))[0][:, : 10 if kept is None else 6]
    basis = kept and principal_components(PATHS, kept)
    combined = np.einsum("ij,bjd->bid", modes @ modes.T, PATHS if kept is None else PATHS @ basis @ basis.T)
    found = fit_moments(
        moments_of(place(PATHS), components=None if kept is None else place(basis.copy()), modes=place(modes)),
        delays,
        rank,
    )
    exact = fit_dmd(combined, delays, rank)
    np.testing.assert_allclose(found.singular_values[:rank], exact.singular_values[:rank], rtol=1e-7)
    assert distance(found.eigenvalues, exact.eigenvalues) < 1e-6
    for name in ("basis", "propagated_basis"):
        one, other = (as_numpy(getattr(each, name)) @ as_numpy(each.basis).T for each in (found, exact))
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_few_combinations_of_steps_are_enough_for_a_smooth_path():
    modes = principal_steps(PATHS, 1e-6)
    assert modes.shape[1] < 10
    left = PATHS - np.einsum("ij,bjd->bid", modes @ modes.T, PATHS)
    assert (left**2).sum() <= 1e-6 * (PATHS**2).sum()
    found, exact = fit_moments(moments_of(PATHS, modes=modes), 6, 8, left_out=1e-6), fit_dmd(PATHS, 6, 8)
    assert distance(found.eigenvalues, exact.eigenvalues) < 3e-3
    np.testing.assert_allclose(found.singular_values[:8], exact.singular_values[:8], rtol=1e-2)


def test_moments_of_combinations_are_saved_and_add_up(tmp_path):
    modes = principal_steps(PATHS, 1e-6)
    half, rest = (moments_of(part, modes=modes) for part in (PATHS[:30], PATHS[30:]))
    save_moments(half, tmp_path / "half.npz")
    assert same(merged(read_moments(tmp_path / "half.npz"), rest), moments_of(PATHS, modes=modes))
    with pytest.raises(InputError, match="expected those of all steps for residuals"):
        held_out_of(fit_moments(half, 2, 3), half)
    with pytest.raises(InputError, match="do not add up"):
        merged(half, moments_of(PATHS, modes=modes[:, ::-1].copy()))
