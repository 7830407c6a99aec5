"""Set the open study aside, whole and in memory, and take it back."""

from dataclasses import dataclass

from koopview.gui.session.changes import Undone
from koopview.gui.session.deepening import Deepening, DepthState
from koopview.gui.session.engine import Engine
from koopview.gui.session.fitting import Fits
from koopview.gui.session.opener import Opener
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings


@dataclass(frozen=True, eq=False)
class Aside:
    """A study that was set aside: all that a session knows of it."""

    engine: Engine
    state: StudyState
    drawn: FitResult | None
    settings: FitSettings | None
    depth: DepthState
    undone: Undone


def set_aside(fits: Fits, deepening: Deepening) -> Aside | None:
    """Return the open study as an Aside, None if none is open; what runs is left to end or to be cancelled."""
    if fits.engine is None or fits.state is None:
        return None
    return Aside(fits.engine, fits.state, fits.drawn, fits.settings, deepening.state, fits.changes.content())


def take_back(fits: Fits, opener: Opener, deepening: Deepening, aside: Aside) -> None:
    """Open an Aside again as it was: its results, its undo steps, and the settings that were still to be fitted."""
    opener.reopen(aside.engine)
    state = aside.state if aside.drawn is None else aside.state.with_result(aside.drawn)
    if state.results:
        fits.show_saved(aside.engine, state)
    else:
        fits.take(aside.engine, state)
    fits.changes.refill(aside.undone)
    deepening.restore(aside.depth)
    wanted = aside.settings
    if wanted is not None and (aside.drawn is None or wanted != aside.drawn.settings):
        fits.settings = wanted
        fits.fit_now()
    elif not state.results:
        fits.settle()
