"""Modes selected, dragged, removed and scaled through the real widgets; what is asked for follows from the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication, QSlider, QToolButton

from koopview.gui.dialogs.unlearn import EXPLANATION, UnlearnDialog, unlearning_sentence
from koopview.gui.looks.theme import CONTRAST, DARK, LIGHT
from koopview.gui.panels.eigenvalues import PER_LAYER, TABLE, nearest_root
from koopview.gui.plots.classes import contrast
from koopview.gui.plots.plane_gestures import inside
from koopview.gui.selection import ModeSelection, firsts, scaled_by, with_eigenvalues
from koopview.gui.session.changes import Change
from koopview.gui.session.searching import Unlearning
from koopview.hybrid.promise import LOSES, SPARES

SURGERY = ("remove_modes", "scale_modes", "reset_modes", "unlearn")
PLAIN, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Nothing:
    """Takes settings and does nothing with them."""

    def apply(self, settings):
        pass


@pytest.fixture
def panel(fitted):
    """The eigenvalue panel, shown from -1.5 to 1.5, none of its points near another."""
    shown = fitted.window.eigenvalues
    shown.plane.widget.setRange(xRange=(-1.5, 1.5), yRange=(-1.5, 1.5), padding=0)
    QApplication.processEvents()
    return shown


def pixel(panel, value):
    """Where a complex number lies in the plane's widget."""
    widget = panel.plane.widget
    scene = widget.getViewBox().mapViewToScene(QPointF(value.real, value.imag))
    return widget.mapFromScene(scene)


def send(panel, kind, at, modifiers=PLAIN, buttons=Qt.MouseButton.LeftButton, button=Qt.MouseButton.LeftButton):
    widget = panel.plane.widget.viewport()
    point = QPointF(at)
    event = QMouseEvent(kind, point, QPointF(widget.mapToGlobal(point.toPoint())), button, buttons, modifiers)
    QApplication.sendEvent(widget, event)


def drag(panel, path, modifiers=PLAIN):
    send(panel, QEvent.Type.MouseButtonPress, path[0], modifiers)
    for at in path[1:]:
        send(panel, QEvent.Type.MouseMove, at, modifiers, button=Qt.MouseButton.NoButton)
    send(panel, QEvent.Type.MouseButtonRelease, path[-1], modifiers, buttons=Qt.MouseButton.NoButton)


def click(panel, value, modifiers=PLAIN):
    drag(panel, [pixel(panel, value)], modifiers)


def lonely(result, real=False):
    """An index whose eigenvalue is far from all others, of a pair or real."""
    values = result.eigenvalues
    gaps = np.abs(values[:, None] - values[None, :]) + np.where(np.eye(len(values)), 9, 0)
    fitting = (values.imag == 0) if real else (values.imag > 0.1)
    fitting &= np.abs(values) < 1.4
    return int(np.where(fitting, gaps.min(1), -1).argmax())


def partner(result, index):
    return int(np.abs(result.eigenvalues - np.conj(result.eigenvalues[index])).argmin())


def ringed(panel):
    x, y = panel.plane._chosen.getData()
    return sorted(np.round(np.asarray(x) + 1j * np.asarray(y), 9), key=lambda value: (value.real, value.imag))


def button(fitted, name):
    return fitted.window.findChild(QToolButton, name)


# Selecting ------------------------------------------------------------------------------------------------------------


def test_a_click_selects_a_mode_with_its_conjugate_and_rings_both(fitted, panel):
    index = lonely(fitted.result)
    value = fitted.result.eigenvalues[index]
    click(panel, value)
    assert set(panel.selection.indices) == {index, partner(fitted.result, index)}
    assert panel.selection.modes == (min(panel.selection.indices),)
    expected = sorted(np.round([value, np.conj(value)], 9), key=lambda one: (one.real, one.imag))
    assert ringed(panel) == expected
    assert fitted.window.fit_panel.surgery.note.text() == "2 selected"
    click(panel, -1.4 - 1.4j)
    assert panel.selection.indices == ()
    assert fitted.session.requests == []


def test_ctrl_and_click_adds_and_takes_away(fitted, panel):
    one, other = lonely(fitted.result), lonely(fitted.result, real=True)
    click(panel, fitted.result.eigenvalues[one])
    click(panel, fitted.result.eigenvalues[other], CTRL)
    assert set(panel.selection.indices) == {one, partner(fitted.result, one), other}
    click(panel, fitted.result.eigenvalues[one], CTRL)
    assert panel.selection.indices == (other,)


