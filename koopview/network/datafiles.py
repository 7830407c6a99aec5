"""Open a data set: a built-in one by name, an NPZ, CSV or idx file, or a folder of pictures by class."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from koopview.errors import FileError, InputError, KoopViewError
from koopview.files import existing_file
from koopview.memory import check_memory
from koopview.network.data import Dataset
from koopview.network.idxdata import is_idx, read_idx_pair
from koopview.network.mnist import mnist_dataset
from koopview.network.textdata import CSV_ENDINGS, read_csv
from koopview.network.yinyang import yinyang_dataset

KINDS = "an NPZ, CSV or idx file or a folder of pictures by class"


class Samples(NamedTuple):
    """What a file holds; labels, and test samples beside the others, are None where there are none."""

    inputs: np.ndarray
    labels: np.ndarray | None
    test_inputs: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()


NORMALIZATIONS = ("none", "unit", "standard")
_BUILT_IN: dict[str, Callable[[], Dataset]] = {"yinyang": yinyang_dataset, "mnist": mnist_dataset}


def load_dataset(
    data: str | Path,
    *,
    test_data: str | Path | None = None,
    keys: tuple[str, str] | None = None,
    normalize: str = "none",
    seed: int = 0,
) -> Dataset:
    """Open a data set: ``yinyang``, ``mnist``, a file or a folder.

    Parameters
    ----------
    data : str or path
        An NPZ file with ``x_train, y_train, x_test, y_test`` (Keras' names) or ``x, y``; labels may be missing, and so
        may test samples: those of an array ``..._train`` are in ``..._test``, whatever it is called before that. A CSV
        file, see :func:`read_csv`. The pictures of an idx pair, its labels beside them (:func:`read_idx_pair`). A
        folder of pictures by class (:func:`read_pictures`).
    test_data : path, optional
        Another file, whose samples (of an NPZ its ``x_test, y_test`` or ``x, y``) are the test samples.
    keys : (str, str), optional
        Names of inputs and labels to use instead of ``x, y``; of a CSV file, how the inputs' names begin. An empty
        name of labels says that there are none.
    normalize : "none", "unit" or "standard"
        Divide by the largest training value, or subtract the mean and divide by the deviation of each feature.
    seed : int
        Of the split into training and test samples, where the data do not say it.

    Raises
    ------
    FileError
        For a file that is missing, broken or could run code.
    InputError
        For arrays that do not fit.
    """
    if normalize not in NORMALIZATIONS:
        raise InputError(f"normalize is {normalize!r}, expected one of {', '.join(NORMALIZATIONS)}")
    if str(data) in _BUILT_IN:
        for what, value, option in (("test data are", test_data, "--test-data"), ("array names are", keys, "--keys")):
            if value is not None:
                raise InputError(f"{what} given with the built-in data {data}, expected with a file alone", option)
        return normalized(_BUILT_IN[str(data)](), normalize)
    name = Path(data).name
    found = read_samples(Path(data), keys, "data", f"yinyang, mnist, {KINDS}", "train")
    if test_data is not None:
        test = read_samples(Path(test_data), keys, "test data", KINDS, "test")
        _check_alike(found.inputs, name, test.inputs, Path(test_data).name)
        _check_others(found.inputs, test.inputs, Path(test_data).name)
        found = found._replace(test_inputs=test.inputs, test_labels=test.labels)
    *arrays, class_names = found
    return normalized(Dataset(*arrays, name=name, class_names=class_names, seed=seed), normalize)


def read_samples(path: Path, keys: tuple[str, str] | None, what: str, expected: str, part: str) -> Samples:
    """Return inputs and labels of a file, and those of the test samples that it holds beside them, by its kind.

    `part` is "train" or "test": which of Keras' names an NPZ has.
    """
    if keys is not None and (path.is_dir() or is_idx(path)):
        raise InputError(f"array names are given with {what} {path}, expected with NPZ or CSV alone", "--keys")
    if path.is_dir():
        return _samples_of_pictures(path, what)
    existing_file(path, what, expected)
    if path.suffix.lower() in CSV_ENDINGS:
        return Samples(*read_csv(path, keys, what))
    if is_idx(path):
        return Samples(*read_idx_pair(path, what))
    arrays = read_npz(path, what, expected)
    inputs, labels = _names(arrays, keys, path.name, part)
    _check_order(arrays[inputs], arrays.get(labels), path.name)
    test = _test_names(inputs, labels, arrays)
    test_arrays = (None, None) if test is None else (arrays.get(test[0]), arrays.get(test[1]))
    return Samples(arrays[inputs], arrays.get(labels), *test_arrays)


def _check_order(inputs: np.ndarray, labels: np.ndarray | None, name: str) -> None:
    """Raise InputError where a row a sample is named as the labels, and one number a sample as the inputs."""
    if labels is not None and np.ndim(inputs) == 1 and np.ndim(labels) > 1:  # a broken member is bytes, told later
        raise InputError(
            f"data {name}: inputs have shape {inputs.shape} and labels {labels.shape}, "
            "expected them the other way round"
        )


def _check_alike(inputs: np.ndarray, name: str, test_inputs: np.ndarray, test_name: str) -> None:
    """Raise InputError where the samples of two files differ in their features; what is no table is told later."""
    wanted, held = (" x ".join(map(str, array.shape[1:])) for array in (inputs, test_inputs))
    if wanted and held and wanted != held:
        raise InputError(f"test data {test_name} has {held} features a sample, expected {wanted} as {name} has")


def _check_others(inputs: np.ndarray, test_inputs: np.ndarray, test_name: str) -> None:
    """Raise InputError where the test samples are the training samples: an accuracy on them would say nothing."""
    if np.array_equal(inputs, test_inputs):
        raise InputError(
            f"test data {test_name} are the training samples themselves, expected samples that the network has not seen"
        )


def _samples_of_pictures(folder: Path, what: str) -> Samples:
    """Return what a folder of pictures holds."""
    from koopview.network.picturedata import read_pictures  # Pillow, which nothing else needs

    (inputs, labels, names), test = read_pictures(folder, what)
    test_inputs, test_labels = (None, None) if test is None else test[:2]
    return Samples(inputs, labels, test_inputs, test_labels, names)


def read_npz(path: Path, what: str = "data", expected: str = "an NPZ file") -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ file; one that holds Python objects (a pickle) is refused.

    Errors name the file `what`, and say that `expected` was expected where there is none.
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
            return {key: file[key] for key in file.files}
    except KoopViewError:
        raise
    except Exception as error:  # whatever numpy, zipfile and zlib make of a broken file
        if "allow_pickle" in str(error):
            raise FileError(
                f"{what} {path} holds Python objects, which could run code when read; expected arrays of numbers alone"
            ) from error
        raise FileError(broken) from error


def normalized(dataset: Dataset, how: str) -> Dataset:
    """Return the data set with inputs scaled by what its training samples say."""
    if how == "none":
        return dataset
    x = dataset.x_train
    if how == "unit":
        shift, scale = np.float32(0), np.abs(x).max(keepdims=True)
    else:
        shift, scale = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)

    def of(array: np.ndarray) -> np.ndarray:
        return (array - shift) / scale

    def labels_of(labels: np.ndarray | None, inputs: np.ndarray) -> np.ndarray | None:
        own = labels is not None and np.array_equal(labels, inputs.reshape(len(inputs), -1))
        return of(inputs) if own else labels  # what an autoencoder gives back is what it was given

    scaled = Dataset(
        of(x),
        labels_of(dataset.y_train, x),
        of(dataset.x_test),
        labels_of(dataset.y_test, dataset.x_test),
        name=dataset.name,
        class_names=dataset.class_names,
        picture=dataset.picture,
    )
    scaled.drawn = dataset.drawn
    return scaled


def _names(arrays: Mapping[str, np.ndarray], keys: tuple[str, str] | None, name: str, part: str) -> tuple[str, str]:
    """Return the names of inputs and labels of a part, "train" or "test"; InputError where one asked for is missing.

    Labels that nobody asked for may be missing.
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
    """Return what inputs and labels of the test samples are called beside those of the training samples.

    None where the names say nothing of training, or `arrays` hold neither.
    """
    names = _test_name(inputs), _test_name(labels)
    told = names[0] and (names[1] or not labels)
    return names if told and any(name in arrays for name in names) else None


def _test_name(name: str) -> str:
    """Return "readings_test" for "readings_train", empty for a name that says nothing of training."""
    for train, test in (("train", "test"), ("Train", "Test"), ("TRAIN", "TEST")):
        if train in name:
            return name.replace(train, test)
    return ""
