"""Open a data set: a built-in one by name, or an NPZ file."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError, InputError
from koopview.network.data import Dataset
from koopview.network.mnist import mnist_dataset
from koopview.network.yinyang import yinyang_dataset

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
    """Open a data set: ``yinyang``, ``mnist`` or an NPZ file.

    Parameters
    ----------
    data : str or path
        The NPZ holds ``x_train, y_train, x_test, y_test`` (Keras' names) or ``x, y``; labels may be missing.
    test_data : path, optional
        Another NPZ whose ``x, y`` are the test samples.
    keys : (str, str), optional
        Names of inputs and labels to use instead of ``x, y``.
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
        return normalized(_BUILT_IN[str(data)](), normalize)
    arrays = read_npz(Path(data))
    name = Path(data).name
    if test_data is not None:
        x, y = _pair(arrays, keys, name)
        test = _pair(read_npz(Path(test_data)), keys, Path(test_data).name)
        return normalized(Dataset(x, y, *test, name=name), normalize)
    if keys is None and "x_train" in arrays:
        given = [arrays.get(key) for key in ("x_train", "y_train", "x_test", "y_test")]
        return normalized(Dataset(*given, name=name, seed=seed), normalize)
    return normalized(Dataset(*_pair(arrays, keys, name), name=name, seed=seed), normalize)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ file; one that holds Python objects (a pickle) is refused."""
    if not path.is_file():
        raise FileError(f"data {path} does not exist, expected yinyang, mnist or an NPZ file")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise FileError(
                f"data {path} holds Python objects, which could run code; expected arrays of numbers"
            ) from error
        raise FileError(f"data {path} cannot be read, expected a whole NPZ file") from error
    except (OSError, EOFError, KeyError, AttributeError, NotImplementedError, zipfile.BadZipFile, MemoryError) as error:
        raise FileError(f"data {path} cannot be read, expected a whole NPZ file") from error


def normalized(dataset: Dataset, how: str) -> Dataset:
    """Return the data set with inputs scaled by what its training samples say."""
    if how == "none":
        return dataset
    x = dataset.x_train
    if how == "unit":
        shift, scale = np.float32(0), np.abs(x).max(keepdims=True)
    else:
        shift, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    return Dataset(
        (x - shift) / scale,
        dataset.y_train,
        (dataset.x_test - shift) / scale,
        dataset.y_test,
        name=dataset.name,
        class_names=dataset.class_names,
    )


def _pair(arrays: Mapping[str, np.ndarray], keys: tuple[str, str] | None, name: str) -> tuple[Any, Any]:
    """Return inputs and labels (None where missing and not asked for) by their keys."""
    inputs, labels = keys or ("x", "y")
    if inputs not in arrays or (keys is not None and labels not in arrays):
        missing = inputs if inputs not in arrays else labels
        held = ", ".join(sorted(arrays)) or "nothing"
        raise InputError(
            f"data {name} holds {held}, expected {missing!r} (see --keys), or x_train, y_train, x_test, y_test"
        )
    return arrays[inputs], arrays.get(labels)
