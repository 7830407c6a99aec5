"""Distances of spectra, held against closed forms, brute force over permutations, and an assignment of copies."""

from itertools import permutations
from math import lcm

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import wasserstein_distance

from koopview.errors import InputError
from koopview.koopman.spectra import distance_from_one, spectral_transport


def spectrum(count, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=count) + 1j * rng.normal(size=count)


@pytest.mark.parametrize("order", [1.0, 2.0, 3.5])
def test_equal_spectra_in_any_order_are_no_distance_apart_and_a_shift_is_its_length(order):
    values = spectrum(12, 0)
    mixed = np.random.default_rng(1).permutation(values)

    assert spectral_transport(values, mixed, order).distance == 0
    assert spectral_transport(values, mixed + (0.03 - 0.04j), order).distance == pytest.approx(0.05, rel=1e-12)


@pytest.mark.parametrize("order", [1.0, 2.0])
def test_equal_ranks_give_the_best_of_all_permutations(order):
    one, other = spectrum(6, 2), spectrum(6, 3)
    costs = [np.mean(np.abs(one - other[list(order_)]) ** order) for order_ in permutations(range(6))]

    assert spectral_transport(one, other, order).distance == pytest.approx(min(costs) ** (1 / order), rel=1e-12)


@pytest.mark.parametrize(("ranks", "order"), [((6, 4), 1.0), ((5, 7), 2.0), ((1, 9), 1.0), ((30, 36), 1.0)])
def test_unequal_ranks_give_the_best_matching_of_as_many_copies(ranks, order):
    one, other = (spectrum(rank, rank) for rank in ranks)
    both = lcm(*ranks)
    costs = np.abs(np.repeat(one, both // ranks[0])[:, None] - np.repeat(other, both // ranks[1])[None]) ** order
    expected = costs[linear_sum_assignment(costs)].mean() ** (1 / order)

    found = spectral_transport(one, other, order)

    assert found.distance == pytest.approx(expected, rel=1e-7)
    assert np.bincount(found.pairs[:, 0], found.shares) == pytest.approx(np.full(ranks[0], 1 / ranks[0]), abs=1e-9)
    assert np.bincount(found.pairs[:, 1], found.shares) == pytest.approx(np.full(ranks[1], 1 / ranks[1]), abs=1e-9)


def test_real_spectra_are_as_far_apart_as_scipy_says():
    rng = np.random.default_rng(4)
    one, other = rng.normal(size=11), rng.normal(size=8)

    assert spectral_transport(one, other).distance == pytest.approx(wasserstein_distance(one, other), rel=1e-7)


def test_the_distance_is_the_same_both_ways_and_no_detour_is_shorter():
    a, b, c = spectrum(9, 5), spectrum(7, 6), spectrum(9, 7)
    forth, back, rest, detour = (spectral_transport(*pair).distance for pair in ((a, b), (b, a), (b, c), (a, c)))

    assert forth == pytest.approx(back, rel=1e-7)
    assert detour <= forth + rest + 1e-9


def test_an_operator_that_does_nothing_is_the_scale():
    values = spectrum(8, 8)

    assert distance_from_one(values, 2.0) == pytest.approx(spectral_transport(values, np.ones(8), 2.0).distance)
    assert distance_from_one(np.ones(3)) == 0


@pytest.mark.parametrize(
    ("values", "order", "said"),
    [
        (np.zeros(0), 1.0, "a spectrum has 0 eigenvalues"),
        (np.array([1.0, np.nan]), 1.0, "infinite"),
        (np.ones(2), 0.5, "order is 0.5, expected a number of 1 or more"),
        (np.ones(2), np.nan, "order is nan"),
    ],
)
def test_what_has_no_distance_is_refused_in_a_sentence(values, order, said):
    with pytest.raises(InputError, match=said):
        spectral_transport(values, np.ones(2), order)
