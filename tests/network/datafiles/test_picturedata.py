"""Folders of pictures: against the arrays that they were written from."""

import numpy as np
import pytest
from PIL import Image

from koopview.errors import FileError, InputError
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


def cut(pictures, path):
    path.write_bytes(path.read_bytes()[:60])
