"""The tooltip of an eigenvalue: its value, its reliability, and its group."""

from typing import TYPE_CHECKING

import numpy as np

from koopview.gui.selection import group_mean, group_words, together
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
    if group := group_words(result, index):
        return "<br>".join([*group_lines(result, index, group, power), *importance_lines(result, index, modes)])
    pair = int(conjugate_indices(result.fitted_eigenvalues)[index]) != index and value.imag != 0
    angle = abs(np.degrees(np.angle(value)))
    lines = [
        f"<b>λ = {eigenvalue(value.real, value.imag, pair)}</b>",
        f"|λ| {abs(value):.4f} &nbsp; angle {'±' if pair else ''}{angle:.2f}°",
        f"residual {short(float(result.residuals[index]))} over the layer, "
        f"{short(float(result.step_residuals[index]))} a step",
        condition_words(result, index),
    ]
    lines += importance_lines(result, index, modes)
    if result.eigenvalues[index] != result.fitted_eigenvalues[index]:
        was = complex(result.fitted_eigenvalues[index]) ** power
        lines.append(f"edited, was {eigenvalue(was.real, was.imag)}")
    return "<br>".join(lines)


def group_lines(result: FitResult, index: int, group: str, power: int) -> list[str]:
    """Return the lines of the tooltip of a group of ill-conditioned modes, which is one thing."""
    members = [*together(result, index)]
    values, mean = result.eigenvalues[members] ** power, group_mean(result, index) ** power
    low, high = np.abs(values).min(), np.abs(values).max()
    lines = [
        f"<b>{group}</b>, mean λ = {eigenvalue(mean.real, mean.imag)}",
        f"|λ| {low:.4f} to {high:.4f}",
        f"residuals up to {short(float(np.max(result.residuals[members])))} over the layer",
        f"condition numbers up to {short(float(np.max(result.condition_numbers[members])))}:<br>"
        "one alone says nothing, they are edited as one",
    ]
    edited = (result.eigenvalues[members] != result.fitted_eigenvalues[members]).any()
    return [*lines, "edited"] if edited else lines


def importance_lines(result: FitResult, index: int, modes: "ModesView | None") -> list[str]:
    """Return the line of a mode's importance, none if it is not known."""
    if modes is None or index >= len(modes.importance):
        return []
    worth = importance_text(float(modes.importance[index]), float(modes.importance_errors[index]), result.measure)
    return [f"importance {worth}"]


def condition_words(result: FitResult, index: int) -> str:
    """Return a mode's condition number as text, with its meaning if it is large."""
    number = float(result.condition_numbers[index])
    said = f"condition number {short(number)}"
    return f"{said}<br>ill-conditioned: says nothing alone" if number > ILL_CONDITIONED else said
