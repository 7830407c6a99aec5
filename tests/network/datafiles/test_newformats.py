"""Parquet, MATLAB, PyTorch, safetensors and NPY files: the numbers that other libraries wrote into them."""

import json
import sys
import zipfile

import numpy as np
import pytest
import scipy.io
import torch
from safetensors.torch import save_file

from koopview.errors import FileError, InputError
from koopview.network.datafiles import claims, parquetdata
from koopview.network.datafiles.heads import data_head
from koopview.network.datafiles.load import load_dataset

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = np.arange(40) % 3
NAMES = np.array(["blue", "green", "red"])


def rows_of(dataset):
    """All samples of a split data set with their labels, by their bytes."""
    x, y = (np.concatenate([getattr(dataset, f"{part}_{one}") for one in ("train", "test")]) for part in "xy")
    return {row.tobytes(): label for row, label in zip(x, y, strict=True)}


def same(dataset, labels=Y):
    return rows_of(dataset) == {row.tobytes(): label for row, label in zip(X, labels, strict=True)}


# safetensors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int16])
def test_tensors_of_every_type(tmp_path, dtype):
    tensor = torch.from_numpy(X * 10).to(dtype)
    save_file({"x": tensor, "y": torch.from_numpy(Y)}, tmp_path / "set.safetensors")
    data = load_dataset(tmp_path / "set.safetensors")
    found = {row.tobytes() for row in np.concatenate([data.x_train, data.x_test])}
    assert found == {row.tobytes() for row in tensor.float().numpy()}


def test_tensors_with_parts_and_their_head(tmp_path):
    tensors = {"X_train": X[:30], "Y_train": Y[:30], "X_test": X[30:], "Y_test": Y[30:]}
    save_file({name: torch.from_numpy(one) for name, one in tensors.items()}, tmp_path / "set.safetensors")
    data = load_dataset(tmp_path / "set.safetensors")
    np.testing.assert_array_equal(data.x_test, X[30:])
    np.testing.assert_array_equal(data.y_train, Y[:30])
    head = data_head(tmp_path / "set.safetensors")
    assert (head.inputs, head.labels, head.samples, head.test_samples) == ("X_train", "Y_train", 30, 10)
    np.testing.assert_array_equal(head.first, X[:8])
    assert head.first_labels == tuple(map(str, Y[:8]))


def raw(head, content=b""):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + content


@pytest.mark.parametrize(
    "content",
    [
        raw(b"{" * 200_000),
        raw(b'{"x":{"dtype":"F32","shape":[' + b"1" * 5000 + b'],"data_offsets":[0,4]}}', b"1234"),
        raw({"x": {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 4]}}, b"1234"),
        raw({"x": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}, b"1234"),
        raw({"x": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}, b"1234"),
        raw({"x": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}, b"1234"),
        raw({"x": 5}),
        raw([]),
        b"\xff" * 8,
        b"123",
    ],
)
def test_a_broken_file_of_tensors_is_one_sentence(tmp_path, content):
    (tmp_path / "set.safetensors").write_bytes(content)
    with pytest.raises(FileError, match=r"set\.safetensors is no whole safetensors file"):
        load_dataset(tmp_path / "set.safetensors")


def test_a_head_of_many_bytes_is_refused(tmp_path):
    (tmp_path / "set.safetensors").write_bytes(raw(b"[]" + b" " * (5 << 20)))
    with pytest.raises(FileError, match="has a head of 5,242,882 bytes"):
        load_dataset(tmp_path / "set.safetensors")


# NPY ------------------------------------------------------------------------------------------------------------------


