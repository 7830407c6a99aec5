"""The guide's pages as the window's own reader shows them, where the built guide or a browser is lacking."""

import posixpath
import re
from collections.abc import Callable

from PySide6.QtWidgets import QMenuBar

from koopview.gui.dialogs.command_line import command_line_page
from koopview.gui.dialogs.formulas import with_plain_formulas
from koopview.gui.dialogs.shortcuts import shortcuts_page
from koopview.resources import resource_path

FIRST = "index.md"
_LEFT_OUT = re.compile(r"^(```+|:::+)\{.*?^\1[ ]*\n", re.DOTALL | re.MULTILINE)
"""What only Sphinx understands: pages inside pages, references made of docstrings."""

_COMMENT = re.compile(r"^%[^\n]*\n", re.MULTILINE)
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)]+)\)\n", re.MULTILINE)
_NAME = re.compile(r"([\w-]+/)?[\w-]+\.md")
_LINK = re.compile(r"\]\(([\w./-]+\.md)")
_HOME = "[Guide](index.md)\n\n"
_ELSEWHERE = """# {title}

This page is in the built guide alone. In a checkout, `python3 packaging/bootstrap.py docs` builds it.
"""


def made_pages(bar: QMenuBar) -> dict[str, Callable[[], str]]:
    """Return what makes the pages of the program itself, as Markdown: of its parsers, and of the actions in a menu."""
    return {"command-line.md": command_line_page, "keyboard.md": lambda: shortcuts_page(bar)}


def page_finder(bar: QMenuBar) -> Callable[[str], str | None]:
    """Return what finds the Markdown of a page by its name, as Qt can show it: None for what is no page."""
    made = made_pages(bar)

    def find(name: str) -> str | None:
        if not _NAME.fullmatch(name):
            return None
        path = resource_path(f"docs/{name}")
        if name in made:
            text = made[name]()
        elif path.is_file():
            text = readable(path.read_text(encoding="utf-8"))
        else:
            text = _ELSEWHERE.format(title=path.stem.replace("-", " ").capitalize())
        return text if name == FIRST else _HOME + _from_the_top(text, posixpath.dirname(name))

    return find


def _from_the_top(markdown: str, folder: str) -> str:
    """Return a page with its links to other pages as they are from the first page, not from its own folder."""
    return _LINK.sub(lambda link: f"]({posixpath.normpath(posixpath.join(folder, link[1]))}", markdown)


def readable(markdown: str) -> str:
    """Return a page without what only Sphinx understands, its formulas in plain signs."""
    text = _COMMENT.sub("", _LEFT_OUT.sub("", markdown))
    text = _PICTURE.sub(lambda found: found[0] if resource_path(f"docs/{found[1]}").is_file() else "", text)
    return with_plain_formulas(text)
