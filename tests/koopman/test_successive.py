"""Principal paths stand for all paths; operators found one from another are those of the paths."""

import numpy as np
import pydmd
import pytest
from reference import method
from reference.examples import distance
from reference.places import PLACES

from koopview.koopman import fit_dmd, principal_paths, successive
from koopview.koopman.arrays import as_numpy
from koopview.koopman.door import sharing_pays
from koopview.koopman.moments_fit import DigitsShort
from koopview.koopman.successive import successive_fits


def layer_paths(samples=90, states=12, steps=9, seed=0):
    """Return homotopy paths (samples, steps + 1, states) of a random ReLU layer with a mean that is not zero."""
    generator = np.random.default_rng(seed)
    layer = (generator.normal(size=(states - 3, states)) / 2, np.full(states - 3, 0.3), "relu")
    return method.homotopy(layer, 0.5 + generator.normal(size=(samples, states)), steps)


PATHS = layer_paths()
FLAT = PATHS.reshape(len(PATHS), -1)


def flat(found):
    """Return principal paths as vectors (kept, (steps + 1) states), float64."""
    paths = as_numpy(found.paths).astype(float).swapaxes(0, 1)
    return paths.reshape(len(paths), -1)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("block", [1000, 20])
def test_principal_paths_have_the_second_moments_of_all_and_are_orthogonal(place, block, monkeypatch):
    monkeypatch.setattr(principal_paths, "BLOCK", block)
    monkeypatch.setattr("koopview.koopman.trajectories.CHUNK", 20 * FLAT.shape[1])
    monkeypatch.setattr(principal_paths, "FLOOR", 1e-9)
    found = principal_paths.principal_paths(place(PATHS), 5, 1e-9)
    kept, moments = flat(found), FLAT.T @ FLAT
    np.testing.assert_allclose(kept.T @ kept, moments, atol=1e-5 * abs(moments).max())
    np.testing.assert_allclose(kept @ kept.T, np.diag(found.energies), atol=1e-5 * found.energies[0])
    squares = np.linalg.svd(FLAT, compute_uv=False) ** 2
    np.testing.assert_allclose(found.energies[:20], squares[:20], rtol=1e-4)
    assert found.count == len(kept) <= len(PATHS)


@pytest.mark.parametrize("block", [1000, 20])
def test_what_is_left_out_is_no_more_than_was_asked_for(block, monkeypatch):
    monkeypatch.setattr(principal_paths, "BLOCK", block)
    monkeypatch.setattr("koopview.koopman.trajectories.CHUNK", 20 * FLAT.shape[1])
    found = principal_paths.principal_paths(PATHS, 5, 0.05)
    kept, squares = flat(found), np.linalg.svd(FLAT, compute_uv=False) ** 2
    assert found.count < len(PATHS)
    left = np.linalg.eigvalsh(FLAT.T @ FLAT - kept.T @ kept)
    assert left.max() < 0.06 * squares[4]
    assert left.min() > -1e-5 * squares[0]  # nothing is added


@pytest.mark.parametrize("place", PLACES)
def test_those_of_many_are_found_in_the_space_of_few(place, monkeypatch):
    many = layer_paths(3000)
    flat_rows = many.reshape(len(many), -1)
    monkeypatch.setattr(principal_paths, "FEW", 640)
    monkeypatch.setattr("koopview.koopman.trajectories.CHUNK", 200 * flat_rows.shape[1])
    found = principal_paths.principal_paths(place(many), 5, 0.01)
    kept, moments = flat(found), flat_rows.T @ flat_rows
    squares = np.linalg.eigvalsh(moments)[::-1]
    left = np.linalg.eigvalsh(moments - kept.T @ kept)
    assert abs(left).max() < 0.02 * squares[4]  # what is asked for, and what the few do not show
    np.testing.assert_allclose(found.energies[:5], squares[:5], rtol=1e-4)
    assert found.count < len(moments)


