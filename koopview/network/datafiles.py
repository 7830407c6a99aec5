"""Open a data set: a built-in one by name, an NPZ, CSV or idx file, or a folder of pictures by class."""

from pathlib import Path

import numpy as np

from koopview.errors import InputError
from koopview.files import existing_file
from koopview.network.data import Dataset
from koopview.network.data_formats import KINDS, NAMED, format_of
from koopview.network.demos import DEMO_NAMES, demo
from koopview.network.normalization import NORMALIZATIONS
from koopview.network.samples import Asked, Samples


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
    if str(data) in DEMO_NAMES:
        for what, value, option in (("test data are", test_data, "--test-data"), ("array names are", keys, "--keys")):
            if value is not None:
                raise InputError(f"{what} given with the built-in data {data}, expected with a file alone", option)
        return normalized(demo(str(data)).dataset(), normalize)
    name = Path(data).name
    found = read_samples(Path(data), keys, "data", f"{', '.join(DEMO_NAMES)}, {KINDS}", "train")
    if test_data is not None:
        test = read_samples(Path(test_data), keys, "test data", KINDS, "test")
        _check_alike(found.inputs, name, test.inputs, Path(test_data).name)
        _check_others(found.inputs, test.inputs, Path(test_data).name)
        found = found._replace(test_inputs=test.inputs, test_labels=test.labels)
    *arrays, class_names = found
    return normalized(Dataset(*arrays, name=name, class_names=class_names, seed=seed), normalize)


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


def normalized(dataset: Dataset, how: str) -> Dataset:
    """Return the data set with inputs scaled by what its training samples say."""
    if how == "none":
        return dataset
    x = dataset.x_train
    shift, scale = NORMALIZATIONS[how].shift_and_scale(x)
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


def read_samples(path: Path, keys: tuple[str, str] | None, what: str, expected: str, part: str) -> Samples:
    """Return inputs and labels of a file, and those of the test samples that it holds beside them, by its format.

    `part` is "train" or "test": which of Keras' names an NPZ has.
    """
    found = format_of(path)
    if keys is not None and not found.named:
        raise InputError(f"array names are given with {what} {path}, expected with {NAMED} alone", "--keys")
    if not found.folder:
        existing_file(path, what, expected)
    return found.reader().read(path, Asked(keys, what, expected, part))
