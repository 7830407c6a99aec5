"""Samples to fit to as a person gives them, read some at a time: files, arrays, PyTorch's data sets and loaders."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.open_parts import open_parts
from koopview.network.datafiles.parts import Parts
from koopview.network.loader_parts import is_loader, loader_parts
from koopview.study.setup import Setup
from koopview.study.source import Source

ALIKE = 10.0
"""Factor by which the size of a stream's numbers may differ from that of the test samples."""

SEEN = 64
"""First samples whose size is looked at."""

LEAST = 10
"""Fewest samples of a stream: of fewer, a fifth is no sample to judge choices by."""


@dataclass(frozen=True, eq=False)
class _OfArray:
    """Samples of an array, in memory or mapped from a file."""

    array: np.ndarray

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return np.asarray(self.array[start:stop])


def given_parts(stream: Any, keys: tuple[str, str] | None = None, channels: str = "first") -> Parts:
    """Return a stream as Parts.

    Parameters
    ----------
    stream : path, array (samples, ...), torch Dataset or DataLoader, or Parts
        An array may be mapped from a file (``numpy.load(path, mmap_mode="r")``).
    keys, channels
        Of a file: the name of its inputs, and where colours stand, as of data.

    Raises
    ------
    InputError, FileError
        If it is something else, or cannot be opened.
    """
    if isinstance(stream, Parts):
        return stream
    if isinstance(stream, (str, Path)):
        return open_parts(stream, keys, channels)
    if isinstance(stream, np.ndarray) and stream.ndim > 1:
        return Parts("array", stream.shape, _OfArray(stream))
    if is_loader(stream):
        return loader_parts(stream)
    found = f"an array of shape {stream.shape}" if isinstance(stream, np.ndarray) else f"a {type(stream).__name__}"
    raise InputError(f"stream is {found}, expected a path, an array (samples, ...), or a torch Dataset or DataLoader")


def check_source(parts: Parts, drawn: bool, source: Source | None) -> None:
    """Raise InputError if test samples come from the stream's files, or inputs are scaled as a stream's are not.

    `drawn` says whether the test samples were drawn from the data that the source names.
    """
    if source is None:
        return
    if source.normalize != "none":
        raise InputError(f"normalize is {source.normalize!r} with a stream, expected none, and samples scaled before")
    tests = source.test_data or (source.data if drawn else None)
    if tests is not None and Path(tests).exists() and Path(tests).resolve() in [one.resolve() for one in parts.files]:
        raise InputError(
            f"the test samples are some of {tests}, which is the stream, expected samples that are not fitted to",
            "--test-data D2",
        )


def fitting_shape(parts: Parts, setup: Setup) -> tuple[int, ...]:
    """Return the shape in which the network takes a sample of a stream, that of the test samples.

    Raises
    ------
    InputError
        If the samples are of another size, or scaled otherwise than the test samples.
    """
    x_test = setup.dataset.x_test
    shape, wanted = parts.shape[1:], x_test.shape[1:]
    lengths = [tuple(one for one in each if one > 1) for each in (shape, wanted)]
    alike = lengths[0] == lengths[1] if len(wanted) > 1 else np.prod(shape) == np.prod(wanted)
    if not alike:
        raise InputError(
            f"stream {parts.name} has samples of shape {shape}, expected {wanted} as {setup.dataset.name} has"
        )
    own, other = (float(np.abs(one).max()) for one in (parts.read(0, min(SEEN, len(parts))), x_test[:SEEN]))
    if own > ALIKE * other or other > ALIKE * own:
        raise InputError(
            f"numbers of stream {parts.name} reach {own:.3g} and those of the test samples of {setup.dataset.name} "
            f"{other:.3g}, expected samples that are scaled alike"
        )
    return wanted
