"""The Sweep panel: cells in their places, filled in live, which one is chosen, and what a click in them asks for."""

import html
import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from koopview.gui.history import hybrid_measure
from koopview.gui.panels.sweep import FIRST_CELL, NOTHING_SWEPT
from koopview.gui.plots.sweep_cells import MAP_TIP, axes_of, best_words
from koopview.gui.saving.pictures import save_picture_of
from koopview.gui.session.sweeping import SweepEnd, rest_of, spread, swept

DELAYS, RANKS = (1, 3, 8, 12), (2, 5, 30)


@pytest.fixture(scope="module")
def cells(make):
    """Every cell but one of a small sweep, as the session keeps them."""
    settings = [replace(make.settings, delays=h, rank=r) for h in DELAYS for r in RANKS]
    return tuple(make.result(one) for one in settings if (one.delays, one.rank) != (3, 5))


@pytest.fixture
def panel(fitted, cells):
    """The Sweep tab in front, its cells there."""
    shown = fitted.window.results.sweep
    fitted.window.results.tabs.setCurrentWidget(shown)
    fitted.session.state = replace(fitted.session.state, cells=cells)
    fitted.session.swept.emit()
    return shown


def test_before_a_sweep_it_says_what_to_do(fitted):
    panel = fitted.window.results.sweep
    fitted.window.results.tabs.setCurrentWidget(panel)
    assert panel.hint.isVisible()
    assert panel.hint.text() == NOTHING_SWEPT
    assert panel.start.isEnabled()


def test_where_no_sweep_can_be_it_says_why_and_offers_none(window, session, make):
    panel = window.results.sweep
    assert "Open a model" in panel.hint.text()
    session.open(replace(make.state(), data=""), None)
    assert "Open the data" in panel.hint.text()
    assert not any(part.isEnabled() for part in (panel.start, panel.delays, window.actions_by_name["sweep"]))
    session.open(make.state(), make.settings)
    assert panel.hint.text() == NOTHING_SWEPT
    assert all(part.isEnabled() for part in (panel.start, panel.delays, window.actions_by_name["sweep"]))


@pytest.mark.parametrize("busy", [False, True])
def test_until_the_first_cell_it_says_that_one_is_coming(fitted, busy):
    panel = fitted.window.results.sweep
    if busy:
        fitted.session.work()
    assert panel.hint.text() == NOTHING_SWEPT
    panel.start.click()
    assert panel.hint.text() == FIRST_CELL
    fitted.session.finish(fitted.result)
    assert panel.hint.text() == NOTHING_SWEPT


def test_what_a_slider_left_is_no_sweep(fitted, make):
    for delays in (3, 5, 8):
        fitted.session.finish(make.result(replace(make.settings, delays=delays)))
    assert fitted.window.results.sweep.pages.currentWidget() is fitted.window.results.sweep.hint


def test_the_action_brings_the_tab_to_the_front_and_sweeps_over_what_is_filled_in_there(fitted):
    fitted.window.actions_by_name["sweep"].trigger()
    assert fitted.window.results.tabs.currentWidget() is fitted.window.results.sweep
    fitted.window.results.sweep.ranks.setText("5, 20")
    fitted.window.actions_by_name["sweep"].trigger()
    assert fitted.session.calls == [("sweep", None, None), ("sweep", None, (5, 20))]


@pytest.mark.parametrize(
    ("delays", "ranks", "asked"),
    [("1, 5,10", "50, auto", ((1, 5, 10), (50, "auto"))), ("", "20", (None, (20,))), ("", "", (None, None))],
)
def test_delays_and_ranks_can_be_chosen(fitted, qtbot, delays, ranks, asked):
    panel = fitted.window.results.sweep
    panel.delays.setText(delays)
    panel.ranks.setText(ranks)
    qtbot.keyClick(panel.ranks, Qt.Key.Key_Return)
    assert fitted.session.calls == [("sweep", *asked)]


H_WRONG = "expected whole numbers of 1 to N = 20 with commas between them: 1, 5, 10"
R_WRONG = "expected whole numbers of 1 or more, or auto, numerical, gavish-donoho, with commas between them: 10, 50"


