"""Whether something is drawn: a picture of one colour alone is blank."""

from collections.abc import Iterator

from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget

from koopview.gui.exportable import exportables
from koopview.gui.widgets.card import Card
from koopview.gui.widgets.view_panel import WAITING, ViewPanel
from koopview.gui.window import MainWindow


def is_blank(picture: QImage) -> bool:
    """Return whether all pixels of a picture are of one colour, or there are none."""
    flat = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = bytes(flat.constBits())
    return pixels == pixels[:4] * (len(pixels) // 4)


def blank_parts(window: MainWindow) -> list[str]:
    """Return the names of what is to be seen in a window and shows nothing: panels, plots, views that never came."""
    return [name for name, widget in _parts(window) if is_blank(widget.grab().toImage()) or _waits(widget)]


def blank_picture(picture: QPixmap) -> bool:
    """Return whether a picture of a whole window is blank."""
    return is_blank(picture.toImage())


def _parts(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    for card in window.findChildren(Card):
        if card.isVisible():
            yield f"panel {card.title.text() or card.accessibleName() or 'results'}", card
    for plot in exportables(window):
        yield from ((f"plot {plot.title}", part) for part in plot.parts if part.isVisible())
    for panel in window.findChildren(ViewPanel):
        if panel.isVisible():
            yield f"view {panel.accessibleName()}", panel


def _waits(widget: QWidget) -> bool:
    return isinstance(widget, ViewPanel) and widget.words.isVisible() and widget.words.text() == WAITING