def test_a_click_brings_the_mode_to_the_front_and_gathering_several_leaves_the_tab(fitted, panel):
    one, other = lonely(fitted.result), lonely(fitted.result, real=True)
    tabs = fitted.window.results.tabs
    click(panel, -1.4 - 1.4j)  # nothing is there
    assert tabs.tabText(tabs.currentIndex()) == "Singular values"
    click(panel, fitted.result.eigenvalues[one])
    assert tabs.tabText(tabs.currentIndex()) == "Mode"
    tabs.setCurrentIndex(0)
    click(panel, fitted.result.eigenvalues[other], CTRL)
    assert tabs.currentIndex() == 0


@pytest.mark.parametrize("by_button", [False, True])
def test_a_lasso_selects_what_it_runs_round_and_the_conjugates(fitted, panel, by_button):
    if by_button:
        button(fitted, "lassoButton").click()
    corners = [-1.45 + 0.02j, 1.45 + 0.02j, 1.45 + 1.45j, -1.45 + 1.45j]
    path = [pixel(panel, corner) for corner in (*corners, corners[0])]
    drag(panel, path, PLAIN if by_button else SHIFT)
    upper = np.flatnonzero((fitted.result.eigenvalues.imag > 0.03) & (np.abs(fitted.result.eigenvalues) < 1.4))
    assert len(upper) > 1
    assert {*upper.tolist(), *(partner(fitted.result, index) for index in upper)} <= set(panel.selection.indices)
    assert not {*np.flatnonzero(fitted.result.eigenvalues.imag == 0).tolist()} & set(panel.selection.indices)
    assert panel.plane.widget.getViewBox().viewRange()[0][0] == pytest.approx(-1.5, abs=0.6)  # nothing was panned


def test_a_rubber_band_adds_to_the_selection(fitted, panel):
    index = lonely(fitted.result, real=True)
    click(panel, fitted.result.eigenvalues[index])
    value = fitted.result.eigenvalues[lonely(fitted.result)]
    drag(panel, [pixel(panel, value + step) for step in (-0.06 - 0.06j, 0.06 + 0.06j)], CTRL)
    assert {index, lonely(fitted.result)} <= set(panel.selection.indices)


def test_points_inside_a_polygon_are_those_with_an_odd_number_of_crossings():
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 1, 500) + 1j * rng.uniform(-1, 1, 500)
    square = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    np.testing.assert_array_equal(inside(values, square), (abs(values.real) < 0.5) & (abs(values.imag) < 0.5))
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1) * 0.7
    far = np.abs(np.abs(values) - 0.7) > 1e-3
    np.testing.assert_array_equal(inside(values, circle)[far], (np.abs(values) < 0.7)[far])


def test_rows_of_the_table_select_and_follow(fitted, panel):
    panel.views.choose(TABLE)
    index = lonely(fitted.result)
    panel.table.selectRow(index)
    assert set(panel.selection.indices) == {index, partner(fitted.result, index)}
    real = lonely(fitted.result, real=True)
    panel.selection.select((real,))
    assert {index.row() for index in panel.table.selectionModel().selectedRows()} == {real}


@pytest.mark.parametrize("column", [3, 4, 5, 8])
def test_the_table_is_sorted_by_numbers_and_still_selects_the_right_mode(fitted, panel, column):
    panel.views.choose(TABLE)
    result, worth = fitted.result, np.random.default_rng(0).permutation(fitted.result.rank) / 100
    panel.table.show_modes(result, worth)
    panel.table.horizontalHeader().setSortIndicator(column, Qt.SortOrder.DescendingOrder)
    by = [np.abs(result.eigenvalues), np.degrees(np.angle(result.eigenvalues)), result.residuals, 0, 0, worth][
        column - 3
    ]
    np.testing.assert_array_equal(by[panel.table.indices], np.sort(by)[::-1])
    shown = [int(row[0]) for row in panel.table.numbers.rows]  # from 0, as everywhere
    assert shown == panel.table.indices.tolist()
    panel.table.selectRow(2)
    assert shown[2] in panel.selection.indices