@pytest.mark.parametrize(
    ("delays", "ranks", "said"),
    [
        ("1; 5", "10", f"h is 1; 5, {H_WRONG}"),
        ("1, 21", "", f"h is 1, 21, {H_WRONG}"),
        ("", "1-9", f"r is 1-9, {R_WRONG}"),
        ("abc", "0", f"h is abc, {H_WRONG}; r is 0, {R_WRONG}"),
    ],
)
def test_what_is_no_list_of_numbers_is_told_where_it_was_typed(fitted, delays, ranks, said):
    panel = fitted.window.results.sweep
    fitted.window.results.open_sweep()
    panel.delays.setText(delays)
    panel.ranks.setText(ranks)
    panel.start.click()
    assert fitted.session.calls == []
    assert panel.caption.text() == said
    assert panel.caption.isVisible()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (SweepEnd(12, 12, 8.04, stopped=False), "Swept 12 cells in 8.04 s"),
        (SweepEnd(1, 1, 0.5, stopped=False), "Swept 1 cell in 0.50 s"),
        (SweepEnd(5, 12, 3.0, stopped=True), "Stopped after 5 of 12 cells"),
    ],
)
def test_the_status_says_what_came_of_a_sweep_until_something_else_is_done(fitted, end, said):
    fitted.session.work()
    fitted.session.sweep_end = end
    fitted.session.finish(fitted.result)
    assert fitted.window.status.text.text() == said
    fitted.session.sweep_end = None
    fitted.session.finish(fitted.result)
    assert fitted.window.status.text.text().startswith("Fitted layer 2")


def test_delays_go_right_and_ranks_up(panel):
    boxes = {(h, r): panel.map.box((h, r)).center() for h in DELAYS for r in RANKS}
    assert sorted(boxes, key=lambda cell: (boxes[cell].x(), -boxes[cell].y())) == sorted(boxes)
    assert panel.map.cell_at(boxes[8, 5]) == (8, 5)
    assert panel.map.cell_at(boxes[3, 5]) is None  # not there yet
    assert panel.map.cell_at(QPointF(1, 1)) is None


def test_cells_come_in_while_it_runs(fitted, panel, cells, make):
    assert "11 cells" in panel.caption.text()
    late = make.result(replace(make.settings, delays=3, rank=5))
    fitted.session.state = replace(fitted.session.state, cells=(*cells, late))
    fitted.session.swept.emit()
    assert "12 cells" in panel.caption.text()
    assert panel.map.cell_at(panel.map.box((3, 5)).center()) == (3, 5)


def test_a_click_on_a_cell_sets_delays_and_rank_alone(fitted, panel, qtbot):
    place = panel.map.box((8, 5)).center().toPoint()
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place)
    assert fitted.session.requests == [replace(fitted.result.settings, delays=8, rank=5)]


def test_arrows_pick_the_neighbour_of_the_cell_on_screen(fitted, panel, qtbot):
    qtbot.keyClick(panel.map, Qt.Key.Key_Left)
    assert fitted.session.requests == [replace(fitted.result.settings, delays=8, rank=30)]
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)  # 30 is the highest rank there is
    assert len(fitted.session.requests) == 1


def test_the_tip_tells_the_numbers_of_the_cell(panel, cells):
    result = next(cell for cell in cells if (cell.settings.delays, cell.settings.rank) == (1, 30))
    tip = panel.map.tip((1, 30))
    assert f"{100 * hybrid_measure(result):.1f} %" in tip
    assert "lift fraction 0.00" in tip
    assert result.rank < 30
    assert f"lowered to the numerical rank {result.rank}" in tip
    words = re.sub(r"(<[^>]*>|&nbsp;)+", " ", tip)
    for told in ("original 99.0 %", "affine of lift 68.2 %", "affine 68.2 %", "mean 33.3 %", "identity 33.3 %"):
        assert told in words
    assert "above best control −14.2 ± 0.3 points" in tip
    assert f"on samples apart {100 * result.apart.score:.1f} %" in tip


def test_a_cell_worse_than_its_best_control_is_said_so(panel, cells):
    assert "worse than it" in panel.map.tip((1, 30))
    assert "worse than it" not in panel.map.tip((8, 30))
    worse = [cell for cell in cells if cell.rows["hybrid"] < max(cell.rows["affine"], cell.rows["lift_affine"])]
    assert {cell.settings.delays for cell in worse} == {1, 3}  # at h = 3 better than the affine map of the input
    said = panel.map.accessibleDescription()
    assert said.startswith(f"{len(worse)} of {len(cells)} cells are worse than their best affine control; best on")


def test_the_choice_is_made_on_samples_apart_and_never_by_the_test_samples(fitted, panel, cells, make):
    """The cell that does best on the test samples does not on those apart, and bears no ring."""
    flattered = replace(cells[0], accuracy={**cells[0].accuracy, "hybrid": 0.999})
    chosen = cells[4]
    chosen = replace(chosen, apart=replace(chosen.apart, score=0.998), accuracy={**chosen.accuracy, "hybrid": 0.9})
    fitted.session.state = replace(fitted.session.state, cells=(flattered, *cells[1:4], chosen, *cells[5:]))
    fitted.session.swept.emit()
    at = (chosen.settings.delays, chosen.settings.rank)
    assert panel.best.text() == f"best on samples apart: h = {at[0]}, r = {at[1]}: 90.0 % on test samples"
    assert panel.map._best == at
    assert panel.best.isVisible()
    assert panel.best in panel.map.exportable.parts


