"""Sweeps: layers times delays times ranks, each (layer, delays) decomposed once, finished cells kept on disk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from koopview.errors import InputError
from koopview.koopman.rank import AUTO, GAVISH_DONOHO, NUMERICAL
from koopview.network.info import LayerInfo
from koopview.progress import Progress, silent
from koopview.study.cells import CellFile
from koopview.study.fitter import Fitter
from koopview.study.history import History
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.trajectory.states import states_beside

Elsewhere = Callable[[Sequence[FitSettings], int, bool, Callable[[FitResult], None], Progress], tuple[str, ...]]
"""Fits cells on so many test samples, from shared sums or not, calls back with each result, and returns notes."""

OnCell = Callable[[FitResult], None]
"""Called with each cell, without paths, when it is finished or found finished already."""

SPECTRA = ("eigenvalues", "residuals", "step_residuals", "condition_numbers", "groups", "singular_values")
"""Keys that a cell's JSON object leaves out by default."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The results of a sweep, one per cell, without paths, in the order of layers, delays and ranks asked for.

    `notes` are sentences on what happened to the cluster that computed them, if there was one and something did.
    """

    results: tuple[FitResult, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[FitResult]:
        return iter(self.results)

    def summaries(self, spectra: bool = False) -> list[dict[str, Any]]:
        """Return the cells as JSON objects of ``koopview fit``; `spectra` includes eigenvalues and the like."""
        left_out = () if spectra else SPECTRA
        objects = [result.summary() for result in self.results]
        return [{key: value for key, value in item.items() if key not in left_out} for item in objects]


def sweep(
    fitter: Fitter,
    history: History,
    layers: str | Iterable[str],
    delays: Iterable[int],
    ranks: Iterable[int | str | None],
    *,
    progress: Progress = silent,
    resume: str | Path | None = None,
    on_cell: OnCell | None = None,
    tests: int | None = None,
    elsewhere: Elsewhere | None = None,
    **settings: Any,
) -> Sweep:
    """Fit every combination of layers, delays and ranks.

    All ranks share one decomposition of their (layer, delays). Fits in `history` are not repeated.

    Parameters
    ----------
    layers : "all" or names
        "all": every layer that can be replaced, each on its own.
    delays, ranks : whole numbers
        A rank may be a word, as in :class:`FitSettings`.
    progress : callback
        Called with the share of finished cells; may raise Cancelled: finished cells are kept in `history` and in the
        file `resume`.
    resume : path, optional
        File of finished cells, one per line. Those of the same network, data and settings are not fitted again; new
        ones are added as they are finished.
    on_cell : callback, optional
    tests : int, optional
        A quick sweep: measure on the first ones of the test samples alone, as many, and where it pays find the
        operators of all delays one from another, from principal paths: the results' `decomposition` then says so. On
        MNIST's first layer accuracies are within 0.001 of the exact ones. These cells lack `groups` and are not kept.
    elsewhere : callable, optional
        Fits cells on other machines, see ``koopview.study.clustered``; they are fitted here without.
    **settings
        Further settings of every fit (:class:`FitSettings`).

    Raises
    ------
    InputError
        For an invalid combination, before anything is fitted.
    FileError
        If `resume` is no file of cells, or cannot be written.
    """
    grid = grid_settings(fitter.setup, layers, delays, ranks, settings)
    file = None if resume is None else CellFile(Path(resume), fitter.setup.fingerprint())
    whole = len(fitter.setup.dataset.x_test)
    measured = min(whole if tests is None else checked_tests(tests), whole)
    quick = measured < whole
    cells = _Cells(None if quick else history, file, measured, on_cell)
    left = [cell for cell in in_fitting_order(grid) if not cells.found(cell)]
    if elsewhere is None:
        notes = _fit_here(fitter.on_first_tests(measured), left, len(grid), quick, cells.keep, progress)
    else:
        notes = elsewhere(left, measured, quick, cells.keep, progress)
    progress(1.0, "done")
    return Sweep(tuple(cells.finished[cell] for cell in grid), notes)


def _fit_here(
    fitter: Fitter, left: list[FitSettings], count: int, quick: bool, keep: OnCell, progress: Progress
) -> tuple[str, ...]:
    """Fit the cells that are left of `count`, one after the other, and return no notes."""
    for i, cell in enumerate(left):
        name = f"cell {count - len(left) + i + 1} of {count}: "
        name += f"layer {cell.layer}, h = {cell.delays}, r = {cell.rank}"
        keep(fitter.fitted(cell, _named(progress, name, i, len(left)), cells=left if quick else ()).result)
    return ()


class _Cells:
    """The finished cells of a sweep, kept in a history and a file where there are such."""

    def __init__(self, history: History | None, file: CellFile | None, tests: int, tell: OnCell | None) -> None:
        self.finished: dict[FitSettings, FitResult] = {}
        self._history, self._file, self._tell = history, file, tell
        held = {} if file is None else file.read()
        self._held = {cell: result for cell, result in held.items() if result.test_samples == tests}

    def found(self, cell: FitSettings) -> bool:
        """Return whether a cell was finished before, and keep it everywhere then."""
        known = self._held.get(cell)
        if known is None and self._history is not None:
            known = self._history.found(cell)
        if known is not None:
            self.keep(known)
        return known is not None

    def keep(self, result: FitResult) -> None:
        """Keep a cell, without paths, and tell of it."""
        cell = result.settings
        kept = self.finished[cell] = result.without_paths()
        if self._history is not None:
            self._history.keep_cell(kept)
        if self._file is not None and cell not in self._held:
            self._file.add(kept)
        if self._tell is not None:
            self._tell(kept)


def checked_tests(tests: int) -> int:
    """Return the number of test samples to measure on, or raise InputError unless it is a whole number above 0."""
    if isinstance(tests, bool) or not isinstance(tests, int) or tests < 1:
        raise InputError(f"tests is {tests!r}, expected a whole number of 1 or more", "--tests")
    return tests


def grid_settings(
    setup: Setup,
    layers: str | Iterable[str],
    delays: Iterable[int],
    ranks: Iterable[int | str | None],
    settings: dict[str, Any],
) -> list[FitSettings]:
    """Return the settings of every cell, each once, layers first, then delays, then ranks.

    Raises
    ------
    InputError
        For invalid layers, delays, ranks or settings, or none of them.
    """
    asked = () if layers == "all" else tuple(_listed("layers", (layers,) if isinstance(layers, str) else layers))
    network = setup.of_layers(asked).network
    names = [layer.name for layer in network.layers if not layer.reason] if layers == "all" else network.in_order(asked)
    counts, wanted = _listed("delays", delays), _listed("ranks", ranks)
    each = {name: _with_states(network.layer(name).info(), settings, layers == "all") for name in names}
    grid = [(name, h, rank) for name in names for h in counts for rank in wanted]
    cells = [setup.settings(name, delays=h, rank=rank, **each[name]) for name, h, rank in grid]
    return list(dict.fromkeys(replace(cell, replaced=network.in_order(cell.replaced)) for cell in cells))


def _with_states(layer: LayerInfo, settings: dict[str, Any], is_any: bool) -> dict[str, Any]:
    """Return settings for a layer; of all layers, those without the states asked for take their usual ones."""
    states = settings.get("states")
    return settings if states is None or not is_any else settings | {"states": states_beside(states, layer)}


def in_fitting_order(cells: Sequence[FitSettings]) -> list[FitSettings]:
    """Return cells sorted so that the first one of a decomposition serves its other ranks: words, then the largest."""
    groups = list(dict.fromkeys(cell.with_rank(AUTO) for cell in cells))
    keys = {group: index for index, group in enumerate(groups)}

    def order(cell: FitSettings) -> tuple[int, int, int]:
        word = isinstance(cell.rank, str)
        size = _WORDS.index(cell.rank) if isinstance(cell.rank, str) else -cell.rank
        return keys[cell.with_rank(AUTO)], 0 if word else 1, size

    return sorted(cells, key=order)


_WORDS = (NUMERICAL, AUTO, GAVISH_DONOHO)
"""Words for a rank, the one with the largest decomposition first."""


def _listed(what: str, values: Any) -> list[Any]:
    """Return values as a list, or raise InputError if it is empty or no list."""
    try:
        listed = list(values)
    except TypeError as error:
        raise InputError(f"{what} is {values!r}, expected a list") from error
    if not listed:
        raise InputError(f"{what} is empty, expected at least one")
    return listed


def _named(progress: Progress, name: str, index: int, count: int) -> Progress:
    """Return the progress callback of one of the cells still to fit, so that the time left is estimated from these."""
    return lambda fraction, text: progress((index + fraction) / count, name)
