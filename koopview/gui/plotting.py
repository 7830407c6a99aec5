"""Figures from Python and the command line, drawn by the window's own panels; no window is opened."""

import os
import sys
from argparse import ArgumentTypeError
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from koopview.errors import InputError, KoopViewError
from koopview.figures import figure_kind
from koopview.gui.application import application, ipython_shell
from koopview.gui.displays import draw_without_display
from koopview.gui.figures.feeding import Asked, view_of
from koopview.gui.figures.figure import Figure
from koopview.gui.looks.theme import load_fonts
from koopview.study.subject import Subject
from koopview.values import width as width_of

THEMES = ("light", "dark")


def figure_of(
    subject: Subject, name: str, mode: int | None, sample: int, width: str | float | None, theme: str
) -> Figure:
    """Return the Figure called `name` of a subject, drawn once to see that it can be.

    Raises
    ------
    InputError
        If there is no such figure, of this fit or at all, or for a width or theme that does not fit.
    """
    kind = figure_kind(name)
    if theme not in THEMES:
        raise InputError(f"theme is {theme!r}, expected one of {', '.join(THEMES)}")
    use_application()
    made = Figure(
        kind,
        subject,
        view_of(kind, subject),
        Asked(mode, sample),
        kind.width if width is None else width_in_mm(width),
        theme,
    )
    _ = made.numbers  # what cannot be drawn is told here, not where a notebook shows it
    return made


def width_in_mm(width: str | float) -> float:
    """Return a width, "one-column", "two-columns" or a number of mm, in mm; raises InputError for others."""
    try:
        return width_of(str(width))
    except ArgumentTypeError as error:
        raise InputError(f"width {error}") from error


def use_application() -> None:
    """Make the QApplication that draws, or use the running one as it is.

    In a session with a person a display is looked for, so that :func:`koopview.view` can open a window later.

    Raises
    ------
    InputError
        If the program runs a Qt application that has no widgets.
    """
    running: Any = QCoreApplication.instance()
    if isinstance(running, QApplication):
        load_fonts()
        return
    if running is not None:
        raise InputError("this program runs a Qt application without widgets, expected a QApplication")
    if hasattr(sys, "ps1") or ipython_shell() is not None:
        try:
            application()
            return
        except KoopViewError:
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
    draw_without_display()
    application()
