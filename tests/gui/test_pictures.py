"""Pictures for a paper: size, white ground, text as text, and the screen as it was before."""

import csv
import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QFileDialog, QWidget, QWidgetAction

from koopview.errors import FileError, InputError
from koopview.gui.exportable import exportables
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import SMALL
from koopview.gui.saving.pictures import (
    DPI,
    ENDINGS,
    ONE_COLUMN,
    SHARPNESS,
    TWO_COLUMNS,
    save_picture_of,
    write_picture,
)
from koopview.gui.saving.saving import PICTURES, ask_numbers, ask_picture, csv_text, file_stem, save_exportable


def shown(fitted, title):
    return next(each for each in exportables(fitted.window) if each.title == title)


def filter_of(kind, width):
    return next(name for name, value in PICTURES.items() if name.startswith(kind) and value == width)


def test_small_text_is_seven_points_or_more_on_paper():
    assert SMALL / DPI * 72 >= 7


@pytest.mark.parametrize("width", [ONE_COLUMN, TWO_COLUMNS])
def test_every_plot_becomes_a_pdf_of_the_width_asked_for(fitted, tmp_path, width):
    plots = [each for each in exportables(fitted.window) if each.parts]
    assert len(plots) >= 5
    for plot in plots:
        path = save_exportable(plot, tmp_path / file_stem(plot.title), filter_of("PDF", width))
        content = path.read_bytes()
        assert content.startswith(b"%PDF")
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
        assert float(box[1]) == pytest.approx(width / 25.4 * 72, abs=1), plot.title
        assert b"/FontFile2" in content, plot.title  # letters, not outlines
    assert len(list(tmp_path.glob("*.pdf"))) == len(plots)


def test_svg_has_its_words_as_text_and_its_points_as_shapes(fitted, tmp_path):
    plot = shown(fitted, "Eigenvalues")
    path = save_exportable(plot, tmp_path / "a", filter_of("SVG", ONE_COLUMN))
    svg = path.read_text()
    words = [word.strip() for word in re.findall(r">([^<>]+)</text>", svg)]
    assert {"Re", "Im", "λ", "−1"} <= set(words)
    assert " ".join(words).count("residual over the layer") == 1
    assert "<image" not in svg
    assert svg.count("<path") > fitted.result.rank
    assert re.search(r'width="85\.\d+mm"', svg)
    sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)}
    assert min(sizes) / DPI * 72 >= 7


def test_png_is_white_sharp_and_of_the_light_theme_though_the_window_is_dark(fitted, tmp_path):
    fitted.window.appearance.choose("dark")
    path = save_exportable(shown(fitted, "Accuracies"), tmp_path / "a", filter_of("PNG", ONE_COLUMN))
    picture = QImage(str(path))
    assert picture.width() == round(ONE_COLUMN / 25.4 * DPI) * SHARPNESS
    colours = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 4) for y in range(picture.height())}
    assert picture.pixelColor(2, 2).name() == "#ffffff"
    assert {"#e69f00", "#009e73", "#0072b2"} <= colours
    assert not {"#1f2227", "#56b4e9"} & colours  # the dark theme's ground and hybrid


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_window_looks_afterwards_as_it_did_before(fitted, tmp_path, theme):
    fitted.window.appearance.choose(theme)
    before = fitted.window.grab().toImage()
    for plot in (each for each in exportables(fitted.window) if each.parts):
        save_picture_of(plot.parts, tmp_path / "a.pdf", TWO_COLUMNS)
        save_picture_of(plot.parts, tmp_path / "a.png", ONE_COLUMN)
    status = fitted.window.status.machine
    status.setText("")
    fitted.window.grab()  # lay out what was put back
    after = fitted.window.grab().toImage()
    area = fitted.window.workspace.geometry()
    assert before.copy(area) == after.copy(area)


def test_numbers_become_csv_that_programs_read(fitted, tmp_path):
    dialog = ask_numbers(shown(fitted, "Eigenvalues"))
    dialog.fileSelected.emit(str(tmp_path / "values"))
    rows = list(csv.reader((tmp_path / "values.csv").open()))
    values = [complex(float(row[1]), float(row[2])) for row in rows[1:]]
    assert values == pytest.approx(fitted.result.eigenvalues.tolist())
    assert csv_text([("−1,5", "a")]) == '"-1,5",a\n'


