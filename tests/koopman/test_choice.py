"""The rank chosen on samples apart, held against operators that are fitted anew without them."""

import numpy as np
import pytest
from reference.examples import in_random_basis, linear_system_paths, rotation

from koopview.koopman import fit_dmd
from koopview.koopman.choice import outputs_apart
from koopview.koopman.delays import delay_embed

RANKS = (1, 2, 3, 4, 6, 8)


def paths(samples=60, steps=9, seed=2, noise=0.05):
    """Return paths of a linear system of four states in six, with noise that no operator explains."""
    system = in_random_basis([rotation(0.95, 0.4), np.diag([0.8, 0.5])], seed)
    clean = linear_system_paths(system, samples, steps, seed)
    mixing = np.random.default_rng(seed).normal(size=(6, len(system)))
    return clean @ mixing.T + noise * np.random.default_rng(seed + 1).normal(size=(samples, steps + 1, 6))


def brute_force(whole, rest, judging, outputs, delays, rank, exact):
    """Return the output error of the operator of the `rest`, least squares in the leading basis of the whole."""
    lifted = delay_embed(rest, delays)
    before = lifted[:, :-1].reshape(-1, lifted.shape[2])
    after = lifted[:, 1:].reshape(-1, lifted.shape[2])
    basis = whole.basis[:, :rank]
    start = (delays - 1) * rest.shape[2]
    moves = np.linalg.lstsq(before @ basis, np.hstack([after @ basis, after[:, start : start + outputs]]), rcond=None)[
        0
    ]
    matrix, last = moves[:, :rank].T, moves[:, rank:].T
    z = delay_embed(judging, delays)
    power = np.linalg.matrix_power(matrix, z.shape[1] - 1 - exact)
    readout = (last if exact else basis[start : start + outputs]) @ power
    wanted = z[:, -1, start : start + outputs]
    return np.linalg.norm(z[:, 0] @ basis @ readout.T - wanted) / np.linalg.norm(wanted)


@pytest.mark.parametrize("delays", [1, 2])
@pytest.mark.parametrize("exact", [False, True])
def test_errors_are_those_of_operators_fitted_without_the_samples(delays, exact):
    x = paths()
    judging, rest = x[::5], np.delete(x, np.arange(0, len(x), 5), axis=0)
    whole = fit_dmd(x, delays, 6 * delays)
    found = output_errors(whole, judging, 3, exact)
    for rank, error in found.items():
        assert error == pytest.approx(brute_force(whole, rest, judging, 3, delays, rank, exact), rel=1e-6)


def output_errors(whole, judging, outputs, exact=False, ranks=RANKS):
    """Return the relative error of what operators of several ranks predict."""
    wanted = judging[:, -1, :outputs]
    predicted = outputs_apart(whole, judging, outputs, ranks, exact)
    return {rank: np.linalg.norm(found - wanted) / np.linalg.norm(wanted) for rank, found in predicted.items()}


def test_a_rank_that_follows_the_samples_does_worse_than_a_small_one():
    x = np.random.default_rng(0).normal(size=(40, 2, 30))  # one step of noise: 30 directions from 40 samples
    errors = output_errors(fit_dmd(x, 1, 30), x[::5], 30, ranks=(1, 30))
    assert errors[1] < errors[30]


def test_the_rank_of_a_noise_free_system_predicts_it():
    x = paths(noise=0.0)
    errors = output_errors(fit_dmd(x, 2, 12), x[::5], 6, ranks=(2, 4))
    assert errors[4] < 1e-6 < errors[2]
