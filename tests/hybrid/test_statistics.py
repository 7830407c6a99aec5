"""Intervals and errors against closed forms, textbook values and the bootstrap."""

import subprocess
import sys

import numpy as np
import pytest

from koopview.hybrid.statistics import paired_difference, paired_r2_difference, spread, wilson_interval

DRAWS = 4000


def bootstrap(*columns, statistic):
    """Return the standard deviation of a statistic over samples drawn anew with replacement."""
    rng, count = np.random.default_rng(0), len(columns[0])
    drawn = (rng.integers(count, size=count) for _ in range(DRAWS))
    return np.std([statistic(*(column[rows] for column in columns)) for rows in drawn])


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_of_newcombe_1998(right, count, low, high):
    assert wilson_interval(right, count) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("level", [0.68, 0.9, 0.99])
def test_wilson_interval_solves_its_equation(level):
    from scipy.stats import norm

    z, share, count = norm.ppf((1 + level) / 2), 0.9, 250
    for end in wilson_interval(225, count, level):
        assert abs(share - end) == pytest.approx(z * np.sqrt(end * (1 - end) / count))


def test_a_share_of_nothing_has_no_interval():
    assert wilson_interval(0, 0) is None


def outcomes(count=600):
    """Return which samples two classifiers are right on that mostly agree."""
    rng = np.random.default_rng(1)
    one = rng.random(count) < 0.9
    return one, np.where(rng.random(count) < 0.1, rng.random(count) < 0.7, one)


def test_a_paired_difference_has_mcnemars_variance_with_half_a_sample_more_in_each_cell():
    one, other = outcomes(6000)
    only_one, only_other, count = np.sum(one & ~other), np.sum(other & ~one), len(one)
    difference, error = paired_difference(one, other)
    assert difference == pytest.approx(one.mean() - other.mean())
    counts, total = (only_one + 0.5, only_other + 0.5), count + 2  # Agresti and Min 2005
    variance = (sum(counts) - (counts[0] - counts[1]) ** 2 / total) / total**2
    assert error == pytest.approx(np.sqrt(variance))
    assert error == pytest.approx(bootstrap(one, other, statistic=lambda a, b: a.mean() - b.mean()), rel=0.05)
    apart = np.sqrt((one.var() + other.var()) / count)
    assert error < 0.6 * apart


def test_two_that_are_right_on_the_same_samples_do_not_differ():
    one, _ = outcomes()
    difference, error = paired_difference(one, one)
    assert difference == 0
    assert error == pytest.approx(1 / 602)


def test_a_few_samples_without_a_difference_prove_nothing():
    """Of 12 samples on which two agree, the rule of three leaves 25 points; the error says so."""
    difference, error = paired_difference(np.ones(12, bool), np.ones(12, bool))
    assert difference == 0
    assert 0.05 < error < 0.15


def test_the_difference_of_two_r2():
    rng = np.random.default_rng(2)
    targets = rng.normal(size=(500, 3))
    shared = 0.3 * rng.normal(size=(500, 3))
    errors = [np.sum((shared + size * rng.normal(size=(500, 3))) ** 2, axis=1) for size in (0.1, 0.2)]
    squares = np.sum((targets - targets.mean(axis=0)) ** 2, axis=1)
    difference, error = paired_r2_difference(*errors, squares.mean())
    r2 = [1 - one.sum() / squares.sum() for one in errors]
    assert difference == pytest.approx(r2[0] - r2[1])
    assert difference > 0
    expected = bootstrap(*errors, statistic=lambda a, b: (b.mean() - a.mean()) / squares.mean())
    assert error == pytest.approx(expected, rel=0.05)


def test_spread_over_repeats():
    assert spread(iter([0.5, 0.7, 0.9])) == pytest.approx((0.7, 0.2))


@pytest.mark.parametrize(
    "nothing",
    [
        paired_difference(np.ones(1, dtype=bool), np.zeros(1, dtype=bool)),
        paired_difference(np.ones(0, dtype=bool), np.zeros(0, dtype=bool)),
        paired_r2_difference(np.ones(1), np.zeros(1), 1.0),
        paired_r2_difference(np.ones(5), np.zeros(5), 0.0),
        spread([0.5]),
        spread([]),
    ],
)
def test_nothing_to_estimate(nothing):
    assert nothing is None


def test_scipy_waits_until_a_number_is_asked_for():
    told = "import sys, koopview.hybrid.statistics; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], timeout=100).returncode == 0
