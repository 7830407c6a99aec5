"""Bars with figures, lift fraction, classes, and the curve over delays."""

from dataclasses import replace

import numpy as np
import pytest

from koopview.gui.panels.accuracy import accuracy_bars, class_bars
from koopview.gui.plots.curve import delay_ticks
from koopview.study.result import ACCURACIES, standard_error


def test_six_bars_with_their_figures_and_the_lift_fraction(fitted):
    panel = fitted.window.accuracy
    shown = {name: float(value) for name, value, _ in panel.bars.rows()}
    assert list(shown) == list(ACCURACIES)
    for name, value in shown.items():
        assert value == pytest.approx(fitted.result.accuracy[name], rel=1e-5)
    assert panel.note.text() == "lift fraction 0.55"
    assert f"hybrid {100 * fitted.result.accuracy['hybrid']:.1f} %" in panel.bars.accessibleDescription()


def test_the_statistical_error_stands_beside_what_is_compared(fitted):
    """That of a share p of n test samples: the spread of the shares that as many draws would find."""
    bars = fitted.window.accuracy.bars
    errors = {name: float(error) for name, _, error in bars.rows() if error}
    assert set(errors) == {"original", "hybrid"}
    share = fitted.result.accuracy["hybrid"]
    draws = np.random.default_rng(0).binomial(5000, share, 4000) / 5000
    assert errors["hybrid"] == pytest.approx(draws.std(), rel=0.05)
    assert f"hybrid {100 * share:.1f} % ± {100 * errors['hybrid']:.1f}," in bars.accessibleDescription()
    assert "n = 5,000 test samples" in bars.toolTip()
    assert "same samples" in bars.toolTip()


def test_the_curve_holds_the_cells_of_a_sweep_at_the_rank_on_screen(fitted, make):
    at_rank_5 = replace(make.settings, rank=5)
    cells = [make.result(replace(at_rank_5, delays=delays)) for delays in (2, 6)]
    others = [make.result(replace(make.settings, rank=4, delays=3))]
    fitted.session.state = replace(fitted.session.state, cells=(*cells, *others))
    fitted.session.finish(make.result(at_rank_5))
    drawn, _ = fitted.window.accuracy.curve._line.getData()
    assert drawn.tolist() == [2, 6, make.settings.delays]


@pytest.mark.parametrize(("share", "samples"), [(None, 10), (0.0, 10), (1.0, 10), (0.5, 0)])
def test_no_error_is_told_where_none_can_be_estimated(share, samples):
    assert standard_error(share, samples) is None


def test_nothing_is_told_by_colour_alone(result):
    bars = accuracy_bars(result)
    assert len({bar.marker for bar in bars}) == len(bars)
    assert all(bar.tip for bar in bars)


def test_bars_are_as_long_as_their_figures(fitted):
    """Counts the coloured pixels of the affine bar against its track."""
    bars = fitted.window.accuracy.bars
    theme = fitted.window.appearance.theme
    picture = bars.grab().toImage()
    ratio = picture.devicePixelRatio()
    track = bars.track(ACCURACIES.index("affine"))
    y = round(track.center().y() * ratio)
    xs = range(round(track.left() * ratio), round(track.right() * ratio))
    filled = sum(picture.pixelColor(x, y).name() == theme.baseline for x in xs)
    assert filled / len(xs) == pytest.approx(fitted.result.accuracy["affine"], abs=0.02)


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
    values = [float(value) for _, value, _ in panel.classes.rows()]
    assert values[::2] == pytest.approx(fitted.result.per_class["original"], rel=1e-5)
    assert values[1::2] == pytest.approx(fitted.result.per_class["hybrid"], rel=1e-5)


def test_without_labels_agreement_and_output_error_stand_in(fitted, make):
    panel = fitted.window.accuracy
    panel.views.choose(1)
    result = make.result(make.settings, labels=False)
    fitted.session.finish(result)
    assert panel.title.text() == "Agreement"
    (row,) = panel.bars.rows()
    assert row[:2] == ("agreement", f"{result.agreement:.6g}")
    assert float(row[2]) == pytest.approx(np.sqrt(result.agreement * (1 - result.agreement) / 5000), rel=1e-5)
    assert "0.081" in panel.error.text()
    assert panel.bars.isVisible()
    assert not panel.views.isVisible()
    assert not panel.curve._original.isVisible()
    assert class_bars(result) == []


def test_curve_of_one_step_can_be_drawn(fitted, make):
    fitted.session.finish(make.result(replace(make.settings, steps=1, delays=1, rank=3)))
    assert fitted.window.accuracy.curve.widget.isVisible()


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 20, 50, 100, 1000])
def test_ticks_begin_at_one_and_end_at_n(steps):
    ticks = delay_ticks(steps)
    assert ticks[0] == 1
    assert ticks[-1] == steps
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 9
