"""What speaks against a model is one line each on stderr; results and exit status stay as they are."""

import json

import numpy as np
import pytest
import torch
from torch import nn


@pytest.fixture
def doubtful(folder):
    """A network whose labels are none of its own, and names that speak of branches."""
    torch.manual_seed(0)
    weights = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).state_dict()
    torch.save(
        {key.replace("0.", "skip.").replace("2.", "out."): value for key, value in weights.items()}, "doubtful.pt"
    )
    rng = np.random.default_rng(0)
    y = np.repeat([0, 0, 1, 2], 100)
    np.savez("labels.npz", x_train=rng.normal(size=(400, 4)), y_train=y, x_test=rng.normal(size=(400, 4)), y_test=y)
    return ("--model", "doubtful.pt", "--activation", "relu", "--data", "labels.npz")


@pytest.mark.parametrize(
    "words",
    [
        ("fit", "--layer", "skip", "--rank", "5"),
        ("sweep", "--layers", "skip", "--delays", "2", "--ranks", "4"),
        ("edit", "--layer", "skip", "--rank", "5", "--scale", "0=1"),
    ],
    ids=lambda words: words[0],
)
def test_doubts_are_lines_on_stderr_and_results_stay(koopview, doubtful, words):
    done = koopview(words[0], *doubtful, *words[1:], "--json", "-")
    assert done.status in (0, None)
    json.loads(done.out)
    lines = done.err.splitlines()
    assert [line.startswith("koopview: note: doubtful.pt ") for line in lines] == [True, True]
    assert "no better than always answering class 0 (50.0 %)" in lines[0]
    assert "the name skip speaks of a branch" in lines[1]


def test_where_something_fails_its_sentence_stands_alone(refused, doubtful):
    assert "layer 'nothing' is not in doubtful.pt" in refused("fit", *doubtful, "--layer", "nothing")
