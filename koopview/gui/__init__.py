"""All of Qt and pyqtgraph, and the only place that imports them; one file a panel.

Qt is imported on first use, so that the command line need not wait for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from koopview.gui.window import MainWindow


def create_window(arguments: Sequence[str] | None = None) -> "MainWindow":
    """Build the window from the command line's arguments without entering the event loop.

    Makes the QApplication where none exists. `arguments` are the words behind ``koopview``; None takes them from
    ``sys.argv``. Raises :class:`koopview.errors.InputError` for wrong ones.
    """
    from koopview.gui import application

    return application.create_window(arguments)


def run(arguments: Sequence[str]) -> int:
    """Show the window until it is closed, or render it into a file; returns the exit status."""
    from koopview.gui import application

    return application.run(arguments)
