"""Open a data set: a built-in one by name, an NPZ, CSV or idx file, or a folder of pictures by class."""

from pathlib import Path

import numpy as np

from koopview.errors import InputError
from koopview.files import existing_file
from koopview.network.data import Dataset
from koopview.network.datafiles.data_formats import KINDS, NAMED, format_of
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.demos import DEMO_NAMES, demo
from koopview.network.normalization import NORMALIZATIONS


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
        may test samples: to any array ``NAME_train`` belongs ``NAME_test``. Or a CSV file, see :func:`read_csv`; the
        pictures of an idx pair, with its labels beside them (:func:`read_idx_pair`); a folder of pictures by class
        (:func:`read_pictures`).
    test_data : path, optional
        Another file, whose samples (of an NPZ its ``x_test, y_test`` or ``x, y``) are the test samples.
    keys : (str, str), optional
        Names of inputs and labels to use instead of ``x, y``; for a CSV file, the start of the inputs' names. An
        empty name of labels means that there are none.
    normalize : "none", "unit" or "standard"
        Divide by the largest training value, or subtract the mean and divide by the deviation of each feature.
    seed : int
        Of the split into training and test samples, if the data do not define it.

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
    """Raise InputError if the samples of two files differ in their features; non-tables are reported later."""
    wanted, held = (" x ".join(map(str, array.shape[1:])) for array in (inputs, test_inputs))
    if wanted and held and wanted != held:
        raise InputError(f"test data {test_name} has {held} features a sample, expected {wanted} as {name} has")


def _check_others(inputs: np.ndarray, test_inputs: np.ndarray, test_name: str) -> None:
    """Raise InputError if the test samples are the training samples: an accuracy on them would mean nothing."""
    if np.array_equal(inputs, test_inputs):
        raise InputError(
            f"test data {test_name} are the training samples themselves, expected samples that the network has not seen"
        )


def normalized(dataset: Dataset, how: str) -> Dataset:
    """Return the Dataset with inputs scaled by the statistics of its training samples."""
    if how == "none":
        return dataset
    x = dataset.x_train
    shift, scale = NORMALIZATIONS[how].shift_and_scale(x)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)

    def of(array: np.ndarray) -> np.ndarray:
        return (array - shift) / scale

    def labels_of(labels: np.ndarray | None, inputs: np.ndarray) -> np.ndarray | None:
        own = labels is not None and np.array_equal(labels, inputs.reshape(len(inputs), -1))
        return of(inputs) if own else labels  # an autoencoder's targets are its inputs

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
    """Return the Samples of a file, read by its format: inputs, labels, and test samples if it has them.

    `part` is "train" or "test": the ending of the array names in an NPZ file.
    """
    found = format_of(path)
    if keys is not None and not found.named:
        raise InputError(f"array names are given with {what} {path}, expected with {NAMED} alone", "--keys")
    if not found.folder:
        existing_file(path, what, expected)
    return found.reader().read(path, Asked(keys, what, expected, part))
