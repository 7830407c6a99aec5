"""A study on its way to the workers of a cluster: its network travels, its data are read where they are needed."""

import copy
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from koopview.cluster.kept import Once, PerThread
from koopview.cluster.sending import packed
from koopview.errors import FileError, InputError
from koopview.network.classes import classes_of
from koopview.network.data import Dataset
from koopview.network.demos import DATA_NAMES
from koopview.network.fingerprint import data_fingerprint
from koopview.network.network import Network
from koopview.progress import Progress, part
from koopview.study.fitter import Fitter
from koopview.study.held import open_dataset
from koopview.study.origin import data_name
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup, set_up
from koopview.study.source import Source
from koopview.study.study_file import file_of

COMPARED = 256
"""Test samples on which a worker compares the network's outputs with those that it had where it came from."""

ROUNDING = 1e-3
"""Most that these outputs may differ by, relative to the largest: other processors round float32 otherwise."""


class SentStudy:
    """A study's network with the place of its data; what it is opened to stays on the worker.

    Parameters
    ----------
    network : Network
        On the CPU.
    data : Source or Dataset
        A Source whose data every worker can read, or data made in memory.
    device : "cpu" or "cuda"
    data_hash : str
        The data's fingerprint.
    outputs : array (some of the first test samples, outputs)
        The network's.
    """

    def __init__(
        self, network: Network, data: Source | Dataset, device: str, data_hash: str, outputs: np.ndarray
    ) -> None:
        self._recipe = (network, data, device, data_hash, outputs)
        self._setup, self._fitters = Once(self._made), PerThread[Fitter]()

    def __reduce__(self) -> tuple[Any, ...]:
        return SentStudy, self._recipe

    def fitter(self, tests: int) -> Fitter:
        """Return this thread's Fitter that measures on the first `tests` test samples.

        Raises
        ------
        FileError, InputError
            If the data cannot be read here, or they or the network are not what was sent.
        """
        return self._fitters.get(tests, lambda: Fitter(self.setup()).on_first_tests(tests))

    def setup(self) -> Setup:
        """Return the Setup, the same for all threads; raises FileError or InputError."""
        return self._setup.get()

    def _made(self) -> Setup:
        network, data, device, data_hash, outputs = self._recipe
        setup = set_up(network, _read(data) if isinstance(data, Source) else data, device=device)
        if data_fingerprint(setup.dataset) != data_hash:
            raise InputError(f"worker {_here()} reads other data than the client, expected the same files on both")
        own = setup.original[: len(outputs)].cpu().numpy()
        if not np.allclose(own, outputs, rtol=ROUNDING, atol=ROUNDING * float(np.abs(outputs).max(initial=0.0))):
            raise InputError(f"{network.name} gives other outputs on worker {_here()}, expected the same torch on both")
        return setup


def sent_study(setup: Setup, source: Source | None) -> bytes:
    """Return a study pickled as a SentStudy; raises InputError if its network cannot be pickled.

    Data that `source` names are read by each worker, from the same path; data made in memory are sent along.
    """
    network, modules = setup.network, classes_of(setup.network)
    if setup.device != "cpu":
        network = copy.deepcopy(network).to("cpu")
    place = None if source is None else _place(source)
    data = _without_plane(setup.dataset) if place is None else place
    outputs = setup.original[:COMPARED].cpu().numpy()
    return packed(SentStudy(network, data, setup.device, data_fingerprint(setup.dataset), outputs), modules)


def fitted_cells(
    study: SentStudy, cells: Sequence[FitSettings], tests: int, shares_sums: bool, *, progress: Progress
) -> list[FitResult]:
    """Return the results of cells of a sweep, without paths, fitted in their order, so that they share what they can.

    `shares_sums` says whether they may be fitted from the same sums, see :func:`koopview.study.sweep.sweep`.
    """
    fitter, count = study.fitter(tests), len(cells)
    together = cells if shares_sums else ()
    return [
        fitter.fitted(cell, part(progress, i / count, (i + 1) / count), cells=together).result.without_paths()
        for i, cell in enumerate(cells)
    ]


def _place(source: Source) -> Source | None:
    """Return the Source of data alone, with absolute paths, None if they were made in memory."""
    name = data_name(source)
    if name is None and source.study is None:
        return None
    if name is None:
        assert source.study is not None
        return Source(study=os.path.abspath(source.study))
    known = replace(Source().with_data_of(source), data=name if name in DATA_NAMES else os.path.abspath(name))
    tests = None if source.test_data is None else os.path.abspath(source.test_data)
    return replace(known, test_data=tests)


def _read(place: Source) -> Dataset:
    """Return the data of a place; a FileError names this worker."""
    try:
        return open_dataset(place, file_of(place))
    except FileError as error:
        raise FileError(f"worker {_here()}: {error}") from error


def _here() -> str:
    """Return the address of the worker that this runs on, or a word where none does."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:
        return "here"


def _without_plane(dataset: Dataset) -> Dataset:
    """Return data without the function that maps points of a plane to them, which only pictures need."""
    other = copy.copy(dataset)
    other.plane = None
    return other
