"""Tasks: what a network is asked to do, by its outputs and the labels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.data import Dataset
from koopview.network.datafiles.load import load_dataset
from koopview.network.modules import network_from_module
from koopview.network.task import BINARY, CLASSES, RECONSTRUCTION, REGRESSION, checked_task, decision_threshold

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype(np.float32)
Y = np.arange(40) % 3
TWO = np.arange(40) % 2


def task(outputs, labels, test_labels=None, inputs=X):
    data = Dataset(inputs, labels, inputs, labels if test_labels is None else test_labels, name="mine")
    return checked_task(outputs, data.for_outputs(outputs), "net")


@pytest.mark.parametrize(
    ("outputs", "labels", "expected"),
    [
        (3, Y, CLASSES),
        (3, Y.astype(float), CLASSES),
        (10, Y, CLASSES),
        (2, TWO, CLASSES),
        (3, Y[:, None], CLASSES),
        (1, TWO, BINARY),
        (1, TWO.astype("f4")[:, None], BINARY),
        (1, TWO > 0, BINARY),
        (1, Y * 0, BINARY),
        (1, Y, REGRESSION),
        (1, TWO - 0.5, REGRESSION),
        (1, 2 * TWO - 1, BINARY),
        (1, TWO + 1, REGRESSION),
        (3, Y + 1, CLASSES),
        (3, np.eye(3)[Y], CLASSES),
        (2, 2 * TWO - 1, CLASSES),
        (1, X[:, 0], REGRESSION),
        (1, X[:, :1], REGRESSION),
        (2, X[:, :2], REGRESSION),
        (2, np.stack([Y, TWO], 1), REGRESSION),
        (4, X, RECONSTRUCTION),
        (4, X[::-1], RECONSTRUCTION),
        (4, torch.tensor(X), RECONSTRUCTION),
        (5, None, None),
    ],
)
def test_the_task_follows_from_outputs_and_labels(outputs, labels, expected):
    assert task(outputs, labels) == expected


def test_the_task_is_the_same_for_training_and_test_samples():
    data = Dataset(X, TWO, X, Y)
    assert checked_task(1, data, "net") == REGRESSION
    data = Dataset(X, X[:, 0], X, TWO)
    assert checked_task(1, data, "net") == REGRESSION
    assert data.y_test.dtype == np.float32
    assert checked_task(1, Dataset(X, None, X, TWO), "net") == BINARY
    assert checked_task(1, Dataset(X, X[:, 0], X), "net") == REGRESSION


def test_a_picture_given_back_is_a_reconstruction():
    pictures = RNG.random((20, 3, 4))
    assert task(12, pictures, inputs=pictures) == RECONSTRUCTION
    assert task(12, pictures.reshape(20, 12), inputs=pictures) == RECONSTRUCTION


def test_one_hot_rows_are_targets_only_where_they_are_the_inputs():
    rows = np.eye(4)[np.arange(40) % 4]
    assert task(4, rows) == CLASSES
    assert task(4, rows, inputs=rows) == RECONSTRUCTION


@pytest.mark.parametrize(
    ("outputs", "labels", "sentence"),
    [
        (4, 2 * Y, "mine has label 4, expected 0 to 3 as net has 4 outputs"),
        (3, Y - 0.5, "mine: labels hold -0.5 at sample 0, expected whole numbers from 0 to 2 as net has 3 outputs"),
        (3, X[:, :2], "mine has targets of 2 numbers a sample, expected 3 as net gives"),
        (1, X, "mine has targets of 4 numbers a sample, expected 1 as net gives"),
    ],
)
def test_labels_that_do_not_fit_the_outputs_are_told(outputs, labels, sentence):
    with pytest.raises(InputError) as caught:
        task(outputs, labels)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("end", "threshold"),
    [
        ([nn.Sigmoid()], 0.5),
        ([nn.Hardsigmoid()], 0.5),
        ([nn.Tanh(), nn.Sigmoid()], 0.5),
        ([nn.LayerNorm(1), nn.Sigmoid()], 0.5),
        ([nn.Flatten(0), nn.Sigmoid()], 0.5),
        ([], 0.0),
        ([nn.Tanh()], 0.0),
        ([nn.Sigmoid(), nn.Tanh()], 0.0),
    ],
)
def test_one_output_says_yes_above_one_half_behind_a_sigmoid_and_above_zero_elsewhere(end, threshold):
    network = network_from_module(nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 1), *end))
    assert decision_threshold(network) == threshold


def test_targets_that_are_the_inputs_are_scaled_as_the_inputs_are(tmp_path):
    x = (9 * X + 5).astype(np.float32)
    for how in ("standard", "unit"):
        np.savez(tmp_path / "own.npz", x_train=x[:30], y_train=x[:30], x_test=x[30:], y_test=x[30:])
        data = load_dataset(tmp_path / "own.npz", normalize=how)
        np.testing.assert_array_equal(data.y_train, data.x_train)
        np.testing.assert_array_equal(data.y_test, data.x_test)
        np.savez(tmp_path / "other.npz", x_train=x[:30], y_train=-x[:30], x_test=x[30:], y_test=-x[30:])
        np.testing.assert_array_equal(load_dataset(tmp_path / "other.npz", normalize=how).y_test, -x[30:])


def written(folder, kind, labels):
    """A data file of the given kind."""
    if kind == "npz":
        np.savez(folder / "data.npz", x=X, y=labels)
        return folder / "data.npz"
    lines = [",".join(map(repr, [*map(float, row), label])) for row, label in zip(X, labels.tolist(), strict=True)]
    Path(folder / "data.csv").write_text("\n".join(["a,b,c,d,target", *lines]))
    return folder / "data.csv"


@pytest.mark.parametrize("kind", ["npz", "csv"])
@pytest.mark.parametrize(("labels", "expected"), [(X[:, 0].astype(float), REGRESSION), (TWO, BINARY), (Y, REGRESSION)])
def test_files_let_targets_through(tmp_path, kind, labels, expected):
    data = load_dataset(written(tmp_path, kind, labels))
    assert checked_task(1, data, "net") == expected
    found = np.concatenate([data.y_train, data.y_test]).ravel()
    np.testing.assert_allclose(np.sort(found), np.sort(labels), rtol=1e-6)


@pytest.mark.parametrize("kind", ["npz", "csv"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_targets_that_are_no_numbers_are_one_sentence(tmp_path, kind, value):
    labels = X[:, 0].astype(float)
    labels[7] = value
    missing = r'sample 7 has no value \("nan"\) in column target, expected a number'
    wrong = rf"labels hold {value} at sample 7, expected numbers that float32 can hold"
    with pytest.raises(InputError, match=missing if kind == "csv" and np.isnan(value) else wrong):
        load_dataset(written(tmp_path, kind, labels))
