"""Data that are larger than memory: a uniform draw of samples with their labels, told, the same for a seed."""

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from koopview.errors import Cancelled, InputError
from koopview.network.datafiles import held_array, text_blocks
from koopview.network.datafiles.drawing import Reservoir
from koopview.network.datafiles.load import load_dataset

COUNT = 2000
X = np.arange(COUNT * 3, dtype=np.float32).reshape(COUNT, 3)
Y = np.arange(COUNT) % 4
BUDGET = 40_000


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(held_array, "BLOCK", 999)
    monkeypatch.setattr(text_blocks, "BLOCK", 1500)


def npz(folder):
    np.savez_compressed(folder / "set.npz", x=X, y=Y)
    return folder / "set.npz"


def columnwise(folder):
    np.savez(folder / "set.npz", x=np.asfortranarray(X), y=Y)
    return folder / "set.npz"


def tensors(folder):
    save_file({"x": X, "y": Y}, folder / "set.safetensors")
    return folder / "set.safetensors"


def npy(folder):
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", Y)
    return folder / "x.npy"


def csv(folder):
    rows = "\n".join(f"{a:.0f},{b:.0f},{c:.0f},{'pqrs'[y]}" for (a, b, c), y in zip(X, Y, strict=True))
    (folder / "set.csv").write_text(f"a,b,c,kind\n{rows}\n")
    return folder / "set.csv"


def parquet(folder):
    from pyarrow import table
    from pyarrow.parquet import write_table

    columns = {name: X[:, index] for index, name in enumerate("abc")} | {"label": Y}
    write_table(table(columns), folder / "set.parquet", row_group_size=300)
    return folder / "set.parquet"


@pytest.mark.parametrize("make", [npz, columnwise, tensors, npy, csv, parquet])
def test_some_samples_are_drawn_with_their_labels_and_told(tmp_path, make):
    path = make(tmp_path)
    data, again, other = (load_dataset(path, budget=BUDGET, seed=seed) for seed in (0, 0, 1))
    x, y = np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
    rows = (x[:, 0] / 3).astype(int)
    np.testing.assert_array_equal(x, X[rows])
    np.testing.assert_array_equal(y, Y[rows])
    assert len(set(rows)) == len(rows)
    assert 400 < len(rows) < COUNT
    assert abs(rows.mean() - COUNT / 2) < 5 * COUNT / np.sqrt(12 * len(rows))  # uniform over the file
    told = f"2,000 samples are more than the free memory holds: {len(rows):,} of them, drawn by seed 0, are used"
    assert told in data.remarks
    np.testing.assert_array_equal(again.x_train, data.x_train)
    assert not np.array_equal(other.x_train, data.x_train)
    whole = load_dataset(path, budget=10**9)
    assert len(whole.x_train) + len(whole.x_test) == COUNT
    assert not any("drawn" in one for one in whole.remarks)


def test_training_and_test_samples_are_drawn_alike(tmp_path):
    np.savez(tmp_path / "set.npz", x_train=X[:1600], y_train=Y[:1600], x_test=X[1600:], y_test=Y[1600:])
    data = load_dataset(tmp_path / "set.npz", budget=BUDGET)
    assert 0 <= len(data.x_train) - 4 * len(data.x_test) < 5
    assert data.x_train.max() < 4800 <= data.x_test.min()
    np.testing.assert_array_equal(data.y_test, (data.x_test[:, 0] / 3).astype(int) % 4)


def test_pictures_are_drawn_by_class(tmp_path):
    for name, value in (("dark", 10), ("light", 200)):
        (tmp_path / name).mkdir()
        for number in range(60):
            Image.new("L", (4, 4), value).save(tmp_path / name / f"{number}.png")
    data = load_dataset(tmp_path, budget=20_000)
    assert len(data.x_train) + len(data.x_test) == 41
    np.testing.assert_array_equal(data.y_train == 1, data.x_train[:, 0, 0] > 0.5)
    assert "120 samples are more than the free memory holds: 41 of them" in data.remarks[0]


def test_a_sample_larger_than_memory_is_refused_with_its_size(tmp_path):
    np.savez(tmp_path / "wide.npz", x=np.zeros((3, 100_000), "f4"))
    with pytest.raises(InputError, match=r"data wide\.npz: ten samples would take 0\.0 GiB of memory and 0\.0 GiB are"):
        load_dataset(tmp_path / "wide.npz", budget=1_000_000)


@pytest.mark.parametrize("make", [npz, columnwise, tensors, csv, parquet])
def test_a_read_can_be_stopped(tmp_path, make):
    def stop(share, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        load_dataset(make(tmp_path), progress=stop)


def test_a_reservoir_keeps_each_row_as_often_as_any_other():
    times = np.zeros(60)
    for seed in range(2000):
        kept = Reservoir(12, seed)
        for start in range(0, 60, 7):
            kept.add(np.arange(start, min(start + 7, 60))[:, None])
        rows = kept.rows()[:, 0]
        assert (np.diff(rows) > 0).all()
        times[rows] += 1
    assert times.sum() == 12 * 2000
    expected, deviation = 400, np.sqrt(2000 * 0.2 * 0.8)
    assert np.abs(times - expected).max() < 4.5 * deviation
