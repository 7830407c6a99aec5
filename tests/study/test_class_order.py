"""Labels in another order than the outputs are doubted, a network at chance is not."""

import numpy as np
import pytest
import torch

from koopview.hybrid.scoring import Scoring
from koopview.network.task import CLASSES, REGRESSION
from koopview.study.class_order import doubt_of_class_order

DRAW = np.random.default_rng(0)
LABELS = DRAW.integers(0, 4, 400)


def scoring(answers, labels=LABELS, task=CLASSES):
    outputs = torch.nn.functional.one_hot(torch.from_numpy(answers), 4).double()
    return Scoring(task, labels, outputs, 0.0)


def test_the_order_that_is_right_is_named():
    """Output 0 was trained as class 2, output 1 as class 0, output 2 as class 3, output 3 as class 1."""
    trained = np.array([2, 0, 3, 1])
    answers = np.argsort(trained)[LABELS]
    answers[:40] = DRAW.integers(0, 4, 40)
    told = doubt_of_class_order("net", ("a", "b", "c", "d"), scoring(answers))
    right = (answers == LABELS).mean()
    best = (trained[answers] == LABELS).mean()
    assert f"right on {100 * right:.1f} %" in told
    assert f"would be on {100 * best:.1f} % if its outputs stood for c, a, d, b" in told


@pytest.mark.parametrize("seed", range(20))
def test_a_network_at_chance_is_not_turned(seed):
    answers = np.random.default_rng(seed).integers(0, 4, 400)
    assert doubt_of_class_order("net", (), scoring(answers)) == ""


def test_a_network_that_does_well_is_not_doubted():
    assert doubt_of_class_order("net", (), scoring(LABELS)) == ""
    assert doubt_of_class_order("net", (), scoring(LABELS, task=REGRESSION)) == ""
    assert doubt_of_class_order("net", (), scoring(LABELS, labels=None)) == ""
