"""The choice and format of the numbers at an axis."""

import itertools
import math
from collections.abc import Iterable, Sequence

from koopview.gui.text import minus

TICK = 36
"""Room for a number below an axis, in logical pixels."""

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def ticks(
    low: float, high: float, apart: float, landmarks: Sequence[float] = (), whole: bool = False
) -> tuple[float, ...]:
    """Return the rising numbers of an axis from `low` to `high`: landmarks, and round ones between.

    Round numbers are at least `apart` from each other, and farther than half their distance from any landmark. Of two
    landmarks closer than `apart`, the one named first stays. There is at least one number, unless it must be a `whole`
    one.
    """
    marked = _kept([one for one in landmarks if low <= one <= high], apart)
    gap = _round_gap(apart, whole)
    numbers = _multiples(low, high, gap)
    if not numbers and not marked and high > low and not whole:
        numbers = _multiples(low, high, _round_gap((high - low) / 2, whole))
    between = [one for one in numbers if all(abs(one - other) > gap / 2 for other in marked)]
    return tuple(sorted([*marked, *between]))


def _kept(landmarks: Iterable[float], apart: float) -> list[float]:
    kept: list[float] = []
    for one in landmarks:
        if all(abs(one - other) >= apart for other in kept):
            kept.append(one)
    return kept


def _round_gap(least: float, whole: bool) -> float:
    """Return the smallest distance of round numbers that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(max(least, 1.0) if whole else least))
    gaps = (power * digit for digit in _ROUND if not whole or (power * digit).is_integer())
    return next(gap for gap in gaps if gap >= least * (1 - 1e-9))


def _multiples(low: float, high: float, gap: float) -> list[float]:
    digits, slack = max(0, 2 - math.floor(math.log10(gap))), 1e-9 * gap
    first, last = math.ceil((low - slack) / gap), math.floor((high + slack) / gap)
    return [round(gap * index, digits) for index in range(first, last + 1)]


def share_ticks(shares: Sequence[float], width: float) -> tuple[list[float], float | None]:
    """Return the `shares` to write below an axis of `width` pixels, and the share at which to write its name.

    The first two are the axis's ends; a share that would touch an earlier one is left out. If both ends are equal there
    is no room for a name.
    """
    first, last = shares[:2]
    kept = sorted({first, last, *_kept(shares, TICK * (last - first) / max(width, 1.0))})
    rooms = [(right - left, (left + right) / 2) for left, right in itertools.pairwise(kept)]
    return kept, max(rooms)[1] if rooms else None


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return rising heights near those `wanted` (rising), at least `gap` from each other, from `low` to `high`."""
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + gap if placed else low))
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], placed[index + 1] - gap if index + 1 < len(placed) else high)
    return placed


def share_text(share: float) -> str:
    """Return a share of the path as an axis label: "0", "0.35", "1"."""
    return f"{share:.2f}" if 0.005 <= share < 0.995 else f"{share:.0f}"


def axis_number(value: float, spread: float) -> str:
    """Return `value` with as many decimals as an axis of width `spread` needs."""
    if abs(value) >= 1e4 or 0 < spread < 1e-3:
        return minus(f"{value:.0e}")
    decimals = 1 if spread >= 0.5 or spread == 0 else min(3, 1 + math.ceil(-math.log10(spread)))
    return minus(f"{round(value, decimals) + 0.0:.{decimals}f}")  # + 0.0 turns a minus zero into zero


def power_of_ten(power: int) -> str:
    """Return 10 to the power of `power` as text: "0.1", "10⁻¹⁶"."""
    plain = {-2: "0.01", -1: "0.1", 0: "1", 1: "10", 2: "100", 3: "1,000"}
    return plain.get(power, "10" + str(power).translate(_RAISED))
