"""Folders of pictures: against the arrays that they were written from."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from koopview.errors import FileError, InputError
from koopview.network.datafiles import claims
from koopview.network.datafiles.heads import data_head
from koopview.network.datafiles.load import load_dataset

RNG = np.random.default_rng(0)


def write(folder, count=4, shape=(5, 7), ending=".png"):
    """Write random pictures and return them, uint8."""
    folder.mkdir(parents=True)
    pictures = RNG.integers(0, 256, (count, *shape), dtype=np.uint8)
    for place, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{place}{ending}")
    return pictures


def test_each_folder_is_a_class_and_a_fifth_is_kept_for_testing(tmp_path):
    cats, dogs = write(tmp_path / "set" / "cats"), write(tmp_path / "set" / "dogs", 6)
    (tmp_path / "set" / "cats" / "notes.txt").write_text("no picture")
    (tmp_path / "set" / "empty").mkdir()
    data = load_dataset(tmp_path / "set")
    assert (data.name, data.class_names, data.picture) == ("set", ("cats", "dogs"), (5, 7))
    assert (len(data.x_train), len(data.x_test)) == (8, 2)
    found = np.concatenate([data.x_train, data.x_test])
    classes = np.concatenate([data.y_train, data.y_test])
    for label, pictures in enumerate((cats, dogs)):
        seen = {picture.tobytes() for picture in np.round(255 * found[classes == label]).astype(np.uint8)}
        assert seen == {picture.tobytes() for picture in pictures}


def test_folders_for_training_and_testing_are_kept_apart(tmp_path):
    for part, count in (("train", 3), ("val", 2)):
        for name in ("a", "b"):
            write(tmp_path / part / name, count)
    data = load_dataset(tmp_path)
    assert data.y_train.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.y_test.tolist() == [0, 0, 1, 1]


def test_colour_comes_channel_by_channel_as_torch_flattens_it(tmp_path):
    pictures = write(tmp_path / "train" / "a", 2, (4, 3, 3))
    write(tmp_path / "test" / "a", 1, (4, 3, 3))
    data = load_dataset(tmp_path)
    np.testing.assert_allclose(data.x_train, np.moveaxis(pictures, -1, 1) / 255, rtol=1e-6)
    assert data.picture is None


def test_a_second_folder_gives_the_test_samples(tmp_path):
    write(tmp_path / "one" / "a"), write(tmp_path / "two" / "a", 3)
    data = load_dataset(tmp_path / "one", test_data=tmp_path / "two")
    assert (len(data.x_train), len(data.x_test)) == (4, 3)


@pytest.mark.parametrize(
    ("break_it", "error", "words"),
    [
        (lambda folder: None, FileError, "holds no pictures by class, expected one folder a class"),
        (lambda folder: write(folder / "a") is write(folder / "b", 2, (6, 7)), InputError, "expected 7 x 5 as those"),
        (lambda folder: (folder / "a").mkdir() or (folder / "a" / "x.png").write_text("no"), FileError, "x.png cannot"),
        (lambda folder: cut(write(folder / "a"), folder / "a" / "0.png"), FileError, "0.png cannot be read"),
        (
            lambda folder: write(folder / "train" / "a") is write(folder / "test" / "b"),
            InputError,
            "has other classes in train than in test",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, break_it, error, words):
    break_it(tmp_path)
    with pytest.raises(error, match=words):
        load_dataset(tmp_path)


def test_array_names_are_no_use_here(tmp_path):
    write(tmp_path / "a")
    with pytest.raises(InputError, match="array names are given with data"):
        load_dataset(tmp_path, keys=("a", "b"))


def png(width, height):
    """A picture that says it is so large."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 2 2\nshowpage\n"),
            "expected a picture",
        ),
        (os.mkfifo, "is a device or a pipe, expected a picture"),
        (lambda path: path.symlink_to("/dev/zero"), "is a device or a pipe, expected a picture"),
        (lambda path: path.symlink_to("nowhere"), "cannot be read, expected a picture"),
        (lambda path: path.write_bytes(png(100_000, 100_000)), "says that it has more than 67,108,864 pixels"),
        (lambda path: path.write_bytes(png(8_500, 8_500)), "says that it has more than 67,108,864 pixels"),
    ],
)
def test_what_is_no_picture_is_told_and_nothing_else_is_started(tmp_path, make, words):
    write(tmp_path / "a")
    write(tmp_path / "b")
    (tmp_path / "a" / "0.png").unlink()
    make(tmp_path / "a" / "0.png")
    for open_it in (load_dataset, data_head):
        with pytest.raises(FileError, match=rf"0\.png {words}" if "expected a picture" not in words else words):
            open_it(tmp_path)


