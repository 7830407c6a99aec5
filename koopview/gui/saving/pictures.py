"""Pictures of plots for a paper: PNG, SVG and PDF at print size, on white, text as text; needs no window."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter, QRegion
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QComboBox, QWidget

from koopview import __version__
from koopview.errors import InputError
from koopview.files import write_whole
from koopview.gui.looks.appearance import theme_in_use
from koopview.gui.looks.pens import lines_times
from koopview.gui.looks.stylesheet import stylesheet
from koopview.gui.looks.theme import LIGHT, UNIT, Theme
from koopview.print_widths import ONE_COLUMN, TWO_COLUMNS

__all__ = ["ONE_COLUMN", "TWO_COLUMNS", "save_picture_of", "write_picture"]

ENDINGS = (".png", ".svg", ".pdf")
DPI = 112
"""Logical pixels per inch on paper: the window's small text, 11 pixels, becomes 7.1 pt."""

SHARPNESS = 3
"""Pixels of a PNG file per logical pixel: 336 per inch."""

MARGIN = 4
_MM = 25.4
_LOWEST = 0.6
_AS_SHAPES = {"antialias": True, "resolutionScale": 1.0}
Draw = Callable[[QPainter], None]


def save_picture_of(
    parts: Sequence[QWidget],
    path: Path,
    width_mm: float,
    title: str = "",
    *,
    least_width: int = 0,
    fills: bool = False,
) -> None:
    """Write widgets, one below the other, as a figure of `width_mm`, in the format of the path's ending.

    See :func:`picture_of` for the rest.

    Raises
    ------
    InputError
        For another ending than .png, .svg and .pdf.
    FileError
        Where the file cannot be written.
    """
    content = picture_of(parts, path.suffix, width_mm, title, least_width=least_width, fills=fills)
    write_whole(path, content, "picture")


def picture_of(
    parts: Sequence[QWidget],
    ending: str,
    width_mm: float,
    title: str = "",
    *,
    least_width: int = 0,
    fills: bool = False,
    theme: Theme = LIGHT,
) -> bytes:
    """Return widgets, one below the other, as a figure of `width_mm`, the bytes of a file with that `ending`.

    They are laid out again at that width, in the colours of `theme`, without their buttons, and then restored. Text
    is of 7 pt or more. Widgets that need more room, or a larger `least_width` in logical pixels, are laid out wider and
    scaled down. A figure that `fills` its room is higher than the flat band that it may be on screen.

    Raises
    ------
    InputError
        For another ending than .png, .svg and .pdf.
    """
    check_ending(Path(f"picture{ending}"))
    width = print_pixels(width_mm)
    sharpness = SHARPNESS if ending.lower() == ".png" else 1
    with _as_printed(parts, max(width, least_width), sharpness, fills, theme) as boxes:
        right, bottom = (boxes[-1].right(), boxes[-1].bottom()) if boxes else (width - 1 - MARGIN, -1)
        scale = width / (right + 1 + MARGIN)
        size = QSize(width, round(scale * (bottom + 1 + MARGIN)))
        return drawn_picture(ending, size, lambda painter: _paint(painter, parts, boxes, scale), title, theme.panel)


def print_pixels(width_mm: float) -> int:
    """Return the logical pixels of a width on paper."""
    return round(width_mm / _MM * DPI)


def write_picture(path: Path, size: QSize, draw: Draw, title: str = "") -> None:
    """Write what `draw` paints into `size` logical pixels (DPI per inch), in the format of the path's ending.

    Raises
    ------
    InputError
        For another ending than .png, .svg and .pdf.
    FileError
        Where the file cannot be written.
    """
    check_ending(path)
    write_whole(path, drawn_picture(path.suffix, size, draw, title), "picture")


def drawn_picture(ending: str, size: QSize, draw: Draw, title: str = "", ground: str = "white") -> bytes:
    """Return what `draw` paints on a `ground`, into `size` logical pixels, as a file with one of the ENDINGS."""
    make = {".png": _png, ".svg": _svg, ".pdf": _pdf}[ending.lower()]

    def whole(painter: QPainter) -> None:
        painter.fillRect(QRect(QPoint(0, 0), size), QColor(ground))
        draw(painter)

    return make(size, whole, title)


def check_ending(path: Path) -> None:
    """Raise InputError unless the path's ending is that of a picture."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} ends in {path.suffix or 'nothing'}, expected {', '.join(ENDINGS)} for a picture")


def _png(size: QSize, draw: Draw, title: str) -> bytes:
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.setDotsPerMeterX(round(SHARPNESS * DPI / _MM * 1000))
    image.setDotsPerMeterY(image.dotsPerMeterX())
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return in_memory(lambda buffer: image.save(buffer, "PNG"))  # type: ignore[call-overload]  # the stubs want bytes


def _svg(size: QSize, draw: Draw, title: str) -> bytes:
    from PySide6.QtSvg import QSvgGenerator  # loaded only for an SVG file

    def write(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(DPI)
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(0, 0), size))
        generator.setTitle(title or "KoopView")
        generator.setDescription(f"Made by KoopView {__version__}")
        painter = QPainter(generator)
        draw(painter)
        painter.end()

    return in_memory(write)


def _pdf(size: QSize, draw: Draw, title: str) -> bytes:
    def write(buffer: QBuffer) -> None:
        writer = QPdfWriter(buffer)
        writer.setResolution(DPI)
        page = QSizeF(size.width(), size.height()) * (_MM / DPI)
        writer.setPageSize(QPageSize(page, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(title or "KoopView")
        writer.setCreator(f"KoopView {__version__}")
        painter = QPainter(writer)
        draw(painter)
        painter.end()

    return in_memory(write)


def in_memory(write: Callable[[QBuffer], object]) -> bytes:
    """Return what `write` writes into a buffer."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    buffer.close()
    return bytes(content.data())


