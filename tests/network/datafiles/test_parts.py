"""Inputs read some at a time are those that are read at once, whatever the format, and files say what is wrong."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from koopview.errors import FileError, InputError
from koopview.network.datafiles import parquetdata, zarrdata
from koopview.network.datafiles.heads import data_head
from koopview.network.datafiles.load import load_dataset
from koopview.network.datafiles.open_parts import open_parts
from koopview.network.loader_parts import loader_parts

X = np.random.default_rng(0).normal(size=(101, 3, 4)).astype("float32")
FLAT = X.reshape(101, 12)
Y = np.arange(101) % 3


def write_npy(folder):
    np.save(folder / "x.npy", X)
    return folder / "x.npy"


def write_npz(folder):
    np.savez(folder / "set.npz", x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:5])
    return folder / "set.npz"


def write_packed_npz(folder):
    np.savez_compressed(folder / "set.npz", x=X, y=Y)
    return folder / "set.npz"


def write_safetensors(folder):
    save_file({"x": X, "y": Y}, folder / "set.safetensors")
    return folder / "set.safetensors"


def write_torch(folder):
    torch.save({"x": torch.as_tensor(X), "y": torch.as_tensor(Y)}, folder / "set.pt")
    return folder / "set.pt"


def write_parquet(folder):
    from pyarrow import parquet, table

    columns = {f"c{index:02}": FLAT[:, index] for index in range(12)}
    parquet.write_table(table(columns | {"label": Y}), folder / "set.parquet", row_group_size=17)
    return folder / "set.parquet"


def write_zarr(folder):
    import zarr

    group = zarr.open_group(str(folder / "set.zarr"), mode="w")
    group.create_array("x", data=X, chunks=(13, 3, 4))
    group.create_array("y", data=Y)
    return folder / "set.zarr"


def write_folder(folder):
    (folder / "shards").mkdir()
    for number, start in enumerate(range(0, 101, 30)):
        np.save(folder / "shards" / f"part-{number}.npy", X[start : start + 30])
    return folder / "shards"


WRITERS = (
    write_npy, write_npz, write_packed_npz, write_safetensors, write_torch, write_parquet, write_zarr, write_folder,
)  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
def test_samples_read_some_at_a_time_are_those_of_the_file(write, tmp_path, monkeypatch):
    monkeypatch.setattr(parquetdata, "BATCH", 5)
    found = open_parts(write(tmp_path))
    elsewhere = pickle.loads(pickle.dumps(found))
    truth = FLAT if write is write_parquet else X
    assert found.shape == truth.shape
    for start, stop in ((0, 10), (10, 50), (50, 101), (3, 4), (90, 101), (0, 101)):
        for one in (found, elsewhere):
            part = one.read(start, stop)
            assert part.dtype == np.float32
            np.testing.assert_array_equal(part, truth[start:stop])


@pytest.mark.parametrize("write", WRITERS)
def test_another_content_has_another_fingerprint(write, tmp_path):
    path = write(tmp_path)
    known = open_parts(path).fingerprint()
    assert open_parts(path).fingerprint() == known
    file = next(one for one in sorted(path.rglob("*")) if one.is_file()) if path.is_dir() else path
    file.touch()
    assert open_parts(path).fingerprint() != known


def test_a_loader_gives_its_samples_in_the_order_of_its_data_set():
    data = torch.utils.data.TensorDataset(torch.as_tensor(X), torch.as_tensor(Y))
    for loader in (data, torch.utils.data.DataLoader(data, batch_size=7, shuffle=True)):
        found = pickle.loads(pickle.dumps(loader_parts(loader)))
        assert found.shape == X.shape
        np.testing.assert_array_equal(found.read(5, 40), X[5:40])
        assert found.fingerprint() == loader_parts(data).fingerprint()
    changed = torch.utils.data.TensorDataset(torch.as_tensor(X) + 1, torch.as_tensor(Y))
    assert loader_parts(changed).fingerprint() != loader_parts(data).fingerprint()


def test_channels_last_are_turned(tmp_path):
    pictures = np.arange(4 * 5 * 6 * 3, dtype="float32").reshape(4, 5, 6, 3)
    np.save(tmp_path / "x.npy", pictures)
    found = open_parts(tmp_path / "x.npy", channels="last")
    assert found.shape == (4, 3, 5, 6)
    np.testing.assert_array_equal(found.read(1, 3), np.moveaxis(pictures[1:3], -1, 1))


def test_inputs_are_chosen_by_name(tmp_path):
    np.savez(tmp_path / "set.npz", first=X, second=-X)
    np.testing.assert_array_equal(open_parts(tmp_path / "set.npz", ("second", "")).read(0, 9), -X[:9])
    np.testing.assert_array_equal(
        open_parts(tmp_path / "set.npz", ("first+second", "")).read(2, 9), np.concatenate([X, -X], 1)[2:9]
    )


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("x.npy", lambda path: np.save(path, np.asfortranarray(FLAT)), "is held one column after another, expected"),
        ("x.npy", lambda path: np.save(path, np.full((9, 2), np.nan)), "inputs from sample 0 on hold nan in sample 0"),
        ("x.npy", lambda path: path.write_bytes(b"\x93NUMPY"), "is no whole NPY file"),
        ("t.csv", lambda path: path.write_text("a,b\n1,2\n"), "is no file of which some samples can be read at a time"),
        ("gone.npy", lambda path: None, "gone.npy does not exist, expected an NPZ, .*a Zarr folder, or a folder of"),
        ("folder", lambda path: path.mkdir(), "is an empty folder"),
    ],
)
def test_what_cannot_be_read_some_at_a_time_is_said(name, make, sentence, tmp_path):
    make(tmp_path / name)
    with pytest.raises((FileError, InputError), match=sentence):
        open_parts(tmp_path / name).read(0, 9)


def test_files_of_a_folder_with_other_shapes_are_named(tmp_path):
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", FLAT)
    with pytest.raises(InputError, match=r"b.npy has samples of shape \(12,\), expected \(3, 4\) as a.npy has"):
        open_parts(tmp_path)


def test_a_zarr_folder_is_a_data_set(tmp_path):
    path = write_zarr(tmp_path)
    data = load_dataset(path)
    rows = {row.tobytes() for row in X}
    assert len(data.x_train) + len(data.x_test) == 101
    assert {row.tobytes() for row in np.concatenate([data.x_train, data.x_test])} == rows
    assert sorted(data.y_train.tolist() + data.y_test.tolist()) == sorted(Y.tolist())
    head = data_head(path)
    assert (head.format, head.inputs, head.labels, head.samples, head.shape) == ("Zarr", "x", "y", 101, (3, 4))
    np.testing.assert_array_equal(head.first, X[:8])


def test_a_broken_zarr_folder_and_none_to_read_it_with(tmp_path, monkeypatch):
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(FileError, match=r"empty\.zarr is no whole Zarr folder"):
        load_dataset(tmp_path / "empty.zarr")
    monkeypatch.setattr(zarrdata, "find_spec", lambda name: None)
    with pytest.raises(FileError, match=r"set\.zarr is a Zarr folder, which takes zarr to read: pip install zarr"):
        load_dataset(write_zarr(tmp_path))


def test_a_stream_is_opened_without_torch(tmp_path):
    path = write_npz(tmp_path)
    code = (
        "import sys; from koopview.network.datafiles.open_parts import open_parts; "
        f"print(open_parts({str(path)!r}).read(0, 3).shape, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(3, 3, 4) False"
