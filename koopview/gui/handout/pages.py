"""Lays the handout out on two pages, A4 or letter, and writes them as PDF: pictures as shapes, text as text."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QBuffer, QLocale, QMarginsF, QPoint, QRect, QRectF, QSizeF, Qt, QUuid
from PySide6.QtGui import QColor, QPageSize, QPainter, QPdfWriter, QRegion, QTextDocument, QTextOption
from PySide6.QtWidgets import QWidget

from koopview import __version__
from koopview.files import write_whole
from koopview.gui.handout.contents import (
    Handout,
    again_html,
    footer,
    head_html,
    meanings_html,
    numbers_html,
    title,
)
from koopview.gui.handout.pictures import Picture, first_pictures, second_pictures
from koopview.gui.looks.theme import LIGHT, SMALL, TEXT, bold, font
from koopview.gui.saving.pictures import DPI, in_memory

MARGIN, GAP, HEADING, FOOTER = 62, 14, 20, 26
"""Logical pixels (DPI of them an inch): 14 mm of margin."""

A4, LETTER = QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter
_STYLE = f"""
h1 {{ font-size: 21px; font-weight: 600; color: {LIGHT.ink}; margin: 0; }}
h2 {{ font-size: {TEXT + 1}px; font-weight: 600; color: {LIGHT.ink}; margin: 0 0 2px 0; }}
p, td {{ font-size: {SMALL + 1}px; color: {LIGHT.ink}; margin: 2px 0; }}
th {{ font-size: {SMALL}px; font-weight: 400; color: #50565f; }}
.muted {{ color: #50565f; }}
.under {{ color: #50565f; margin-bottom: 8px; }}
.finding {{ font-size: {TEXT + 1}px; margin-top: 8px; }}
.code {{ background-color: #f3f4f6; }}
"""


def paper() -> QPageSize.PageSizeId:
    """Return the paper of the person's country: letter where inches are used, A4 elsewhere."""
    metric = QLocale.system().measurementSystem()
    return LETTER if metric == QLocale.MeasurementSystem.ImperialUSSystem else A4


def write_handout(handout: Handout, path: Path, size: QPageSize.PageSizeId | None = None) -> Path:
    """Write a handout of two pages as PDF and return its path; raises FileError."""
    write_whole(path, handout_bytes(handout, paper() if size is None else size), "handout")
    return path


def handout_bytes(handout: Handout, size: QPageSize.PageSizeId) -> bytes:
    """Return a handout as the bytes of a PDF file; all but the time in it follows from what is printed."""

    def write(buffer: QBuffer) -> None:
        writer = QPdfWriter(buffer)
        writer.setResolution(DPI)
        writer.setPageSize(QPageSize(size))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(title(handout))
        writer.setCreator(f"KoopView {__version__}")
        writer.setDocumentId(_identity(handout))
        painter = QPainter(writer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRect(0, 0, writer.width(), writer.height()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        for number, page in enumerate((_first, _second), 1):
            page(_Sheet(painter, room), handout)
            _draw_footer(painter, room, footer(handout, number, 2))
            if number == 1:
                writer.newPage()
        painter.end()

    return in_memory(write)


def _identity(handout: Handout) -> QUuid:
    """Return a document's number that is the same for the same contents, where Qt would draw one by chance."""
    said = head_html(handout) + numbers_html(handout.result) + meanings_html(handout.result) + handout.command
    return QUuid.fromRfc4122(hashlib.sha256(said.encode()).digest()[:16])


@dataclass
class _Sheet:
    """A page that is filled from above; `y` is where the next part begins."""

    painter: QPainter
    room: QRect
    y: int = field(init=False)

    def __post_init__(self) -> None:
        self.y = self.room.top()

    @property
    def left_over(self) -> int:
        """How much height is not filled yet, above the footer."""
        return self.room.bottom() - FOOTER - self.y

    def write(self, html: str) -> None:
        """Draw text over the whole width."""
        document = _document(html, self.room.width())
        self.painter.save()
        self.painter.translate(self.room.left(), self.y)
        document.drawContents(self.painter)
        self.painter.restore()
        self.y += round(document.size().height()) + GAP

    def draw(self, pictures: Sequence[Picture], height: int) -> None:
        """Draw pictures beside each other, each below its heading, so high."""
        whole = self.room.width() - GAP * (len(pictures) - 1)
        width, x = whole // len(pictures), self.room.left()
        for picture in pictures:
            _draw_picture(self.painter, picture, QRect(x, self.y, width, height))
            picture.end()
            x += width + GAP
        self.y += height + GAP


def _first(sheet: _Sheet, handout: Handout) -> None:
    """Draw what is fitted, and the pair: eigenvalues beside accuracy; below them the trajectory."""
    sheet.write(head_html(handout))
    pair, below = first_pictures(handout)
    height = sheet.left_over
    sheet.draw(pair, round(0.47 * height) if below else height)
    if below:
        sheet.draw(below, sheet.left_over)


def _second(sheet: _Sheet, handout: Handout) -> None:
    """Draw the other pictures in the room that the numbers and their meaning leave."""
    rows = second_pictures(handout)
    words = [
        "<h2>Numbers</h2>" + numbers_html(handout.result),
        "<h2>What the numbers mean</h2>" + meanings_html(handout.result),
        "<h2>Made again by</h2>" + again_html(handout),
    ]
    needed = sum(round(_document(one, sheet.room.width()).size().height()) + GAP for one in words)
    height = (sheet.left_over - needed) // len(rows) - GAP
    for row in rows:
        sheet.draw(row, height)
    for one in words:
        sheet.write(one)


def _document(html: str, width: int) -> QTextDocument:
    """Return text laid out at `width`; long names of files break where they must."""
    document = QTextDocument()
    document.setDefaultFont(font(SMALL + 1))
    document.setDocumentMargin(0)
    document.setDefaultStyleSheet(_STYLE)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(option)
    document.setHtml(html)
    document.setTextWidth(width)
    return document


def _draw_picture(painter: QPainter, picture: Picture, box: QRect) -> None:
    """Draw a heading and what is below it, smaller where that needs more room than there is."""
    painter.setFont(bold(TEXT))
    painter.setPen(QColor(LIGHT.ink))
    painter.drawText(QRectF(box.left(), box.top(), box.width(), HEADING), Qt.AlignmentFlag.AlignLeft, picture.heading)
    below, stage = box.adjusted(0, HEADING, 0, 0), picture.stage
    least = stage.minimumSizeHint()
    scale = min(1.0, below.width() / max(1, least.width()), below.height() / max(1, least.height()))
    stage.resize((QSizeF(below.size()) / scale).toSize())
    stage.show()  # which lays all out, and is seen by nobody
    painter.save()
    painter.translate(below.topLeft())
    painter.scale(scale, scale)
    QWidget.render(stage, painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.restore()
    stage.close()


def _draw_footer(painter: QPainter, room: QRect, words: tuple[str, str]) -> None:
    painter.setFont(font(SMALL))
    painter.setPen(QColor("#50565f"))
    line = QRectF(room.left(), room.bottom() - FOOTER / 2, room.width(), FOOTER)
    for text, side in zip(words, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
        painter.drawText(line, side, text)