@pytest.mark.parametrize("height", [90, 300])
def test_the_chosen_cell_alone_bears_a_ring(panel, height):
    """Ink near the middle of a cell's left edge is no figure, no mark and no hatching."""
    panel.map.show_cells(panel.map._cells, None)
    panel.map.resize(900, height)
    picture, theme = panel.map.grab().toImage(), panel.map._theme
    ringed = []
    for cell in panel.map._cells:
        box = panel.map.box(cell)
        near = [picture.pixelColor(round(box.left() + x), round(box.center().y())).name() for x in (1, 2, 3, 4, 5)]
        ringed += [cell] * (theme.ink in near)
    assert ringed == [panel.map._best]


def test_where_all_training_samples_are_fitted_to_none_is_chosen_and_it_says_so(panel, cells):
    everything = {(cell.settings.delays, cell.settings.rank): replace(cell, apart=None) for cell in cells}
    panel.map.show_cells(everything, None)
    assert panel.map._best is None
    assert "all training samples are fitted to" in best_words(everything)
    assert "all training samples" in panel.map.accessibleDescription()


def test_the_first_cell_moves_no_panel(fitted, cells):
    shown = fitted.window.results.sweep
    fitted.window.results.tabs.setCurrentWidget(shown)
    QApplication.processEvents()
    before = (fitted.window.results.height(), shown.pages.geometry())
    fitted.session.state = replace(fitted.session.state, cells=cells)
    fitted.session.swept.emit()
    fitted.window.grab()
    assert (fitted.window.results.height(), shown.pages.geometry()) == before


def test_words_for_ranks_are_cells_like_others(fitted, panel, make, qtbot, tmp_path):
    words = ("auto", "numerical", "gavish-donoho")
    cells = [make.result(replace(make.settings, delays=h, rank=rank)) for h in (1, 8) for rank in (5, *words)]
    fitted.session.state = replace(fitted.session.state, cells=tuple(cells))
    fitted.session.swept.emit()
    assert {"5", *words} <= drawn_words(panel.map, tmp_path)
    assert "r = auto, 24" in panel.map.tip((8, "auto"))
    assert "lowered" not in panel.map.tip((8, "auto"))
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.box((8, "gavish-donoho")).center().toPoint())
    assert fitted.session.requests[-1].rank == "gavish-donoho"


def test_a_sweep_of_a_regression_shows_r2(fitted, panel, make, tmp_path):
    cells = [make.result(replace(make.settings, delays=h, rank=5), task="regression") for h in (1, 8)]
    fitted.session.state = replace(fitted.session.state, cells=tuple(cells))
    fitted.session.swept.emit()
    panel.map.resize(760, 260)
    assert panel.caption.text().startswith("hybrid R², layer 2")
    assert "R² 0.944 on test samples" in panel.best.text()
    assert {"0.540", "0.944"} <= drawn_words(panel.map, tmp_path)
    assert "error" in panel.map.tip((8, 5))


def test_a_low_map_gives_its_cells_the_room_of_words(panel, tmp_path):
    figures = [f"{100 * result.accuracy['hybrid']:.1f}" for result in panel.map._cells.values()]
    panel.map.resize(760, 16 * len(RANKS) + 24)
    words = drawn_words(panel.map, tmp_path)
    assert {"h", "rank r", *figures} <= words
    assert not any(word.startswith("delays h") for word in words)


def test_the_words_of_the_delays_are_whole_in_a_narrow_figure(panel, tmp_path):
    """What is drawn at the width of one column of print ends where the picture does, at neither side cut off."""
    panel.map.resize(321, 240)
    image = panel.map.grab().toImage()
    below = [image.pixelColor(x, y) for x in (0, 320) for y in range(240 - 16, 240)]
    assert len({colour.name() for colour in below}) == 1
    words = panel.map.column_title()
    assert words in drawn_words(panel.map, tmp_path)
    assert panel.map.fontMetrics().horizontalAdvance(words) > 321 - 60 - 112  # wider than the cells


