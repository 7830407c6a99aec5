"""What both sides of a comparison are, in words."""

from koopview.gui.compare.side_looks import GLYPHS
from koopview.gui.text import seconds, study_name
from koopview.study.comparing import Comparison
from koopview.study.result import FitResult
from koopview.study.sides import SIDES


def side_note(result: FitResult) -> tuple[str, str]:
    """Return what one side is, in one line, and the same without what it is of, for little room."""
    settings = result.settings
    path = f"{settings.scaling}, N {settings.steps}" + (f", {settings.schedule}" if settings.schedule else "")
    sizes = f"h {settings.delays}, r {result.rank} · {path} · {seconds(sum(result.seconds.values()))}"
    return f"{study_name(result.model)} on {result.data}, layer {settings.layer} · {sizes}", sizes


def legend(found: Comparison) -> list[str]:
    """Return the marker, the model and the layer of each side's fit."""
    results = [side.result for side in found.sides]
    return [
        f"{glyph} {study_name(one.model)}, layer {one.settings.layer}"
        for glyph, one in zip(GLYPHS, results, strict=True)
    ]


def sizes(found: Comparison) -> str:
    """Return delays and ranks of a comparison: "h 12, r 30", of both sides where they differ."""
    own = [f"h {side.result.settings.delays}, r {side.result.rank}" for side in found.sides]
    if own[0] == own[1]:
        return own[0]
    return " · ".join(f"{name} {size}" for name, size in zip(SIDES, own, strict=True))
