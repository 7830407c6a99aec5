"""What looking at every picture found: words that were cut, stood apart from what they name, or said what is not."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel

from koopview.gui.dialogs.data_card import _samples_table, fill
from koopview.gui.dialogs.formulas import plain_formula
from koopview.gui.dialogs.shortcuts import shortcuts_page
from koopview.gui.looks.theme import DARK, LIGHT, SMALL, UNIT, bold, font
from koopview.gui.panels.boundary import BoundaryPanel
from koopview.gui.panels.confusion import ConfusionPanel
from koopview.gui.panels.mode_words import PATTERN, input_caption
from koopview.gui.panels.network import NOTHING_OPEN, NetworkPanel
from koopview.gui.panels.sweep import SweepPanel, shorter_wrong
from koopview.gui.picture_plan import Shot
from koopview.gui.plots.class_strips import ClassStrips, Strip
from koopview.gui.plots.classes import class_colour, contrast
from koopview.gui.plots.matrix import ConfusionMatrix
from koopview.gui.plots.mode_samples import alike
from koopview.gui.plots.sweep_cells import best_words, shorter_best
from koopview.gui.screenshots import _pictures
from koopview.gui.widgets.fields import Choice
from koopview.gui.widgets.layer_delegate import Place
from koopview.gui.widgets.layer_model import NAME, WIDTHS
from koopview.study.views import BoundaryView, ModeInputs

H_WRONG = "h is 99, expected whole numbers of 1 to N = 20 with commas between them: 1, 5, 10"

BESIDE_TICK = 37
"""Where the head of the names begins, as the style sheet has it."""


def test_the_head_of_the_names_is_whole_beside_wide_layers(put_up, make):
    """MNIST's layers in the narrowest panel: their widths, the shares explained and the scores beside it."""
    sizes = ((784, 512), (512, 256), (256, 128), (128, 10))
    layers = [replace(one, inputs=n, outputs=m) for one, (n, m) in zip(make.layers, sizes, strict=True)]
    panel = put_up(NetworkPanel(), 10, 700)
    panel.show_state(make.state(layers=layers))
    panel.show_explained({"0": 0.657, "2": 0.895, "4": 0.965, "6": 1.0})
    panel.resize(panel.minimumWidth(), 700)
    QApplication.processEvents()
    small, table = QFontMetrics(font(SMALL)), panel.table
    assert table.columnWidth(NAME) >= BESIDE_TICK + small.horizontalAdvance("layer")
    assert panel._delegate.widths == Place.BESIDE_NAME
    assert table.columnWidth(WIDTHS) >= small.horizontalAdvance("784 → 512")
    assert sum(table.columnWidth(column) for column in range(4)) <= table.viewport().width()


def test_the_titles_of_cards_side_by_side_stand_on_one_line(fitted):
    window = fitted.window
    window.resize(1280, 800)
    QApplication.processEvents()
    cards = (window.network, window.eigenvalues, window.accuracy, window.meaning, window.fit_panel)
    middles = [card.title.mapTo(window, card.title.rect().center()).y() for card in cards]
    assert max(middles) - min(middles) <= 1


def test_a_long_title_leaves_the_menus_their_room(window, session, make):
    name = "a_network_whose_author_tells_all_the_settings_of_its_training_in_its_file's_name.safetensors"
    session.open(make.state(model=name), make.settings)
    window.resize(960, 540)
    QApplication.processEvents()
    bar, subject = window.menuBar(), window.subject
    menus = [bar.actionGeometry(action) for action in bar.actions()]
    assert all(one.width() > 0 for one in menus)
    assert not any(one.intersects(subject.geometry()) for one in menus)
    assert name in subject.toolTip()
    said = subject.drawn()
    assert said.startswith("a_network")
    assert said.endswith("KoopView")
    assert "…" in said


@pytest.mark.parametrize(("width", "lines"), [(340, 2), (900, 1)])
def test_both_titles_of_the_confusion_are_whole(put_up, result, width, lines):
    panel = put_up(ConfusionPanel(), width, 230)
    panel.show_result(result)
    QApplication.processEvents()
    for matrix, face in ((panel.original, font(SMALL)), (panel.hybrid, bold(SMALL))):
        assert isinstance(matrix, ConfusionMatrix)
        assert len(matrix.titles()) == lines
        assert all(QFontMetrics(face).horizontalAdvance(line) <= matrix.width() for line in matrix.titles())
        assert matrix.cell(0, 0).top() >= 14 * lines
        assert matrix.cell(2, 2).bottom() <= matrix.height() + 1


