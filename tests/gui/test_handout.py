"""The handout: two pages that hold what they say, embed their letters, and are the same twice."""

import re
import shlex
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from koopview.arguments import command_parser, source_of
from koopview.cli.commands import asked_settings
from koopview.gui.handout import pages
from koopview.gui.handout.contents import (
    Handout,
    again_html,
    finding,
    head_html,
    meanings,
    numbers_html,
    shortened,
    title,
)
from koopview.gui.handout.pages import A4, LETTER, handout_bytes
from koopview.gui.handout.pictures import first_pictures, second_pictures
from koopview.gui.looks.theme import SMALL, load_fonts
from koopview.gui.saving.pictures import DPI
from koopview.study.command_line import handout_command
from koopview.study.settings import FitSettings
from koopview.study.source import Source
from koopview.study.views import BoundaryView

DAY = date(2026, 1, 2)
LONG = "a-name-of-a-file-that-is-as-long-as-a-file-system-lets-it-be-" * 4 + ".safetensors"
PLANE = BoundaryView((-1.0, 1.0, -1.0, 1.0), *(np.arange(400).reshape(20, 20) % 3,) * 2, ("yin", "yang", "dot"))


@pytest.fixture(autouse=True)
def _fonts(qapp):
    load_fonts()


@pytest.fixture
def handout(make, result):
    """What is printed of a result, the usual one unless told otherwise; `cells` are a sweep's."""

    def made(shown=result, cells=(), boundary=None, command="koopview handout --model m --out handout.pdf"):
        return Handout(shown, (shown,), cells, boundary, command, DAY)

    return made


@pytest.fixture
def kinds(make):
    """Results of every kind that is printed."""
    long = replace(make.result(make.settings), model=LONG, data=LONG, class_names=("yin", "yang", "dot"))
    chain = replace(make.settings, replaced=tuple(f"blocks.{one}.feed_forward.linear" for one in range(40)))
    return {
        "classes": make.result(make.settings),
        "regression": make.result(make.settings, task="regression"),
        "no labels": make.result(make.settings, labels=False),
        "nothing known": replace(
            make.result(make.settings, labels=False), agreements={}, agreement=None, above_best_control=None
        ),
        "long names": long,
        "many layers": replace(long, settings=replace(chain, delays=make.settings.delays)),
    }


class Words(HTMLParser):
    """The words of HTML, one string a cell."""

    def __init__(self, html):
        super().__init__()
        self.cells = []
        self.feed(html)

    def handle_data(self, data):
        self.cells += [said] if (said := data.strip("\xa0")) else []


def without_dates(content):
    content = re.sub(rb"D:\d{14}[^)]*", b"", content)
    return re.sub(rb"\d{4}-\d\d-\d\dT[\d:+.Z-]+", b"", content)


@pytest.mark.parametrize(("size", "points"), [(A4, (595, 842)), (LETTER, (612, 792))])
def test_it_is_two_pages_with_letters_and_a_title_and_the_same_twice(handout, size, points):
    content = handout_bytes(handout(), size)
    assert content.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert [(float(width), float(height)) for width, height in boxes] == [points] * 2
    assert b"/FontFile2" in content
    assert b"/Subtype /Image" not in content  # shapes alone
    assert title(handout()).encode("utf-16-be") in content
    assert without_dates(handout_bytes(handout(), size)) == without_dates(content)


def test_paper_is_that_of_the_country(monkeypatch):
    systems = {QLocale.Country.UnitedStates: LETTER, QLocale.Country.Germany: A4, QLocale.Country.UnitedKingdom: A4}
    for country, size in systems.items():
        locale = QLocale(QLocale.Language.English, country)
        monkeypatch.setattr(QLocale, "system", staticmethod(lambda locale=locale: locale))
        assert pages.paper() == size


@pytest.mark.parametrize("size", [A4, LETTER])
@pytest.mark.parametrize("kind", ["classes", "regression", "no labels", "nothing known", "long names", "many layers"])
def test_nothing_is_cut_and_no_picture_is_drawn_smaller_than_print_allows(handout, kinds, kind, size, monkeypatch):
    drawn, ends = [], []
    draw, write = pages._draw_picture, pages._Sheet.write

    def noted(painter, picture, box):
        draw(painter, picture, box)
        drawn.append((box, picture.stage.width(), picture.stage.height()))

    def written(sheet, html):
        write(sheet, html)
        ends.append(sheet.left_over)

    monkeypatch.setattr(pages, "_draw_picture", noted)
    monkeypatch.setattr(pages._Sheet, "write", written)
    handout_bytes(handout(kinds[kind], boundary=PLANE), size)
    assert min(ends) >= -pages.GAP
    for box, width, height in drawn:
        assert box.height() >= 120
        assert min(box.width() / width, (box.height() - pages.HEADING) / height) * SMALL / DPI * 72 >= 6


