"""The built-in MNIST subset against published counts and the published files, and broken files against sentences."""

import gzip
import hashlib
import lzma
import struct

import numpy as np
import pytest

from koopview.errors import FileError
from koopview.network import mnist
from koopview.network.mnist import FULL_FILES, data_directory, mnist_dataset, parse_idx, read_idx
from koopview.resources import resource_path

SUBSET = resource_path(mnist.SUBSET_FILE)
FULL = data_directory() / "mnist"
needs_full_set = pytest.mark.skipif(
    not all((FULL / name).is_file() for name in FULL_FILES), reason="the full MNIST set is not here"
)
TEST_HISTOGRAM = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
TRAIN_HISTOGRAM = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
FIRST_LABELS = [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def idx(array: np.ndarray, code: int = 0x08) -> bytes:
    """Write an idx file by its description."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """Return the folder `mnist` of a data directory of the test's own, named by the environment."""
    monkeypatch.setenv("KOOPVIEW_DATA", str(tmp_path))
    (tmp_path / "mnist").mkdir()
    return tmp_path / "mnist"


def write_full(folder, train: int = 7, test: int = 3, side: int = 28) -> list[np.ndarray]:
    """Write a made-up full set and return its arrays."""
    rng = np.random.default_rng(0)
    arrays = []
    for count in (train, test):
        arrays.append(rng.integers(256, size=(count, side, side), dtype=np.uint8))
        arrays.append(rng.integers(10, size=count, dtype=np.uint8))
    for name, array in zip(FULL_FILES, arrays, strict=True):
        (folder / name).write_bytes(gzip.compress(idx(array)))
    return arrays


def test_the_subset_is_one_file_under_4_mb():
    assert SUBSET.stat().st_size < 4_000_000
    assert [path.name for path in SUBSET.parent.glob("mnist*")] == [SUBSET.name]
    assert "CC" in (readme := (SUBSET.parent / "README.md").read_text()) or "Creative Commons" in readme


def test_the_subset_has_the_published_counts_and_numbers_from_0_to_1():
    data = mnist_dataset(full=False)
    assert (data.x_train.shape, data.x_test.shape) == ((5000, 784), (10_000, 784))
    assert data.x_train.dtype == np.float32
    assert (data.x_test.min(), data.x_test.max()) == (0, 1)
    assert np.bincount(data.y_test).tolist() == TEST_HISTOGRAM
    assert data.y_train[:10].tolist() == FIRST_LABELS
    assert (data.name, data.class_names) == ("mnist", tuple("0123456789"))


def test_the_subset_s_test_pictures_are_the_published_bytes():
    """The digest is that of the published file of test pictures, uncompressed."""
    pictures = np.round(mnist_dataset(full=False).x_test * 255).astype(np.uint8)
    content = struct.pack(">IIII", 0x803, 10_000, 28, 28) + pictures.tobytes()
    assert hashlib.md5(content).hexdigest() == "2646ac647ad5339dbf082846283269ea"


@needs_full_set
def test_the_subset_is_the_head_of_the_published_files():
    rest = lzma.decompress(SUBSET.read_bytes())
    for name in FULL_FILES:
        published = gzip.decompress((FULL / name).read_bytes())
        part, rest = parse_idx(rest, name)
        head = 4 + 4 * part.ndim
        count = 5000 if name.startswith("train") else 10_000
        assert part.shape[0] == count
        assert hashlib.sha256(part.tobytes()).digest() == hashlib.sha256(published[head : head + part.size]).digest()
    assert rest == b""


@needs_full_set
def test_the_full_set_is_taken_where_it_is_and_begins_with_the_subset():
    full, subset = mnist_dataset(), mnist_dataset(full=False)
    assert full.x_train.shape == (60_000, 784)
    assert np.bincount(full.y_train).tolist() == TRAIN_HISTOGRAM
    np.testing.assert_array_equal(full.x_train[:5000], subset.x_train)
    np.testing.assert_array_equal(full.y_train[:5000], subset.y_train)
    np.testing.assert_array_equal(full.x_test, subset.x_test)
    assert full.name == subset.name


def test_the_environment_names_the_data_directory(data_folder):
    assert data_directory() == data_folder.parent
    images, labels, test_images, _ = write_full(data_folder)
    data = mnist_dataset()
    np.testing.assert_array_equal(data.x_train, images.reshape(7, 784) / np.float32(255))
    np.testing.assert_array_equal(data.y_train, labels)
    assert data.x_test.shape == (len(test_images), 784)
    assert len(mnist_dataset(full=False).x_train) == 5000


@pytest.mark.parametrize("missing", FULL_FILES)
def test_without_the_whole_full_set_the_subset_is_taken_and_asking_for_it_says_what_is_missing(data_folder, missing):
    write_full(data_folder)
    (data_folder / missing).unlink()
    assert len(mnist_dataset().x_train) == 5000
    with pytest.raises(FileError, match=missing):
        mnist_dataset(full=True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "does not start like an idx file"),
        (b"\0\0\x07\1\0\0\0\1\0", "does not start like an idx file"),
        (b"PK\3\4 and so on", "does not start like an idx file"),
        (b"\0\0\x08\3\0\0", "does not start like an idx file"),
        (idx(np.zeros((2, 3), np.uint8))[:-1], r"ends after 17 bytes, expected 18 for an idx array of shape \(2, 3\)"),
        (idx(np.zeros((2, 3), np.uint8)) + b"xy", "has 2 bytes too many"),
        (b"\0\0\x08\2" + b"\xff" * 8, "ends after 12 bytes"),
        (gzip.compress(idx(np.zeros(90, np.uint8)), mtime=0)[:-9], "is not a whole gzip file"),
        (gzip.compress(b"", mtime=0)[:12] + b"\xff\xff\xff", "is not a whole gzip file"),
    ],
)
def test_a_broken_idx_file_is_one_sentence_that_names_it(tmp_path, content, sentence):
    path = tmp_path / "broken-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_idx_file_is_a_file_error(tmp_path):
    with pytest.raises(FileError, match="nowhere cannot be read: No such file"):
        read_idx(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("code", "dtype"), [(0x08, "u1"), (0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
def test_every_idx_type_is_read_with_and_without_gzip(tmp_path, code, dtype):
    array = np.arange(-6, 6).reshape(2, 3, 2).astype(dtype)
    for content in (idx(array, code), gzip.compress(idx(array, code))):
        (tmp_path / "file").write_bytes(content)
        read = read_idx(tmp_path / "file")
        assert read.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(read, array)


def test_pictures_of_another_size_are_a_file_error(data_folder):
    write_full(data_folder, side=8)
    with pytest.raises(FileError, match=r"expected \(samples, 28, 28\)"):
        mnist_dataset()


def test_a_broken_subset_is_a_file_error(tmp_path, monkeypatch):
    broken = tmp_path / "mnist.xz"
    broken.write_bytes(SUBSET.read_bytes()[:1000])
    monkeypatch.setattr(mnist, "resource_path", lambda name: broken)
    with pytest.raises(FileError, match=r"mnist\.xz, which comes with KoopView, is missing or broken"):
        mnist_dataset(full=False)
