"""The handout of a study from the command line: drawn by the window's own panels, without a window or a display."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.gui.application import application, without_notes
from koopview.gui.displays import draw_without_display
from koopview.gui.handout.contents import Handout
from koopview.gui.handout.pages import write_handout
from koopview.study.command_line import handout_command
from koopview.study.result import FitResult
from koopview.study.views import BoundaryView

if TYPE_CHECKING:
    from koopview.study.study import Study  # which imports torch


def print_handout(study: "Study", result: FitResult, path: Path) -> Path:
    """Write the handout of a study's `result` as PDF and return its path; raises FileError."""
    view = study.view(result.settings, "boundary")
    draw_without_display()
    application()
    handout = Handout(
        result,
        study.state.results,
        study.state.cells,
        view if isinstance(view, BoundaryView) else None,
        handout_command(result.settings, study.source),
        date.today(),
    )
    with without_notes():
        return write_handout(handout, path)
