"""Bars with figures and intervals, what is measured of which task, classes, and the curves over delays."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from koopview.gui.panels.accuracy import NOT_MEASURED_YET, class_bars, score_bars
from koopview.gui.plots.bars import BELOW_ZERO
from koopview.hybrid.rows import AFFINE_CONTROLS, CONTROLS, ROWS
from koopview.study.comparison import Spread
from koopview.trajectory.schedule import path_shares

COMPARED = ["original", "hybrid", "affine of lift", "affine"]


@pytest.fixture
def panel(fitted):
    return fitted.window.accuracy


def scores(panel):
    """The scores that are copied, by name."""
    return {row[0]: float(row[1]) for row in panel.bars.rows() if row[1]}


def test_seven_bars_with_their_figures_and_the_lift_fraction(fitted, panel):
    shown = scores(panel)
    assert len(shown) == len(ROWS)
    for name, value in zip(ROWS, shown.values(), strict=True):
        assert value == pytest.approx(fitted.result.rows[name], rel=1e-5)
    assert panel.note.text() == "lift fraction 0.55"
    assert f"hybrid {100 * fitted.result.hybrid:.1f} %" in panel.bars.accessibleDescription()


def test_intervals_stand_beside_what_is_compared_in_the_tip_and_in_what_is_copied(fitted, panel):
    rows = {row[0]: row[2:4] for row in panel.bars.rows() if row[2]}
    assert list(rows) == COMPARED
    right = round(5000 * fitted.result.hybrid)
    low, high = binomtest(right, 5000).proportion_ci(0.95, method="wilson")
    assert [float(end) for end in rows["hybrid"]] == pytest.approx([low, high], abs=2e-4)
    words = f"hybrid {100 * fitted.result.hybrid:.1f} % {100 * low:.1f}–{100 * high:.1f}"
    for said in (panel.bars.accessibleDescription(), panel.bars.toolTip()):
        assert words in said
    assert "n = 5,000 test samples" in panel.bars.toolTip()
    assert panel.bars.table()[0] == ("name", "score", "interval from", "interval to")


def test_whiskers_reach_from_one_end_of_the_interval_to_the_other(fitted, panel):
    """Finds the ink along the middle of the affine bar's track, where bar and track have none."""
    bars, theme = panel.bars, fitted.window.appearance.theme
    row = [row[0] for row in bars.rows()].index("affine")
    track, picture = bars.track(row), bars.grab().toImage()
    ratio = picture.devicePixelRatio()
    y = int(track.center().y() * ratio)  # the pixel in which that lies, however it would be rounded
    inked = [x for x in range(picture.width()) if dark(picture.pixelColor(x, y), theme)]
    inked = [x / ratio for x in inked if track.left() <= x / ratio <= track.right()]
    low, high = (track.left() + end * track.width() for end in fitted.result.intervals["affine"])
    assert (min(inked), max(inked)) == pytest.approx((low, high), abs=2)


def dark(colour, theme):
    return colour.lightness() < 90 and theme.name == "light"


def test_the_gain_over_the_best_control_is_read_in_a_line_and_its_bar_is_marked(fitted, panel, make):
    assert fitted.result.best_control == "lift_affine"
    gain = fitted.result.above_best_control
    assert panel.above.text() == f"above best control: {100 * gain.value:+.1f} ± 0.3 points (affine of lift)"
    assert "the best control" in panel.bars.toolTip()
    assert [bar.name for bar in score_bars(fitted.result) if bar.best] == ["affine of lift"]
    below = make.result(make.settings, hybrid=0.5)
    fitted.session.finish(below)
    assert "−44.8 ± 0.3 points" in panel.above.text()


def test_what_is_still_measured_says_so_and_moves_nothing_when_it_comes(fitted, panel, make):
    waiting = make.without_controls(fitted.result)
    fitted.session.finish(waiting)
    tracks = [panel.bars.track(row) for row in range(len(ROWS))]
    assert list(scores(panel)) == ["original", "scaled", "hybrid"]
    assert panel.bars.accessibleDescription().count(NOT_MEASURED_YET) == len(CONTROLS)
    assert NOT_MEASURED_YET in panel.above.text()
    heights = (panel.bars.height(), panel.above.y(), panel.curve.widget.y())
    fitted.session.finish(fitted.result)
    assert [panel.bars.track(row) for row in range(len(ROWS))] == tracks
    assert (panel.bars.height(), panel.above.y(), panel.curve.widget.y()) == heights
    assert NOT_MEASURED_YET not in panel.bars.accessibleDescription() + panel.above.text()