SAID = ("model", "layer", "steps", "delays", "rank", "lift_fraction", "fit_samples", "test_samples")


def test_every_table_says_in_each_row_what_it_is_of(fitted, make, tmp_path):
    fitted.session.finish(make.result(replace(make.settings, delays=5)))
    fitted.session.finish(fitted.result)
    window, tables = fitted.window, {}
    window.results.log.show_results(fitted.session.state.results)
    for tab in range(window.results.tabs.count()):
        window.results.tabs.setCurrentIndex(tab)
        for plot in exportables(window):
            path = save_exportable(plot, tmp_path / f"{file_stem(plot.title)}.csv", "")
            tables[plot.title] = list(csv.DictReader(path.open()))
    filled = {title: rows for title, rows in tables.items() if rows}
    assert {"Trajectory", "Eigenvalues", "Accuracies", "Singular values", "Confusion", "Figures of the fit"} <= {
        *filled
    }
    summary = fitted.result.summary()
    several = ("Hybrid accuracy over delays", "Fits so far, newest first")
    for title, rows in filled.items():
        mine = [row for row in rows if title not in several or row["delays"] == "12"]
        for row in (mine[0], mine[-1]):
            assert {name: row[name] for name in SAID} == {name: str(summary[name]) for name in SAID}, title
    for title in several:
        assert {row["delays"] for row in filled[title]} == {"5", "12"}
        assert {row["lift_fraction"] for row in filled[title]} == {"0.2", "0.55"}
    assert filled["Trajectory"][0]["sample"] == "sample 1 · class 0"
    assert float(filled["Accuracies"][2]["score"]) == pytest.approx(summary["accuracy"]["hybrid"])


def test_a_table_of_edited_modes_says_which(fitted, make, tmp_path):
    values = fitted.result.eigenvalues.copy()
    values[3] = 0
    settings = fitted.result.settings.with_edits(((3, 0j),))
    fitted.session.finish(replace(fitted.result, settings=settings, eigenvalues=values))
    path = save_exportable(shown(fitted, "Accuracies"), tmp_path / "a.csv", "")
    assert {row["edited_modes"] for row in csv.DictReader(path.open())} == {"3"}


def test_what_cannot_be_written_is_one_sentence_in_the_window(fitted, tmp_path):
    plot = shown(fitted, "Singular values")
    sections(fitted.window.menus.export)["Pictures"]["Singular values…"].trigger()
    dialog = fitted.window.findChild(QFileDialog, "savePlotDialog")
    dialog.fileSelected.emit(str(tmp_path / "missing" / "a.pdf"))
    assert "missing" in fitted.window.message.sentence.text()
    with pytest.raises(InputError, match=r"expected \.png, \.svg, \.pdf"):
        save_exportable(plot, tmp_path / "a.gif", "")
    with pytest.raises(FileError, match="missing"):
        write_picture(tmp_path / "missing" / "a.png", QSize(10, 10), lambda painter: None)


def sections(menu):
    """The entries of a menu by the heading that they stand under."""
    menu.aboutToShow.emit()
    found = {}
    for entry in menu.actions():
        if isinstance(entry, QWidgetAction):
            assert entry.defaultWidget().text() == entry.text()  # Qt's own sections are not painted with a style sheet
            below = found[entry.text().partition(":")[0]] = {}
        elif not entry.isSeparator():
            below[entry.text()] = entry
    return found


def test_the_menu_offers_what_is_on_screen_and_nothing_else(fitted):
    found = sections(fitted.window.menus.export)
    assert list(found) == ["Pictures", "Numbers", "Network and script"]
    plots = {"Trajectory", "Eigenvalues", "Accuracies", "Hybrid accuracy over delays", "Singular values"}
    assert set(found["Pictures"]) == {*(f"{plot}…" for plot in plots), "Window picture…", "Handout (PDF)…"}
    tables = {f"{plot} (CSV)…" for plot in (*plots, "Figures of the fit")}
    assert set(found["Numbers"]) == {*tables, "All numbers of this fit…"}
    fitted.window.accuracy.views.choose(1)
    found = sections(fitted.window.menus.export)
    assert "Accuracies per class…" in found["Pictures"]
    assert "Accuracies per class (CSV)…" in found["Numbers"]
    assert "Accuracies…" not in found["Pictures"]


