"""Open a data set: a built-in one by name, an NPZ, CSV or idx file, or a folder of pictures by class."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from koopview.errors import InputError
from koopview.files import existing_file
from koopview.network.data import Dataset
from koopview.network.datafiles.data_formats import KINDS, NAMED, format_of
from koopview.network.datafiles.samples import Asked, Samples, channels_told
from koopview.network.demos import DATA_NAMES, built_in_dataset
from koopview.network.normalization import CHANNELS, NORMALIZATIONS
from koopview.progress import Progress, silent


def load_dataset(
    data: str | Path,
    *,
    test_data: str | Path | None = None,
    keys: tuple[str, str] | None = None,
    normalize: str = "none",
    channels: str = "first",
    seed: int = 0,
    budget: int | None = None,
    progress: Progress = silent,
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
        Names of inputs and labels to use instead of the usual ones, "a+b" for several; a table's columns by name, by
        number (from 0, negative ones from the end) or, of inputs, by the start of their names. An empty name of inputs
        means the usual ones, an empty name of labels that there are none.
    normalize : "none", "unit" or "standard"
        Divide by the largest training value, or subtract the mean and divide by the deviation of each feature.
    channels : "first" or "last"
        "last" turns pictures (samples, rows, columns, channels) into (samples, channels, rows, columns).
    seed : int
        Of the split into training and test samples, if the data do not define it, and of the draw of samples from
        data that are larger than memory.
    budget : int, optional
        Bytes that the samples may take; a share of the free memory by default.
    progress : Progress, optional
        Told of long reads; may raise Cancelled.

    Raises
    ------
    FileError
        For a file that is missing, broken or could run code.
    InputError
        For arrays that do not fit.
    """
    if normalize not in NORMALIZATIONS:
        raise InputError(f"normalize is {normalize!r}, expected one of {', '.join(NORMALIZATIONS)}")
    if str(data) in DATA_NAMES:
        for what, value, option in (("test data are", test_data, "--test-data"), ("array names are", keys, "--keys")):
            if value is not None:
                raise InputError(f"{what} given with the built-in data {data}, expected with a file alone", option)
        return normalized(built_in_dataset(str(data)), normalize)
    if channels not in CHANNELS:
        raise InputError(f"channels is {channels!r}, expected one of {', '.join(CHANNELS)}")
    asked = Asked(keys, budget=budget, seed=seed, progress=progress)
    found = _samples(Path(data), None if test_data is None else Path(test_data), asked, channels)
    *arrays, class_names, remarks = found
    dataset = Dataset(*arrays, name=Path(data).name, class_names=class_names, seed=seed, remarks=remarks)
    return normalized(dataset, normalize)


def _samples(path: Path, test: Path | None, asked: Asked, channels: str) -> Samples:
    """Return the Samples of a file, with those of another file as its test samples if there is one."""
    asked = replace(asked, expected=f"{', '.join(DATA_NAMES)}, {KINDS}")
    found = _turned(read_samples(path, asked), channels)
    if test is None:
        return found
    other = _turned(read_samples(test, replace(asked, what="test data", expected=KINDS, part="test")), channels)
    _check_alike(found.inputs, path.name, other.inputs, test.name)
    _check_others(found.inputs, other.inputs, test.name)
    new = tuple(f"of {test.name}: {one}" for one in other.remarks if one not in found.remarks)
    return found._replace(test_inputs=other.inputs, test_labels=other.labels, remarks=found.remarks + new)


def _turned(samples: Samples, channels: str) -> Samples:
    """Return Samples with channels before rows; pictures that look turned the other way are told."""
    if channels == "last":
        turned = [_channels_first(one) for one in (samples.inputs, samples.test_inputs)]
        assert turned[0] is not None
        return samples._replace(inputs=turned[0], test_inputs=turned[1])
    return samples._replace(remarks=(*samples.remarks, *channels_told(samples.inputs.shape[1:])))


def _channels_first(inputs: np.ndarray | None) -> np.ndarray | None:
    if inputs is None or inputs.ndim == 4:
        return None if inputs is None else np.moveaxis(inputs, -1, 1)
    raise InputError(
        f"channels are said to be last, but inputs have shape {inputs.shape}, "
        "expected (samples, rows, columns, channels)",
        "--channels first",
    )


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
    shift, scale = NORMALIZATIONS[how].shift_and_scale(dataset.x_train)
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    return dataset.scaled(lambda inputs: ((inputs - shift) / scale).astype(np.float32, copy=False))


def read_samples(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, read by its format: inputs, labels, and test samples if it has them."""
    found = format_of(path)
    if asked.keys is not None and not found.named:
        raise InputError(f"array names are given with {asked.what} {path}, expected with {NAMED} alone", "--keys")
    if not found.folder:
        existing_file(path, asked.what, asked.expected)
    return found.reader().read(path, asked)