def test_both_axes_say_what_they_are_and_a_lowered_rank_is_marked(panel, make, tmp_path):
    panel.map.resize(760, 260)
    words = drawn_words(panel.map, tmp_path)
    assert {"rank r", "delays h  (lift fraction 0.00 → 0.55)", "r lowered", "best control"} <= words
    lowered = [(h, r) for h, r in panel.map._cells if panel.map._cells[h, r].rank < r]
    assert (1, 30) in lowered
    assert f"r = {panel.map._cells[1, 30].rank}" in words
    panel.map.show_cells({cell: panel.map._cells[cell] for cell in panel.map._cells if cell not in lowered}, None)
    assert not {"r lowered", "r = 24"} & drawn_words(panel.map, tmp_path)


def test_the_layers_are_named_in_the_window_and_in_the_picture(fitted, panel, cells, tmp_path):
    assert "layer 2, N = 20: 11 cells" in panel.caption.text()
    assert panel.caption.text() in drawn_words(panel.caption, tmp_path)
    assert panel.caption in panel.map.exportable.parts
    settings = replace(cells[0].settings, replaced=("0", "2"))
    fitted.session.state = replace(fitted.session.state, cells=(replace(cells[0], settings=settings),))
    fitted.session.settings_changed.emit(settings)
    assert panel.caption.text().endswith("layer 2 (with 0), N = 20: 1 cell")


def test_the_legend_says_what_its_colours_and_marks_mean(panel):
    for told in ("Blue", "both affine maps", "Grey, hatched", "Ring", "apart"):
        assert told in MAP_TIP


def drawn_words(widget, folder):
    """The texts that a widget draws, by what an SVG of it holds."""
    save_picture_of((widget,), folder / "map.svg", 180)
    return {
        html.unescape(word) for word in re.findall(r">([^<>]*[^<>\s][^<>]*)</text>", (folder / "map.svg").read_text())
    }


def test_only_cells_that_differ_in_delays_and_rank_alone_are_drawn(fitted, panel, cells, make):
    other = make.result(replace(make.settings, delays=1, steps=10))
    edited = replace(cells[0], settings=replace(cells[0].settings, delays=8, edits=((0, 0.5),)))
    assert swept((*cells, other, edited), make.settings) == {
        (cell.settings.delays, cell.settings.rank): cell for cell in cells
    }
    settings = replace(make.settings, steps=30)
    fitted.session.settings = settings
    fitted.session.settings_changed.emit(settings)
    assert panel.hint.isVisible()


def test_what_a_sweep_shares_is_all_but_what_it_varies(make):
    settings = replace(make.settings, scaling="linear", samples=None, seed=4, edits=((0, 0.5),))
    again = replace(make.settings, **rest_of(settings))
    assert again == replace(settings, edits=())


def test_eigenvalues_of_the_cells_stand_side_by_side(fitted, panel, qtbot, cells):
    panel.views.choose(1)
    boxes = dict(panel.grid.boxes())
    assert (12, 30) in boxes
    assert len({round(box.width()) for box in boxes.values()}) == 1
    rows = records(panel.grid.rows())
    mine = [
        complex(float(row["Re λ"]), float(row["Im λ"])) for row in rows if row["delays"] == 12 and row["rank"] == 30
    ]
    shown = next(cell for cell in cells if (cell.settings.delays, cell.settings.rank) == (12, 30))
    np.testing.assert_allclose(mine, shown.eigenvalues, rtol=1e-8)
    cell, box = next((cell, box) for cell, box in boxes.items() if cell != (12, 30))
    qtbot.mouseClick(panel.grid, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert fitted.session.requests == [replace(fitted.result.settings, delays=cell[0], rank=cell[1])]


def test_numbers_can_be_copied(panel, cells):
    rows = records(panel.map.rows())
    assert len(rows) == len(cells)
    assert (rows[0]["layer"], rows[0]["delays"], rows[0]["rank_asked"], rows[0]["steps"]) == ("2", 1, 2, 20)
    assert rows[0]["hybrid"] == hybrid_measure(cells[0])


def records(rows):
    head, *others = rows
    return [dict(zip(head, row, strict=True)) for row in others]


def test_axes_rise_and_words_for_ranks_are_last():
    found = axes_of({(3, "gavish-donoho"): 0, (3, "auto"): 0, (1, 20): 0, (3, 5): 0})
    assert found == ([1, 3], [5, 20, "auto", "gavish-donoho"])


@pytest.mark.parametrize(("most", "always"), [(1, 5), (3, 4), (5, None), (20, 7)])
def test_spread_keeps_the_ends_and_the_one_on_screen(most, always):
    values = list(range(1, 13))
    found = spread(values, most, always)
    assert found == sorted(set(found))
    assert len(found) == min(most, 12)
    assert always is None or always in found
    if most > 2:
        assert {1, 12} <= set(found)
