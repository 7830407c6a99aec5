"""Save what is on screen: the numbers as JSON, the window as a PNG picture; the name's ending decides."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from koopview.errors import InputError
from koopview.files import json_text, write_whole
from koopview.study.result import FitResult

FILTERS = ("Numbers (*.json)", "Picture (*.png)")


def export(path: Path, chosen_filter: str, window: QWidget, result: FitResult | None) -> Path:
    """Write the file that a person asked for and return its path, with the filter's ending where it had none.

    Raises
    ------
    InputError
        Where the ending is neither .json nor .png, or there are no numbers yet.
    FileError
        Where the file cannot be written.
    """
    if not path.suffix:
        path = path.with_name(path.name + (".png" if chosen_filter == FILTERS[1] else ".json"))
    if path.suffix.lower() == ".png":
        save_picture(window, path)
    elif path.suffix.lower() == ".json":
        if result is None:
            raise InputError(f"{path.name} was not written: there is no result on screen yet")
        write_whole(path, json_text(result.summary()).encode(), "file")
    else:
        raise InputError(f"{path.name} ends in {path.suffix}, expected .json for numbers or .png for a picture")
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
