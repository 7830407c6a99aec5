"""Two fits side by side: their scores with the error of the difference, and the distance of their spectra; no torch.

A distance of spectra says nothing alone, since two draws of the samples of one and the same fit have one too. So it
never stands without its yardstick: the distances between draws, and how far each spectrum is from that of an operator
that does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from koopview.hybrid.rows import ROWS
from koopview.hybrid.statistics import (
    Estimate,
    paired_difference,
    paired_r2_difference,
    unpaired_difference,
    unpaired_r2_difference,
)
from koopview.koopman.spectra import Transport, distance_from_one, spectral_transport
from koopview.study.comparability import cautions
from koopview.study.export import settings_columns
from koopview.study.sides import UNITS, Side, are_paired, common_measure

DEFINITION = (
    "Wasserstein distance of order {order:g} between the eigenvalues, each of a rank r with weight 1/r, "
    "ground distance |a - b| in the complex plane"
)
SCHEMA = 1
"""Version of the JSON object of a comparison."""


@dataclass(frozen=True)
class Yardstick:
    """How far the spectra of several draws of one fit's samples are apart: mean and largest distance of their pairs.

    Draws of B out of n samples overlap, so distances are divided by ``sqrt(1 - B / n)``, as the spread of repeated
    scores is (:func:`koopview.study.repeats.repeated`).
    """

    draws: int
    mean: float
    largest: float


@dataclass(frozen=True, eq=False)
class SpectralDistance:
    """The distance of two spectra, and what it is to be read beside.

    Attributes
    ----------
    transport : Transport
    from_one : (float, float)
        Of each side from an operator that does nothing, whose eigenvalues are all 1.
    yardsticks : (Yardstick or None, Yardstick or None)
        Of each side; None without other draws.
    """

    transport: Transport
    from_one: tuple[float, float]
    yardsticks: tuple[Yardstick | None, Yardstick | None]

    @property
    def ratio(self) -> float | None:
        """The distance in units of the larger of the yardsticks' means; None without one or if that is 0."""
        known = [one.mean for one in self.yardsticks if one is not None]
        return self.transport.distance / max(known) if known and max(known) > 0 else None


@dataclass(frozen=True)
class RowDifference:
    """One row's scores on both sides, and B's minus A's with its standard error where that is known."""

    name: str
    scores: tuple[float | None, float | None]
    difference: Estimate | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two fits side by side.

    Attributes
    ----------
    one, other : Side
        A and B.
    order : float
        The order p of the distance.
    """

    one: Side
    other: Side
    order: float = 1.0

    @property
    def sides(self) -> tuple[Side, Side]:
        """A and B."""
        return self.one, self.other

    @property
    def measure(self) -> str | None:
        """The measure of both sides' scores, None if they are measured differently."""
        return common_measure(self.one, self.other)

    @property
    def paired(self) -> bool:
        """Whether both were measured on the same test samples, sample by sample."""
        return are_paired(self.one, self.other)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Sentences that the comparison is to be read with: settings that differ, eigenvalues that move easily."""
        return cautions(self.one, self.other)

    @cached_property
    def rows(self) -> tuple[RowDifference, ...]:
        """The rows' scores, with the paired error of the difference on the same samples, else the unpaired one."""
        return tuple(self._row(name) for name in ROWS)

    @cached_property
    def distances(self) -> dict[str, SpectralDistance]:
        """The distance of the spectra in each of UNITS."""
        return {unit: self._distance(unit) for unit in UNITS}

    def summary(self) -> dict[str, Any]:
        """Return the JSON object of ``koopview compare``."""
        return {
            "schema": SCHEMA,
            "a": self.one.result.summary(),
            "b": self.other.result.summary(),
            "measure": self.measure,
            "paired": self.paired,
            "difference": {row.name: None if row.difference is None else list(row.difference) for row in self.rows},
            "spectral_distance": {
                "definition": DEFINITION.format(order=self.order),
                "order": self.order,
                **{f"per_{unit}": _plain(found) for unit, found in self.distances.items()},
            },
            "cautions": list(self.cautions),
        }

    def _row(self, name: str) -> RowDifference:
        one, other = (side.result.rows[name] for side in self.sides)
        unknown = self.measure is None or one is None or other is None
        return RowDifference(
            name, (one, other), None if unknown else self._difference(name, (one or 0.0, other or 0.0))
        )

    def _difference(self, name: str, scores: tuple[float, float]) -> Estimate | None:
        """Return B's score minus A's, and its standard error; None if that cannot be told."""
        terms = [side.each.get(name, np.zeros(0)) for side in self.sides]
        known, shares = all(map(len, terms)), self.measure != "r2"
        if known and self.paired:
            return paired_difference(terms[1], terms[0]) if shares else paired_r2_difference(terms[1], terms[0], 1.0)
        if shares:
            counts = [side.result.test_samples for side in self.sides]
            return unpaired_difference(scores[1], counts[1], scores[0], counts[0])
        return unpaired_r2_difference(terms[1], terms[0]) if known else None

    def _distance(self, unit: str) -> SpectralDistance:
        one, other = (side.spectrum(unit) for side in self.sides)
        yardsticks = tuple(yardstick(side, unit, self.order) for side in self.sides)
        scales = distance_from_one(one, self.order), distance_from_one(other, self.order)
        return SpectralDistance(spectral_transport(one, other, self.order), scales, (yardsticks[0], yardsticks[1]))


