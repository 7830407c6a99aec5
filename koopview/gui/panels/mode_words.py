"""The words of the Mode tab: a mode's numbers, and what is drawn of it."""

import numpy as np

from koopview.gui.selection import group_mean, group_words
from koopview.gui.text import eigenvalue, importance_text, short
from koopview.study.result import FitResult
from koopview.study.views import ModesView, neighbours_alike

PLANE, PATTERN, GRADIENT, SHAPE, CLASSES = range(5)
NAMES = ("Plane", "Pattern", "Gradient", "Shape", "Classes")
TIPS = (
    "The eigenfunction over the plane of inputs",
    "What goes along with the mode: covariance of each input with the eigenfunction over test samples",
    "What the mode reads: gradient of its eigenfunction, the left eigenvector pulled back to the network's inputs",
    "The mode's part in the layer's state: the newest state of the exact mode",
    "The eigenfunction by class, as boxes: what the mode tells apart",
)
_ALIKE = 0.995
"""Share of a gradient that is common to all samples above which it is called the same."""

_FEW = 0.3
"""Share below which the mean gradient says little."""

_FINE = 0.8
"""Correlation of neighbouring pixels below which a picture looks like noise."""


def pictures_of(view: ModesView) -> tuple[int, ...]:
    """Return which pictures of a mode there are, the first one to show first."""
    if view.inputs is None:
        return (SHAPE,)
    if view.inputs.plane is not None:
        return PLANE, SHAPE
    return (PATTERN, *((GRADIENT,) if view.inputs.gradients is not None else ()), SHAPE)


def shape_caption(view: ModesView, channel: int, real: bool) -> str:
    """Return what is drawn of a mode's shape: "shape as a picture, real part"."""
    channels = view.picture[0] if view.picture is not None and len(view.picture) == 3 else 1
    of_channel = f" of channel {channel} of {channels}" if channels > 1 else ""
    pictured = f", {view.axes}" if view.axes else "" if view.picture is None else " as a picture"
    said = f"shape{of_channel}{pictured}, real part{'' if real else ' and imaginary part'}"
    plain = view.picture is not None and not view.axes and channels == 1
    return f"{said}; the layer's units have no order in a picture, so it looks like noise" if plain else said


def input_caption(view: ModesView, kind: int, index: int, real: bool) -> str:
    """Return what is drawn of the mode at `index` over the inputs, and why, if it looks like noise.

    `real` says whether its eigenfunction is real.
    """
    inputs = view.inputs
    assert inputs is not None
    turned = "" if real else " · phase: largest Re"
    what = "pixels" if inputs.picture is not None else "inputs"
    if kind == PLANE:
        return f"Re φ over the inputs: red above its mean, blue below{turned}"
    if kind == PATTERN:
        stems = inputs.picture is None  # they have one colour
        rises = "inputs above 0 rise with Re φ, below fall" if stems else "red pixels rise with Re φ, blue fall"
        return f"{rises} · {len(view.eigenfunctions):,} test samples{turned}"
    assert inputs.common is not None
    share = float(inputs.common[index])
    where = "the same at all inputs" if share > _ALIKE else f"mean of {inputs.averaged} test samples"
    said = f"gradient of Re φ × each {what[:-1]}'s spread · {where}{turned}"
    if share < _FEW:
        return f"{said}. Says little: {100 * share:.0f} % of the gradient is common to them"
    drawn = inputs.spreads * np.real(inputs.gradients[:, index]) if inputs.gradients is not None else np.zeros(0)
    if inputs.picture is not None and neighbours_alike(drawn, inputs.picture) < _FINE:
        return f"{said}. It looks like noise: neighbouring weights differ, see Pattern"
    return said


def mode_facts(result: FitResult, view: ModesView, index: int, selected: int) -> str:
    """Return the lines with the numbers of a mode, or of the group that it stands for."""
    value, was = result.eigenvalues[index], result.fitted_eigenvalues[index]
    pair = was.imag != 0
    if group := group_words(result, index):
        mean = group_mean(result, index)
        said = f"<b>{group}</b> · mean λ {eigenvalue(mean.real, mean.imag)} · its main direction"
    else:
        said = f"mode {index} · <b>λ = {eigenvalue(value.real, value.imag, pair)}</b> · |λ| {abs(value):.4f}"
        if value != was:
            said += f" · was {eigenvalue(was.real, was.imag, pair)}"
    worth = importance_text(float(view.importance[index]), float(view.importance_errors[index]), result.measure)
    said += f"<br>residual {short(float(result.residuals[index]))} · importance {worth}"
    return said + (f" · first of {selected} selected" if selected > 1 else "")
