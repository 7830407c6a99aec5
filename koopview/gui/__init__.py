"""The window: the only package that imports Qt and pyqtgraph; one file per panel.

Qt is imported on first use, so that the command line starts without it.
"""

import multiprocessing
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from koopview.installation import imports_explained

if TYPE_CHECKING:
    from pathlib import Path

    from koopview.gui.figures.figure import Figure
    from koopview.gui.window import MainWindow


@imports_explained()
def create_window(arguments: Sequence[str] | None = None) -> "MainWindow":
    """Build the window from the command line's arguments without entering the event loop.

    Creates the QApplication if there is none. `arguments` are those after ``koopview``; None takes them from
    ``sys.argv``. Raises :class:`koopview.errors.InputError` for wrong arguments.
    """
    _import_quickly()
    from koopview.gui import application

    return application.create_window(arguments)


def run(arguments: Sequence[str]) -> int:
    """Show the window until it is closed, or render it into a file; returns the exit status."""
    _import_quickly()
    from koopview.gui import application

    return application.run(arguments)


@imports_explained()
def view(model: Any, inputs: Any = None, labels: Any = None, **options: Any) -> "MainWindow | None":
    """Open the window on a network in memory; blocks until it is closed, except in IPython and Jupyter.

    Returns None, and opens nothing, in a worker process of that window, which reads the same script as it starts.

    Parameters
    ----------
    model : nn.Module or Study
        Any module that runs.
    inputs : array (samples, ...), Dataset, torch Dataset of pairs (input, label), or DataLoader
        A fifth of the samples is kept for testing, see :class:`koopview.Dataset`.
    labels : array (samples,), optional
    **options
        Further ones of :class:`koopview.Study` (name, device).

    Raises
    ------
    InputError
        If model and data do not fit each other, or there is no display.
    FileError
        If the system or this installation lacks a file.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # as Python's own check of such a start has it
        return None
    from koopview.gui import application
    from koopview.study.study import Study

    if not isinstance(model, Study):
        model = Study(model, inputs, labels, **options)
    return application.view(model)


@imports_explained()
def plot(
    what: Any,
    figure: str = "eigenvalues",
    path: "str | Path | None" = None,
    *,
    mode: int | None = None,
    sample: int = 1,
    width: str | float | None = None,
    theme: str = "light",
) -> "Figure":
    """Return a Figure of a fit, drawn as the window draws it, and save it under `path` if that is given.

    No window is opened, and no display is needed. IPython and Jupyter show the figure by themselves.

    Parameters
    ----------
    what : Fit, Study, Sweep, FitResult or several of these
        Of a Study, a Sweep or several results the newest is drawn; for a curve and a sweep the others too.
    figure : str
        eigenvalues, accuracy, curve, sweep, states, phase, heatmap, boundary, singular-values, vectors, mode,
        confusion, meaning (``koopview.figures.FIGURES``).
    path : path, optional
        A file with the ending .pdf, .png, .svg or .csv (the numbers), or a folder.
    mode : int, optional
        The index of an eigenvalue, for the figure mode.
    sample : int
        The test sample of states and heatmap, counted from 1.
    width : "one-column", "two-columns" or number of mm
        Of the figure's own by default.
    theme : "light" or "dark"

    Raises
    ------
    InputError
        If there is no such figure of this fit, with the reason.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> koopview.plot(fit, "eigenvalues").save("eigenvalues.pdf")  # doctest: +SKIP
    """
    from koopview.gui.plotting import figure_of
    from koopview.study.subject import subject_of

    made = figure_of(subject_of(what), figure, mode, sample, width, theme)
    if path is not None:
        made.save(path)
    return made


def _import_quickly() -> None:
    """Import the window's code with `quick_imports` in the program; not in a notebook, whose imports stay unchanged."""
    if "koopview.gui.application" not in sys.modules:
        from koopview.gui.quick_imports import quick_imports

        with quick_imports():
            import koopview.gui.application  # noqa: F401 - later imports find it loaded
