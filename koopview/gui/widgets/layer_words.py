"""What the network table says of a layer and of a group of layers; no Qt here."""

from collections.abc import Iterable, Mapping, Sequence

from koopview.gui.text import activation_name, count, counted, score, unit_of
from koopview.network.info import LayerInfo
from koopview.study.result import FitResult
from koopview.words import MISSING

ENOUGH = 0.99
"""R2 of an affine map above which a lift has almost nothing to gain."""

EXPLAINED_TIP = (
    "Share of the layer's output that an affine map of its input explains on test samples (R²): near 1, a lift has "
    "nothing to gain; well below, it is worth trying"
)
_PASSED_OVER = "Not measured: an affine map of this layer would take more memory than is free"

Explained = Mapping[str, float | None]
"""R2_lin by the names of the layers that it is known of; None for one that is passed over."""


def kind_of(layer: LayerInfo) -> str:
    """Return "Linear + ReLU", or only the kind if no activation follows."""
    after = layer.activation.split("+") if layer.activation not in ("", "identity") else []
    return " + ".join([layer.kind, *(activation_name(name.strip()) for name in after)])


def layer_tip(layer: LayerInfo) -> str:
    """Return a layer's whole name, its kind, its widths or the shapes of its tensors, and its parameters."""
    shapes = f", {shapes_text(layer)}" if layer.inputs else ""
    return f"{layer.name}: {kind_of(layer)}{shapes}, {layer.parameters:,} parameters"


def shapes_text(layer: LayerInfo) -> str:
    """Return what a layer takes and gives of a sample, "1 × 28 × 28 → 8 × 28 × 28" or "8 → 6"."""
    pairs = ((layer.in_shape, layer.inputs), (layer.out_shape, layer.outputs))
    return " → ".join(" × ".join(map(str, shape or (width,))) for shape, width in pairs)


def explained_text(layer: LayerInfo, explained: Explained) -> str:
    """Return a layer's R2_lin as text, a dash if it is passed over, empty if it is not known yet."""
    return score(explained[layer.name], "r2") if layer.name in explained else ""


def explained_words(layer: LayerInfo, explained: Explained) -> str:
    """Return in words what an affine map's share of a layer's output means for a lift."""
    share = explained.get(layer.name)
    if share is None:
        return f"{_PASSED_OVER}. {EXPLAINED_TIP}" if layer.name in explained else EXPLAINED_TIP
    told = f"An affine map of its input explains {score(share, 'r2')} of this layer's output on test samples (R²): "
    if share >= ENOUGH:
        return told + "a lift has next to nothing to gain"
    return told + f"{score(1 - share, 'r2')} is left for a lift to gain"


def explained_range(layers: Iterable[LayerInfo], explained: Explained) -> tuple[str, str]:
    """Return the smallest and the largest R2_lin of `layers` as texts, empty as long as none is known."""
    known = [share for layer in layers if (share := explained.get(layer.name)) is not None]
    return (score(min(known), "r2"), score(max(known), "r2")) if known else ("", "")


def group_words(path: str, layers: Sequence[LayerInfo], replaced: Sequence[str]) -> str:
    """Return what a group's row says below its name: "12 stages · 85 k parameters", and how many are replaced."""
    parameters = sum(layer.parameters for layer in layers)
    ticked = sum(layer.name in replaced for layer in layers)
    said = ["replaced as one"] if path in replaced else [f"{count(ticked)} replaced"] if ticked else []
    return " · ".join([counted(len(layers), "stage"), *said, f"{compact(parameters)} parameters"])


def group_tip(path: str, layers: Sequence[LayerInfo], explained: Explained, stage: LayerInfo | None) -> str:
    """Return a group's whole path, its size, the range of R2_lin that is known of its layers, and what a click does.

    `stage` is the group as one stage, None if it cannot be one.
    """
    least, most = explained_range(layers, explained)
    told = f"; R² lin from {least} to {most}" if least else ""
    parameters = f"{sum(layer.parameters for layer in layers):,} parameters"
    size = f"{path}: {counted(len(layers), 'stage')}, {parameters}{told}"
    if stage is None:
        return f"{size}. It is no one stage: other layers stand between its own, or it is the whole network"
    if not stage.supported:
        return f"{size}. It cannot be replaced as one stage: {stage.reason}"
    return f"{size}. A click, or Return, takes them as one stage; the tick, or Space, replaces it; the arrow folds"


def compact(number: int) -> str:
    """Return a whole number in few characters: "816", "8.5 k", "1.2 M"."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)


def measure_name(results: Sequence[FitResult]) -> str:
    """Return the name of the hybrids' column, by the measure of the newest result."""
    return unit_of(results[-1].measure if results else "accuracy")


def widths_text(layer: LayerInfo) -> str:
    """Return a layer's numbers of inputs and outputs: "8 → 6", a dash if they are not known."""
    return f"{layer.inputs} → {layer.outputs}" if layer.inputs else MISSING
