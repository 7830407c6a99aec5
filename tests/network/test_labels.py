"""Labels as people keep them: the classes that were meant, the same in both parts, and a sentence that says so."""

import numpy as np
import pytest
import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.data import Dataset
from koopview.network.datafiles.load import load_dataset
from koopview.network.fingerprint import data_fingerprint
from koopview.network.task import BINARY, REGRESSION, checked_task
from koopview.study.setup import set_up

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
Y = np.arange(60) % 3
NAMES = np.array(["setosa", "versicolor", "virginica"])


def made(labels, test_labels=None, **options):
    return Dataset(X, labels, X, labels if test_labels is None else test_labels, name="mine", **options)


@pytest.mark.parametrize(
    ("labels", "names", "remark"),
    [
        (NAMES[Y], tuple(NAMES), "labels setosa, versicolor, virginica are read as classes 0 to 2, in the order of"),
        (NAMES[Y].astype("S"), tuple(NAMES), "labels setosa, versicolor, virginica are read as classes 0 to 2"),
        (NAMES[Y].astype(object)[:, None], tuple(NAMES), "labels setosa, versicolor, virginica are read as classes"),
        (np.eye(3)[Y], (), "one-hot rows of 3 numbers are read as classes 0 to 2"),
        (2 * np.eye(3)[Y] - 1, (), "one-hot rows of 3 numbers are read as classes 0 to 2"),
        (np.eye(3, dtype=bool)[Y].tolist(), (), "one-hot rows of 3 numbers are read as classes 0 to 2"),
        (Y + 1, ("1", "2", "3"), "labels 1 to 3 are read as classes 0 to 2"),
        (Y[:, None] + 1.0, ("1", "2", "3"), "labels 1 to 3 are read as classes 0 to 2"),
        ((Y + 1).astype(str), ("1", "2", "3"), "labels 1 to 3 are read as classes 0 to 2"),
        (Y, (), None),
        (Y.astype(str), (), None),
    ],
)
def test_the_classes_that_were_meant(labels, names, remark):
    data = made(labels)
    for found in (data.y_train, data.y_test):
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, Y)
    assert data.class_names == names
    assert len(data.remarks) == (remark is not None)
    assert remark is None or data.remarks[0].startswith(remark)


@pytest.mark.parametrize(("labels", "names"), [(Y == 1, ("False", "True")), (2 * (Y == 1) - 1.0, ("-1", "1"))])
@pytest.mark.parametrize("outputs", [1, 2])
def test_two_classes_for_one_output_or_two(labels, names, outputs):
    data = made(labels).for_outputs(outputs)
    np.testing.assert_array_equal(data.y_test, Y == 1)
    assert data.class_names == names
    assert "are read as classes 0 and 1" in data.remarks[0]
    assert checked_task(outputs, data, "net") == (BINARY if outputs == 1 else "classes")


@pytest.mark.parametrize(
    ("values", "outputs", "renumbered"),
    [
        ((1, 2, 3), 3, True),
        ((1, 2, 3), 4, False),  # class 0 does not occur here
        ((3, 7, 9), 3, True),
        ((3, 7, 9), 10, False),
        ((-1, 0, 1), 3, True),
        ((0, 2, 4), 3, True),
        ((0, 1, 2), 3, False),
    ],
)
def test_gaps_are_closed_where_the_outputs_are_as_many_as_the_labels(values, outputs, renumbered):
    labels = np.array(values)[Y]
    data = made(labels).for_outputs(outputs)
    np.testing.assert_array_equal(data.y_train, Y if renumbered else labels)
    assert len(data.remarks) == renumbered
    assert data.class_names == (tuple(map(str, values)) if renumbered else ())


def test_real_targets_of_one_output_keep_their_numbers():
    ratings = made(Y + 1).for_outputs(1)
    np.testing.assert_array_equal(ratings.y_test, Y + 1)
    assert ratings.remarks == ()
    assert checked_task(1, ratings, "net") == REGRESSION


def test_both_parts_share_one_numbering_though_each_lacks_a_class():
    data = made(np.where(Y == 2, "b", "a"), np.where(Y == 2, "c", "b"))
    np.testing.assert_array_equal(np.unique(data.y_train), [0, 1])
    np.testing.assert_array_equal(np.unique(data.y_test), [1, 2])
    numbers = made(np.minimum(Y + 1, 2), np.maximum(Y + 1, 2))
    assert (numbers.y_train.max(), numbers.y_test.min(), numbers.y_test.max()) == (1, 1, 2)
    with pytest.raises(InputError, match="mine holds text as labels in one part and numbers in the other"):
        made(NAMES[Y], Y)


def test_given_names_set_the_order():
    data = made(NAMES[Y], class_names=NAMES[::-1].tolist())
    np.testing.assert_array_equal(data.y_train, 2 - Y)
    assert data.class_names == tuple(NAMES[::-1])
    assert made(Y + 1, class_names=("none", "a", "b", "c")).y_train.max() == 3
    assert made(Y + 1, class_names=("a", "b", "c")).class_names == ("a", "b", "c")


def test_drawn_parts_and_scaled_inputs_keep_classes_and_remarks(tmp_path):
    np.savez(tmp_path / "set.npz", x=X, y=NAMES[Y])
    data = load_dataset(tmp_path / "set.npz", normalize="standard")
    assert data.class_names == tuple(NAMES)
    assert data.drawn
    assert "setosa" in data.remarks[0]
    original = {row.tobytes(): label for row, label in zip(X, Y, strict=True)}
    plain = load_dataset(tmp_path / "set.npz")
    assert all(original[row.tobytes()] == label for row, label in zip(plain.x_test, plain.y_test, strict=True))
    np.testing.assert_array_equal(plain.y_test, data.y_test)


def test_a_study_is_of_the_classes_of_its_network_and_knows_the_data_again():
    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3))
    for layer in (net[0], net[2]):
        layer.weight.data, layer.bias.data = torch.eye(*layer.weight.shape), torch.zeros(len(layer.weight))
    labels = np.array([2, 5, 7])[net(torch.from_numpy(X)).argmax(1).numpy()]
    assert len(set(labels)) == 3
    data = made(labels)
    setup = set_up(net, data)
    assert setup.scoring.scored(setup.original).score == 1
    assert "labels 2, 5, 7 are read as classes 0 to 2, in this order" in setup.dataset.remarks
    assert data_fingerprint(setup.dataset) == data_fingerprint(data)