def test_arrows_step_through_the_modes_and_round(fitted, panel, qtbot):
    modes = firsts(fitted.result, range(fitted.result.rank))
    seen = []
    for _ in range(len(modes) + 1):
        qtbot.keyClick(panel.plane.widget, Qt.Key.Key_Right)
        seen.append(panel.selection.modes)
    assert seen == [(mode,) for mode in (*modes, modes[0])]
    qtbot.keyClick(panel.plane.widget, Qt.Key.Key_Left)
    assert panel.selection.modes == (modes[-1],)
    qtbot.keyClick(panel.plane.widget, Qt.Key.Key_A, CTRL)
    assert len(panel.selection.indices) == fitted.result.rank


def test_the_selection_lives_through_edits_and_ends_with_another_rank(fitted, panel, make):
    panel.selection.select((0,))
    edited = with_eigenvalues(fitted.result, {0: 0.5})
    fitted.session.finish(replace(fitted.result, settings=edited))
    assert 0 in panel.selection.indices
    fitted.session.finish(make.result(replace(make.settings, rank=9)))
    assert panel.selection.indices == ()


# Editing --------------------------------------------------------------------------------------------------------------


def test_removing_asks_for_zero_at_one_of_each_pair(fitted, panel, qtbot):
    index, real = lonely(fitted.result), lonely(fitted.result, real=True)
    panel.selection.select((index, real))
    button(fitted, "removeModesButton").click()
    first = min(index, partner(fitted.result, index))
    wanted = fitted.result.settings.with_edits([(first, 0), (real, 0)])
    assert fitted.session.requests == [wanted]
    fitted.session.finish(fitted.result)
    qtbot.keyClick(panel.plane.widget, Qt.Key.Key_Delete)
    assert fitted.session.requests == [wanted, wanted]


def test_nothing_is_removed_where_nothing_is_selected(fitted, panel, qtbot):
    qtbot.keyClick(panel.plane.widget, Qt.Key.Key_Delete)
    assert not button(fitted, "removeModesButton").isEnabled()
    assert fitted.session.requests == []


def test_scaling_multiplies_what_was_there_when_the_popup_opened(fitted, panel):
    index = lonely(fitted.result)
    panel.selection.select((index,))
    button(fitted, "scaleModesButton").click()
    slider = fitted.window.findChild(QSlider, "scaleSlider")
    first = min(index, partner(fitted.result, index))
    value = fitted.result.eigenvalues[first]
    for percent in (80, 50, 150):
        slider.setValue(percent)
        ((edited, to),) = fitted.session.requests[-1].edits
        assert edited == first
        assert to == pytest.approx(value * percent / 100, rel=1e-12)
    slider.setValue(100)
    assert fitted.session.requests[-1] == fitted.result.settings


def test_a_selected_eigenvalue_is_dragged_to_where_the_mouse_is(fitted, panel):
    index = lonely(fitted.result)
    value = fitted.result.eigenvalues[index]
    click(panel, value)
    target = pixel(panel, 0.2 + 0.3j)
    drag(panel, [pixel(panel, value), pixel(panel, value) + QPoint(9, 0), target])
    ((edited, to),) = fitted.session.requests[-1].edits
    wide, high = panel.plane.widget.getViewBox().viewPixelSize()
    assert edited == min(index, partner(fitted.result, index))
    assert to == pytest.approx((0.2 + 0.3j) if edited == index else (0.2 - 0.3j), abs=2 * max(wide, high))
    assert len(fitted.session.gestures) == 2
    assert fitted.session.gestures[0] is fitted.session.gestures[1] is not None


def test_what_is_selected_is_grabbed_from_under_what_is_not(fitted, panel):
    values = fitted.result.eigenvalues.copy()
    index = lonely(fitted.result, real=True)
    over = int(np.flatnonzero((values.imag == 0) & (np.arange(len(values)) != index))[0])
    values[over] = values[index]  # an edit has put it there
    fitted.session.finish(
        replace(fitted.result, settings=with_eigenvalues(fitted.result, {over: values[index]}), eigenvalues=values)
    )
    for selected in (index, over):
        panel.selection.select((selected,))
        drag(panel, [pixel(panel, values[index]), pixel(panel, -0.4 + 0j)])
        assert dict(fitted.session.requests[-1].edits)[selected].real == pytest.approx(-0.4, abs=0.02)
        fitted.session.finish(
            replace(fitted.result, settings=with_eigenvalues(fitted.result, {over: values[index]}), eigenvalues=values)
        )