def _paint(painter: QPainter, parts: Sequence[QWidget], boxes: Sequence[QRect], scale: float) -> None:
    painter.scale(scale, scale)
    for part, box in zip(parts, boxes, strict=True):
        QWidget.render(part, painter, box.topLeft(), QRegion(), QWidget.RenderFlag.DrawChildren)


# --- Widgets as they are printed -------------------------------------------------------------------------------


@contextmanager
def _as_printed(
    parts: Sequence[QWidget], width: int, sharpness: float, fills: bool, theme: Theme
) -> Iterator[list[QRect]]:
    """Context in which `parts` wear `theme`, without buttons; yields their boxes; handles no events meanwhile."""
    dressed, before = _themed(parts), theme_in_use()
    sizes = [part.size() for part in parts]
    controls = [child for part in parts for child in _controls(part)]
    for control in controls:
        control.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, True)
        control.hide()
    try:
        with lines_times(sharpness):
            _dress(dressed, parts, theme)
        for part in parts:
            _set_exporting(part, _AS_SHAPES)
        yield _boxes(parts, width, fills)
    finally:
        for part, size in zip(parts, sizes, strict=True):
            _set_exporting(part, None)
            part.resize(size)
        for control in controls:
            control.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
            control.show()
        _dress(dressed, parts, before)
        for part in parts:
            part.setStyleSheet("")


def prepare_for_paper(part: QWidget) -> None:
    """Dress a widget that nobody sees for paper, without its buttons, and let it draw shapes."""
    part.setStyleSheet(stylesheet(LIGHT))
    for control in _controls(part):
        control.hide()
    for area in part.findChildren(QAbstractScrollArea):
        area.viewport().setAutoFillBackground(False)  # in the window's colour, below what is drawn
    _set_exporting(part, _AS_SHAPES)


def _boxes(parts: Sequence[QWidget], width: int, fills: bool) -> list[QRect]:
    """Lay `parts` out at `width`, or wider if they need it, and return their boxes."""
    boxes, y = [], MARGIN
    width = max([width - 2 * MARGIN, *(part.minimumSizeHint().width() for part in parts)])
    for part in parts:
        part.resize(width, max(1, _height(part, width, fills)))
        layout = part.layout()
        if layout is not None:  # divides the width again: a child's bounds can depend on its height
            layout.activate()
        boxes.append(QRect(MARGIN, y, width, part.height()))
        y += part.height()
    return boxes


def _height(part: QWidget, width: int, fills: bool) -> int:
    """Return the printed height of a part at `width`: in its shape on screen, but higher if it `fills` its room."""
    shape = part.height() / max(1, part.width())
    if part.height() <= 4 * UNIT:  # a line of words
        return part.height()
    if fills:
        return round(max(shape, _LOWEST) * width)
    if part.minimumSizeHint().height() == part.sizeHint().height():
        return part.height()
    return round(max(shape * width, min(part.height(), _LOWEST * width)))


def _themed(parts: Sequence[QWidget]) -> list[Any]:
    """Return the outermost widgets around `parts` that have a theme; else those inside them."""
    found: list[Any] = []
    for part in parts:
        above: QWidget | None = part
        owner = None
        while above is not None:
            owner = above if hasattr(above, "set_theme") else owner
            above = above.parentWidget()
        within = [child for child in part.findChildren(QWidget) if hasattr(child, "set_theme")]
        found += [one for one in (within if owner is None else [owner]) if one not in found]
    return found


def _dress(owners: Sequence[Any], parts: Sequence[QWidget], theme: Theme) -> None:
    for owner in owners:
        owner.set_theme(theme)
    for part in parts:
        part.setStyleSheet(stylesheet(theme))


def _controls(part: QWidget) -> list[QWidget]:
    """Return the visible buttons and controls, which are hidden on paper."""
    children = [*part.findChildren(QAbstractButton), *part.findChildren(QComboBox)]
    return [child for child in children if not child.isHidden()]


def _set_exporting(part: QWidget, options: dict[str, Any] | None) -> None:
    """Make pyqtgraph draw points and background as shapes instead of cached pictures, or (None) undo this."""
    import pyqtgraph as pg

    views = [view for view in (part, *part.findChildren(pg.GraphicsView)) if isinstance(view, pg.GraphicsView)]
    for view in views:
        modes = pg.GraphicsView.CacheModeFlag
        view.setCacheMode(modes.CacheBackground if options is None else modes.CacheNone)
        for item in view.scene().items():
            if getattr(item, "on_screen_only", False):
                item.setVisible(options is None)
            if hasattr(item, "setExportMode"):
                item.setExportMode(options is not None, options)
