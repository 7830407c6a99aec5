"""Names in data files: all there are, whatever the numbers are, and none of what is no data file."""

import pickle

import numpy as np
import pytest

from koopview.network.datafiles.heads import names_in
from koopview.network.datafiles.load import load_dataset
from koopview.network.datafiles.samples import DataNames

X, Y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 3


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_an_npz(tmp_path, save):
    save(tmp_path / "set.npz", images=X, digits=Y)
    assert names_in(tmp_path / "set.npz") == DataNames(("images", "digits"), ("images", "digits"))
    data = load_dataset(tmp_path / "set.npz", keys=("images", "digits"))
    assert len(data.y_train) == 32


def test_columns_of_a_csv(tmp_path):
    path = tmp_path / "set.csv"
    path.write_text(',"a, b",c,kind\n' + "0,1,2,1\n" * 9)
    assert names_in(path) == DataNames(("*",), ("(no name)", "a, b", "c", "kind"))
    assert load_dataset(path, keys=("*", "kind")).x_train.shape == (7, 3)
    path.write_text("0,1,2,1\n" * 9)
    assert names_in(path) == DataNames(("*",), ("0", "1", "2", "3"))
    assert load_dataset(path, keys=("*", "3")).x_train.shape == (7, 3)


def test_without_labels_where_that_is_said(tmp_path):
    np.savez(tmp_path / "set.npz", images=X, digits=Y)
    assert load_dataset(tmp_path / "set.npz", keys=("images", "")).y_train is None
    (tmp_path / "set.csv").write_text("a,b,label\n" + "0,1,2\n" * 9)
    data = load_dataset(tmp_path / "set.csv", keys=("*", ""))
    assert data.y_train is None
    assert data.x_train.shape == (7, 3)


def test_nothing_is_read_but_the_names(tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path / "marker").mkdir, ()

    (tmp_path / "raw.npz").write_bytes(pickle.dumps(Evil()))
    np.savez(tmp_path / "objects.npz", x=np.array([Evil()], dtype=object))
    whole = (tmp_path / "objects.npz").read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "no.csv").write_bytes(b"\xff,\x00\n")
    assert names_in(tmp_path / "objects.npz") == DataNames(("x",), ("x",))
    for path in ("raw.npz", "half.npz", "no.csv", "", "none.npz", "\0"):
        assert names_in(tmp_path / path) == DataNames()
    assert not (tmp_path / "marker").exists()
