"""What the Help menu shows: pages of the guide, in the browser or in a reader of our own, and what this program is."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from koopview import __version__
from koopview.gui.dialogs.outside import open_outside
from koopview.gui.looks.appearance import theme_in_use
from koopview.gui.looks.theme import UNIT, Theme
from koopview.resources import resource_path

ABOUT = f"""
## KoopView {__version__}

See, fit and question the linear (Koopman) operator inside a trained network's layer.

The method is that of N. S. Aswani, S. N. Jabari and M. Shafique, *Representing Neural Network Layers as Linear
Operations via Koopman Operator Theory* ([arXiv 2409.01308](https://arxiv.org/abs/2409.01308)).

KoopView is free software under the MIT licence. Its font is Inter (SIL Open Font License 1.1); it is built with
Qt for Python (LGPL), pyqtgraph, NumPy and PyTorch.
"""


PageOf = Callable[[str], str | None]
"""Returns the Markdown of a page by its name, None where there is none."""


def no_page(name: str) -> None:
    """Return that there is no other page: for a text that stands alone."""


def open_built_guide(first: Path) -> bool:
    """Open the built guide at its page `first` in the system's browser; returns whether there is one to open it."""
    return open_outside(QUrl.fromLocalFile(str(first)))


def show_document(
    parent: QWidget, title: str, markdown: str, size: tuple[int, int], page_of: PageOf = no_page
) -> QDialog:
    """Open a window with a text beside the main window, and return it.

    Links to pages that `page_of` knows are followed in it, others by the system.
    """
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.resize(*size)
    browser = QTextBrowser()
    browser.setOpenLinks(False)
    browser.anchorClicked.connect(partial(_follow, browser, page_of))
    browser.document().setDocumentMargin(2 * UNIT)
    browser.setSearchPaths([str(resource_path("docs"))])
    _set_text(browser, markdown)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(browser)
    dialog.show()
    return dialog


def _set_text(browser: QTextBrowser, markdown: str) -> None:
    browser.setMarkdown(markdown)
    _space_out(browser.document())
    _draw_tables(browser.document(), theme_in_use())


def _follow(browser: QTextBrowser, page_of: PageOf, link: QUrl) -> None:
    """Show the page that a link names, at the heading that it names; what is no page is the system's to open."""
    text = page_of(link.path()) if link.isRelative() and link.path() else None
    if text is not None:
        _set_text(browser, text)
    elif link.path():
        open_outside(link)
        return
    _show_heading(browser, link.fragment())


def _show_heading(browser: QTextBrowser, fragment: str) -> None:
    """Scroll to the heading whose words a link's fragment holds, to the top without one."""
    block = browser.document().begin()
    while block.isValid() and fragment:
        if block.blockFormat().headingLevel() and _fragment(block.text()) == fragment:
            top = browser.document().documentLayout().blockBoundingRect(block).top()
            browser.verticalScrollBar().setValue(int(top))
            return
        block = block.next()


def _fragment(words: str) -> str:
    """Return a heading as links name it: lower case, hyphens for spaces, no other signs."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def _space_out(document: QTextDocument) -> None:
    """Add space around headings and paragraphs: Qt renders Markdown without any."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        cursor.setPosition(block.position())
        shape = block.blockFormat()
        heading = shape.headingLevel() > 0
        inside = cursor.currentTable() is not None or _goes_on(block)
        shape.setTopMargin(0 if block.blockNumber() == 0 else 2 * UNIT if heading else 0)
        shape.setBottomMargin(0 if inside else UNIT if not cursor.currentList() else UNIT / 2)
        shape.setLineHeight(
            100.0 if heading or _is_code(block) else 125.0, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor.setBlockFormat(shape)
        if heading:
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            cursor.mergeCharFormat(_heading_face())
        block = block.next()


def _is_code(block: QTextBlock) -> bool:
    return block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeLanguage) or bool(
        block.blockFormat().nonBreakableLines()
    )


def _goes_on(block: QTextBlock) -> bool:
    """Return whether a line of code stands before another one."""
    return _is_code(block) and block.next().isValid() and _is_code(block.next())


def _draw_tables(document: QTextDocument, theme: Theme) -> None:
    """Draw tables with thin lines and space: Qt renders Markdown's with thick lines in the text's colour."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = frame.format()
            shape.setBorderBrush(QColor(theme.line))
            shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            shape.setBorder(1)
            shape.setBorderCollapse(True)
            shape.setCellPadding(UNIT / 2)
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            frame.setFormat(shape)


def _heading_face() -> QTextCharFormat:
    """Return the text format of headings: semi-bold, no larger than the text."""
    face = QTextCharFormat()
    face.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
    face.setFontWeight(QFont.Weight.DemiBold)
    return face