def test_a_regression_shows_r2_with_its_relative_error_negative_ones_too(fitted, panel, make):
    result = make.result(make.settings, task="regression", identity=-5.21, mean=-0.1)
    fitted.session.finish(result)
    assert panel.title.text() == "Hybrid R²"
    assert scores(panel)["identity"] == pytest.approx(-5.21)
    assert "identity −5.210 error 2.49" in panel.bars.accessibleDescription()
    assert panel.bars.table()[0][-1] == "relative error"
    assert not panel.views.isVisible()
    assert "points" not in panel.above.text()
    track = panel.bars.track(0)
    assert panel.bars.across(track, -BELOW_ZERO) == panel.bars.across(track, -5.21) == track.left()
    assert track.left() < panel.bars.across(track, -0.1) < panel.bars.across(track, 0.0)


def test_the_spread_over_draws_stands_beside_the_error_of_the_samples(fitted, panel, make):
    mean, deviation = dict.fromkeys(ROWS, 0.9), dict.fromkeys(ROWS, 0.0125)
    fitted.session.finish(replace(fitted.result, spread=Spread(5, mean, deviation)))
    assert panel.draws.text() == "hybrid 90.0 ± 1.2 · of lift 90.0 ± 1.2 · affine 90.0 ± 1.2, 5 draws"
    assert panel.draws.isVisible()
    assert panel.bars.table()[0][-2:] == ("mean", "deviation")
    assert {row[-2:] for row in panel.bars.rows()} == {("0.9", "0.0125")}
    fitted.session.finish(fitted.result)
    assert not panel.draws.isVisible()


def test_nothing_is_told_by_colour_alone(result):
    bars = score_bars(result)
    assert len({bar.marker for bar in bars}) == len(bars)
    assert all(bar.tip for bar in bars)


def test_the_curve_holds_the_cells_of_a_sweep_at_the_rank_on_screen(fitted, make):
    at_rank_5 = replace(make.settings, rank=5)
    cells = [make.result(replace(at_rank_5, delays=delays)) for delays in (2, 6)]
    others = [make.result(replace(make.settings, rank=4, delays=3))]
    fitted.session.state = replace(fitted.session.state, cells=(*cells, *others))
    fitted.session.finish(make.result(at_rank_5))
    drawn, _ = fitted.window.accuracy.curve._line.getData()
    assert drawn.tolist() == [2, 6, make.settings.delays]


def test_bars_are_as_long_as_their_figures(fitted):
    """Counts the coloured pixels of the mean's bar, which bears no whisker, against its track."""
    bars = fitted.window.accuracy.bars
    theme = fitted.window.appearance.theme
    picture = bars.grab().toImage()
    ratio = picture.devicePixelRatio()
    track = bars.track(ROWS.index("mean"))
    y = round(track.center().y() * ratio)
    xs = range(round(track.left() * ratio), round(track.right() * ratio))
    filled = sum(picture.pixelColor(x, y).name() == theme.baseline for x in xs)
    assert filled / len(xs) == pytest.approx(fitted.result.accuracy["mean"], abs=0.03)


def test_curve_holds_the_results_so_far_and_marks_the_present_h(fitted, make):
    others = [make.result(replace(make.settings, delays=h)) for h in (1, 4, 16)]
    for other in (*others, fitted.result):
        fitted.session.finish(other)
    curve = fitted.window.accuracy.curve
    delays, heights = curve._line.getData()
    np.testing.assert_array_equal(delays, [1, 4, 12, 16])
    expected = [100 * result.accuracy["hybrid"] for result in (*others[:2], fitted.result, others[2])]
    np.testing.assert_allclose(heights, expected)
    assert curve._now.value() == 12
    assert curve._original.value() == pytest.approx(99.0)
    assert curve._affine.value() == pytest.approx(68.2)
    low, high = curve.widget.getViewBox().viewRange()[1]
    assert low <= min(heights)
    assert high >= 100


