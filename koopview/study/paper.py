"""The paper's rows on the built-in networks: its numbers beside ours, and measured reasons for differences.

Source: Aswani, Jabari, Shafique (arXiv 2409.01308), sections 4 and 5.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from koopview.csv_text import csv_text
from koopview.hybrid.rows import ROWS
from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network
from koopview.progress import Progress, part, silent
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.study import Study
from koopview.study.views import BoundaryView, RightVectorsView
from koopview.trajectory import LEARNED, SCALINGS
from koopview.trajectory.schedule import UNIFORM
from koopview.words import percent_figure

PAPER_ORIGINAL = {"yinyang": 0.984, "mnist": 0.972}
"""Accuracies of the paper's own networks."""

SHORT, LONG = 20, 100
"""Numbers of steps N: for most rows, and for those whose delays need more."""


@dataclass(frozen=True)
class PaperRow:
    """One number of the paper: the built-in network, the settings, and the paper's accuracy (None: no figure).

    The schedule is the paper's, a uniform grid.
    """

    network: str
    settings: FitSettings
    paper: float | None

    @property
    def name(self) -> str:
        """The row's network, layer, rank, delays and steps as text."""
        settings = self.settings
        return f"{self.network} {settings.layer}: r = {settings.rank}, h = {settings.delays}, N = {settings.steps}"


@dataclass(frozen=True, eq=False)
class Comparison:
    """A row with our fit of it."""

    row: PaperRow
    result: FitResult

    @property
    def seconds(self) -> float:
        """Trajectories, decomposition and evaluation together."""
        return math.fsum(self.result.seconds.values())


def paper_rows() -> list[PaperRow]:
    """Return the paper's rows: the three Yin-Yang layers, figure 4 in full, and MNIST's last hidden layer."""
    yinyang = [("2", 8, 0.913), ("4", 8, 0.758), ("6", 2, 0.973)]
    known: dict[tuple[int | str, int], float] = {(50, 1): 0.5648, (50, 10): 0.8324, (500, 1): 0.6353, (500, 10): 0.9021}
    rows = [PaperRow("yinyang", as_the_paper(layer, delays=h, rank=50), paper) for layer, h, paper in yinyang]
    rows += [PaperRow("mnist", settings, known.get((settings.rank, settings.delays))) for settings in figure_4()]
    return [*rows, PaperRow("mnist", as_the_paper("4", delays=10, rank=50), 0.958)]


def as_the_paper(layer: str, **settings: Any) -> FitSettings:
    """Return settings with the paper's schedule."""
    return FitSettings(layer, schedule=UNIFORM, **settings)


def figure_4() -> list[FitSettings]:
    """Return figure 4's fits of the 784-input layer, the larger rank first: one decomposition serves both."""
    return [
        as_the_paper("0", steps=SHORT if h <= SHORT else LONG, delays=h, rank=r)
        for h in (1, 10, 50, 100)
        for r in (500, 50)
    ]


def compared(
    studies: dict[str, Study], rows: Sequence[PaperRow], progress: Progress = silent, known: Sequence[Comparison] = ()
) -> Iterator[Comparison]:
    """Fit each row that is not `known` on its network's study, and yield all Comparisons; `progress` may cancel it."""
    by_row = {one.row: one for one in known}
    for i, row in enumerate(rows):
        within = part(progress, i / len(rows), (i + 1) / len(rows))
        yield by_row.get(row) or Comparison(row, studies[row.network].fit_settings(row.settings, within).result)
    progress(1.0, "done")


def with_each_scaling(rows: Sequence[PaperRow]) -> list[PaperRow]:
    """Return the rows of few steps for which the paper has a number, once with every scaling."""
    given = [row for row in rows if row.paper is not None and row.settings.steps == SHORT]
    return [replace(row, settings=with_scaling(row.settings, name)) for name in SCALINGS for row in given]


def with_scaling(settings: FitSettings, name: str) -> FitSettings:
    """Return the settings with another scaling; a learned one has no schedule."""
    return replace(settings, scaling=name, schedule=None if name in LEARNED else settings.schedule)


