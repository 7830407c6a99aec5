"""Help opens the built guide in the browser; where there is none of the two, the window's reader shows its pages."""

import os
import re
import sys

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QDialog, QTextBrowser

from koopview import resources
from koopview.arguments import COMMANDS, command_parser
from koopview.gui import handlers
from koopview.gui.dialogs.formulas import plain_formula, with_plain_formulas
from koopview.gui.dialogs.outside import open_outside
from koopview.gui.dialogs.pages import page_finder
from koopview.resources import built_guide, resource_path

DOCS = resource_path("docs")
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
IN_THE_BUILT_GUIDE_ALONE = {"contributing.md"}


@pytest.fixture
def opened(monkeypatch):
    """Record what the system's browser is asked to open; it answers with the first of `answers`, True without one."""
    asked, answers = [], []

    def open_url(url):
        asked.append(url)
        return answers.pop(0) if answers else True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return asked, answers


@pytest.fixture
def find(fitted):
    return page_finder(fitted.window.menuBar())


def press(window, name):
    window.findChild(QAction, name).trigger()


def reader(window):
    """Return the reader that is open, None where none is."""
    shown = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    return shown[0].findChild(QTextBrowser) if shown else None


def test_the_guide_opens_in_the_browser(fitted, opened, monkeypatch, tmp_path):
    monkeypatch.setattr(handlers, "built_guide", lambda: tmp_path / "index.html")
    press(fitted.window, "guideAction")
    assert opened[0] == [QUrl.fromLocalFile(str(tmp_path / "index.html"))]
    assert reader(fitted.window) is None


@pytest.mark.parametrize("built", [True, False])
def test_without_a_browser_or_a_built_guide_its_first_page_is_shown(built, fitted, opened, monkeypatch, tmp_path):
    monkeypatch.setattr(handlers, "built_guide", lambda: tmp_path / "index.html" if built else None)
    opened[1].append(False)
    press(fitted.window, "guideAction")
    assert len(opened[0]) == built
    assert reader(fitted.window).toPlainText().startswith("KoopView")


def test_a_built_guide_is_found_in_an_installation_and_in_a_checkout(monkeypatch, tmp_path):
    (tmp_path / "checkout" / "koopview").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "checkout" / "koopview" / "resources.py"))
    assert built_guide() is None
    checkout = tmp_path / "checkout" / "build" / "docs" / "html" / "index.html"
    installed = tmp_path / "checkout" / "koopview" / "resources" / "docs" / "html" / "index.html"
    for place in (checkout, installed):
        place.parent.mkdir(parents=True)
        place.write_text("<title>Guide</title>")
        assert built_guide() == place


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("methodAction", "The method"), ("shortcutsAction", "Keyboard shortcuts"), ("commandLineAction", "Command line")],
)
def test_help_shows_a_page_in_the_window(name, beginning, fitted, opened):
    press(fitted.window, name)
    assert reader(fitted.window).toPlainText().split("\n")[1].startswith(beginning)  # below the way to the first page
    assert opened[0] == []


def test_links_lead_from_page_to_page_to_a_heading_and_out(fitted, opened, monkeypatch):
    monkeypatch.setattr(handlers, "built_guide", lambda: None)
    press(fitted.window, "guideAction")
    browser = reader(fitted.window)
    browser.anchorClicked.emit(QUrl("glossary.md#residual"))
    assert "Glossary and references" in browser.toPlainText()
    place = browser.verticalScrollBar().value()
    assert place > 0
    browser.anchorClicked.emit(QUrl("#condition-number"))
    assert 0 < browser.verticalScrollBar().value() < place
    browser.anchorClicked.emit(QUrl("index.md"))
    assert browser.toPlainText().startswith("KoopView")
    assert opened[0] == []
    browser.anchorClicked.emit(QUrl("https://arxiv.org/abs/2409.01308"))
    assert opened[0] == [QUrl("https://arxiv.org/abs/2409.01308")]


@pytest.mark.parametrize("name", [*PAGES, "command-line.md", "keyboard.md"])
def test_a_page_can_be_read_without_sphinx_and_its_links_lead_to_pages(name, find):
    page = find(name)
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)
    assert not re.findall(r"[$\\][A-Za-z(]|\{\w+\}`|^%", prose, re.MULTILINE)
    assert "```{" not in page
    for link in re.findall(r"\]\(([\w./-]+\.md)", page):
        assert link in IN_THE_BUILT_GUIDE_ALONE or "built guide alone" not in find(link), link


def test_links_of_a_page_in_a_folder_are_followed_from_the_first_page(find):
    solutions = "labs/straight-line-solutions.md"
    assert f"]({solutions})" in find("labs/straight-line.md")
    assert find(solutions).startswith("[Guide](index.md)")


def test_a_browser_that_a_bundle_starts_finds_the_systems_libraries(monkeypatch):
    seen = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: seen.append(os.environ.get("LD_LIBRARY_PATH")) or True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/koopview/_internal")
    assert open_outside(QUrl("https://example.org"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert open_outside(QUrl("https://example.org"))
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/local/lib")
    assert open_outside(QUrl("https://example.org"))
    assert seen == ["/opt/koopview/_internal", None, "/usr/local/lib"]
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/koopview/_internal"


def test_nothing_but_pages_is_read(find):
    assert "built guide alone" in find("contributing.md")
    for name in ("../README.md", "/etc/passwd", "window-light.png", "", "../../secret.md"):
        assert find(name) is None


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"x_{k+1} = x_k + g(x_k)/N", "x<sub>k+1</sub> = x<sub>k</sub> + g(x<sub>k</sub>)/N"),
        (r"(1-\rho^{2k})", "(1-ρ<sup>2k</sup>)"),
        (r"A = U^{\mathsf H} Z' V S^{-1}", "A = U<sup>H</sup> Z' V S<sup>-1</sup>"),
        (r"g(z_{\mathrm{end}})", "g(z<sub>end</sub>)"),
        (r"h d \le 512", "h d ≤ 512"),
        (r"\frac{a_1}{b}", "(a<sub>1</sub>) / (b)"),
    ],
)
def test_a_formula_becomes_text(tex, text):
    assert plain_formula(tex) == text


def test_code_is_no_formula():
    assert with_plain_formulas("`$x_1$` and $x_1$\n\n```shell\n$ koopview $HOME\n```\n") == (
        "`$x_1$` and x<sub>1</sub>\n\n```shell\n$ koopview $HOME\n```\n"
    )


def test_the_page_of_the_command_line_has_every_option_of_every_command(find):
    page = find("command-line.md")
    sections = {part.partition("\n")[0]: part for part in page.split("\n## ")[1:]}
    assert list(sections) == ["koopview", *(f"koopview {name}" for name in COMMANDS)]
    for name in COMMANDS:
        told = command_parser()._subparsers._group_actions[0].choices[name].format_help()
        for option in re.findall(r"^ +(--[\w-]+)", told, re.MULTILINE):
            assert f"| `{option}" in sections[f"koopview {name}"], (name, option)