def test_samples_unlike_the_few_are_not_lost(monkeypatch):
    many = layer_paths(3000)
    many[1020:1170, :, 3] += 50 * np.random.default_rng(1).normal(size=10)  # between two blocks of the few
    flat_rows = many.reshape(len(many), -1)
    monkeypatch.setattr(principal_paths, "FEW", 80)
    monkeypatch.setattr("koopview.koopman.trajectories.CHUNK", 200 * flat_rows.shape[1])
    kept = flat(principal_paths.principal_paths(many, 5, 1e-3))
    moments = flat_rows.T @ flat_rows
    squares = np.linalg.eigvalsh(moments)[::-1]
    assert abs(np.linalg.eigvalsh(moments - kept.T @ kept)).max() < 0.01 * squares[4]


def exactly(place=np.asarray, paths=PATHS):
    """Return principal paths of which nothing is left out but rounding."""
    return principal_paths.principal_paths(place(paths), 5, 1e-6)


@pytest.fixture
def _all_kept(monkeypatch):
    monkeypatch.setattr(successive, "STATES_LEFT", 1e-7)
    monkeypatch.setattr(successive, "WINDOWS_LEFT", 1e-7)
    monkeypatch.setattr(successive, "TURNED", 1e-3)


@pytest.mark.usefixtures("_all_kept")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("delays", "rank"), [((1, 2, 3, 4), 5), ((2, 6, 9), 9), ((5,), 7)])
def test_operators_found_one_from_another_are_those_of_pydmd(place, delays, rank):
    found = list(successive_fits(exactly(place), len(PATHS), delays, rank))
    assert [one.delays for one in found] == list(delays)
    for h, one in zip(delays, found, strict=True):
        peer = pydmd.DMD(svd_rank=rank).fit(*method.hankel_pair(PATHS, h))
        assert distance(one.eigenvalues, peer.eigs) < 1e-3
        exact = fit_dmd(PATHS, h, rank)
        np.testing.assert_allclose(one.singular_values[:rank], exact.singular_values[:rank], rtol=1e-4)
        for name in ("basis", "propagated_basis"):
            mine, theirs = (as_numpy(getattr(each, name)) @ as_numpy(each.basis).T for each in (one, exact))
            np.testing.assert_allclose(mine, theirs, atol=2e-3)


@pytest.mark.usefixtures("_all_kept")
def test_a_smaller_rank_is_the_leading_part():
    (whole,), (part,) = (list(successive_fits(exactly(), len(PATHS), (3,), rank)) for rank in (9, 4))
    assert distance(whole.truncate(4).eigenvalues, part.eigenvalues) < 1e-3


def test_few_combinations_leave_out_little():
    smooth = layer_paths(steps=20, states=30, samples=120)
    found = successive_fits(exactly(paths=smooth), 120, (2, 8, 16), 6)
    for one in found:
        assert len(one.basis) == 30 * one.delays
        assert distance(one.eigenvalues, fit_dmd(smooth, one.delays, 6).eigenvalues) < 1e-2


def test_fewer_columns_than_asked_for_lower_the_rank():
    few = np.random.default_rng(0).normal(size=(3, 4, 6))
    (found,) = successive_fits(exactly(paths=few), 3, (2,), 10, 1e-6)
    assert found.rank <= 6


def test_a_rank_of_too_few_digits_is_told():
    scaled = PATHS * 0.1 ** np.arange(12)
    with pytest.raises(DigitsShort, match=r"rank 10 takes singular values below 1e-03 of the largest"):
        list(successive_fits(exactly(paths=scaled), len(PATHS), (3,), 10))


@pytest.mark.parametrize(
    ("shape", "delays", "rank", "pays"),
    [
        ((1000, 21, 784), range(1, 21), 100, True),
        ((1000, 21, 784), (10,), 100, False),
        ((1000, 21, 784), (5, 10), 400, False),
        ((1000, 21, 64), range(1, 21), 20, False),
        ((1000, 101, 20000), range(1, 100), 50, False),  # too large for the memory
    ],
)
def test_fits_are_found_together_where_that_pays(shape, delays, rank, pays):
    assert sharing_pays(shape, list(delays), rank) is pays
