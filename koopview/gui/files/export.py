"""Save the numbers on screen, the window's picture or the script, by the ending of the name."""

from datetime import date
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from koopview.errors import InputError
from koopview.files import write_whole
from koopview.gui.saving.saving import with_ending
from koopview.gui.session.port import FilePort
from koopview.study.command_line import handout_command
from koopview.study.export import write_numbers
from koopview.study.result import FitResult
from koopview.study.script import script
from koopview.study.source import Source
from koopview.study.views import BoundaryView

NUMBERS = ("Numbers of this fit (*.json)", "Arrays of this fit (*.npz)", "Eigenvalues (*.csv)")
HYBRIDS = ("Hybrid network, torch.export (*.pt2)",)
SCRIPTS = ("Python script (*.py)",)
HANDOUTS = ("Handout, two pages (*.pdf)",)
WINDOW_PICTURES = ("Picture (*.png)",)


def save_numbers(path: Path, chosen_filter: str, result: FitResult | None) -> Path:
    """Write the numbers of `result` and return the path, with the filter's ending if it had none.

    Raises
    ------
    InputError
        If the ending is not one for numbers, or there are none yet.
    FileError
        If the file cannot be written.
    """
    path = with_ending(path, chosen_filter)
    if result is None:
        raise InputError(f"{path.name} was not written: there is no result on screen yet")
    write_numbers(result, path)
    return path


def save_script(path: Path, chosen_filter: str, result: FitResult | None, source: Source | None) -> Path:
    """Write the script that repeats `result` and return its path; raises InputError without a result, FileError."""
    path = with_ending(path, chosen_filter)
    if result is None:
        raise InputError(f"{path.name} was not written: there is no result on screen yet")
    write_whole(path, script(result.settings, source).encode(), "script")
    return path


def save_handout(path: Path, result: FitResult, session: FilePort, view: object) -> Path:
    """Print `result` on two pages and return their path; raises InputError for another ending than .pdf, FileError."""
    from koopview.gui.handout.contents import Handout  # the first picture does not wait for what is printed
    from koopview.gui.handout.pages import write_handout

    if path.suffix.lower() != ".pdf":
        raise InputError(f"{path.name} ends in {path.suffix}, expected .pdf for a handout")
    state = session.drawn_state()
    results, cells = ((), ()) if state is None else (state.results, state.cells)
    plane = view if isinstance(view, BoundaryView) else None
    command = handout_command(result.settings, session.source)
    return write_handout(Handout(result, results, cells, plane, command, date.today()), path)


def save_window(path: Path, chosen_filter: str, window: QWidget) -> Path:
    """Write the window's picture as PNG and return the path; raises InputError for another ending, FileError."""
    path = with_ending(path, chosen_filter)
    if path.suffix.lower() != ".png":
        raise InputError(f"{path.name} ends in {path.suffix}, expected .png for a picture of the window")
    save_picture(window, path)
    return path


def save_picture(window: QWidget, path: Path) -> None:
    """Write the window's picture as PNG, completely or not at all; raises FileError."""
    write_whole(path, png(window.grab()), "picture")


def png(picture: QPixmap) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(content.data())
