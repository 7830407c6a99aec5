"""The MNIST digits: a built-in subset, and the full set if it is found.

MNIST is by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0). Its idx format is described at
http://yann.lecun.com/exdb/mnist: two zero bytes, a type, the number of axes, their lengths, then the numbers,
all of it big-endian.
"""

import gzip
import lzma
import os
import zlib
from pathlib import Path

import numpy as np

from koopview.errors import FileError
from koopview.installation import incomplete
from koopview.network.data import Dataset
from koopview.resources import resource_path

FULL_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
"""The published files, in the order in which the built-in subset holds its four parts."""
SUBSET_FILE = "data/mnist-subset.idx.xz"
"""The first 5,000 training and all 10,000 test digits: four idx files one after another in one xz file."""
CLASS_NAMES = tuple("0123456789")
PICTURE = (28, 28)

LONGEST_HEAD = 4 + 4 * 255
"""Bytes of the longest head of an idx array."""

_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def mnist_dataset(full: bool | None = None) -> Dataset:
    """Return the MNIST digits, a Dataset with 784 numbers from 0 to 1 per picture.

    Parameters
    ----------
    full : bool, optional
        True: all 60,000 training digits, from the data directory. False: the first 5,000 of them, built in.
        None: all of them if they are found. The first 5,000 training and the 10,000 test digits are always the same.

    Raises
    ------
    FileError
        If the full set is asked for and not found, or a file is not what it should be.
    """
    directory = data_directory() / "mnist"
    missing = [name for name in FULL_FILES if not (directory / name).is_file()]
    if full and missing:
        raise FileError(f"the full MNIST set was not found: {directory} has no file {missing[0]}")
    parts = _subset() if full is False or missing else [read_idx(directory / name) for name in FULL_FILES]
    images, labels, test_images, test_labels = parts
    return Dataset(
        _as_inputs(images),
        labels,
        _as_inputs(test_images),
        test_labels,
        name="mnist",
        class_names=CLASS_NAMES,
        picture=PICTURE,
    )


def data_directory() -> Path:
    """Return the folder of large data sets: ``$KOOPVIEW_DATA``, or ``../shared/data`` beside a checkout.

    The folder need not exist. No other function reads the environment for it.
    """
    setting = os.environ.get("KOOPVIEW_DATA")
    if setting:
        return Path(setting).expanduser()
    checkout = Path(__file__).resolve().parent.parent.parent
    return checkout.parent / "shared" / "data"


def read_idx(path: Path) -> np.ndarray:
    """Return the array in an idx file, compressed by gzip or not.

    Raises
    ------
    FileError
        If the file cannot be read or does not hold exactly one idx array.
    """
    array, rest = parse_idx(_file_bytes(path), str(path))
    if rest:
        raise FileError(f"{path} has {len(rest)} bytes too many for an idx array of shape {array.shape}")
    return array


def parse_idx(data: bytes, what: str) -> tuple[np.ndarray, bytes]:
    """Return the idx array at the start of `data`, and the bytes after it.

    Raises
    ------
    FileError
        If `data` does not start with a whole idx array; the message calls it `what`.
    """
    shape, dtype, start = idx_head(data[:LONGEST_HEAD], what)
    stop = start + int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(data) < stop:
        raise FileError(
            f"{what} ends after {len(data)} bytes, expected {stop} for an idx array of shape {tuple(shape)}"
        )
    return np.frombuffer(data[start:stop], dtype).reshape(shape), data[stop:]


def idx_head(start: bytes, what: str) -> tuple[tuple[int, ...], np.dtype, int]:
    """Return shape, type and the place of the first number of an idx array, from its first `LONGEST_HEAD` bytes.

    Raises
    ------
    FileError
        If they are no such head; the message calls the file `what`.
    """
    first = 4 + 4 * start[3] if len(start) >= 4 else 4
    if len(start) < first or start[:2] != b"\0\0" or start[2] not in _IDX_TYPES:
        raise FileError(f"{what} does not start like an idx file (two zero bytes, then a type from 8 to 14)")
    shape = tuple(int.from_bytes(start[offset : offset + 4], "big") for offset in range(4, first, 4))
    return shape, np.dtype(_IDX_TYPES[start[2]]), first


def _file_bytes(path: Path) -> bytes:
    """Return the content of a file, decompressed if it is a gzip file."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(f"{path} is not a whole gzip file: {error}") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error


def _subset() -> list[np.ndarray]:
    """Return the four built-in arrays in the order of FULL_FILES."""
    path, parts = resource_path(SUBSET_FILE), []
    try:
        rest = lzma.decompress(path.read_bytes())
        for _ in FULL_FILES:
            part, rest = parse_idx(rest, str(path))
            parts.append(part)
    except (OSError, lzma.LZMAError) as error:
        raise incomplete(path) from error
    return parts


def _as_inputs(images: np.ndarray) -> np.ndarray:
    """Return byte pictures (samples, 28, 28) as float32 rows (samples, 784) from 0 to 1."""
    if images.shape[1:] != PICTURE:
        raise FileError(f"the MNIST pictures have shape {images.shape}, expected (samples, 28, 28)")
    return images.reshape(len(images), -1) / np.float32(255)
