"""Samples in an NPZ file, by the names of its arrays; one that could run code is refused."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from koopview.errors import FileError, InputError, KoopViewError
from koopview.files import existing_file
from koopview.memory import check_memory
from koopview.network.datafiles.samples import Asked, DataNames, Samples


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    arrays = read_npz(path, asked.what, asked.expected)
    inputs, labels = _names(arrays, asked.keys, path.name, asked.part)
    _check_order(arrays[inputs], arrays.get(labels), path.name)
    test = _test_names(inputs, labels, arrays)
    test_arrays = (None, None) if test is None else (arrays.get(test[0]), arrays.get(test[1]))
    return Samples(arrays[inputs], arrays.get(labels), *test_arrays)


def names(path: Path) -> DataNames:
    """Return the DataNames of a file's arrays, empty for a file that is no NPZ."""
    found = array_names(path) if zipfile.is_zipfile(path) else ()
    return DataNames(found, found)


def array_names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays in an NPZ file, in its order."""
    with zipfile.ZipFile(path) as file:
        return tuple(name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy"))


def _check_order(inputs: np.ndarray, labels: np.ndarray | None, name: str) -> None:
    """Raise InputError if the labels have a row per sample, and the inputs one number: they are swapped."""
    if labels is not None and np.ndim(inputs) == 1 and np.ndim(labels) > 1:  # a broken member is bytes, reported later
        raise InputError(
            f"data {name}: inputs have shape {inputs.shape} and labels {labels.shape}, "
            "expected them the other way round"
        )


def read_npz(path: Path, what: str = "data", expected: str = "an NPZ file") -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ file; one that holds Python objects (a pickle) is refused.

    Errors call the file `what`, and say that `expected` was expected if there is none.
    """
    existing_file(path, what, expected)
    broken = f"{what} {path} is no whole NPZ file, expected one that numpy.savez wrote"
    if path.suffix.lower() == ".npy":
        raise FileError(
            f"{what} {path} is one array alone, expected an NPZ file of several: numpy.savez(FILE, x=X, y=Y)"
        )
    if not zipfile.is_zipfile(path):
        named_so = path.suffix.lower() == ".npz"
        raise FileError(broken if named_so else f"{what} {path} is no data file, expected {expected}")
    try:
        with zipfile.ZipFile(path) as file:
            if any(name.endswith("/data.pkl") for name in file.namelist()):  # as torch.save writes them
                raise FileError(f"{what} {path} is a PyTorch file, expected {expected}; a model is opened as a model")
            size = sum(member.file_size for member in file.infolist())
        check_memory(2 * size, f"{what} {path}", "a smaller file")  # the arrays, and their float32 copies
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):  # a member that is no array is bytes
            raise FileError(broken)
        return arrays
    except KoopViewError:
        raise
    except Exception as error:  # numpy, zipfile and zlib raise many types for a broken file
        if "allow_pickle" in str(error):
            raise FileError(
                f"{what} {path} holds Python objects, which could run code when read; expected arrays of numbers alone"
            ) from error
        raise FileError(broken) from error


def _names(arrays: Mapping[str, np.ndarray], keys: tuple[str, str] | None, name: str, part: str) -> tuple[str, str]:
    """Return the names of inputs and labels of a part, "train" or "test"; InputError if a requested one is missing.

    Labels that were not asked for may be missing.
    """
    usual = (f"x_{part}", f"y_{part}") if f"x_{part}" in arrays else ("x", "y")
    inputs, labels = keys or usual
    if part == "test":
        inputs, labels = _test_names(inputs, labels, arrays) or (inputs, labels)
    missing = [key for key in (inputs, labels) if key and key not in arrays]
    if inputs in missing or (keys is not None and missing):
        held = ", ".join(sorted(arrays)) or "nothing"
        if keys:
            raise InputError(f"data {name} holds {held}, expected {missing[0]}")
        names = f"x, y or x_{part}, y_{part}, or to be told the names of inputs and labels"
        raise InputError(f"data {name} holds {held}, expected {names}", "--keys X,Y")
    return inputs, labels


def _test_names(inputs: str, labels: str, arrays: Mapping[str, np.ndarray]) -> tuple[str, str] | None:
    """Return the names of the test samples' inputs and labels, derived from those of the training samples.

    None if the names do not mention training, or `arrays` hold neither.
    """
    names = _test_name(inputs), _test_name(labels)
    told = names[0] and (names[1] or not labels)
    return names if told and any(name in arrays for name in names) else None


def _test_name(name: str) -> str:
    """Return "readings_test" for "readings_train", empty for a name that does not mention training."""
    for train, test in (("train", "test"), ("Train", "Test"), ("TRAIN", "TEST")):
        if train in name:
            return name.replace(train, test)
    return ""
