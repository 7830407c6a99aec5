"""Singular values with their marked ranks, and the log."""

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QTabWidget

from koopview.gui.panels.log import HEADS, log_row


def test_tabs_stand_in_their_order_each_with_a_tooltip(fitted):
    tabs = fitted.window.findChild(QTabWidget, "resultTabs")
    assert [tabs.tabText(index) for index in range(tabs.count())] == [
        "Singular values",
        "Vectors",
        "Mode",
        "Decision boundary",
        "Sweep",
        "Depth",
        "Confusion",
        "Log",
    ]
    assert all(tabs.tabToolTip(index) for index in range(tabs.count()))


def test_singular_values_are_drawn_on_a_logarithmic_scale_with_three_marks(fitted):
    panel, result = fitted.window.results.singular_values, fitted.result
    _, heights = panel._line.getData()
    above = slice(0, result.numerical_rank)
    np.testing.assert_allclose(heights[above], np.log10(result.singular_values[above]))
    marks = {name: mark.value() for name, mark in panel._marks.items() if mark.isVisible()}
    assert marks == {"rank": 30.5, "threshold": 13.5, "numerical": result.numerical_rank + 0.5}
    assert "Gavish–Donoho 13" in panel.legend.accessibleName()


def test_a_threshold_that_is_not_known_is_absent(fitted):
    fitted.session.finish(replace(fitted.result, gavish_donoho_rank=None))
    panel = fitted.window.results.singular_values
    assert not panel._marks["threshold"].isVisible()
    assert "Gavish" not in panel.legend.accessibleName()


def test_singular_values_can_be_copied(fitted):
    rows = fitted.window.results.singular_values.rows()[1:]
    np.testing.assert_allclose([float(value) for _, value in rows], fitted.result.singular_values, rtol=1e-8)


def test_zero_singular_values_do_not_break_the_scale(fitted):
    values = np.where(np.arange(len(fitted.result.singular_values)) > 40, 0.0, fitted.result.singular_values)
    fitted.session.finish(replace(fitted.result, singular_values=values, numerical_rank=41))
    _, heights = fitted.window.results.singular_values._line.getData()
    assert np.isfinite(heights).all()


def test_log_has_one_row_a_fit_newest_first(fitted, make, qapp):
    fitted.session.finish(make.result(replace(make.settings, delays=1)))
    fitted.session.finish(make.result(replace(make.settings, layer="4", replaced=("2", "4"), rank="auto", delays=5)))
    log = fitted.window.results.log
    heads = log.numbers.heads
    rows = [dict(zip(heads, row, strict=True)) for row in log.numbers.rows]
    assert [row["h"] for row in rows] == ["5", "1", "12"]
    assert rows[0]["layer"] == "4 + 2"
    assert rows[0]["r"] == "24 (auto)"
    assert rows[0]["scaling"] == "homotopy uniform"
    assert rows[2]["hybrid"] == f"{100 * fitted.result.accuracy['hybrid']:.1f} %"
    assert rows[2]["above best control"] == "+1.3 ± 0.3 points (affine of lift)"
    assert rows[2]["operator residual"] == "0.042"
    assert rows[2]["lift fraction"] == "0.55"
    log.copy_all()
    assert len(qapp.clipboard().text().splitlines()) == 4


def test_the_log_tells_scores_by_their_measure(make):
    regression = dict(zip(HEADS, log_row(make.result(make.settings, task="regression")), strict=True))
    assert (regression["hybrid"], regression["agreement %"]) == ("R² 0.961", "–")
    bare = dict(zip(HEADS, log_row(make.result(make.settings, labels=False)), strict=True))
    assert (bare["hybrid"], bare["agreement %"]) == ("–", "96.1")
    waiting = dict(zip(HEADS, log_row(make.without_controls(make.result(make.settings))), strict=True))
    assert waiting["above best control"] == "–"
