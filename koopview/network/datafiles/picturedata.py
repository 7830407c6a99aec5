"""Samples in folders of pictures, one folder per class, as in torchvision's ImageFolder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from koopview.errors import FileError, InputError
from koopview.memory import check_memory
from koopview.network.datafiles.samples import Asked, DataNames, Samples

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
TRAIN, TEST = ("train", "training"), ("test", "testing", "val", "valid", "validation")
"""Names of folders that hold training and test samples, instead of classes."""

_GREY = ("1", "L", "LA")
"""Pillow's modes of pictures without colour."""

Pictures = tuple[np.ndarray, np.ndarray, tuple[str, ...]]
"""Pictures (samples, rows, columns) or, in colour, (samples, 3, rows, columns), from 0 to 1; classes; their names."""


def read_pictures(folder: Path, what: str) -> tuple[Pictures, Pictures | None]:
    """Return the Pictures of a folder, and those of its test samples if it separates them.

    Parameters
    ----------
    folder : path
        Holds one folder per class, or ``train`` and ``test`` that do. Classes are numbered in the order of their names.
    what : str
        Name of the folder in errors.

    Raises
    ------
    FileError
        If it holds no pictures by class, or a picture that cannot be read.
    InputError
        If pictures differ in size, or training and test samples in their classes.
    """
    inside = {path.name.lower(): path for path in _folders(folder)}
    train, test = (next((inside[name] for name in names if name in inside), None) for names in (TRAIN, TEST))
    if train is None or test is None:
        return _by_class(folder, what), None
    parts = _by_class(train, what), _by_class(test, what)
    if parts[0][2] != parts[1][2]:
        raise InputError(f"{what} {folder} has other classes in {train.name} than in {test.name}, expected the same")
    return parts


def _by_class(folder: Path, what: str) -> Pictures:
    """Return the Pictures of a folder that holds one folder per class."""
    found = [(inner.name, _pictures_in(inner)) for inner in _folders(folder)]
    named = [(name, paths) for name, paths in found if paths]
    if not named:
        raise FileError(f"{what} {folder} holds no pictures by class, expected one folder a class, pictures in each")
    paths = [path for _, inside in named for path in inside]
    labels = np.repeat(np.arange(len(named)), [len(inside) for _, inside in named])
    return _stacked(paths, folder, what), labels, tuple(name for name, _ in named)


def _stacked(paths: Sequence[Path], folder: Path, what: str) -> np.ndarray:
    """Return pictures of one size as an array, in colour if any of them is; 0 to 1, as in torchvision."""
    size, modes = None, set()
    for path in paths:
        with _opened(path, what) as picture:
            size = size or picture.size
            modes.add(picture.mode)
            if picture.size != size:
                raise InputError(
                    f"{what} {path} has {picture.width} x {picture.height} pixels, "
                    f"expected {size[0]} x {size[1]} as those before it"
                )
    assert size is not None
    mode, channels = ("L", 1) if modes <= {*_GREY} else ("RGB", 3)
    check_memory(9 * len(paths) * channels * size[0] * size[1], f"{what} {folder}", "fewer or smaller pictures")
    pictures = np.empty((len(paths), size[1], size[0], channels), np.uint8)
    for index, path in enumerate(paths):
        with _opened(path, what) as picture:
            pictures[index] = np.asarray(_loaded(picture, mode, path, what)).reshape(pictures.shape[1:])
    arranged = pictures[..., 0] if channels == 1 else np.moveaxis(pictures, -1, 1)
    return arranged / np.float32(255)


def _opened(path: Path, what: str) -> Image.Image:
    """Return an opened picture: its size is known, its pixels are not read yet."""
    try:
        return Image.open(path)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise FileError(f"{what} {path} cannot be read, expected a picture") from error


def _loaded(picture: Image.Image, mode: str, path: Path, what: str) -> Image.Image:
    try:
        return picture.convert(mode)
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises any of these for a broken file
        raise FileError(f"{what} {path} cannot be read, expected a whole picture") from error


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a folder of pictures, with its test samples if it separates them."""
    (inputs, labels, names), test = read_pictures(path, asked.what)
    test_inputs, test_labels = (None, None) if test is None else test[:2]
    return Samples(inputs, labels, test_inputs, test_labels, names)


def names(path: Path) -> DataNames:
    """Return empty DataNames: pictures leave no choice."""
    return DataNames()