@pytest.mark.parametrize(("width", "beside"), [(340, False), (900, True)])
def test_maps_and_legend_of_a_boundary_are_whole(put_up, result, width, beside):
    panel = put_up(BoundaryPanel(), width, 230)
    panel.show_result(result)
    grid = np.arange(1600).reshape(40, 40) % 3
    panel.show_view(BoundaryView((-1.0, 1.0, -1.0, 1.0), grid, grid, ("yin", "yang", "dot")))
    QApplication.processEvents()
    for plane, face in ((panel.original, font(SMALL)), (panel.hybrid, bold(SMALL))):
        assert QFontMetrics(face).horizontalAdvance(plane.caption()) <= plane.width()
        assert plane.frame().width() >= 110
    place = panel.classes.mapTo(panel, QPoint(0, 0))
    assert place.x() + panel.classes.sizeHint().width() <= width
    assert panel.classes.height() >= panel.classes.sizeHint().height()
    assert (place.x() > width // 2) == beside


def test_figures_of_an_end_have_equally_many_decimals():
    assert alike([11.1, 11.0, 10.94], 3) == ["11.1", "11.0", "10.9"]
    assert alike([-0.5, -2.0, -25.46], 2) == ["0", "−2", "−25"]
    assert alike([0.0123, 0.002], 2) == ["0.012", "0.002"]
    assert alike([1.0, 123456.0], 2) == ["1", "1.2e+05"]
    assert alike([], 2) == []


def stems(picture):
    """Return what the modes of a study are over its inputs, of two samples."""
    numbers = np.ones((4, 1), complex)
    few = np.zeros((1, 2), int)
    return ModeInputs(
        numbers, np.ones(1), 2, numbers, np.ones(4), picture, few, few, np.arange(2), np.zeros((2, 4)), None, ()
    )


@pytest.mark.parametrize(("picture", "coloured"), [((2, 2), True), (None, False)])
def test_colours_are_named_only_where_there_are_some(make, result, picture, coloured):
    view = replace(make.modes(result), inputs=stems(picture))
    said = input_caption(view, PATTERN, 0, True)
    assert ("red" in said) == coloured
    assert ("above 0" in said) != coloured


def test_stems_of_a_real_mode_stand_on_their_names_and_below_the_edge(fitted):
    shape = fitted.window.results.mode.shape
    shape.show_shape(np.array([0.5, -1.0, 0.2], complex), None)
    x, y = shape._dots["real"].getData()
    np.testing.assert_array_equal(x, [1, 2, 3])
    low, high = shape._view.viewRange()[1]
    assert low < 1.15 * min(y)
    assert high > 1.15
    shape.show_shape(np.array([0.5 + 0.1j, -1.0, 0.2]), None)
    assert (shape._dots["real"].getData()[0] < [1, 2, 3]).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_median_is_seen_on_every_class(put_up, theme):
    strips = put_up(ClassStrips(), 700, 500)
    strips.set_theme(theme)
    strips.show_strips([Strip(str(k), k, (-2.0, -1.0, 0.5, 1.0, 2.0), None) for k in range(10)], "Re φ")
    image = strips.grab().toImage()
    boxes, _ = strips._areas()
    ratio, height = image.devicePixelRatio(), min(34, boxes.height() / 10)
    middle = round((boxes.left() + 2.7 / 4.4 * boxes.width()) * ratio)  # the axis goes from -2.2 to 2.2
    for k in range(10):
        y = round((boxes.top() + (k + 0.25) * height + 4) * ratio)
        seen = max(contrast(image.pixelColor(middle + x, y), class_colour(k, theme)) for x in (-1, 0, 1))
        assert seen >= 3, k


@pytest.mark.parametrize(
    ("width", "losses", "heads"),
    [
        (900, (0.3, 0.1), ("Re φ of test samples, whiskers 5–95 %", "lost without it, %")),
        (900, (0.3, -0.1), ("Re φ of test samples, whiskers 5–95 %", "lost (grey: gained) without it, %")),
        (340, (0.3, 0.1), ("Re φ of test samples", "lost without it, %")),
        (340, (0.3, -0.1), ("Re φ of test samples", "without it, %")),
    ],
)
def test_the_heads_of_a_mode_say_how_far_whiskers_go_and_what_bars_are(put_up, width, losses, heads):
    """Samples beyond the whiskers are told below; a bar of a loss is long where the score that is left is low."""
    strips = put_up(ClassStrips(), width, 200)
    drawn = [Strip(str(k), k, (-2.0, -1.0, 0.5, 1.0, 2.0), loss, 0.9) for k, loss in enumerate(losses)]
    strips.show_strips(drawn, "Re φ of test samples")
    assert strips.heads() == heads


def test_every_line_of_the_curve_has_a_name_in_the_smallest_panel(fitted):
    panel = fitted.window.accuracy
    fitted.window.resize(1280, 800)
    QApplication.processEvents()
    assert panel.width() <= panel.minimumWidth() + 1
    assert [entry[0] for entry, _ in panel.legend.placed()] == ["original", "affine of lift", "affine"]


def test_the_map_of_a_narrow_sweep_says_what_it_shows(fitted, make):
    panel = fitted.window.results.sweep
    fitted.window.results.tabs.setCurrentWidget(panel)
    fitted.window.resize(1280, 800)
    cells = tuple(make.result(replace(make.settings, delays=h, rank=5)) for h in (1, 3))
    fitted.session.state = replace(fitted.session.state, cells=cells)
    fitted.session.swept.emit()
    QApplication.processEvents()
    assert panel.caption.drawn() == "hybrid %"
    assert panel.best.drawn() == shorter_best(dict(zip(((1, 5), (3, 5)), cells, strict=True)))


@pytest.mark.parametrize("width", [340, 700, 1240, 1900])
def test_the_names_of_a_sweeps_fields_stand_beside_them(put_up, width):
    panel = put_up(SweepPanel(), width, 200)
    for words, field in (("h", panel.delays), ("r", panel.ranks), ("on", panel.workers)):
        name = next(one for one in field.parent().findChildren(QLabel) if one.text() == words)
        gap = field.mapTo(panel, QPoint(0, 0)).x() - name.mapTo(panel, QPoint(name.width(), 0)).x()
        assert 0 < gap <= UNIT
        assert name.width() <= name.sizeHint().width()


@pytest.mark.parametrize(
    ("sentences", "words"),
    [
        ([H_WRONG], "h is 99, expected whole numbers of 1 to N = 20"),
        ([H_WRONG, "r is x, expected whole numbers"], "h is 99; r is x"),
        (["no Dask scheduler answers at tcp://a:1, expected local"], "no Dask scheduler answers at tcp://a:1"),
    ],
)
def test_what_is_wrong_with_one_field_is_told_with_what_is_expected(sentences, words):
    assert shorter_wrong(sentences) == words


def test_a_choice_without_room_ends_in_dots(qtbot):
    box = Choice("b", "Sample", "tip", ("sample 1 · recurrence after radiotherapy",))
    qtbot.addWidget(box)
    box.resize(120, 28)
    assert box.drawn().endswith("…")
    assert QFontMetrics(box.font()).horizontalAdvance(box.drawn()) < 120
    box.resize(600, 28)
    assert box.drawn() == box.currentText()
    assert not box.grab().isNull()


def test_the_best_cell_is_told_in_few_words_too(make):
    cells = {(3, 5): make.result(replace(make.settings, delays=3, rank=5))}
    assert shorter_best(cells).startswith("best h 3, r 5: ")
    assert len(shorter_best(cells)) < len(best_words(cells)) / 2
    assert shorter_best({(3, 5): replace(cells[3, 5], apart=None)}) == ""


def test_an_empty_network_panel_says_what_will_stand_there(window):
    assert window.network.empty.words.text() == NOTHING_OPEN
    assert window.network.empty.isVisible()


def test_the_page_of_keys_does_not_name_the_last_change(fitted):
    fitted.window.actions_by_name["undo"].setText("Undo delays h 12")
    page = shortcuts_page(fitted.window.menuBar())
    assert "| Ctrl+Z | **Undo**: undo the last change" in page


@pytest.mark.parametrize(("tex", "text"), [(r"\rho = 0.95", "ρ = 0.95"), (r"\lambda x", "λx"), (r"a \le 2", "a ≤ 2")])
def test_a_sign_keeps_the_blank_before_an_equals(tex, text):
    assert plain_formula(tex) == text


def test_heads_of_numbers_stand_above_them(qtbot):
    table = _samples_table()
    qtbot.addWidget(table)
    fill(table, np.arange(6.0).reshape(2, 3), ["a", "b"], [])
    assert table.horizontalHeader().defaultAlignment() & Qt.AlignmentFlag.AlignRight
    assert table.item(0, 1).textAlignment() & Qt.AlignmentFlag.AlignRight


def test_in_sharp_pictures_of_the_window_lines_are_as_thick_as_on_sharp_screens(fitted):
    circle = fitted.window.eigenvalues.plane._circle
    width = circle.opts["pen"].widthF()
    told = (lambda window, sharpness: iter([("circle", sharpness)]),)
    shots = [Shot("light", size, told) for size in ("1280x800", "1920x1080@2x")]
    seen = {sharpness: circle.opts["pen"].widthF() for _, sharpness in _pictures(fitted.window, shots)}
    assert seen == {1.0: pytest.approx(width), 2.0: pytest.approx(2 * width)}
