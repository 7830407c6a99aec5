"""Data sets: what fits is kept exactly, what does not is told with the array's name and where it is wrong."""

import numpy as np
import pytest
import torch

from koopview.errors import InputError
from koopview.network.data import Dataset

X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
Y = np.arange(50) % 3


def rows(array):
    """The rows of an array as a sorted list, so that two orders compare equal."""
    return sorted(map(tuple, array.tolist()))


@pytest.mark.parametrize(
    "inputs",
    [
        X.tolist(),
        X.astype(">f4"),
        np.asfortranarray(X),
        X.astype(np.longdouble),
        X[:, ::-1][:, ::-1],
        torch.tensor(X, requires_grad=True),
    ],
    ids=["list", "big-endian", "Fortran", "longdouble", "strided", "tensor"],
)
def test_equal_numbers_are_equal_data(inputs):
    data = Dataset(X, Y, inputs, Y)
    assert data.x_test.dtype == np.dtype("=f4")
    assert data.x_test.flags.c_contiguous
    np.testing.assert_array_equal(data.x_test, X)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (X > 0, (X > 0).astype("f4")),
        ((abs(X) * 9).astype("u1"), (abs(X) * 9).astype("u1").astype("f4")),
        (X.astype("f2"), X.astype("f2").astype("f4")),
        (torch.tensor(X).bfloat16(), torch.tensor(X).bfloat16().float().numpy()),
        (torch.tensor([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]], "f4")),
    ],
    ids=["bool", "uint8", "float16", "bfloat16", "int64"],
)
def test_every_kind_of_real_number_becomes_float32(inputs, expected):
    np.testing.assert_array_equal(Dataset(expected, None, inputs).x_test, expected)


def test_pictures_keep_their_shape():
    data = Dataset(np.zeros((10, 28, 28), "u1"))
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == (28, 28)


@pytest.mark.parametrize(
    "labels", [Y.tolist(), Y[:, None], Y.astype("u1"), Y.astype(">i8"), Y.astype(float), torch.tensor(Y)]
)
def test_equal_labels_are_equal_data(labels):
    data = Dataset(X, Y, X, labels)
    assert data.y_test.dtype == np.int64
    np.testing.assert_array_equal(data.y_test, Y)


def test_a_fifth_is_kept_for_testing_with_its_labels_and_nothing_is_lost():
    x = np.arange(50, dtype="f4").repeat(2).reshape(50, 2)
    data = Dataset(x, np.arange(50), seed=3)
    assert len(data.x_test) == 10
    assert rows(np.concatenate([data.x_train, data.x_test])) == rows(x)
    np.testing.assert_array_equal(data.x_train[:, 0], data.y_train)
    np.testing.assert_array_equal(data.x_test[:, 0], data.y_test)
    again, other = Dataset(x, seed=3), Dataset(x, seed=4)
    np.testing.assert_array_equal(again.x_test, data.x_test)
    assert rows(other.x_test) != rows(data.x_test)


def test_two_samples_are_one_of_each():
    data = Dataset(X[:2], Y[:2])
    assert len(data.x_train) == len(data.x_test) == 1


def test_labels_may_be_missing_on_either_side():
    assert Dataset(X).y_test is None
    assert Dataset(X, Y, X).y_test is None
    assert Dataset(X, None, X, Y).y_train is None


def with_value(value):
    x = X.astype(np.float64)
    x[7, 2] = value
    return x