def test_small_pictures_of_very_many_pixels_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LARGE", 1 << 20)
    (tmp_path / "a").mkdir()
    for name in "01":
        Image.new("L", (1000, 1000)).save(tmp_path / "a" / f"{name}.png")
    for open_it in (load_dataset, data_head):
        with pytest.raises(FileError, match=r"would unpack from \d,\d+ bytes to 6 MiB, expected at most 100 times"):
            open_it(tmp_path)


def test_hidden_files_are_passed_over(tmp_path):
    write(tmp_path / "a")
    for name in ("._0.png", ".DS_Store", "Thumbs.db"):
        (tmp_path / "a" / name).write_bytes(b"\0\5\x16\7" + bytes(80))
    data = load_dataset(tmp_path)
    assert len(data.x_train) + len(data.x_test) == 4


def test_deep_pictures_keep_their_shades(tmp_path):
    (tmp_path / "train" / "a").mkdir(parents=True)
    (tmp_path / "test" / "a").mkdir(parents=True)
    deep = np.array([[0, 300, 65535], [1, 40000, 257]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "train" / "a" / "0.png")
    Image.fromarray((deep // 257).astype(np.uint8)).save(tmp_path / "test" / "a" / "0.png")
    data = load_dataset(tmp_path)
    np.testing.assert_allclose(data.x_train[0], deep / 65535, rtol=1e-6)
    np.testing.assert_allclose(data.x_test[0], (deep // 257) / 255, rtol=1e-6)
    assert data.remarks[:1] == ("pictures of 16 bits are divided by 65,535",)
    assert data.remarks[1:] == ("1 training sample is so few that a fit says nothing of others",)


def test_opacity_is_told_and_palettes_are_colours(tmp_path):
    (tmp_path / "train" / "a").mkdir(parents=True)
    write(tmp_path / "test" / "a", 1, (2, 2, 3))
    pixels = RNG.integers(0, 256, (2, 2, 4), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "train" / "a" / "0.png")
    drawn = Image.fromarray(pixels[..., :3]).quantize(4)
    drawn.save(tmp_path / "train" / "a" / "1.png")
    data = load_dataset(tmp_path)
    np.testing.assert_allclose(data.x_train[0], np.moveaxis(pixels[..., :3], -1, 0) / 255, rtol=1e-6)
    np.testing.assert_allclose(data.x_train[1], np.moveaxis(np.asarray(drawn.convert("RGB")), -1, 0) / 255, rtol=1e-6)
    assert data.remarks[0] == "the pictures' opacity (their alpha channel) is not used"


def test_pictures_beside_a_table_of_labels_are_told(tmp_path):
    write(tmp_path / "flat")
    (tmp_path / "flat" / "labels.csv").write_text("0.png,1\n")
    with pytest.raises(FileError, match=r"holds 4 pictures in no folder of a class, with labels\.csv beside them"):
        load_dataset(tmp_path / "flat")


def test_the_head_of_a_folder(tmp_path):
    cats, dogs = write(tmp_path / "train" / "cats", 9), write(tmp_path / "train" / "dogs", 2)
    write(tmp_path / "test" / "cats", 1), write(tmp_path / "test" / "dogs", 1)
    head = data_head(tmp_path)
    assert (head.samples, head.test_samples, head.shape, head.classes) == (11, 2, (5, 7), ("cats", "dogs"))
    assert head.first_labels == ("cats",) * 6 + ("dogs",) * 2
    np.testing.assert_array_equal(np.round(255 * head.first[:6]), cats[:6])
    np.testing.assert_array_equal(np.round(255 * head.first[6:]), dogs)


def cut(pictures, path):
    path.write_bytes(path.read_bytes()[:60])