def nearest_scaling(comparisons: Sequence[Comparison]) -> dict[str, float]:
    """Return the mean distance of the hybrids' accuracies from the paper's by scaling, the nearest first.

    A network that starts a point better than the paper's is expected to end a point better, so the accuracy lost is
    compared.
    """
    distances: dict[str, list[float]] = {}
    for one in comparisons:
        if one.row.paper is not None:
            theirs = PAPER_ORIGINAL[one.row.network] - one.row.paper
            distances.setdefault(one.row.settings.scaling, []).append(abs(lost(one.result) - theirs))
    means = {name: math.fsum(values) / len(values) for name, values in distances.items()}
    return dict(sorted(means.items(), key=lambda pair: pair[1]))


@dataclass(frozen=True, eq=False)
class PaperFigures:
    """The data of the paper's figures 2 to 5.

    Attributes
    ----------
    path : FitResult
        Figure 2: its first path.
    boundaries : tuple of (FitResult, BoundaryView)
        Figure 3: one hybrid per hidden layer of Yin-Yang.
    spectra : tuple of FitResult
        Figure 4: over ranks and delays.
    vectors : tuple of (FitResult, RightVectorsView)
        Figure 5: MNIST's first and last hidden layer.
    """

    path: FitResult
    boundaries: tuple[tuple[FitResult, BoundaryView], ...]
    spectra: tuple[FitResult, ...]
    vectors: tuple[tuple[FitResult, RightVectorsView], ...]


def paper_figures(
    studies: dict[str, Study], comparisons: Sequence[Comparison], progress: Progress = silent
) -> PaperFigures:
    """Return the PaperFigures; `comparisons` are those of the paper's own rows.

    Raises
    ------
    Cancelled
        By `progress`.
    """
    yinyang, mnist = studies["yinyang"], studies["mnist"]
    layers = [one.result for one in comparisons if one.row.network == "yinyang"]
    grid = figure_4()
    spectra = [one.result for one in comparisons if one.row.network == "mnist" and one.row.settings in grid]
    boundaries = [(result, yinyang.view(result.settings, "boundary", progress)) for result in layers]
    wide = [as_the_paper(layer, steps=LONG, delays=10, rank=50) for layer in ("0", "4")]
    vectors = [(mnist.fit_settings(one, progress).result, mnist.view(one, "right_vectors", progress)) for one in wide]
    return PaperFigures(layers[0], tuple(boundaries), tuple(spectra), tuple(vectors))


def lead(result: FitResult, control: str) -> float:
    """Return the hybrid's accuracy minus a control's."""
    hybrid, other = result.accuracy["hybrid"], result.accuracy[control]
    assert hybrid is not None
    assert other is not None
    return hybrid - other


def lost(result: FitResult) -> float:
    """Return the original's accuracy minus the hybrid's."""
    original, hybrid = result.accuracy["original"], result.accuracy["hybrid"]
    assert original is not None
    assert hybrid is not None
    return original - hybrid


def sampling_error(share: float, samples: int) -> float:
    """Return two standard errors of a share measured on a number of samples."""
    return 2 * math.sqrt(share * (1 - share) / samples)


def difference(comparison: Comparison) -> str:
    """Return why a hybrid differs from the paper's by more than sampling explains, empty if it does not."""
    result, paper = comparison.result, comparison.row.paper
    hybrid, original = result.accuracy["hybrid"], result.accuracy["original"]
    if paper is None or hybrid is None or original is None:
        return ""
    error = sampling_error(paper, result.test_samples)
    if abs(hybrid - paper) <= error:
        return ""
    own = original - PAPER_ORIGINAL[comparison.row.network]
    scaling = f"{result.settings.scaling} scaling, of which the paper gives no formula"
    return (
        f"{100 * (hybrid - paper):+.1f} points, sampling explains {100 * error:.1f}; "
        f"the network itself is {100 * own:+.1f} points from the paper's; {scaling}"
    )


