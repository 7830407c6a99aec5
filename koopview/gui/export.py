"""Save what is on screen: the numbers as JSON, the window as a PNG picture; the name's ending decides."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from koopview.errors import InputError
from koopview.files import json_text, write_whole
from koopview.gui.saving import with_ending
from koopview.study.result import FitResult

NUMBERS = ("Numbers of this fit (*.json)",)
WINDOW_PICTURES = ("Picture (*.png)",)


def save_numbers(path: Path, chosen_filter: str, result: FitResult | None) -> Path:
    """Write the numbers of `result` and return the path, with the filter's ending where it had none.

    Raises
    ------
    InputError
        Where the ending is not .json, or there are no numbers yet.
    FileError
        Where the file cannot be written.
    """
    path = with_ending(path, chosen_filter)
    if result is None:
        raise InputError(f"{path.name} was not written: there is no result on screen yet")
    if path.suffix.lower() != ".json":
        raise InputError(f"{path.name} ends in {path.suffix}, expected .json for numbers")
    write_whole(path, json_text(result.summary()).encode(), "file")
    return path


def save_window(path: Path, chosen_filter: str, window: QWidget) -> Path:
    """Write the window's picture as PNG and return the path; raises InputError for another ending, FileError."""
    path = with_ending(path, chosen_filter)
    if path.suffix.lower() != ".png":
        raise InputError(f"{path.name} ends in {path.suffix}, expected .png for a picture of the window")
    save_picture(window, path)
    return path


def save_picture(window: QWidget, path: Path) -> None:
    """Write the window's picture as PNG, whole or not at all; raises FileError."""
    write_whole(path, png(window.grab()), "picture")


def png(picture: QPixmap) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(content.data())
