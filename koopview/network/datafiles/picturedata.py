"""Samples in folders of pictures, one folder per class, as in torchvision's ImageFolder."""

import logging
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from koopview.errors import FileError, InputError
from koopview.memory import check_memory
from koopview.network.datafiles.claims import check_unpacked_from
from koopview.network.datafiles.drawing import Rows, drawn_rows, row_bytes
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import FIRST
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.progress import Progress, part

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Those that Pillow decodes in this process; for others, such as PostScript, it starts programs."""

TRAIN, TEST = ("train", "training"), ("test", "testing", "val", "valid", "validation")
"""Names of folders that hold training and test samples, instead of classes."""

_GREY = ("1", "L", "LA")
"""Pillow's modes of pictures without colour, 8 bits or fewer."""

_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Pillow's modes of grey pictures of 16 bits."""

logging.getLogger("PIL").addHandler(logging.NullHandler())  # else it prints about a broken file

_MOST_PIXELS = 1 << 26
_SHOWN_PIXELS = 1 << 22
_LISTED = 20_000
"""Files that a head lists at most."""


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder: paths, their classes, and the classes' names."""

    paths: list[Path]
    labels: np.ndarray
    names: tuple[str, ...]

    def kept(self, rows: Rows) -> "Listing":
        """Return the Listing of some rows."""
        if rows is None:
            return self
        return Listing([self.paths[row] for row in rows], self.labels[rows], self.names)


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a folder of pictures, with its test samples if it separates them.

    Pictures are float32 from 0 to 1, as in torchvision: (samples, rows, columns), or in colour (samples, 3, rows,
    columns). The folder holds one folder per class, or ``train`` and ``test`` that do. Classes are numbered in the
    order of their names. Of more pictures than memory holds a draw is kept.

    Raises
    ------
    FileError
        If it holds no pictures by class, or a picture that cannot be read.
    InputError
        If pictures differ in size, or training and test samples in their classes.
    """
    with whole_file(path, asked, "folder of pictures"):
        listings = _listings(path, asked)
        width, height = _size(listings[0].paths[0], asked.what)
        _check_claims(path, [one for listing in listings for one in listing.paths], 3 * width * height, asked)
        counts = [len(one.paths) for one in listings]
        rows, drawn = drawn_rows(counts, row_bytes(3 * width * height, 2), asked, path.name)
        kept = [one.kept(own) for one, own in zip(listings, rows, strict=True)]
        modes = _modes([one for listing in kept for one in listing.paths], (width, height), asked.what)
        parts = [
            _stacked(one.paths, modes, asked.what, part(asked.progress, index / len(kept), (index + 1) / len(kept)))
            for index, one in enumerate(kept)
        ]
    test, test_labels = (parts[1], kept[1].labels) if len(parts) > 1 else (None, None)
    return Samples(parts[0], kept[0].labels, test, test_labels, listings[0].names, (*drawn, *_told(modes)))


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a folder of pictures, from a bounded listing and a few pictures."""
    with whole_file(path, asked, "folder of pictures"):
        listings = _listings(path, asked, _LISTED)
        train = listings[0]
        by_class = [
            [one for one, label in zip(train.paths, train.labels, strict=True) if label == number]
            for number in range(len(train.names))
        ]
        turns = [one for row in zip_longest(*(own[:FIRST] for own in by_class)) for one in row if one is not None]
        width, height = _size(turns[0], asked.what)
        count = max(1, min(FIRST, _SHOWN_PIXELS // (width * height)))
        shown = sorted(turns[:count], key=train.paths.index)
        labels = tuple(train.names[train.labels[train.paths.index(one)]] for one in shown)
        _check_claims(path, shown, 3 * width * height, asked)
        modes = _modes(shown, (width, height), asked.what)
        first = _stacked(shown, modes, asked.what, lambda share, text: None)
    full = sum(len(one.paths) for one in listings) < _LISTED
    return DataHead(
        "a folder of pictures by class",
        (),
        "",
        "",
        len(train.paths) if full else 0,
        len(listings[1].paths) if full and len(listings) > 1 else 0,
        first.shape[1:],
        train.names,
        first,
        labels,
        _told(modes),
    )


def _listings(folder: Path, asked: Asked, most: int | None = None) -> list[Listing]:
    """Return the Listing of a folder, and that of its test samples if it separates them."""
    inside = {path.name.lower(): path for path in _folders(folder)}
    train, test = (next((inside[name] for name in names if name in inside), None) for names in (TRAIN, TEST))
    if train is None or test is None:
        return [_by_class(folder, asked.what, most)]
    parts = [_by_class(train, asked.what, most), _by_class(test, asked.what, most)]
    if parts[0].names != parts[1].names:
        raise InputError(
            f"{asked.what} {folder} has other classes in {train.name} than in {test.name}, expected the same"
        )
    return parts


def _by_class(folder: Path, what: str, most: int | None) -> Listing:
    """Return the Listing of a folder that holds one folder per class."""
    found = [(inner.name, _pictures_in(inner, most)) for inner in _folders(folder)]
    named = [(name, paths) for name, paths in found if paths]
    if not named:
        flat = len(_pictures_in(folder, _LISTED))
        tables = [one.name for one in folder.glob("*.csv")]
        beside = f", with {tables[0]} beside them" if tables else ""
        held = f"holds {flat:,} pictures in no folder of a class{beside}" if flat else "holds no pictures by class"
        raise FileError(f"{what} {folder} {held}, expected one folder a class, pictures in each")
    labels = np.repeat(np.arange(len(named)), [len(inside) for _, inside in named])
    return Listing([path for _, inside in named for path in inside], labels, tuple(name for name, _ in named))


def _check_claims(folder: Path, paths: Sequence[Path], each: int, asked: Asked) -> None:
    """Raise FileError if pictures of so many bytes each unpack to far more than their files, as none of use do."""
    check_unpacked_from(
        sum(path.stat().st_size for path in paths if path.is_file()), len(paths) * each, f"{asked.what} {folder}"
    )


def _modes(paths: Sequence[Path], size: tuple[int, int], what: str) -> set[str]:
    """Return Pillow's modes of pictures, of which "alpha" and "deep" tell more; raises InputError for another size."""
    modes = set()
    for path in paths:
        with _opened(path, what) as picture:
            if picture.size != size:
                raise InputError(
                    f"{what} {path} has {picture.width} x {picture.height} pixels, "
                    f"expected {size[0]} x {size[1]} as those before it"
                )
            if picture.mode == "F":
                raise InputError(
                    f"{what} {path} holds fractions as pixels, expected bytes; an NPZ file holds any numbers"
                )
            modes.add(picture.mode)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                modes.add("alpha")
    return modes


def _told(modes: set[str]) -> tuple[str, ...]:
    told = ("the pictures' opacity (their alpha channel) is not used",) if "alpha" in modes else ()
    return (*told, "pictures of 16 bits are divided by 65,535") if modes & {*_DEEP} else told


def _stacked(paths: Sequence[Path], modes: set[str], what: str, progress: Progress) -> np.ndarray:
    """Return pictures of one size as an array, in colour if any of them is; 0 to 1, as in torchvision."""
    width, height = _size(paths[0], what)
    mode, channels = ("L", 1) if modes - {"alpha"} <= {*_GREY, *_DEEP} else ("RGB", 3)
    kind, largest = (np.uint16, 65535) if modes & {*_DEEP} else (np.uint8, 255)
    check_memory(9 * len(paths) * channels * width * height, f"{what} {paths[0].parent}", "fewer or smaller pictures")
    pictures = np.empty((len(paths), height, width, channels), kind)
    for index, path in enumerate(paths):
        progress(index / len(paths), "Reading pictures")
        with _opened(path, what) as picture, _readable(path, what):
            pictures[index] = _pixels(picture, mode, kind).reshape(pictures.shape[1:])
    arranged = pictures[..., 0] if channels == 1 else np.moveaxis(pictures, -1, 1)
    return arranged / np.float32(largest)


def _pixels(picture: Image.Image, mode: str, kind: type) -> np.ndarray:
    """Return a picture's pixels: bytes, or of 16 bits, to which those of 8 are widened."""
    if picture.mode in _DEEP:
        deep = np.asarray(picture).clip(0, 65535).astype(np.uint16)
        return deep if mode == "L" else np.repeat(deep[..., None], 3, axis=-1)
    pixels = np.asarray(picture.convert(mode))
    return pixels.astype(np.uint16) * 257 if kind is np.uint16 else pixels


def _size(path: Path, what: str) -> tuple[int, int]:
    with _opened(path, what) as picture:
        return picture.size


def _opened(path: Path, what: str) -> Image.Image:
    """Return an opened picture: its size is known, its pixels are not read yet."""
    with _readable(path, what):
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileError(f"{what} {path} is a device or a pipe, expected a picture")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=FORMATS)
        if picture.width * picture.height > _MOST_PIXELS:
            picture.close()
            raise Image.DecompressionBombError
        return picture


@contextmanager
def _readable(path: Path, what: str) -> Iterator[None]:
    """Raise FileError for whatever Pillow raises inside."""
    try:
        yield
    except FileError:
        raise
    except Image.DecompressionBombError as error:
        raise FileError(
            f"{what} {path} says that it has more than {_MOST_PIXELS:,} pixels, expected a smaller picture"
        ) from error
    except (UnidentifiedImageError, FileNotFoundError) as error:
        raise FileError(f"{what} {path} cannot be read, expected a picture ({', '.join(FORMATS)})") from error
    except Exception as error:  # Pillow raises any of many for a broken file
        raise FileError(f"{what} {path} cannot be read, expected a whole picture") from error


def _folders(folder: Path) -> list[Path]:
    """Return the folders inside one, in order, without hidden ones."""
    return sorted(Path(one.path) for one in os.scandir(folder) if one.is_dir() and not one.name.startswith("."))


def _pictures_in(folder: Path, most: int | None) -> list[Path]:
    """Return the pictures of a folder, in order, without hidden files (macOS puts "._0.png" beside "0.png")."""
    found = []
    with os.scandir(folder) as inside:
        for one in inside:
            if one.name.lower().endswith(ENDINGS) and not one.name.startswith("."):
                found.append(Path(one.path))
            if most is not None and len(found) >= most:
                break
    return sorted(found)