def test_an_array_finds_labels_and_test_samples_beside_it(tmp_path):
    for name, array in {"X_train": X[:30], "y_train": Y[:30], "X_test": X[30:], "y_test": Y[30:], "noise": X}.items():
        np.save(tmp_path / f"{name}.npy", array)
    data = load_dataset(tmp_path / "X_train.npy")
    np.testing.assert_array_equal(data.y_train, Y[:30])
    np.testing.assert_array_equal(data.x_test, X[30:])
    np.testing.assert_array_equal(data.y_test, Y[30:])
    assert data.remarks == ("y_train.npy, X_test.npy, y_test.npy beside it belong to it",)
    assert data_head(tmp_path / "X_train.npy").test_samples == 10
    alone = load_dataset(tmp_path / "noise.npy")
    assert alone.y_train is None
    assert alone.remarks == ("noise.npy is read as inputs without labels",)
    both = load_dataset(tmp_path / "X_train.npy", test_data=tmp_path / "X_test.npy")
    np.testing.assert_array_equal(both.y_test, Y[30:])


def test_an_array_stored_column_by_column(tmp_path):
    cube = np.random.default_rng(1).random((20, 3, 5)).astype("f4")
    np.save(tmp_path / "x.npy", np.asfortranarray(cube))
    np.save(tmp_path / "y.npy", np.arange(20))
    data = load_dataset(tmp_path / "x.npy").for_outputs(20)
    found = dict(zip(data.y_train.tolist(), data.x_train, strict=True))
    assert all(np.array_equal(one, cube[label]) for label, one in found.items())


def test_objects_in_an_array_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match=r"x\.npy holds Python objects, which could run code when read"):
        load_dataset(tmp_path / "x.npy")
    np.save(tmp_path / "x.npy", X)
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole[:-1])
    with pytest.raises(FileError, match=r"x\.npy is no whole NPY file"):
        load_dataset(tmp_path / "x.npy")


# MATLAB ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "packed"), [("4", False), ("5", False), ("5", True)])
def test_variables_of_a_matlab_file(tmp_path, version, packed):
    variables = {"X": X.astype(float), "y": Y[:, None].astype(float)}
    scipy.io.savemat(tmp_path / "set.mat", variables, format=version, do_compression=packed)
    assert same(load_dataset(tmp_path / "set.mat"))
    head = data_head(tmp_path / "set.mat")
    assert [(one.name, one.shape, one.dtype) for one in head.arrays] == [
        ("X", (40, 4), "float64"),
        ("y", (40, 1), "float64"),
    ]
    np.testing.assert_allclose(head.first, X[:8])


def test_cells_of_text_are_labels(tmp_path):
    cells = np.empty((40, 1), dtype=object)
    cells[:, 0] = NAMES[Y]
    scipy.io.savemat(tmp_path / "iris.mat", {"meas": X, "species": cells, "info": {"a": 1}})
    data = load_dataset(tmp_path / "iris.mat", keys=("meas", "species"))
    assert same(data)
    assert data.class_names == tuple(NAMES)
    with pytest.raises(FileError, match="holds info, a struct, expected arrays of numbers"):
        load_dataset(tmp_path / "iris.mat", keys=("info", ""))
    with pytest.raises(InputError, match=r"iris.mat holds meas \(40 x 4\), species \(40\), info .*, expected x, y"):
        load_dataset(tmp_path / "iris.mat")


def test_samples_along_the_last_axis_are_told(tmp_path):
    scipy.io.savemat(tmp_path / "set.mat", {"x": X.T, "y": Y[None]})
    with pytest.raises(InputError, match="expected samples along the first axis, so transpose them"):
        load_dataset(tmp_path / "set.mat")


def test_matlab_files_that_are_not_read(tmp_path, monkeypatch):
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n")
    with pytest.raises(FileError, match=r"version 7.3 \(HDF5\), expected version 7: in MATLAB, save"):
        load_dataset(tmp_path / "new.mat")
    monkeypatch.setattr(claims, "LARGE", 1 << 20)
    scipy.io.savemat(tmp_path / "bomb.mat", {"x": np.zeros((400_000, 1)), "y": Y}, do_compression=True)
    with pytest.raises(FileError, match=r"variable x of data .*bomb.mat would unpack from 3,\d+ bytes to 3 MiB"):
        load_dataset(tmp_path / "bomb.mat")


# Parquet --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    """Write columns by name as a Parquet file in several groups of rows."""
    from pyarrow import parquet, table

    def write(columns, name="set.parquet", group=16):
        parquet.write_table(table(columns), tmp_path / name, row_group_size=group)
        return tmp_path / name

    return write