def with_label(value):
    y = Y.astype(float)
    y[9] = value
    return y


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (np.ma.array(X, mask=X[7, 2] == X), "have 1 masked entries, the first in sample 7, expected arrays"),
        (with_value(np.nan), "hold nan in sample 7, expected numbers that float32 can hold"),
        (with_value(-np.inf), "hold -inf in sample 7"),
        (with_value(1e300), r"hold 1e\+300 in sample 7"),
        (X + 1j, "hold complex64, expected numbers"),
        (X.astype("U"), "hold text, expected numbers"),
        (X.astype("S"), "hold text, expected numbers"),
        (X.astype(object), "hold Python objects, expected numbers"),
        (None, "hold Python objects, expected numbers"),
        (np.zeros((5, 2), "M8[s]"), r"hold datetime64\[s\], expected numbers"),
        (np.zeros(5, [("a", "f4")]), "hold records of a, expected numbers"),
        (3.0, r"have shape \(\), expected \(samples, features\) with at least one of each"),
        (X[:, 0], r"have shape \(50,\), expected \(samples, features\)"),
        (X[:0], r"have shape \(0, 4\), expected"),
        (X[:, :0], r"have shape \(50, 0\), expected"),
        ([[1.0, 2.0], [3.0]], "are no array of numbers: .*inhomogeneous"),
        (torch.zeros(3, 4).to_sparse(), "are no array of numbers: "),
    ],
)
def test_inputs_that_do_not_fit_are_named(inputs, sentence):
    with pytest.raises(InputError, match=rf"^mine: inputs {sentence}"):
        Dataset(inputs, name="mine")
    with pytest.raises(InputError, match=rf"^mine: test inputs {sentence}"):
        Dataset(X, None, inputs if inputs is not None else np.array(None), name="mine")


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (with_label(np.nan), "hold nan at sample 9"),
        (with_label(np.inf), "hold inf at sample 9"),
        (with_label(1e300), "hold inf at sample 9, expected numbers that float32 can hold"),
        (np.array([["a", "b"]] * 50), "hold text, expected whole numbers from 0, or one name a sample"),
        (np.array(["a", ""] * 25), "hold nothing at sample 1, expected the name of a class"),
        (np.array(["a" * 300] * 50), "hold a text of 300 characters at sample 0"),
        (np.ma.array(Y, mask=Y > 1), "have 16 masked entries, the first in sample 2, expected arrays without a mask"),
        (Y + 0j, "hold complex128, expected whole numbers from 0"),
        (Y.astype(object), "hold Python objects, expected whole numbers from 0"),
        (Y[:-1], r"have shape \(49,\), expected \(50,\): one whole number a sample$"),
        (1, r"have shape \(\), expected \(50,\)"),
        (Y[:0], r"have shape \(0,\), expected \(50,\)"),
    ],
)
def test_labels_that_do_not_fit_are_named(labels, sentence):
    with pytest.raises(InputError, match=rf"^mine: labels {sentence}"):
        Dataset(X, labels, name="mine")
    with pytest.raises(InputError, match=rf"^mine: test labels {sentence}"):
        Dataset(X, Y, X, labels, name="mine")


@pytest.mark.parametrize("labels", [with_label(1.5), with_label(-1), with_label(1e30), Y.astype("u8") + 2**63])
def test_numbers_that_are_no_classes_are_real_targets(labels):
    data = Dataset(X, labels, X, Y)
    assert data.y_train.dtype == data.y_test.dtype == np.float32
    np.testing.assert_array_equal(data.y_train, np.float32(labels)[:, None])
    np.testing.assert_array_equal(data.y_test, np.float32(Y)[:, None])  # as the training samples' are


def test_rows_of_targets_and_pictures_of_them_are_rows_of_numbers():
    targets = np.random.default_rng(0).normal(size=(50, 2, 3))
    assert Dataset(X, targets, X, targets).y_train.shape == (50, 6)
    with pytest.raises(InputError, match="mine has 6 target numbers for training and 2 for testing"):
        Dataset(X, targets, X, targets[:, :, 0], name="mine")


def test_training_and_test_samples_fit_each_other():
    with pytest.raises(InputError, match=r"test inputs have shape \(3,\) a sample, training inputs have \(4,\)"):
        Dataset(X, Y, X[:, :3], Y)
    with pytest.raises(InputError, match="holds test labels without test inputs, expected both or none"):
        Dataset(X, Y, None, Y)


def test_one_sample_cannot_be_split():
    with pytest.raises(InputError, match="one sample cannot be split into training and test, expected at least 2"):
        Dataset(X[:1], Y[:1])
    assert len(Dataset(X[:1], Y[:1], X[:1]).x_train) == 1


def test_few_training_samples_keep_their_labels_for_a_network_of_any_outputs():
    inputs, labels = np.arange(24.0).reshape(12, 2), np.arange(12) % 3 + 1
    few = Dataset(inputs, labels, inputs[:2], labels[:2]).with_training(np.array([1, 5, 6]))
    for one in (few, few.for_outputs(3)):
        np.testing.assert_array_equal(one.x_train, inputs[[1, 5, 6]])
        np.testing.assert_array_equal(one.y_train, [1, 2, 0])
    assert few.as_read("y_train").tolist() == [2, 3, 1]
