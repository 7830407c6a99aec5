"""The eigenvalues in the plane, per step and per layer, and as a table."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from koopview.gui.exportable import exportables
from koopview.gui.panels.eigenvalues import PER_LAYER, PER_STEP, TABLE
from koopview.gui.plots.colours import STEPS, scale_of, viridis
from koopview.gui.saving.saving import save_exportable
from koopview.gui.widgets.mode_table import eigenvalue_rows
from koopview.koopman.pseudospectrum import Pseudospectrum


def drawn(panel):
    x, y = panel.plane._points.getData()
    return np.asarray(x) + 1j * np.asarray(y)


def test_plane_holds_the_eigenvalues_per_step(fitted):
    np.testing.assert_array_equal(drawn(fitted.window.eigenvalues), fitted.result.eigenvalues)
    assert fitted.window.eigenvalues.note.text() == f"{fitted.result.rank} of {fitted.result.numerical_rank}"


def test_per_layer_raises_to_the_power_of_n(fitted):
    panel = fitted.window.eigenvalues
    panel.views.choose(PER_LAYER)
    np.testing.assert_allclose(drawn(panel), fitted.result.eigenvalues**20)
    outside = int((np.abs(fitted.result.eigenvalues**20) > 2).sum())
    assert outside > 0
    assert panel.plane.beyond.text() == f"{outside} beyond |λ| = 2"
    assert panel.plane.beyond.isVisibleTo(panel)
    panel.views.choose(PER_STEP)
    assert not panel.plane.beyond.isVisibleTo(panel)


def test_aspect_is_equal_and_the_unit_circle_is_in_view(fitted):
    view = fitted.window.eigenvalues.plane.widget.getViewBox()
    (left, right), (low, high) = view.viewRange()
    width, height = view.viewPixelSize()
    assert width == pytest.approx(height, rel=1e-6)
    assert left < -1
    assert right > 1
    assert low < -1
    assert high > 1


def test_a_far_eigenvalue_widens_the_view_and_a_nearer_one_brings_it_back(fitted, make):
    plane = fitted.window.eigenvalues.plane
    far = replace(fitted.result, eigenvalues=fitted.result.eigenvalues * 1.5)
    far = replace(far, fitted_eigenvalues=far.eigenvalues)
    fitted.session.finish(far)
    assert plane.widget.getViewBox().viewRange()[1][1] > np.abs(far.eigenvalues).max()


def test_double_click_brings_the_view_back_after_zooming(fitted, qtbot):
    plane = fitted.window.eigenvalues.plane
    before = plane.widget.getViewBox().viewRange()
    plane.widget.setRange(xRange=(0.9, 1.1), yRange=(-0.1, 0.1))
    assert plane.widget.getViewBox().viewRange() != before
    qtbot.mouseDClick(plane.widget.viewport(), Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(plane.widget.getViewBox().viewRange(), before, rtol=1e-6)


def test_zooming_in_shows_every_eigenvalue_within_reach(fitted):
    panel = fitted.window.eigenvalues
    whole = panel.plane.widget.getViewBox().viewRange()
    panel.zoom.click()
    (left, right), (low, high) = panel.plane.widget.getViewBox().viewRange()
    values = fitted.result.eigenvalues
    assert left < values.real.min() <= values.real.max() < right
    assert low < values.imag.min() <= values.imag.max() < high
    assert high - low < whole[1][1] - whole[1][0]


def test_zoom_stays_while_the_rank_changes(fitted, make):
    plane = fitted.window.eigenvalues.plane
    fitted.session.finish(make.result(replace(make.settings, rank=2)))
    plane.widget.setRange(xRange=(0.9, 1.1), yRange=(-0.1, 0.1))
    zoomed = plane.widget.getViewBox().viewRange()
    fitted.session.finish(replace(make.result(replace(make.settings, rank=2)), agreement=0.5))
    assert plane.widget.getViewBox().viewRange() == zoomed


def near_one(result, settings):
    """The result with its eigenvalues squeezed together about 1."""
    values = 1 + 0.05 * (result.fitted_eigenvalues - 1)
    return replace(result, settings=settings, eigenvalues=values, fitted_eigenvalues=values)


def test_eigenvalues_that_are_one_blob_begin_with_a_close_up(fitted, make):
    panel, view = fitted.window.eigenvalues, fitted.window.eigenvalues.plane.widget.getViewBox()
    assert not panel.zoom.isChecked()
    crowd = near_one(fitted.result, replace(make.settings, delays=2))
    fitted.session.finish(crowd)
    assert panel.zoom.isChecked()
    assert view.viewRange()[1][1] < 0.5
    panel.zoom.click()  # a person wants the unit circle, and keeps it
    assert view.viewRange()[1][1] > 1
    fitted.session.finish(near_one(fitted.result, replace(make.settings, delays=3)))
    assert view.viewRange()[1][1] > 1


def test_the_frame_rests_while_the_rank_changes(fitted, make):
    crowd = near_one(fitted.result, replace(make.settings, rank=29))
    fitted.session.finish(crowd)
    assert not fitted.window.eigenvalues.zoom.isChecked()


def test_axes_of_thousandths_bear_no_power_of_ten(fitted):
    axis = fitted.window.eigenvalues.plane.widget.getAxis("left")
    fitted.window.eigenvalues.plane.widget.setRange(yRange=(-0.002, 0.002))
    assert axis.labelString().count("Im λ") == 1
    assert "0.001" not in axis.labelString()


def test_points_share_brushes(fitted):
    brushes = {id(spot["brush"]) for spot in fitted.window.eigenvalues.plane._points.data}
    assert len(brushes) <= STEPS


def test_tip_tells_value_modulus_angle_and_residual(fitted):
    plane = fitted.window.eigenvalues.plane
    index = int(np.argmax(fitted.result.eigenvalues.imag))
    value = fitted.result.eigenvalues[index]
    tip = plane.tip(index)
    assert f"{value.real:.4f}".replace("-", "−") in tip
    assert f"± {value.imag:.4f} i" in tip
    assert f"{abs(value):.4f}" in tip
    assert "residual" in tip


def test_hover_finds_the_nearest_point_and_nothing_far_from_all(fitted):
    from PySide6.QtCore import QPointF

    plane = fitted.window.eigenvalues.plane
    plane.widget.setRange(xRange=(-2, 2), yRange=(-2, 2))
    index = int(np.argmax(fitted.result.eigenvalues.imag))
    value = fitted.result.eigenvalues[index]
    scene = plane.widget.getViewBox().mapViewToScene(QPointF(value.real, value.imag))
    place = plane.widget.mapFromScene(scene).toPointF()
    assert plane._nearest(place) == index
    assert plane._nearest(QPointF(place.x(), place.y() - 60)) is None


def test_table_shows_every_eigenvalue_and_copies_all_digits(fitted, qapp):
    panel = fitted.window.eigenvalues
    panel.views.choose(TABLE)
    rows = panel.table.numbers.rows
    assert len(rows) == fitted.result.rank
    assert rows[0][3] == f"{abs(fitted.result.eigenvalues[0]):.4f}"
    panel.table.copy_all()
    copied = np.array([line.split("\t") for line in qapp.clipboard().text().splitlines()[1:]], dtype=float)
    np.testing.assert_allclose(copied[:, 1] + 1j * copied[:, 2], fitted.result.eigenvalues, rtol=1e-7, atol=1e-8)
    known = (fitted.result.residuals, fitted.result.condition_numbers, fitted.result.step_residuals)
    np.testing.assert_allclose(copied[:, 5:8], np.stack(known, 1), rtol=1e-7)


def test_what_an_eigenvalue_is_worth_is_in_view_in_a_narrow_table(fitted, make):
    panel = fitted.window.eigenvalues
    panel.views.choose(TABLE)
    fitted.session.view_changed.emit("modes", make.modes(fitted.result))
    panel.table.setMinimumWidth(340)
    panel.table.setMaximumWidth(340)
    panel.table.grab()  # lays out
    header, room = panel.table.horizontalHeader(), panel.table.viewport().width()
    for title in ("Re λ", "Im λ", "residual", "cond. κ", "points"):
        column = panel.table.numbers.heads.index(title)
        assert header.sectionViewportPosition(column) + header.sectionSize(column) <= room, title


def test_edited_eigenvalues_have_a_star_in_the_table_and_none_in_copies(fitted, qapp):
    table = fitted.window.eigenvalues.table
    fitted.window.eigenvalues.views.choose(TABLE)
    place = 1
    values = fitted.result.fitted_eigenvalues.copy()
    values[place] = 0.25
    fitted.session.finish(replace(fitted.result, eigenvalues=values))
    assert [row[0] for row in table.numbers.rows if row[0].endswith("*")] == [f"{place}*"]
    table.copy_all()
    assert [line.split("\t")[0] for line in qapp.clipboard().text().splitlines()[1:]] == [
        str(number) for number in range(fitted.result.rank)
    ]


def test_selected_rows_alone_are_copied_a_conjugate_with_its_partner(fitted, qapp):
    panel = fitted.window.eigenvalues
    panel.views.choose(TABLE)
    panel.table.selectRow(2)
    panel.table.copy_selected()
    lines = qapp.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["#", "2", "3"]
    assert lines[1].split("\t")[2] == lines[2].split("\t")[2].lstrip("-")


def test_no_result_leaves_an_empty_plane(window):
    assert eigenvalue_rows(None) == []
    assert len(window.eigenvalues.plane._values) == 0
    assert window.eigenvalues.note.text() == ""


def test_scale_is_logarithmic_only_for_wide_ranges():
    assert not scale_of(np.array([0.1, 0.2])).log
    wide = scale_of(np.array([1e-6, 0.2]))
    assert wide.log
    np.testing.assert_allclose(wide.shares(np.array([1e-6, 0.2])), [0, 1])
    zero = scale_of(np.array([0.0, 0.0]))
    np.testing.assert_array_equal(zero.shares(np.zeros(2)), [0, 0])
    assert scale_of(np.array([np.nan])).high == 1.0


def test_small_residuals_are_bright():
    lightness = viridis().mean(axis=1)
    assert lightness[0] > lightness[-1] + 50


# What can be trusted -------------------------------------------------------------------------------------------------


def ill(result, *places):
    """The result with ill-conditioned modes at these places."""
    numbers = np.where(np.isin(np.arange(result.rank), places), 4e11, 2.0)
    return replace(result, condition_numbers=numbers)


def test_an_ill_conditioned_eigenvalue_is_a_ring_and_the_tip_says_what_that_means(fitted):
    fitted.session.finish(ill(fitted.result, 2, 3))
    panel = fitted.window.eigenvalues
    hollow = [spot["brush"] is None or spot["brush"].style() == Qt.BrushStyle.NoBrush for spot in spots(panel)]
    assert np.flatnonzero(hollow).tolist() == [2, 3]
    widths = [spot["pen"].widthF() for spot in spots(panel)]
    assert min(widths[2:4]) > 2 * max(widths[:2])  # wide enough to be seen without its colour
    assert "4.0e+11<br>ill-conditioned: says nothing alone" in panel.plane.tip(2).replace("condition number ", "")
    assert "ill-conditioned" not in panel.plane.tip(0)
    assert "κ > 100" in panel.bar.accessibleName()
    fitted.session.finish(ill(fitted.result))
    assert "κ" not in panel.bar.accessibleName()


def spots(panel):
    return panel.plane._points.data


# Contours of the pseudospectrum --------------------------------------------------------------------------------------


def cone(centre=0.3 + 0j):
    """The pseudospectrum of a 1 x 1 operator: its contours are circles about its eigenvalue."""
    real, imag = np.linspace(-0.7, 1.3, 81), np.linspace(-1, 1, 81)
    values = np.abs(real[None, :] + 1j * imag[:, None] - centre)
    return Pseudospectrum(real, imag, values, (0.1, 1.0))


@pytest.fixture
def contoured(fitted):
    """The panel with the contours of one eigenvalue at 0.3."""
    fitted.window.eigenvalues.contours.click()
    fitted.session.view_changed.emit("pseudospectrum", cone())
    return fitted.window.eigenvalues


def test_contours_lie_where_the_smallest_singular_value_is_epsilon(contoured):
    lines = contoured.plane.contours._lines
    assert [line.label.toPlainText() for line in lines] == ["10⁻¹", "10⁰"]
    for line, epsilon in zip(lines, (0.1, 1.0), strict=True):
        np.testing.assert_allclose(np.abs(line.points - 0.3), epsilon, atol=0.01)
        box = line.curve.mapRectToParent(line.curve.boundingRect())
        if epsilon < 0.5:
            assert (box.left(), box.right()) == pytest.approx((0.2, 0.4), abs=0.02)
            assert (box.top(), box.bottom()) == pytest.approx((-0.1, 0.1), abs=0.02)


def test_contours_are_made_only_while_they_are_wanted(fitted):
    panel, watched = fitted.window.eigenvalues, fitted.session.watched
    assert not watched.get(("pseudospectrum", ""))
    panel.contours.click()
    assert watched["pseudospectrum", ""]
    panel.views.choose(PER_LAYER)
    assert not watched["pseudospectrum", ""]
    assert not panel.contours.isEnabled()
    assert "per step" in panel.contours.toolTip()
    panel.views.choose(0)
    assert panel.contours.isEnabled()
    assert watched["pseudospectrum", ""]
    panel.contours.click()
    assert not watched["pseudospectrum", ""]


def test_contours_are_hidden_in_the_view_per_layer_and_while_others_are_on_their_way(contoured, fitted, make):
    contoured.views.choose(PER_LAYER)
    assert contoured.plane.contours._lines == []
    contoured.views.choose(0)
    assert len(contoured.plane.contours._lines) == 2
    edited = replace(fitted.result, settings=fitted.result.settings.with_edits([(0, 0.5)]))
    fitted.session.finish(edited)
    fitted.session.view_changed.emit("pseudospectrum", None)
    assert len(contoured.plane.contours._lines) == 2  # an edit has the operator that was fitted
    fitted.session.finish(make.result(replace(make.settings, rank=9)))
    fitted.session.view_changed.emit("pseudospectrum", None)
    assert contoured.plane.contours._lines == []


def test_labels_of_contours_keep_off_the_unit_circle_where_they_can(contoured):
    contoured.plane.widget.setRange(xRange=(-1.5, 1.5), yRange=(-1.5, 1.5), padding=0)
    width, _ = contoured.plane.widget.getViewBox().viewPixelSize()
    (label,) = [line.label for line in contoured.plane.contours._lines if line.epsilon == 1.0]
    assert label.isVisible()
    assert abs(abs(complex(label.pos().x(), label.pos().y())) - 1) > 6 * width


def test_labels_of_contours_keep_off_where_edited_eigenvalues_were(contoured, fitted):
    contoured.plane.widget.setRange(xRange=(-1.5, 1.5), yRange=(-1.5, 1.5), padding=0)
    label = lambda: contoured.plane.contours._lines[1].label.pos()  # noqa: E731
    before, values = complex(label().x(), label().y()), fitted.result.eigenvalues.copy()
    values[0], moved = before, values.copy()
    moved[0] = 0
    settings = fitted.result.settings.with_edits([(0, 0)])
    fitted.session.finish(replace(fitted.result, settings=settings, eigenvalues=moved, fitted_eigenvalues=values))
    fitted.session.view_changed.emit("pseudospectrum", cone())
    width, height = contoured.plane.widget.getViewBox().viewPixelSize()
    gap = complex(label().x(), label().y()) - before
    assert abs(gap.real) >= 18 * width or abs(gap.imag) >= 12 * height


def test_numbers_behind_contours_are_saved_while_they_are_drawn(contoured, fitted, tmp_path):
    grids = lambda: [one for one in exportables(fitted.window) if one.title == "Pseudospectrum"]  # noqa: E731
    rows = list(csv.DictReader(save_exportable(grids()[0], tmp_path / "a.csv", "").open()))
    assert len(rows) == 81 * 81
    for row in rows[:: 81 * 7 + 5]:
        z = complex(float(row["Re z"]), float(row["Im z"]))
        assert float(row["epsilon"]) == pytest.approx(abs(z - 0.3), rel=1e-6)
        assert row["layer"] == "2"
    contoured.contours.click()
    assert grids() == []


def test_labels_of_contours_keep_off_eigenvalues_and_off_one_another(contoured):
    contoured.plane.widget.setRange(xRange=(-1.5, 1.5), yRange=(-1.5, 1.5), padding=0)
    view, values = contoured.plane.widget.getViewBox(), contoured.plane._values
    width, height = view.viewPixelSize()
    shown = [line.label.pos() for line in contoured.plane.contours._lines if line.label.isVisible()]
    assert shown
    for at in shown:
        gaps = values - complex(at.x(), at.y())
        assert not ((np.abs(gaps.real) < 12 * width) & (np.abs(gaps.imag) < 6 * height)).any()
