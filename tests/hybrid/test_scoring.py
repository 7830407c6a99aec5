"""Measures of outputs against counting and sums by hand, for every task."""

import numpy as np
import pytest
import torch

from koopview.hybrid.scoring import Scored, Scoring, gain
from koopview.network.task import BINARY, CLASSES, RECONSTRUCTION, REGRESSION

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 50)
LOGITS = torch.tensor(RNG.normal(size=(50, 3)), dtype=torch.float32)
OTHER = torch.tensor(RNG.normal(size=(50, 3)), dtype=torch.float32)


def test_classes_are_counted():
    scored = Scoring(CLASSES, LABELS, OTHER).scored(LOGITS)
    right = [
        int(max(range(3), key=lambda c, row=row: row[c])) == label
        for row, label in zip(LOGITS.tolist(), LABELS, strict=True)
    ]
    assert scored.score == sum(right) / 50
    assert scored.each.tolist() == right
    assert scored.relative_error is None


def test_without_labels_the_score_is_the_agreement_with_the_original():
    scoring = Scoring(None, None, OTHER)
    same = sum(int(a.argmax() == b.argmax()) for a, b in zip(LOGITS, OTHER, strict=True)) / 50
    assert scoring.scored(LOGITS).score == scoring.agreement(LOGITS) == same


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_one_output_says_yes_above_the_threshold(threshold):
    outputs = torch.tensor([[-1.0], [0.0], [0.25], [0.5], [0.75], [2.0]])
    yes = [value > threshold for value in (-1.0, 0.0, 0.25, 0.5, 0.75, 2.0)]
    scoring = Scoring(BINARY, np.array([0, 1, 1, 0, 1, 0]), -outputs, threshold)
    assert scoring.predicted(outputs).tolist() == yes
    assert scoring.scored(outputs).score == np.mean(np.array(yes) == np.array([0, 1, 1, 0, 1, 0]))
    assert scoring.agreement(outputs) == np.mean(np.array(yes) == (-outputs[:, 0].numpy() > threshold))


def test_one_output_without_labels_has_no_sign_to_compare():
    scoring = Scoring(None, None, OTHER[:, :1])
    assert scoring.predicted(LOGITS[:, :1]) is None
    assert scoring.agreement(LOGITS[:, :1]) is None
    assert scoring.scored(LOGITS[:, :1]).score is None


@pytest.mark.parametrize("task", [REGRESSION, RECONSTRUCTION])
def test_real_targets_are_measured_by_r2_and_the_relative_error(task):
    targets = (7 + RNG.normal(size=(50, 3)) * [1, 10, 0.1]).astype(np.float32)
    outputs = torch.tensor(targets) + 0.5 * LOGITS
    found, wanted = outputs.numpy().astype(float), targets.astype(float)
    residual = total = size = 0.0
    for i in range(50):
        for j in range(3):
            residual += (found[i, j] - wanted[i, j]) ** 2
            total += (wanted[i, j] - sum(wanted[:, j]) / 50) ** 2
            size += wanted[i, j] ** 2
    scored = Scoring(task, targets, OTHER).scored(outputs)
    assert scored.score == pytest.approx(1 - residual / total, rel=1e-12)
    assert scored.relative_error == pytest.approx((residual / size) ** 0.5, rel=1e-12)
    assert Scoring(task, targets, OTHER).agreement(outputs) is None
    np.testing.assert_allclose(scored.each * total / 50, ((found - wanted) ** 2).sum(1), rtol=1e-12)


def test_the_targets_themselves_have_1_their_mean_0_and_targets_that_do_not_vary_none():
    targets = RNG.normal(size=(50, 2)).astype(np.float32)
    scoring = Scoring(REGRESSION, targets, OTHER[:, :2])
    assert scoring.scored(torch.tensor(targets)).score == 1
    mean = torch.tensor(targets.astype(float).mean(0)).expand(50, 2)
    assert scoring.scored(mean).score == pytest.approx(0, abs=1e-12)
    constant = Scoring(REGRESSION, np.full((50, 2), 0.1, np.float32), OTHER[:, :2]).scored(OTHER[:, :2])
    assert constant.score is None
    assert constant.relative_error == pytest.approx(float((OTHER[:, :2] - 0.1).norm()) / (0.1 * 10), rel=1e-6)
    assert gain(constant, constant) is None


def test_whole_numbers_are_targets_of_one_output_too():
    outputs = torch.tensor(LABELS[:, None] + 0.5)
    found = Scoring(REGRESSION, LABELS, OTHER).scored(outputs)
    assert found.score == pytest.approx(1 - 0.25 / LABELS.var(), rel=1e-12)


def test_the_gain_of_r2_is_the_difference_of_two_scores_and_its_error_that_of_paired_samples():
    targets = RNG.normal(size=(50, 3))
    scoring = Scoring(REGRESSION, targets, OTHER)
    one, other = scoring.scored(torch.tensor(targets) + 0.1 * LOGITS), scoring.scored(OTHER)
    value, error = gain(one, other)
    assert value == pytest.approx(one.score - other.score, rel=1e-12)
    assert error == pytest.approx(np.std(other.each - one.each, ddof=1) / 50**0.5, rel=1e-12)


def test_the_gain_of_accuracies_is_that_of_mcnemar():
    one, other = np.array([True] * 30 + [False] * 20), np.array([True] * 25 + [False] * 15 + [True] * 10)
    value, error = gain(Scored(0.6, None, None, 0.1, one), Scored(0.7, None, None, 0.1, other))
    gained, lost = 5, 10
    assert value == pytest.approx((gained - lost) / 50)
    assert error == pytest.approx((((gained + lost + 1) - (gained - lost) ** 2 / 52) / 52**2) ** 0.5, rel=1e-12)