def columns(labels):
    return {name: X[:, index] for index, name in enumerate("abcd")} | {"label": labels}


def test_columns_of_a_parquet_file(parquet, monkeypatch):
    monkeypatch.setattr(parquetdata, "BATCH", 7)
    assert same(load_dataset(parquet(columns(Y))))
    named = load_dataset(parquet(columns(NAMES[Y])))
    assert same(named)
    assert named.class_names == tuple(NAMES)
    head = data_head(parquet(columns(NAMES[Y])))
    assert (head.inputs, head.labels, head.samples, head.classes) == ("*", "label", 40, tuple(NAMES))
    np.testing.assert_array_equal(head.first, X[:8])
    data = load_dataset(parquet(columns(Y)), keys=("a+c", "-1"))
    assert data.x_train.shape == (32, 2)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (columns(Y) | {"c": [None, *X[1:, 2].tolist()]}, "row 0 has no value in column c, expected a number"),
        (columns(Y) | {"c": NAMES[Y]}, "holds text in column c, expected numbers as inputs"),
        (columns(Y) | {"c": [[1.0]] * 40}, "holds list<.*> in column c, expected numbers, or text as labels"),
    ],
)
def test_a_column_that_does_not_fit_is_named(parquet, table, sentence):
    with pytest.raises(InputError, match=sentence):
        load_dataset(parquet(table))


def test_a_broken_parquet_file_and_none_to_read_it_with(parquet, monkeypatch):
    path = parquet(columns(Y))
    whole = path.read_bytes()
    for broken in (whole[:200], whole[:-9] + bytes(9), b"PAR1" + bytes(50) + b"PAR1"):
        path.write_bytes(broken)
        with pytest.raises(FileError, match=r"set\.parquet is no whole Parquet file"):
            load_dataset(path)
    monkeypatch.setattr(parquetdata, "find_spec", lambda name: None)
    with pytest.raises(
        FileError, match=r"takes pyarrow to read: pip install pyarrow, or convert it .* pandas.read_parq"
    ):
        load_dataset(path)
    assert "pyarrow" in sys.modules  # the other tests read with it


# others ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.arff",
            b"some content",
            "is an ARFF file, which is not read, expected .*; this converts it: pandas.DataFrame",
        ),
        ("a.h5", b"some content", "is an HDF5 file, .*h5py.File"),
        ("a.xlsx", b"some content", r"is a spreadsheet, .* pandas.read_excel\('a.xlsx'\).to_csv"),
        ("a.feather", b"some content", "is a Feather file, .* pandas.read_feather"),
        ("a.pkl", b"some content", "is a pickle, which could run code when read, and is not read; .* DATA.to_csv"),
        ("data_batch_1", b"\x80\x02}q\x00.", "is a pickle, which could run code when read, and is not read"),
        ("data", b"\x89HDF\r\n\x1a\n1234", "is an HDF5 file"),
        ("a.csv.gz", b"\x1f\x8b1234", "is packed, expected it unpacked"),
        ("data.z", b"\x1f\x8b1234", "is packed, expected it unpacked"),
    ],
)
def test_other_formats_are_named_with_the_way_on(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    for open_it in (load_dataset, data_head):
        with pytest.raises(FileError, match=words):
            open_it(tmp_path / name)


# PyTorch --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        {"x": torch.from_numpy(X), "y": torch.from_numpy(Y)},
        (torch.from_numpy(X), torch.from_numpy(Y)),
        [torch.from_numpy(X), torch.from_numpy(Y)],
        {"data": torch.from_numpy(X.T.copy()).T, "targets": Y},
        {"inputs": X, "labels": Y.tolist(), "epoch": 3},
        {
            "set": {
                "images": torch.from_numpy(np.vstack([X[:5], X]))[5:],
                "labels": torch.from_numpy(np.stack([Y, Y], 1))[:, 0],
            }
        },
        torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)),
    ],
    ids=["dict", "tuple", "list", "transposed", "lists", "views", "TensorDataset"],
)
def test_tensors_of_a_pytorch_file(tmp_path, content, packed):
    torch.save(content, tmp_path / "set.pt", _use_new_zipfile_serialization=packed)
    path, keys = tmp_path / "set.pt", ("set.images", "set.labels") if "set" in content_names(content) else None
    assert same(load_dataset(path, keys=keys))
    head = data_head(path, keys)
    assert (head.samples, head.shape, head.classes) == (40, (4,), ("0", "1", "2"))
    np.testing.assert_array_equal(head.first, X[:8])