def test_the_numbers_are_those_of_the_result_with_wilsons_intervals(result):
    cells = Words(numbers_html(result)).cells
    for name, shown in (("hybrid", "hybrid"), ("lift_affine", "affine of lift")):
        at = cells.index(shown)
        low, high = result.intervals[name]  # worked out by Wilson's formula in conftest
        assert cells[at + 1] == f"{100 * result.accuracy[name]:.1f} %"
        assert cells[at + 2] == f"{100 * low:.1f} to {100 * high:.1f}"


def test_each_number_is_told_what_it_means(result, kinds):
    names = [name for name, _, _ in meanings(result)]
    assert {"above best control", "lift fraction", "operator residual", "condition number", "95 % interval"} <= set(
        names
    )
    for kind in kinds.values():
        assert all(value and value != "–" and said and not said.endswith(".") for _, value, said in meanings(kind))
    assert "95 % interval" not in [name for name, _, _ in meanings(kinds["regression"])]


def test_the_finding_is_that_of_the_result(kinds):
    assert "The hybrid's accuracy is" in finding(kinds["classes"])
    assert "R²" in finding(kinds["regression"])
    assert "agreement" in finding(kinds["no labels"])
    assert (
        finding(kinds["nothing known"])
        == "The hybrid's outputs differ from the original network's by 0.081 of their size."
    )


def test_names_from_files_are_text_and_no_markup(handout, result):
    shown = replace(result, model="<b>bold</b> & co", data="<img src=x>")
    words = "".join(Words(head_html(handout(shown))).cells)
    assert "<b>bold</b> & co on <img src=x>" in words


def test_a_sweep_is_printed_where_there_is_one_and_the_plane_where_it_is_known(handout, make, result):
    cells = tuple(make.result(replace(make.settings, delays=delays)) for delays in (2, 6, 12))

    def headings(made):
        drawn = [picture for row in second_pictures(made) for picture in row]
        for picture in drawn:
            picture.end()
        return [picture.heading.split()[0] for picture in drawn]

    assert headings(handout()) == ["Singular"]
    assert headings(handout(cells=cells, boundary=PLANE)) == ["Singular", "Sweep", "Decision"]
    pair, below = first_pictures(handout(replace(result, paths=result.paths[:0])))
    assert len(pair) == 2
    assert below == []
    for picture in pair:
        picture.end()


@pytest.mark.parametrize(
    "settings",
    [
        FitSettings("2"),
        FitSettings("0", delays=3, rank="numerical", schedule="uniform", steps=7, samples=40, seed=3),
        FitSettings("a b", replaced=("a b", "4"), scaling="flow", rank=9, pad=-2.5),
        FitSettings("4", observables="rbf", steps=1, delays=1, centres=12, samples=None),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        Source(model="demo:yinyang"),
        Source(model="my model.safetensors", activation="gelu", data="d.csv", keys=("x", "y"), normalize="unit"),
        Source(model="m.pt", factory="code.py:make", trust=True, data="d.npz", test_data="t.npz", keys=("x", "")),
        Source(study="a study.koopview"),
    ],
)
def test_the_command_on_the_page_is_taken_and_says_the_same(settings, source):
    words = shlex.split(handout_command(settings, source))
    options = command_parser().parse_args(words[1:])
    assert words[0] == "koopview"
    asked = FitSettings(**asked_settings(options))
    assert asked == settings
    given = source_of(options)
    names = [field.name for field in fields(Source) if field.name != "seed"]
    assert [getattr(given, name) for name in names] == [getattr(source, name) for name in names]


def test_a_model_in_memory_has_no_command_and_edits_are_told(handout, result):
    assert handout_command(result.settings, None) == handout_command(result.settings, Source()) == ""
    assert "made in memory" in again_html(handout(command=""))
    edited = replace(result, eigenvalues=np.where(np.arange(result.rank) < 2, 0, result.eigenvalues))
    assert "2 modes were edited" in again_html(handout(edited))


def test_a_long_name_keeps_both_ends():
    assert shortened("short", 10) == "short"
    assert shortened(LONG, 20) == f"{LONG[:9]}…{LONG[-10:]}"
    assert len(shortened(LONG, 21)) <= 21


def test_the_window_prints_what_is_on_screen(fitted, tmp_path, qtbot):
    fitted.window.findChild(QAction, "exportHandoutAction").trigger()
    dialog = fitted.window.findChild(QFileDialog, "exportHandoutDialog")
    dialog.fileSelected.emit(str(tmp_path / "a.pdf"))
    assert ("make_view", "boundary") in fitted.session.calls
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_another_ending_is_a_sentence(fitted, tmp_path):
    fitted.window.findChild(QAction, "exportHandoutAction").trigger()
    fitted.window.findChild(QFileDialog, "exportHandoutDialog").fileSelected.emit(str(tmp_path / "a.doc"))
    assert fitted.window.message.sentence.text() == "a.doc ends in .doc, expected .pdf for a handout"
    assert list(tmp_path.glob("a.*")) == []


def test_paper_is_white_whatever_the_window_wears(fitted, handout):
    fitted.window.appearance.choose("light")
    light = handout_bytes(handout(), A4)
    fitted.window.appearance.choose("dark")
    assert without_dates(handout_bytes(handout(), A4)) == without_dates(light)
    fitted.window.appearance.choose("light")