def test_a_real_eigenvalue_stays_on_the_axis(fitted, panel):
    index = lonely(fitted.result, real=True)
    value = fitted.result.eigenvalues[index]
    click(panel, value)
    drag(panel, [pixel(panel, value), pixel(panel, -0.4 + 0.5j)])
    ((edited, to),) = fitted.session.requests[-1].edits
    assert edited == index
    assert to.imag == 0
    assert to.real == pytest.approx(-0.4, abs=0.02)


def test_a_drag_of_what_is_not_selected_pans(fitted, panel):
    before = panel.plane.widget.getViewBox().viewRange()
    start = pixel(panel, -1.2 - 1.2j)
    drag(panel, [start, start + QPoint(20, 0), start + QPoint(40, 0)])
    assert fitted.session.requests == []
    assert panel.plane.widget.getViewBox().viewRange() != before


def test_a_drag_per_layer_takes_the_nearest_root(fitted, panel):
    panel.views.choose(PER_LAYER)
    index = lonely(fitted.result)
    value, steps = fitted.result.eigenvalues[index], fitted.result.settings.steps
    panel.selection.select((index,))
    panel.plane._grabbed = index
    panel.plane.widget.dragged.emit(0.3 + 0.4j)
    ((edited, to),) = fitted.session.requests[-1].edits
    moved = to if edited == index else np.conj(to)
    assert moved**steps == pytest.approx(0.3 + 0.4j, rel=1e-9)
    roots = (0.5 ** (1 / steps)) * np.exp(1j * (np.angle(0.3 + 0.4j) + 2 * np.pi * np.arange(steps)) / steps)
    gaps = np.abs(np.angle(roots / value))
    assert abs(np.angle(moved / value)) == pytest.approx(gaps.min(), abs=1e-9)
    assert nearest_root(0, value, steps) == 0


def test_edited_eigenvalues_show_where_they_were(fitted, panel):
    index = lonely(fitted.result)
    other, values = partner(fitted.result, index), fitted.result.eigenvalues.copy()
    values[index], values[other] = 0.1 + 0.1j, 0.1 - 0.1j
    settings = with_eigenvalues(fitted.result, {index: 0.1 + 0.1j})
    fitted.session.finish(replace(fitted.result, settings=settings, eigenvalues=values))
    x, y = panel.plane._points_before.getData()
    before = {complex(a, b) for a, b in zip(x, y, strict=True)}
    assert before == {fitted.result.eigenvalues[index], fitted.result.eigenvalues[other]}
    x, y = panel.plane._moves.getData()
    ends = np.asarray(x) + 1j * np.asarray(y)
    assert {*ends[::2]} == before
    assert {*ends[1::2]} == {0.1 + 0.1j, 0.1 - 0.1j}
    assert "edited, was" in panel.plane.tip(index)
    assert fitted.window.fit_panel.surgery.note.text().endswith("2 edited")


def test_edits_are_reset_and_undone(fitted, panel):
    assert not button(fitted, "resetEditsButton").isVisible()
    settings = with_eigenvalues(fitted.result, {0: 0.5})
    fitted.session.finish(replace(fitted.result, settings=settings))
    button(fitted, "resetEditsButton").click()
    assert fitted.session.requests == [fitted.result.settings]
    undo = button(fitted, "surgeryUndoButton")
    assert not undo.isEnabled()
    settings = fitted.result.settings
    stack, nothing = fitted.session.undo_stack, Nothing().apply
    stack.push(Change(nothing, settings, replace(settings, delays=3), "", None))
    assert not undo.isEnabled()  # what it would take back is no surgery
    stack.push(Change(nothing, settings, settings.with_edits([(0, 0.5)]), "move an eigenvalue", None))
    assert undo.isEnabled()
    assert "move an eigenvalue" in undo.toolTip()
    undo.click()
    assert stack.undoText() == "delays h 3"
    assert not undo.isEnabled()


def test_the_menu_offers_surgery_where_there_is_something_to_operate_on(fitted, panel):
    offered = lambda: {key for key in SURGERY if fitted.window.actions_by_name[key].isEnabled()}  # noqa: E731
    assert offered() == {"unlearn"}
    panel.selection.select((0,))
    assert offered() == {"unlearn", "remove_modes", "scale_modes"}
    values = np.where(np.arange(fitted.result.rank) == 0, 0.5, fitted.result.eigenvalues)
    settings = fitted.result.settings.with_edits([(0, 0.5)])
    fitted.session.finish(replace(fitted.result, settings=settings, eigenvalues=values))
    assert "reset_modes" in offered()
    assert "1 of 30 eigenvalues edited: hybrid" in fitted.window.status.text.text()