@pytest.mark.parametrize(
    ("section", "entry", "endings"),
    [("Pictures", "Accuracies…", {"pdf", "svg", "png"}), ("Numbers", "Accuracies (CSV)…", {"csv"})],
)
def test_pictures_are_saved_as_pictures_and_numbers_as_numbers(fitted, section, entry, endings):
    sections(fitted.window.menus.export)[section][entry].trigger()
    dialog = fitted.window.findChild(QFileDialog, "savePlotDialog")
    assert {re.search(r"\*\.(\w+)", each)[1] for each in dialog.nameFilters()} == endings
    dialog.reject()


@pytest.mark.parametrize("ending", ENDINGS)
def test_anything_can_be_drawn_without_a_window(qapp, tmp_path, ending):
    Appearance("light")

    def draw(painter: QPainter):
        painter.drawLine(0, 0, 100, 50)

    write_picture(tmp_path / f"a{ending}", QSize(100, 50), draw, "a line")
    assert (tmp_path / f"a{ending}").stat().st_size > 100


def test_a_name_without_ending_is_one_that_the_dialog_knows_before_it_asks_about_replacing(fitted):
    dialog = ask_picture(shown(fitted, "Eigenvalues"))
    assert dialog.defaultSuffix() == "pdf"
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.filterSelected.emit(filter_of("PNG", ONE_COLUMN))
    assert dialog.defaultSuffix() == "png"
    dialog.reject()


class Block(QWidget):
    """A red block that needs `least` logical pixels."""

    def __init__(self, least=50):
        super().__init__()
        self.least = least
        self.resize(800, 60)

    def minimumSizeHint(self):  # noqa: N802 - Qt's name
        return QSize(self.least, 40)

    def paintEvent(self, event):  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        painter.setPen(QPen(QColor("red"), 8))
        painter.drawRect(self.rect())


def red_edges(path):
    """Whether red is near the left, the right and the lower edge of a picture, and its size in pixels."""
    image = QImage(str(path))
    near, middle = 8 * SHARPNESS, (image.width() // 2, image.height() // 2)
    points = (
        [(x, middle[1]) for x in range(near)],
        [(image.width() - 1 - x, middle[1]) for x in range(near)],
        [(middle[0], image.height() - 1 - y) for y in range(near)],
    )
    is_red = lambda x, y: image.pixelColor(x, y).red() > 200 > 100 > image.pixelColor(x, y).green()  # noqa: E731
    return [any(is_red(*point) for point in edge) for edge in points], (image.width(), image.height())


@pytest.mark.parametrize(("needs", "least"), [(50, 0), (900, 0), (50, 900)])
def test_what_needs_more_width_than_a_column_is_drawn_smaller_and_whole(qtbot, tmp_path, needs, least):
    block = Block(needs)
    qtbot.addWidget(block)
    save_picture_of([block], tmp_path / "a.png", ONE_COLUMN, least_width=least)
    edges, (width, _) = red_edges(tmp_path / "a.png")
    assert edges == [True, True, True]
    assert width == round(ONE_COLUMN / 25.4 * DPI) * SHARPNESS


def test_what_fills_its_room_is_no_flat_band_in_a_figure(qtbot, tmp_path):
    sizes = {}
    for fills in (False, True):
        block = Block()
        qtbot.addWidget(block)
        save_picture_of([block], tmp_path / "a.png", ONE_COLUMN, fills=fills)
        edges, sizes[fills] = red_edges(tmp_path / "a.png")
        assert edges == [True, True, True]
        assert block.size() == QSize(800, 60)  # on screen it is as it was
    assert sizes[False][0] == sizes[True][0]
    assert sizes[True][1] > 0.55 * sizes[True][0] > 2 * sizes[False][1]
