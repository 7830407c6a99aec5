"""Data files: every usual NPZ is opened, every other file is one sentence, and no file runs code."""

import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from koopview.errors import FileError, InputError
from koopview.network.datafiles import claims
from koopview.network.datafiles.data_formats import KINDS
from koopview.network.datafiles.heads import data_head
from koopview.network.datafiles.load import load_dataset

ROOT = Path(__file__).resolve().parents[3]
X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = np.arange(40) % 3
HEADER = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 4), }"


def npy(header, content=b""):
    """The bytes of an NPY file with the given header."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def zipped(path, **members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


@pytest.fixture
def saved(tmp_path):
    """Write an NPZ of the given arrays and return its path."""

    def save(name="data.npz", **arrays):
        np.savez(tmp_path / name, **arrays)
        return tmp_path / name

    return save


@pytest.fixture
def evil(tmp_path):
    """An object whose unpickling leaves a file behind, and whether it did."""

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "marker"),)

    assert pickle.loads(pickle.dumps(Evil())) is None
    assert (tmp_path / "marker").exists()  # the trap works
    (tmp_path / "marker").rmdir()
    return Evil(), tmp_path / "marker"


def test_keras_names(saved):
    data = load_dataset(saved(x_train=X[:30], y_train=Y[:30], x_test=X[30:], y_test=Y[30:]))
    np.testing.assert_array_equal(data.x_train, X[:30])
    np.testing.assert_array_equal(data.y_test, Y[30:])
    assert data.name == "data.npz"


def test_one_pair_is_split_by_the_seed(saved):
    path = saved(x=X, y=Y)
    one, same, other = (load_dataset(path, seed=seed) for seed in (1, 1, 2))
    assert (len(one.x_train), len(one.x_test)) == (32, 8)
    np.testing.assert_array_equal(one.x_test, same.x_test)
    assert not np.array_equal(one.x_test, other.x_test)


def test_labels_may_be_missing(saved):
    assert load_dataset(saved(x=X)).y_train is None
    partly = load_dataset(saved(x_train=X, x_test=X[:5], y_test=Y[:5]))
    assert partly.y_train is None
    np.testing.assert_array_equal(partly.y_test, Y[:5])


def test_training_samples_alone_are_split(saved):
    assert len(load_dataset(saved(x_train=X, y_train=Y)).x_test) == 8


@pytest.mark.parametrize("names", [("x", "y"), ("x_test", "y_test")])
def test_test_samples_from_another_file(saved, names):
    train = saved(x_train=X[:30], y_train=Y[:30])
    test = saved("test.npz", **dict(zip(names, (X[30:], Y[30:]), strict=True)))
    data = load_dataset(train, test_data=test)
    np.testing.assert_array_equal(data.x_train, X[:30])
    np.testing.assert_array_equal(data.x_test, X[30:])
    np.testing.assert_array_equal(data.y_test, Y[30:])


def test_other_names(saved):
    path, test = saved(a=X, b=Y, x=X[:2]), saved("test.npz", a=X[:7], b=Y[:7])
    data = load_dataset(path, keys=("a", "b"), test_data=test)
    np.testing.assert_array_equal(data.x_train, X)
    np.testing.assert_array_equal(data.y_test, Y[:7])
    with pytest.raises(InputError, match=r"data\.npz holds a \(40 x 4\), b \(40\), x \(2 x 4\), expected c"):
        load_dataset(path, keys=("a", "c"))


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [("readings_train", "state_train"), ("trainX", "trainY"), ("Train", "of_Train"), ("TRAIN", "")],
)
def test_test_samples_beside_training_samples_by_whatever_name(saved, inputs, labels):
    x, y = X[:9], Y[:9]
    keys = [name for name in (inputs, labels) if name]
    of_test = [key.replace("train", "test").replace("Train", "Test").replace("TRAIN", "TEST") for key in keys]
    arrays = dict(zip(keys, (x[:6], y[:6]), strict=False)) | dict(zip(of_test, (x[6:], y[6:]), strict=False))
    path = saved(**arrays)
    for test_data in (None, path):  # the same file may be named for both
        made = load_dataset(path, test_data=test_data, keys=(inputs, labels))
        np.testing.assert_array_equal(made.x_train, x[:6])
        np.testing.assert_array_equal(made.x_test, x[6:])
        if labels:
            np.testing.assert_array_equal(made.y_test, y[6:])


@pytest.mark.parametrize(
    "names",
    [
        ("data", "target"),
        ("X", "Y"),
        ("inputs", "labels"),
        ("images", "labels"),
        ("features", "targets"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("trainX", "trainY", "testX", "testY"),
        ("x_train", "y_train", "x_val", "y_val"),
    ],
)
def test_names_of_which_one_reading_alone_fits(saved, names):
    arrays = (X[:30], Y[:30], X[30:], Y[30:]) if len(names) > 2 else (X, Y)
    data = load_dataset(saved(**dict(zip(names, arrays, strict=True))))
    found = dict(zip((row.tobytes() for row in X), Y, strict=True))
    assert all(found[row.tobytes()] == label for row, label in zip(data.x_train, data.y_train, strict=True))
    assert len(data.x_test) == (10 if len(names) > 2 else 8)
    assert data.remarks == ()


@pytest.mark.parametrize(
    "arrays", [(X, Y), (X[:30], Y[:30], X[30:], Y[30:]), (X[:30], X[30:], Y[:30], Y[30:]), (X, Y.astype(str))]
)
def test_arrays_without_names_are_read_where_their_order_is_plain(tmp_path, arrays):
    np.savez(tmp_path / "set.npz", *arrays)
    data = load_dataset(tmp_path / "set.npz")
    found = dict(zip((row.tobytes() for row in X), Y, strict=True))
    assert all(found[row.tobytes()] == label for row, label in zip(data.x_test, data.y_test, strict=True))
    assert len(data.x_test) == (10 if len(arrays) == 4 else 8)
    assert data.remarks[0] == f"arr_0 is read as inputs and arr_{1 if arrays[1].ndim == 1 else 2} as labels"
    np.savez(tmp_path / "weights.npz", X, X[:, 0])
    with pytest.raises(InputError, match=r"holds arr_0 \(40 x 4\), arr_1 \(40\), expected x, y"):
        load_dataset(tmp_path / "weights.npz")


def test_names_of_classes_masks_and_what_else_is_in_a_file_are_told(saved):
    path = saved(
        data=X, target=Y, target_names=np.array(["c", "b", "a"]), data_mask=X > 1, weights=Y, DESCR=np.array(1)
    )
    data = load_dataset(path)
    assert data.class_names == ("c", "b", "a")
    assert data.remarks == (
        "data_mask is not used: every entry of the inputs counts, masked or not",
        "weights, DESCR are not used",
    )


def test_several_arrays_are_joined(saved):
    path = saved(a=X[:, :1], b=X[:, 1], c=X[:, 2:].reshape(40, 2, 1), y=Y)
    data = load_dataset(path, keys=("a+b+c", "y"))
    found = {row.tobytes() for row in np.concatenate([data.x_train, data.x_test])}
    assert found == {row.tobytes() for row in X}
    head = data_head(path, ("a+b+c", "y"))
    assert (head.shape, head.inputs, head.labels) == ((4,), "a+b+c", "y")
    pictures = np.random.default_rng(0).random((9, 2, 5, 5))
    assert load_dataset(saved(a=pictures, b=pictures), keys=("a+b", "")).x_train.shape[1:] == (4, 5, 5)
    with pytest.raises(InputError, match=r"inputs have shape \(9, 2\), expected \(40,\): one a sample, as a has"):
        load_dataset(saved(a=X, b=X[:9, :2]), keys=("a+b", ""))


def test_labels_alone_may_be_named(saved):
    data = load_dataset(saved(x=X, kind=Y), keys=("", "kind"))
    assert data.y_train is not None
    assert load_dataset(saved(x=X, y=Y), keys=("", "")).y_train is None


def test_sparse_matrices_and_archives_of_something_else_are_told(tmp_path):
    scipy.sparse.save_npz(tmp_path / "sparse.npz", scipy.sparse.csr_matrix(X))
    with pytest.raises(FileError, match=r"sparse.npz is a sparse matrix of scipy, expected numpy.savez"):
        load_dataset(tmp_path / "sparse.npz")
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as file:
        file.writestr("pictures/0.png", b"")
    with pytest.raises(FileError, match=r"set.npz is an archive without arrays \(it holds pictures/0.png\)"):
        load_dataset(tmp_path / "set.npz")


def test_records_are_told(saved):
    table = np.zeros(40, [("a", "f4"), ("b", "f4")])
    with pytest.raises(InputError, match="hold records of a, b, expected numbers"):
        load_dataset(saved(x=table, y=Y))


def test_the_head_of_an_npz(saved):
    head = data_head(saved(x_train=X[:30], y_train=np.array(["u", "v", "w"])[Y[:30]], x_test=X[30:], y_test=X[30:, 0]))
    assert [(one.name, one.shape, one.dtype) for one in head.arrays] == [
        ("x_train", (30, 4), "float32"),
        ("y_train", (30,), "text"),
        ("x_test", (10, 4), "float32"),
        ("y_test", (10,), "float32"),
    ]
    assert (head.samples, head.test_samples, head.classes) == (30, 10, ("u", "v", "w"))
    np.testing.assert_array_equal(head.first, X[:8])
    assert head.first_labels == tuple(np.array(["u", "v", "w"])[Y[:8]])
    unclear = data_head(saved(a=X, b=Y))
    assert (len(unclear.arrays), unclear.inputs, unclear.first) == (2, "", None)
    assert "expected x, y" in unclear.remarks[0]


def test_heads_are_read_without_torch(saved):
    path = saved(x=X, y=Y)
    code = (
        "import sys, pathlib\n"
        "from koopview.network.datafiles.heads import data_head\n"
        f"data_head(pathlib.Path({str(path)!r}))\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"


def test_test_inputs_whose_labels_have_another_name_are_no_test_samples(saved):
    made = load_dataset(saved(x_train=X, labels=Y, x_test=X[:3] + 1), keys=("x_train", "labels"))
    assert len(made.x_train) + len(made.x_test) == len(X)
    assert made.y_test is not None


def test_inputs_and_labels_that_are_named_the_wrong_way_round_are_told_so(saved):
    told = r"inputs have shape \(40,\) and labels \(40, 4\), expected them the other way round"
    with pytest.raises(InputError, match=told):
        load_dataset(saved(a=X, b=Y), keys=("b", "a"))


def test_training_samples_are_no_test_samples(saved):
    path = saved(readings=X, state=Y)
    with pytest.raises(InputError, match=r"test data .* are the training samples themselves, expected samples that"):
        load_dataset(path, test_data=path, keys=("readings", "state"))


def test_unit_divides_by_the_largest_training_value(saved):
    path = saved(x_train=np.array([[0, 100], [200, 50]], "u1"), x_test=np.array([[255, 0]], "u1"))
    data = load_dataset(path, normalize="unit")
    np.testing.assert_allclose(data.x_train, [[0, 0.5], [1, 0.25]])
    np.testing.assert_allclose(data.x_test, [[1.275, 0]])


def test_standard_takes_mean_and_deviation_of_the_training_samples_and_leaves_constants_finite(saved):
    x = np.column_stack([X, np.full(40, 7.0)])
    data = load_dataset(saved(x_train=x, x_test=x[:3] + 1), normalize="standard")
    np.testing.assert_allclose(data.x_train[:, :4].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(data.x_train[:, :4].std(0), 1, atol=1e-6)
    np.testing.assert_array_equal(data.x_train[:, 4], 0)
    np.testing.assert_allclose(data.x_test, (x[:3] + 1 - x.mean(0)) / [*X.std(0), 1], atol=1e-5)


def test_standard_of_very_large_numbers_stays_finite(saved):
    data = load_dataset(saved(x_train=X * np.float32(1e37), x_test=X[:2]), normalize="standard")
    np.testing.assert_allclose(data.x_train.std(0), 1, rtol=1e-5)


def test_a_name_with_every_kind_of_letter(saved):
    assert len(load_dataset(saved("dätä 日本.npz", x=X, y=Y)).x_test) == 8


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({}, r"holds no arrays, expected x, y or x_train, y_train, or to be told the names of inputs and labels"),
        ({"a": X, "b": Y}, r"holds a \(40 x 4\), b \(40\), expected x, y"),
        ({"data": X, "images": X, "y": Y}, r"data, images could all be the inputs, expected to be told the names"),
        ({"x": X.astype(complex)}, "hold complex128, expected numbers"),
        ({"x_train": X, "y_train": Y, "y_test": Y}, "holds test labels without test inputs"),
        ({"x": X, "y": Y[:3]}, r"labels have shape \(3,\), expected \(40,\)"),
        ({"x_train": X, "x_test": X[:, :2]}, r"test inputs have shape \(2,\)"),
    ],
)
def test_arrays_that_do_not_fit(saved, arrays, sentence):
    with pytest.raises(InputError, match=sentence):
        load_dataset(saved(**arrays))


def test_built_in_data_take_no_other_files(saved):
    with pytest.raises(InputError, match="test data are given with the built-in data yinyang"):
        load_dataset("yinyang", test_data=saved(x=X))
    with pytest.raises(InputError, match="array names are given with the built-in data yinyang"):
        load_dataset("yinyang", keys=("x", "y"))
    with pytest.raises(InputError, match="normalize is 'most', expected one of none, unit, standard"):
        load_dataset("yinyang", normalize="most")


def test_a_missing_file_is_named_with_what_was_expected(tmp_path, saved):
    with pytest.raises(
        FileError,
        match=rf"^data .*cifar does not exist, expected yinyang, mnist, {KINDS}",
    ):
        load_dataset(tmp_path / "cifar")
    with pytest.raises(FileError, match=rf"^test data .*cifar does not exist, expected {KINDS}"):
        load_dataset(saved(x=X), test_data=tmp_path / "cifar")


@pytest.mark.parametrize("name", ["notes.txt", "program.py", "picture.png", "noend"])
def test_what_is_no_data_file_is_told_which_are(tmp_path, name):
    (tmp_path / name).write_bytes(b"hello world\n")
    with pytest.raises(FileError, match=rf"{name} is no data file, expected yinyang, mnist, an NPZ, CSV"):
        load_dataset(tmp_path / name)


def test_files_whose_features_differ_are_both_named_with_their_numbers(saved):
    train, test = saved(x=X, y=Y), saved("test.npz", x=X[:, :3], y=Y)
    with pytest.raises(InputError, match=r"^test data test\.npz has 3 features a sample, expected 4 as data\.npz has$"):
        load_dataset(train, test_data=test)
    pictures = saved("pictures.npz", x=X.reshape(40, 2, 2), y=Y)
    with pytest.raises(InputError, match=r"pictures\.npz has 2 x 2 features a sample, expected 4 as data\.npz has"):
        load_dataset(train, test_data=pictures)


def broken_files(folder):
    """Name and bytes of files that are no whole NPZ of numbers."""
    np.savez(folder / "whole", x=X, y=Y)
    whole = (folder / "whole.npz").read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 255
    np.save(folder / "one", X)
    yield "half", whole[: len(whole) // 2]
    yield "flipped", bytes(flipped)
    yield "text", b"hello world\n"
    yield "csv", b"x,y\n1,2\n"
    yield "one array", (folder / "one.npy").read_bytes()
    yield "no members", b"PK\x05\x06" + bytes(18)
    for name, member in (
        ("header is no Python", npy(b"{nonsense(((((((")),
        ("header is deep", npy(b"(" * 5000)),
        ("header runs code", npy(b"__import__('os').mkdir('marker')")),
        ("shape is larger than the file", npy(HEADER % 40, X.tobytes()[:-1])),
        ("shape is larger than any memory", npy(HEADER % 10**12)),
        ("member is raw", b"hello"),
        ("member is empty", b""),
    ):
        yield name, zipped(folder / "made.npz", x=member).read_bytes()


@pytest.mark.parametrize("number", range(13))
def test_a_broken_file_is_one_sentence(tmp_path, monkeypatch, number):
    monkeypatch.chdir(tmp_path)
    files = list(broken_files(tmp_path))
    assert len(files) == 13
    path = tmp_path / "broken.npz"
    path.write_bytes(files[number][1])
    with pytest.raises((FileError, InputError), match=r"broken\.npz") as caught:
        load_dataset(path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "marker").exists()


def test_objects_are_refused_and_run_nothing(saved, evil):
    trap, marker = evil
    path = saved(x=np.array([trap, 1], dtype=object))
    with pytest.raises(FileError, match=r"data\.npz holds Python objects \(x\), which could run code when read"):
        load_dataset(path)
    with pytest.raises(FileError, match=r"holds Python objects \(y\)"):
        load_dataset(saved("labels.npz", x=X, y=np.array([trap] * 40, dtype=object)))
    assert not marker.exists()


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_under_any_name_runs_nothing(tmp_path, evil, protocol):
    trap, marker = evil
    pickled = pickle.dumps(trap, protocol=protocol)
    (tmp_path / "raw.npz").write_bytes(pickled)
    zipped(tmp_path / "member.npz", x=pickled, y=pickled)
    np.save(tmp_path / "array.npy", np.array([trap], dtype=object), allow_pickle=True)
    (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    for name in ("raw.npz", "member.npz", "array.npz"):
        with pytest.raises((FileError, InputError), match=name.replace(".", r"\.")):
            load_dataset(tmp_path / name)
    assert not marker.exists()


def test_a_small_file_of_very_many_numbers_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LARGE", 1 << 20)
    path = tmp_path / "zeros.npz"
    np.savez_compressed(path, x=np.zeros((200_000, 4), "f4"))
    with pytest.raises(FileError, match=r"array x of data .*zeros\.npz would unpack from 3,\d+ bytes to 3 MiB"):
        load_dataset(path)


def test_channels_that_look_last_are_told_and_turned_on_request(saved):
    pictures = np.random.default_rng(0).random((12, 6, 5, 3)).astype("f4")
    path = saved(x_train=pictures, x_test=pictures[:4] + 1)
    plain = load_dataset(path)
    assert plain.x_train.shape == (12, 6, 5, 3)
    assert "inputs of 6 x 5 x 3 look as if their channels were last" in plain.remarks[0]
    assert data_head(path).remarks == plain.remarks
    turned = load_dataset(path, channels="last")
    np.testing.assert_array_equal(turned.x_train, pictures.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(turned.x_test, pictures[:4].transpose(0, 3, 1, 2) + 1)
    assert turned.remarks == ()
    assert load_dataset(saved(x=pictures.transpose(0, 3, 1, 2))).remarks == ()
    with pytest.raises(InputError, match=r"channels are said to be last, but inputs have shape \(40, 4\)"):
        load_dataset(saved(x=X), channels="last")
    with pytest.raises(InputError, match="channels is 'middle', expected one of first, last"):
        load_dataset(saved(x=X), channels="middle")
