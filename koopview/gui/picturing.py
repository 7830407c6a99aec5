"""A window on a study, brought to rest, in each of its views, and drawn as a picture."""

from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from koopview.arguments import WindowOptions
from koopview.gui.application import quiet_window
from koopview.gui.window import MainWindow

PRESENT_SIZE = (1920, 1080)
_REST_MS = 120
_PATIENCE_MS = 600_000


def opened(study: str, theme: str) -> MainWindow:
    """Return a window on a built-in study, once all requests are shown."""
    return shown(WindowOptions(demo=study, theme=theme, size=(1280, 800)))


def shown(options: WindowOptions, opens: bool = True) -> MainWindow:
    """Return a window on what `options` name, once all requests are shown; empty unless it `opens` something."""
    window = quiet_window(options, opens)
    window.show()
    settle(window)
    return window


def views(window: MainWindow) -> Iterator[str]:
    """Show each tab and each view of every panel in turn; yield a name for each."""
    tabs, views = window.results.tabs, _segments(window)
    for index in range(tabs.count()):
        if tabs.isTabVisible(index):
            tabs.setCurrentIndex(index)
            if tabs.tabText(index) == "Mode":
                window.eigenvalues.selection.select((0,))
            settle(window)
            yield f"tab-{slug(tabs.tabText(index))}"
    tabs.setCurrentIndex(0)
    for panel, buttons in views:
        for button in buttons:
            button.click()
            settle(window)
            yield f"{panel}-{slug(button.text())}"
        buttons[0].click()
    settle(window)


def _segments(window: MainWindow) -> list[tuple[str, list[QToolButton]]]:
    """Return the buttons of each panel's views, where a person can choose one."""
    panels = (("trajectory", window.trajectory), ("eigenvalues", window.eigenvalues), ("accuracy", window.accuracy))
    choices = [(name, panel.views) for name, panel in panels]
    return [(name, views.findChildren(QToolButton)) for name, views in choices if views.isVisible()]


def present_views(window: MainWindow) -> Iterator[str]:
    """Show each picture of present mode in turn; yield a name for each."""
    window.presenting.enter(full_screen=False)
    window.resize(*PRESENT_SIZE)
    rest()
    yield "present"
    assert window.presenting.page is not None
    window.presenting.page.paths.click()
    rest()
    yield "present-trajectory"
    window.presenting.leave()


def drawn(widget: QWidget, sharpness: float) -> QPixmap:
    """Return a picture of `widget` with `sharpness` pixels per logical pixel."""
    image = QImage(widget.size() * sharpness, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(sharpness)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return QPixmap.fromImage(image)


def settle(window: MainWindow) -> None:
    """Run the event loop until all requests are shown."""
    rest()
    if window.is_busy():
        waiting = QEventLoop()
        window.settled.connect(waiting.quit)
        QTimer.singleShot(_PATIENCE_MS, waiting.quit)
        waiting.exec()
        window.settled.disconnect(waiting.quit)
    rest()


def rest(milliseconds: int = _REST_MS) -> None:
    """Run the event loop for some milliseconds."""
    waiting = QEventLoop()
    QTimer.singleShot(milliseconds, waiting.quit)
    waiting.exec()


def slug(text: str) -> str:
    """Return a text as a part of a file's name."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())