def test_importance_is_in_the_tip_once_it_is_known(fitted, panel, make):
    panel.views.choose(TABLE)
    assert fitted.session.watched["modes", "table"]
    assert panel.table.isColumnHidden(8)
    view = make.modes(fitted.result)
    fitted.session.view_changed.emit("modes", view)
    assert not panel.table.isColumnHidden(8)
    assert panel.table.numbers.rows[3][8] == f"{100 * view.importance[3]:.1f}".replace("-", "−")
    assert (
        f"importance {100 * view.importance[0]:.1f} ± {100 * view.importance_errors[0]:.1f} points"
        in panel.plane.tip(0)
    )
    fitted.session.view_changed.emit("modes", None)
    assert panel.table.isColumnHidden(8)
    panel.views.choose(0)
    assert not fitted.session.watched["modes", "table"]


# What edits cost ------------------------------------------------------------------------------------------------------


def costing(result, points, index=0):
    """The result with the mode at `index` removed, so many points worse on samples apart."""
    values = result.eigenvalues.copy()
    values[index] = 0
    apart = replace(result.apart, score=result.apart.score - points / 100)
    return replace(result, settings=with_eigenvalues(result, {index: 0}), eigenvalues=values, apart=apart)


def test_an_edit_that_costs_much_on_samples_apart_is_told(fitted):
    outcome, apart = fitted.window.fit_panel.surgery.outcome, fitted.result.apart
    index = lonely(fitted.result, real=True)
    fitted.session.finish(costing(fitted.result, 3, index))
    assert not outcome.isVisible()
    fitted.session.finish(costing(fitted.result, 40, index))
    assert outcome.isVisible()
    for share in (apart.score, apart.score - 0.4):
        assert f"{100 * share:.1f} %" in outcome.text()
    assert f"{apart.samples:,} training samples apart" in outcome.text()
    fitted.session.finish(fitted.result)
    assert not outcome.isVisible()
    fitted.session.finish(costing(fitted.result, 40, index))  # done again
    assert outcome.isVisible()


def test_small_steps_of_a_drag_are_held_against_the_fit_without_edits(fitted):
    index = lonely(fitted.result, real=True)
    for points in (4, 8, 12):  # each step alone costs little
        fitted.session.finish(costing(fitted.result, points, index))
    assert fitted.window.fit_panel.surgery.outcome.isVisible()


def test_what_unlearning_says_is_not_replaced_by_what_it_cost(fitted):
    after = costing(fitted.result, 40, lonely(fitted.result, real=True))
    fitted.session.unlearned.emit(Unlearning(0, fitted.result, after))
    fitted.session.finish(after)
    assert "of the others" in fitted.window.fit_panel.surgery.outcome.text() or "no other class" in (
        fitted.window.fit_panel.surgery.outcome.text()
    )


# Groups of modes ------------------------------------------------------------------------------------------------------


def in_one_group(result, *indices):
    """The result with all of these modes and their conjugates in one group."""
    members = sorted({*indices, *(partner(result, index) for index in indices)})
    groups = result.groups.copy()
    groups[members] = members[0]
    return replace(result, groups=groups), members


def test_modes_of_one_group_are_selected_and_removed_together(fitted, panel):
    grouped, members = in_one_group(fitted.result, lonely(fitted.result), lonely(fitted.result, real=True))
    fitted.session.finish(grouped)
    panel.selection.select((members[-1],))
    assert panel.selection.indices == tuple(members)
    assert panel.selection.modes == (members[0],)
    assert "group of 3 modes" in panel.plane.tip(members[1])
    assert "group of 3 modes" in fitted.window.fit_panel.surgery.hint.text()
    button(fitted, "removeModesButton").click()
    assert fitted.session.requests == [grouped.settings.with_edits([(members[0], 0)])]


