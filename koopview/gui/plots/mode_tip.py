"""The tooltip of an eigenvalue: its value, its reliability, and its group."""

from typing import TYPE_CHECKING

import numpy as np

from koopview.gui.selection import is_larger_than_pair, together, together_words
from koopview.gui.text import eigenvalue, importance_text, short
from koopview.koopman.eigenvalues import conjugate_indices
from koopview.study.result import FitResult

if TYPE_CHECKING:
    from koopview.study.views import ModesView

ILL_CONDITIONED = 100.0
"""Condition number above which an eigenvalue alone means nothing: a relative error of 1 % of the operator can move it
by as much as its own modulus."""


def is_ill_conditioned(result: FitResult) -> np.ndarray:
    """Return which eigenvalues mean nothing alone, bool (rank,)."""
    return np.asarray(result.condition_numbers, float) > ILL_CONDITIONED


def mode_tip(result: FitResult, index: int, power: int = 1, modes: "ModesView | None" = None) -> str:
    """Return the tooltip of an eigenvalue to the power `power`, with its importance if `modes` are given."""
    value = complex(result.eigenvalues[index]) ** power
    pair = int(conjugate_indices(result.fitted_eigenvalues)[index]) != index and value.imag != 0
    angle = abs(np.degrees(np.angle(value)))
    lines = [
        f"<b>λ = {eigenvalue(value.real, value.imag, pair)}</b>",
        f"|λ| {abs(value):.4f} &nbsp; angle {'±' if pair else ''}{angle:.2f}°",
        f"residual {short(float(result.residuals[index]))} over the layer, "
        f"{short(float(result.step_residuals[index]))} a step",
        condition_words(result, index),
    ]
    if is_larger_than_pair(result, index):
        lines.append(together_words(len(together(result, index)) - 1))
    if modes is not None and index < len(modes.importance):
        worth = importance_text(float(modes.importance[index]), float(modes.importance_errors[index]), result.measure)
        lines.append(f"importance {worth}")
    if result.eigenvalues[index] != result.fitted_eigenvalues[index]:
        was = complex(result.fitted_eigenvalues[index]) ** power
        lines.append(f"edited, was {eigenvalue(was.real, was.imag)}")
    return "<br>".join(lines)


def condition_words(result: FitResult, index: int) -> str:
    """Return a mode's condition number as text, with its meaning if it is large."""
    number = float(result.condition_numbers[index])
    said = f"condition number {short(number)}"
    return f"{said}<br>ill-conditioned: says nothing alone" if number > ILL_CONDITIONED else said
