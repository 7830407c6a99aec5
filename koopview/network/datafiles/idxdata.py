"""Samples in a pair of idx files, as MNIST and similar sets are published: pictures, and labels beside them."""

import gzip
from functools import partial
from pathlib import Path

import numpy as np

from koopview.errors import FileError
from koopview.files import existing_file
from koopview.network.datafiles.choice import Chosen
from koopview.network.datafiles.claims import check_unpacked
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.mnist import LONGEST_HEAD, idx_head

_OF_TEST = ("t10k", "test")
"""Words in names of test samples, in place of "train"."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a pair: its pictures and labels, and those of a pair of test samples beside it."""
    with whole_file(path, asked, "idx file"):
        arrays, taken, remarks = _pairs(path, asked)
        found = samples_of(arrays, asked, path.name, taken)
        return found._replace(remarks=(*found.remarks, *remarks))


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a pair."""
    with whole_file(path, asked, "idx file"):
        arrays, taken, _ = _pairs(path, asked)
        return head_of(arrays, asked, path.name, "idx", taken)


def labels_beside(path: Path) -> Path | None:
    """Return the labels' path for a file of pictures: ``train-labels-idx1-ubyte`` for ``train-images-idx3-ubyte``.

    None if its name does not say that it holds images.
    """
    if "images" not in path.name:
        return None
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    other = name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"
    beside, packed = path.with_name(name), path.with_name(other)
    return packed if packed.is_file() and not beside.exists() else beside


def _pairs(path: Path, asked: Asked) -> tuple[dict[str, HeldArray], Chosen, tuple[str, ...]]:
    """Return the arrays of a pair and of its test samples, which are which, and the remark on the latter."""
    images, labels = _pair(path, asked)
    arrays = {images.name: images, labels.name: labels}
    test = _test_samples(path) if asked.part == "train" else None
    if test is None:
        return arrays, Chosen((images.name,), (labels.name,)), ()
    of_test = _pair(test, asked)
    arrays |= {one.name: one for one in of_test}
    taken = Chosen((images.name,), (labels.name,), (of_test[0].name,), (of_test[1].name,))
    return arrays, taken, (f"the test samples are those of {test.name} beside it",)


def _pair(path: Path, asked: Asked) -> tuple[HeldArray, HeldArray]:
    """Return pictures and labels of a pair; raises FileError if one is missing or broken."""
    labels = labels_beside(path)
    if labels is None:
        raise FileError(
            f"{asked.what} {path} is an idx file, expected 'images' in its name and 'labels' in the one beside it"
        )
    if not labels.exists():
        raise FileError(f"{asked.what} {path} has no labels beside it, expected {labels.name}")
    return _held(path, asked), _held(existing_file(labels, "labels", "an idx file"), asked)


def _test_samples(path: Path) -> Path | None:
    """Return the test samples' file beside one of training samples, None if there is no whole pair."""
    names = [path.name.replace("train", word) for word in _OF_TEST if "train" in path.name]
    pairs = [(path.with_name(name), labels_beside(path.with_name(name))) for name in names]
    return next((one for one, labels in pairs if one.is_file() and labels is not None and labels.is_file()), None)


def _held(path: Path, asked: Asked) -> HeldArray:
    """Return the array of an idx file, compressed by gzip or not; raises FileError if its size is another."""
    stream = _opened(path, 0)
    try:
        shape, dtype, start = idx_head(stream.read(LONGEST_HEAD), str(path))
    except (EOFError, OSError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{path} is not a whole gzip file: {error}") from error
    finally:
        stream.close()
    found = HeldArray(path.name, shape, dtype, partial(_checked, path, start, shape, dtype))
    size, expected = path.stat().st_size, start + found.size
    if _is_packed(path):
        check_unpacked(path, expected, asked)
    elif size != expected:
        off = f"ends after {size:,} bytes" if size < expected else f"has {size - expected:,} bytes too many"
        raise FileError(f"{path} {off}, expected {expected:,} for an idx array of shape {shape}")
    return found


def _checked(path: Path, start: int, shape: tuple[int, ...], dtype: np.dtype) -> Stream:
    return _Whole(path, _opened(path, start), int(np.prod(shape, dtype=object)) * dtype.itemsize)


def _opened(path: Path, start: int) -> Stream:
    """Return a stream of a file's bytes, decompressed, from the place `start`."""
    file: Stream = gzip.GzipFile(path) if _is_packed(path) else path.open("rb")
    try:
        file.read(start)
    except BaseException:
        file.close()
        raise
    return file


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


class _Whole:
    """A stream that must end where the array does."""

    def __init__(self, path: Path, file: Stream, size: int) -> None:
        self._path, self._file, self._left = path, file, size

    def read(self, count: int) -> bytes:
        try:
            found = self._file.read(count)
            self._left -= len(found)
            if self._left == 0 and self._file.read(1):
                raise FileError(f"{self._path} has more bytes than its idx array")
        except (EOFError, gzip.BadGzipFile) as error:
            raise FileError(f"{self._path} is not a whole gzip file: {error}") from error
        return found

    def close(self) -> None:
        self._file.close()
