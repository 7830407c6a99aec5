"""Unlearning: what it assumes of modes and roots against edited modules, and what it does to a small network."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.examples import labelled_inputs, plain_layers, random_network

import koopview
from koopview.errors import Cancelled
from koopview.hybrid.promise import LOSES, SPARES, cost, keeps_promise
from koopview.hybrid.unlearning import loss, mode_gains, new_eigenvalues, pruning_rounds
from koopview.koopman.edits import composed_edits, edited_eigenvalues

WIDTHS = (6, 9, 8, 4)


@pytest.fixture(scope="module")
def study():
    module = random_network(WIDTHS, "tanh", seed=3)
    x, y = labelled_inputs(plain_layers(module, "tanh"), 900)
    return koopview.Study(module, koopview.Dataset(x[:600], y[:600], x[600:], y[600:]))


@pytest.mark.parametrize("delays", [2, 3])
@pytest.mark.parametrize("layer", ["0", "2", "4"])
def test_changed_gains_are_what_the_module_with_those_eigenvalues_gives(study, layer, delays):
    fit = study.fit(layer, delays=delays, steps=10, schedule="uniform", rank=7, samples=200).layer_fits[layer]
    gains = mode_gains(fit)
    torch.manual_seed(delays)
    change = gains.allowed(torch.randn(len(gains.groups), 2))
    wanted = new_eigenvalues(fit, gains, change)
    labels = fit.dmd.pairs.blocks.labels
    edited = fit.edited(composed_edits(fit.dmd.eigenvalues, (), wanted, labels))
    expected = edited.test_outputs()
    torch.testing.assert_close(gains.outputs(fit.coordinates[:, :7], change), expected, rtol=1e-3, atol=1e-4)
    assert np.iscomplex(fit.dmd.eigenvalues).any() or delays == 2
    real = fit.dmd.eigenvalues.imag == 0
    assert not edited_eigenvalues(fit.dmd.eigenvalues, edited.dmd.edits, labels)[real].imag.any()


def test_gains_start_from_the_edits_that_there_are(study):
    fit = study.fit("2", delays=3, steps=10, schedule="uniform", rank=7, samples=200).layer_fits["2"]
    edited = fit.edited(((0, 0.5 * fit.dmd.eigenvalues[0]), (3, 0)))
    gains = mode_gains(edited)
    assert 3 not in gains.groups
    none = torch.zeros(len(gains.groups), 2)
    torch.testing.assert_close(gains.outputs(fit.coordinates[:, :7], none), edited.test_outputs(), rtol=1e-4, atol=1e-5)


def test_a_new_eigenvalue_is_the_nearest_root(study):
    fit = study.fit("2", delays=3, steps=10, schedule="uniform", rank=7, samples=200).layer_fits["2"]
    gains = mode_gains(fit)
    change = torch.full((len(gains.groups), 2), 0.1) * torch.stack([torch.ones(len(gains.groups)), gains.paired], 1)
    for place, value in new_eigenvalues(fit, gains, change).items():
        before = fit.dmd.eigenvalues[place]
        gain = 1.1 + (0.1j if before.imag else 0)
        assert (value / before) ** 8 == pytest.approx(gain, rel=1e-6)
        assert abs(value - before) < 0.03 * abs(before)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 2000), st.integers(1, 40))
def test_rounds_of_pruning_fall_to_the_most_that_may_stay(eigenvalues, most):
    rounds = pruning_rounds(eigenvalues, most)
    assert rounds[-1] == most
    assert all(later < now for now, later in pairwise(rounds))
    assert rounds[0] >= min(most, 0.59 * eigenvalues - 1)


def test_the_loss_is_what_others_lose_and_how_far_the_class_is_from_being_unlearned():
    logits = torch.tensor([[2.0, 0.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 1.5]])
    others = -np.log([np.exp(2) / (np.exp(2) + 2), np.exp(1.5) / (np.exp(1.5) + np.e + 1)])
    found = float(loss(logits, torch.tensor([0, 1, 2]), 1, 0.5))
    assert found == pytest.approx(others.mean() + 0.5 * (3 - 1 + 1), rel=1e-5)
    gone = torch.tensor([[0.0, -5.0, 1.0]])
    assert float(loss(torch.cat([logits[:1], gone]), torch.tensor([0, 1]), 1, 0.5)) == pytest.approx(
        others[0], rel=1e-5
    )


def test_an_edit_keeps_its_promise_or_nothing_is_edited():
    study = koopview.open_study(koopview.Source(model="demo:yinyang"))
    fit = study.fit("2", delays=8, rank=30)
    outcomes = {target: fit.unlearn(target, most=12) for target in (1, 2)}
    for target, unlearned in outcomes.items():
        lost = np.subtract(fit.result.per_class["hybrid"], unlearned.result.per_class["hybrid"])
        if unlearned.note:
            assert "no edit of at most 12 eigenvalues was found" in unlearned.note
            assert unlearned.result.edited == ()
        else:
            assert lost[target] >= LOSES
            assert np.delete(lost, target).max() <= SPARES
            assert len(unlearned.result.edited) <= 12
    assert any(not unlearned.note for unlearned in outcomes.values())


def answers(own, other, count=200):
    """Return labels of two classes, and which samples are right where shares of each are."""
    labels = torch.tensor([0] * count + [1] * count)
    return labels, torch.cat([torch.arange(count) < own * count, torch.arange(count) < other * count])


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [(0.4, 0.97, True), (0.72, 1.0, False), (0.62, 1.0, False), (0.1, 0.85, False), (0.1, 0.93, False)],
)
def test_a_promise_counts_what_few_samples_leave_open(own, other, kept):
    """The class must lose 30 points and the other no more than 10, each by three standard errors."""
    labels, after = answers(own, other)
    assert keeps_promise(torch.ones(400, dtype=torch.bool), after, labels, 0) is kept


def test_of_two_edits_that_keep_it_the_one_that_spares_the_others_is_taken():
    """Three points of the others weigh as much as one of the class: at a price of 0 the other would be taken."""
    labels, sparing = answers(0.3, 1.0)
    thorough = answers(0.2, 0.95)[1]
    assert cost(sparing, labels, 0) < cost(thorough, labels, 0)


def test_unlearning_can_be_stopped(study):
    def stop(share, text):
        if share > 0.4:
            raise Cancelled

    fit = study.fit("2", delays=2, steps=10, schedule="uniform", rank=9, samples=400)
    with pytest.raises(Cancelled):
        fit.unlearn(0, progress=stop)