@dataclass(frozen=True, eq=False)
class PaperComparison:
    """Our fits of the paper's rows, the same with every scaling, and the data of its figures."""

    rows: tuple[Comparison, ...]
    scalings: tuple[Comparison, ...]
    figures: PaperFigures

    def table(self) -> list[tuple[str, ...]]:
        """Return the rows of the table, column names first."""
        return table([*self.rows, *(one for one in self.scalings if one.row.settings.scaling != SCALINGS[0])])

    def distances(self) -> dict[str, float]:
        """Return the mean distance of each scaling from the paper's numbers, the nearest first."""
        return nearest_scaling(self.scalings)

    def finding(self) -> str:
        """Return what remains of the paper's finding when hybrid and control have equal inputs, in a few sentences."""
        own = [one.result for one in self.rows]
        found, count = verdicts(own), len(own)
        gained = [lead(result, "affine") for result in own]
        lift = [lead(result, "lift_affine") for result in own]
        return (
            "What remains of the paper's finding under fair controls: the accuracies are reproduced, and a hybrid "
            f"keeps {100 * min(gained):+.1f} to {100 * max(gained):+.1f} points more than a ridge-affine map of the "
            "layer's input; but a ridge-affine map that is given the same lifted state z[0] does "
            f"{-100 * max(lift):+.1f} to {-100 * min(lift):+.1f} points better than the hybrid. Held against the "
            f"better of the two, chosen on fitting samples apart, {found['better']} of {count} rows do better by more "
            f"than two paired standard errors, {found['no different']} no different, {found['worse']} worse: where "
            "none does better, what delays bring is the part of the layer that the lift evaluates."
        )

    def csv(self) -> bytes:
        """Return the table as CSV."""
        return csv_text(self.table()).encode()


def compare_with_paper(progress: Progress = silent) -> PaperComparison:
    """Fit all of the paper's rows on the built-in networks; takes some minutes.

    Raises
    ------
    Cancelled
        By `progress`.
    """
    studies = {name: Study(load_network(f"demo:{name}"), load_dataset(name)) for name in PAPER_ORIGINAL}
    own = paper_rows()
    rows = tuple(compared(studies, own, part(progress, 0.0, 0.4)))
    scalings = tuple(compared(studies, with_each_scaling(own), part(progress, 0.4, 0.9), rows))
    return PaperComparison(rows, scalings, paper_figures(studies, rows, part(progress, 0.9, 1.0)))


HEADS = (
    *("row", "scaling", "paper", *ROWS, "above best control", "lift fraction"),
    *("samples", "seconds", "decomposition", "difference"),
)


def table(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """Return the rows of the table, column names first; accuracies in per cent."""
    return [HEADS, *map(table_row, comparisons)]


def table_row(comparison: Comparison) -> tuple[str, ...]:
    """Return one row of the table."""
    row, result = comparison.row, comparison.result
    return (
        row.name,
        row.settings.scaling,
        percent_figure(row.paper, 2, ""),
        *(percent_figure(result.accuracy[name], 2, "") for name in ROWS),
        above(result),
        f"{row.settings.lift_fraction:.2f}",
        str(result.fit_samples),
        f"{comparison.seconds:.2f}",
        result.decomposition,
        difference(comparison),
    )


def above(result: FitResult) -> str:
    """Return the hybrid's lead over the better affine control in points, with the paired standard error, as text."""
    found = result.above_best_control
    return "" if found is None else f"{100 * found.value:+.2f} +- {100 * found.error:.2f} ({found.control})"


def verdicts(results: Sequence[FitResult]) -> dict[str, int]:
    """Return the numbers of hybrids that are better, worse or no different by two paired standard errors.

    Each is compared with the affine control that is better on held-out fitting samples.
    """
    found = {"better": 0, "no different": 0, "worse": 0}
    for result in results:
        one = result.above_best_control
        if one is not None:
            clear = abs(one.value) > 2 * one.error
            found[("better" if one.value > 0 else "worse") if clear else "no different"] += 1
    return found