def test_a_group_is_one_mark_in_the_plane_and_one_row_of_the_table(fitted, panel):
    grouped, members = in_one_group(fitted.result, lonely(fitted.result), lonely(fitted.result, real=True))
    fitted.session.finish(grouped)
    mean = grouped.eigenvalues[members].mean()
    np.testing.assert_allclose(panel.plane.groups.means, [mean])
    (number,) = panel.plane.groups._numbers
    assert number.toPlainText() == "3 modes"
    assert number.isVisible()
    click(panel, mean)
    assert panel.selection.indices == tuple(members)
    panel.views.choose(TABLE)
    table = panel.table
    assert len(table.numbers.rows) == grouped.rank - 2
    row = table.numbers.rows[table.indices.tolist().index(members[0])]
    assert row[0] == f"{members[0]} +2"
    assert row[1].replace("−", "-") == f"{mean.real:.4f}"
    assert float(row[6].replace(",", "").replace("−", "-")) == pytest.approx(
        grouped.condition_numbers[members].max(), rel=0.01
    )
    panel.views.choose(0)
    fitted.session.finish(fitted.result)  # whose groups are pairs
    assert not number.isVisible()


def test_a_removed_mode_does_not_end_the_close_up(fitted, panel):
    result, index = fitted.result, lonely(fitted.result)
    panel.plane.show_close_up(True)
    before = panel.plane.widget.viewRange()
    members = [index, partner(result, index)]
    values = result.eigenvalues.copy()
    values[members] = 0
    fitted.session.finish(replace(result, eigenvalues=values))
    np.testing.assert_allclose(panel.plane.widget.viewRange(), before)
    moved = result.eigenvalues.copy()
    moved[members] = 1.9
    fitted.session.finish(replace(result, eigenvalues=moved))  # one that is elsewhere stays in sight
    assert panel.plane.widget.viewRange()[0][1] > 1.9


def test_the_selection_has_no_colour_of_another_meaning(panel):
    for theme in (LIGHT, DARK, CONTRAST):
        panel.set_theme(theme)
        ring = panel.plane._chosen.opts["pen"].color().name()
        assert ring not in (theme.original, theme.scaled, theme.hybrid)
        assert contrast(QColor(ring), QColor(theme.panel)) >= 3


def test_a_pair_of_conjugates_is_not_told_as_a_group(fitted, panel):
    panel.selection.select((lonely(fitted.result),))
    assert "together" not in panel.plane.tip(lonely(fitted.result))
    assert "together" not in fitted.window.fit_panel.surgery.hint.text()


def test_a_drag_moves_a_group_along_the_radius(fitted, panel):
    index = lonely(fitted.result)
    grouped, members = in_one_group(fitted.result, index, lonely(fitted.result, real=True))
    fitted.session.finish(grouped)
    wanted = with_eigenvalues(grouped, {index: 0.5j * grouped.eigenvalues[index]})
    assert dict(wanted.edits)[members[0]] == pytest.approx(0, abs=1e-12)  # a quarter turn has no part along it
    wanted = with_eigenvalues(grouped, {index: (0.5 + 0.2j) * grouped.eigenvalues[index]})
    assert dict(wanted.edits) == {members[0]: pytest.approx(0.5 * grouped.eigenvalues[members[0]])}


def nearly_real(result):
    """The result with a pair at 0.6 that rounding set apart, and its place."""
    index, values = lonely(result), result.fitted_eigenvalues.copy()
    first, second = sorted((index, partner(result, index)))
    values[[first, second]] = 0.6 + 1e-7j, 0.6 - 1e-7j
    return replace(result, eigenvalues=values, fitted_eigenvalues=values), first


def test_a_pair_that_is_all_but_real_is_not_turned(fitted, panel):
    split, index = nearly_real(fitted.result)
    fitted.session.finish(split)
    panel.selection.select((index,))
    assert "real factors only" in fitted.window.fit_panel.surgery.hint.text()
    assert "together" not in panel.plane.tip(index)
    wanted = with_eigenvalues(split, {index: 0.3 + 0.4j})
    ((edited, to),) = wanted.edits
    assert (edited, to.real) == (index, pytest.approx(0.3, rel=1e-6))
    assert abs(to.imag) < 1e-6
    panel.selection.select((lonely(fitted.result, real=True),))
    assert "real factors only" not in fitted.window.fit_panel.surgery.hint.text()


def test_groups_that_are_known_only_after_an_edit_widen_the_selection(fitted, panel):
    grouped, members = in_one_group(fitted.result, lonely(fitted.result), lonely(fitted.result, real=True))
    fitted.session.finish(replace(fitted.result, groups=np.zeros(0, int)))
    panel.selection.select((members[0],))
    assert panel.selection.indices == tuple(sorted({members[0], partner(fitted.result, members[0])}))
    settings = grouped.settings.with_edits([(members[0], 0)])
    fitted.session.finish(replace(grouped, settings=settings))
    assert panel.selection.indices == tuple(members)