def test_the_curve_stays_when_modes_are_edited_and_the_edit_stands_apart(fitted, make):
    fitted.session.finish(make.result(replace(make.settings, delays=4)))
    fitted.session.finish(fitted.result)
    curve, caption = fitted.window.accuracy.curve, fitted.window.accuracy.caption_below
    before = np.array(curve._line.getData())
    assert "edited" not in caption.text()
    accuracy = {**fitted.result.accuracy, "hybrid": 0.41}
    settings = fitted.result.settings.with_edits(((0, 0j),))
    fitted.session.finish(replace(fitted.result, settings=settings, accuracy=accuracy))
    np.testing.assert_array_equal(curve._line.getData(), before)
    assert [(point.pos().x(), point.pos().y()) for point in curve._edited.points()] == [(12, pytest.approx(41.0))]
    assert curve.widget.getViewBox().viewRange()[1][0] <= 41
    assert "edited" in caption.text()
    fitted.session.finish(fitted.result)
    assert len(curve._edited.points()) == 0


def test_classes(fitted):
    panel = fitted.window.accuracy
    panel.views.choose(1)
    assert panel.classes.isVisible()
    values = [float(row[1]) for row in panel.classes.rows()]
    assert values[::2] == pytest.approx(fitted.result.per_class["original"], rel=1e-5)
    assert values[1::2] == pytest.approx(fitted.result.per_class["hybrid"], rel=1e-5)


def test_without_labels_the_rows_are_agreements_with_the_original_which_has_none(fitted, make, panel):
    panel.views.choose(1)
    result = make.result(make.settings, labels=False)
    fitted.session.finish(result)
    assert panel.title.text() == "Agreement"
    shown = scores(panel)
    assert len(shown) == len(ROWS) - 1
    assert "original" not in shown
    assert shown["hybrid"] == pytest.approx(result.agreement, rel=1e-5)
    assert "original network's: there are no labels" in panel.bars.toolTip()
    assert "no labels" in panel.bars.accessibleDescription()
    assert not panel.views.isVisible()
    assert not panel.curve._original.isVisible()
    assert "original" not in panel.legend.accessibleName()
    assert class_bars(result) == []


def test_both_controls_are_drawn_over_h_that_of_the_lift_as_a_curve_of_its_own(fitted, make, panel):
    found = [make.result(replace(make.settings, delays=h)) for h in (1, 4, 16)]
    waiting = make.without_controls(make.result(replace(make.settings, delays=9)))
    for other in (*found, waiting, fitted.result):
        fitted.session.finish(other)
    delays, heights = panel.curve._lift.getData()
    np.testing.assert_array_equal(delays, [1, 4, 12, 16])  # that of h = 9 is not known yet
    by_delays = [*found[:2], fitted.result, found[2]]
    np.testing.assert_allclose(heights, [100 * result.rows["lift_affine"] for result in by_delays])
    assert all(name in panel.legend.accessibleName() for name in ("original", "affine of lift", "affine"))
    assert {"lift_affine", "affine"} == set(AFFINE_CONTROLS)


@pytest.mark.parametrize("schedule", ["uniform", "geometric:0.9"])
def test_below_the_curve_stands_the_share_of_the_path_that_the_last_h_sees(fitted, make, panel, schedule):
    settings = replace(make.settings, schedule=schedule)
    fitted.session.finish(make.result(settings))
    assert f"lift fraction 0 → {path_shares(schedule, 20)[19]:.2f})" in panel.caption_below.text()


def test_the_curve_of_a_regression_is_of_r2_and_reaches_below_zero(fitted, make, panel):
    for h, score in ((2, -0.34), (12, 0.96)):
        fitted.session.finish(make.result(replace(make.settings, delays=h), task="regression", hybrid=score))
    _, heights = panel.curve._line.getData()
    np.testing.assert_allclose(heights, [-0.34, 0.96])
    low, high = panel.curve.widget.getViewBox().viewRange()[1]
    assert -1 <= low <= -0.34
    assert 1 <= high < 1.5
    fitted.session.finish(make.result(make.settings, task="regression", hybrid=-40.0))
    assert panel.curve.widget.getViewBox().viewRange()[1][0] >= -1.3


def test_curve_of_one_step_can_be_drawn(fitted, make):
    fitted.session.finish(make.result(replace(make.settings, steps=1, delays=1, rank=3)))
    assert fitted.window.accuracy.curve.widget.isVisible()