def content_names(content):
    return tuple(content) if isinstance(content, dict) else ()


def test_parts_of_a_pytorch_file_and_a_compressed_one(tmp_path):
    parts = {"train": {"x": X[:30], "y": Y[:30]}, "test": {"x": X[30:], "y": Y[30:]}}
    tensors = {name: {key: torch.from_numpy(one) for key, one in part.items()} for name, part in parts.items()}
    torch.save(tensors, tmp_path / "set.pt")
    with zipfile.ZipFile(tmp_path / "set.pt") as file, zipfile.ZipFile(tmp_path / "small.pt", "w", 8) as packed:
        for member in file.namelist():
            packed.writestr(member, file.read(member))
    for name in ("set.pt", "small.pt"):
        data = load_dataset(tmp_path / name)
        np.testing.assert_array_equal(data.x_test, X[30:])
        np.testing.assert_array_equal(data.y_train, Y[:30])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            torch.nn.Linear(4, 3),
            r"holds a torch.nn.modules.linear.Linear, which only code could make, expected tensors",
        ),
        ({"a": 1}, r"holds no tensors, expected tensors by name: torch.save\(\{'x': x, 'y': y\}, FILE\)"),
        ([torch.zeros(2)] * 3, "holds no tensors, expected tensors by name"),
    ],
)
def test_what_is_no_data_in_a_pytorch_file_is_told(tmp_path, content, words):
    torch.save(content, tmp_path / "set.pt")
    with pytest.raises(FileError, match=words):
        load_dataset(tmp_path / "set.pt")
    torch.save(torch.nn.Linear(4, 3).state_dict(), tmp_path / "set.pt")
    with pytest.raises(
        InputError, match=r"holds a network's weights \(weight \(3 x 4\), bias \(3\)\), expected samples"
    ):
        load_dataset(tmp_path / "set.pt")


def test_a_hostile_pytorch_file_is_one_sentence(tmp_path):
    torch.save({"x": torch.zeros(1).expand(2**31, 2**31)}, tmp_path / "set.pt")
    with pytest.raises(FileError, match=r"holds a tensor of shape 2147483648 x 2147483648, and numbers for 1 entries"):
        load_dataset(tmp_path / "set.pt")
    (tmp_path / "set.pt").write_bytes(b"\x80\x02" + b"(" * 100_000)
    with pytest.raises(
        FileError, match=r"set.pt holds more nested parts than any honest file, expected tensors by name"
    ):
        load_dataset(tmp_path / "set.pt")


@pytest.mark.parametrize("name", ["set.npz", "x.npy", "set.mat", "set.safetensors", "set.pt", "set.parquet"])
def test_formats_are_known_by_their_content_too(tmp_path, parquet, name):
    np.savez(tmp_path / "set.npz", x=X, y=Y)
    np.save(tmp_path / "x.npy", X)
    scipy.io.savemat(tmp_path / "set.mat", {"x": X, "y": Y[:, None]})
    save_file({"x": torch.from_numpy(X), "y": torch.from_numpy(Y)}, tmp_path / "set.safetensors")
    torch.save({"x": torch.from_numpy(X), "y": torch.from_numpy(Y)}, tmp_path / "set.pt")
    parquet(columns(Y))
    (tmp_path / name).rename(tmp_path / "unnamed")
    data = load_dataset(tmp_path / "unnamed")
    assert data.x_train.shape == (32, 4)
    assert (data.y_train is None) == (name == "x.npy")
