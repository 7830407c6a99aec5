"""The fits that the one on screen can be set beside; no Qt here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from koopview.gui.text import score, study_name
from koopview.network.demos import DEMO_TITLES
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

MOST_EARLIER = 12
"""Most earlier fits that are offered."""

THIS_STUDY = "another layer of this study"
ANOTHER_DRAW = "another draw of the samples"


@dataclass(frozen=True)
class Other:
    """A fit to compare with: how it is called, the study it is of (None: the open one), and its settings if known."""

    text: str
    study: str | None = None
    settings: FitSettings | None = None


def others(state: StudyState, one: FitResult) -> list[Other]:
    """Return what the fit `one` can be compared with: layers, another draw, earlier fits, built-in studies."""
    found = []
    layer = other_layer(state, one.settings.layer)
    if layer is not None:
        info = next(row for row in state.layers if row.name == layer)
        found.append(Other(THIS_STUDY, None, one.settings.of_layer(info).with_edits(())))
    drawn = replace(one.settings, draw=one.settings.draw + 1, edits=())
    if one.settings.samples is not None:
        found.append(Other(ANOTHER_DRAW, None, drawn))
    return [
        *found,
        *_earlier(state, one),
        *(Other(study_name(name), name) for name in DEMO_TITLES if name != one.model),
    ]


def other_layer(state: StudyState, layer: str) -> str | None:
    """Return the layer to begin with: the next one that can be replaced, or the one before; None if there is none."""
    able = [row.name for row in state.layers if row.supported]
    if layer not in able:
        return able[0] if able else None
    place = able.index(layer)
    beside = able[place + 1 : place + 2] or able[max(0, place - 1) : place]
    return beside[0] if beside else None


def fit_name(settings: FitSettings, rank: int | str) -> str:
    """Return a fit's layer and size in words: "layer 2, h 12, r 30"."""
    return f"layer {settings.layer}, h {settings.delays}, r {rank}"


def _earlier(state: StudyState, one: FitResult) -> Iterator[Other]:
    """Yield the newest earlier fits with other settings, the newest first."""
    earlier = [result for result in reversed(state.results) if result.settings != one.settings]
    for result in earlier[:MOST_EARLIER]:
        name = fit_name(result.settings, result.rank)
        yield Other(f"earlier: {name} · {score(result.hybrid, result.measure)}", None, result.settings)