def yardstick(side: Side, unit: str = UNITS[0], order: float = 1.0) -> Yardstick | None:
    """Return the Yardstick of a side, from every pair of its draws; None without other draws."""
    if not side.draws:
        return None
    draws, wider = side.drawn(unit), (1 - side.shared) ** -0.5
    found = [wider * spectral_transport(*pair, order).distance for pair in combinations(draws, 2)]
    return Yardstick(len(draws), float(np.mean(found)), max(found))


CLEAR_RATIO = 2.0
"""Ratio of a distance to that of two draws from which on it is told as a difference: of regroupings of twelve draws
of one fit, a quarter came out above 1 and one in twenty above 1.4 to 1.6."""


def verdict(found: SpectralDistance) -> str:
    """Return a sentence that reads a distance of spectra by its yardstick."""
    distance, ratio = found.transport.distance, found.ratio
    if ratio is None:
        return "There is no other draw of the samples to read the distance by."
    if ratio <= 1:
        return f"The spectra differ by {distance:.2g}, no more than two draws of the samples of one fit do."
    if ratio < CLEAR_RATIO:
        return f"The spectra differ by {distance:.2g}, about what two draws of the samples of one fit do: no finding."
    return f"The spectra differ by {distance:.2g}, {ratio:.2g} times as much as two draws of the samples of one fit do."


def comparison_rows(found: Comparison) -> list[Sequence[object]]:
    """Return the numbers of a comparison as a table: column names, what both are of, the scores, then the distances."""
    head = ("quantity", "a", "b", "difference", "standard_error", "paired")
    of = [settings_columns(side.result.summary()) for side in found.sides]
    rows: list[Sequence[object]] = [head, *((name, of[0][name], of[1][name], "", "", "") for name in of[0])]
    for row in found.rows:
        difference, error = row.difference or ("", "")
        rows.append((row.name, *("" if one is None else one for one in row.scores), difference, error, found.paired))
    for unit, distance in found.distances.items():
        rows.append((f"spectral_distance_per_{unit}", "", "", distance.transport.distance, "", ""))
        means = ["" if one is None else one.mean for one in distance.yardsticks]
        rows.append((f"two_draws_per_{unit}", *means, "", "", ""))
        rows.append((f"from_doing_nothing_per_{unit}", *distance.from_one, "", "", ""))
    return rows


def _plain(found: SpectralDistance) -> dict[str, Any]:
    """Return a distance as a JSON object."""
    draws = [None if one is None else vars(one) for one in found.yardsticks]
    return {"distance": found.transport.distance, "two_draws": draws, "from_one": list(found.from_one)}