# What edits mean, apart from widgets ----------------------------------------------------------------------------------


def test_an_edit_put_back_is_no_edit(result):
    index = lonely(result)
    away = with_eigenvalues(result, {index: 0.5 + 0.1j})
    back = with_eigenvalues(replace(result, settings=away), {index: complex(result.fitted_eigenvalues[index])})
    assert back == result.settings


def test_scaling_what_is_edited_scales_what_is_seen(result):
    index = lonely(result, real=True)
    values = result.eigenvalues.copy()
    values[index] = 0.5
    edited = replace(result, settings=with_eigenvalues(result, {index: 0.5}), eigenvalues=values)
    assert scaled_by(edited, (index,), 0.5).edits == ((index, 0.25),)


def test_a_selection_without_a_result_is_empty(qapp):
    selection = ModeSelection()
    selection.select((1, 2))
    selection.step(1)
    assert selection.indices == selection.modes == ()


# Unlearning a class ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(fitted):
    button(fitted, "unlearnButton").click()
    return fitted.window.findChild(UnlearnDialog)


def test_unlearning_is_guided_from_the_choice_to_the_numbers(fitted, dialog, make):
    assert [dialog.classes.itemText(index).split(" · ")[0] for index in range(3)] == ["class 0", "class 1", "class 2"]
    dialog.classes.setCurrentIndex(2)
    dialog.most.setValue(3)
    dialog.start.click()
    assert fitted.session.calls == [("unlearn", 2, 3)]
    assert not dialog.start.isEnabled()
    fitted.session.progressed.emit(0.4, "unlearning", float("nan"))
    assert dialog.progress.value() == 400
    before = replace(fitted.result, per_class={"original": 3 * [0.99], "hybrid": [0.9, 0.8, 0.95]})
    settings = with_eigenvalues(fitted.result, {0: 0.5})
    values = fitted.result.eigenvalues.copy()
    values[0] = 0.5
    after = replace(
        before, per_class={"original": 3 * [0.99], "hybrid": [0.88, 0.81, 0.1]}, settings=settings, eigenvalues=values
    )
    fitted.session.finish(after)
    fitted.session.unlearned.emit(Unlearning(2, before, after, "", 0.972, 0.914))
    said = (
        "class 2 went from 95.0 % to 10.0 %, of the others class 0 loses most, 2.0 points, with 1 eigenvalue edited. "
        "A linear probe still tells 91 % of its samples (97 % before)."
    )
    assert dialog.outcome.text() == said
    assert dialog.start.isEnabled()
    outcome = fitted.window.fit_panel.surgery.outcome
    assert outcome.isVisible()
    assert outcome.text() == said
    fitted.session.finish(fitted.result)
    assert not outcome.isVisible()  # it is said of that edit alone


def test_closing_the_dialog_stops_the_search(fitted, dialog):
    dialog.start.click()
    dialog.reject()
    assert fitted.session.calls == [("unlearn", 0, dialog.most.value()), ("stop",)]


def test_closing_it_after_a_search_stops_nothing(fitted, dialog):
    dialog.start.click()
    fitted.session.settled.emit()
    dialog.reject()
    assert ("stop",) not in fitted.session.calls


def test_where_nothing_was_edited_the_reason_is_told(fitted, dialog):
    found = Unlearning(1, fitted.result, fitted.result, "Nothing was edited: no edit was found.")
    fitted.session.unlearned.emit(found)
    assert dialog.outcome.text() == fitted.window.fit_panel.surgery.outcome.text() == found.note


def test_where_no_other_class_loses_that_is_said(result):
    before = replace(result, per_class={"original": 3 * [0.99], "hybrid": [0.9, 0.8, 0.95]})
    values = np.where(np.arange(result.rank) < 1, 0, result.eigenvalues)
    after = replace(before, per_class={"original": 3 * [0.99], "hybrid": [0.9, 0.85, 0.1]}, eigenvalues=values)
    said = unlearning_sentence(Unlearning(2, before, after))
    assert "no other class loses any" in said
    assert "probe" not in said


def test_the_promise_that_is_told_is_the_one_that_is_kept():
    assert f"{100 * LOSES:.0f} points or more and no other more than {100 * SPARES:.0f}," in EXPLANATION
