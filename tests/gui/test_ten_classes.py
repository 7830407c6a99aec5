"""Ten classes need no scrolling in a window of 1280 x 800: bars, confusion and the strips of a mode."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton

from koopview.gui.panels.confusion import ConfusionPanel
from koopview.gui.panels.mode_words import CLASSES
from koopview.gui.plots.class_strips import ClassStrips
from koopview.gui.plots.matrix import ConfusionMatrix
from koopview.gui.saving.pictures import save_picture_of
from koopview.gui.widgets.card import scrolled


@pytest.fixture
def ten(fitted, make):
    """The window of 1280 x 800 with a result of ten classes."""
    found = replace(make.result(make.settings, classes=10), class_names=tuple("0123456789"))
    fitted.window.resize(1280, 800)
    fitted.session.finish(found)
    fitted.session.view_changed.emit("modes", replace(make.modes(found), class_names=found.class_names))
    return fitted


def hidden(part):
    """The pixels of a part that are reached by scrolling down, and to the right."""
    QApplication.processEvents()
    around = part.parentWidget()
    while not isinstance(around, QScrollArea):
        around = around.parentWidget()
    assert part.isVisible()
    return around.verticalScrollBar().maximum(), around.horizontalScrollBar().maximum()


def test_accuracies_class_by_class(ten):
    ten.window.accuracy.views.choose(1)
    assert hidden(ten.window.accuracy.classes) == (0, 0)


def test_confusion(ten):
    panel = ten.window.results.confusion
    ten.window.results.tabs.setCurrentWidget(panel)
    for index, (shown, other) in enumerate([(panel.original, panel.hybrid), (panel.hybrid, panel.original)]):
        panel.networks.choose(index)
        assert hidden(shown) == (0, 0)
        assert not other.isVisible()


def test_strips_of_a_mode(ten):
    panel = ten.window.results.mode
    ten.window.results.tabs.setCurrentWidget(panel)
    ten.window.eigenvalues.selection.select((0,))
    panel.pictured.findChildren(QToolButton)[CLASSES].click()  # in the picture's place: the panel is narrow
    assert hidden(panel.strips) == (0, 0)


def test_strips_ask_for_the_axis_only_where_it_is_drawn(put_up, make):
    strips = ClassStrips()
    area = scrolled(strips)
    area.set_theme = strips.set_theme
    found = make.result(make.settings, classes=10)
    from koopview.gui.plots.class_strips import strips_of

    view = make.modes(found)
    drawn = strips_of(view.eigenfunctions[:, 0].real, view.labels, "0123456789", 0.1, view.class_importance[0], 0.9)
    put_up(area, 150, 126)
    strips.show_strips(drawn, "Re φ")
    narrow = strips.minimumHeight()
    assert hidden(strips)[0] == 0
    area.resize(600, 126)
    QApplication.processEvents()
    assert strips.minimumHeight() > narrow


def test_both_matrices_stand_side_by_side_where_they_have_room(put_up, make, tmp_path):
    panel = put_up(ConfusionPanel(), 340, 240)
    panel.show_result(make.result(make.settings, classes=10))
    QApplication.processEvents()
    assert (panel.original.isVisible(), panel.hybrid.isVisible(), panel.networks.isVisible()) == (False, True, True)
    exportable = panel.hybrid.parentWidget()
    save_picture_of((exportable,), tmp_path / "narrow.svg", 180)
    panel.resize(900, 240)
    QApplication.processEvents()
    assert (panel.original.isVisible(), panel.hybrid.isVisible(), panel.networks.isVisible()) == (True, True, False)


def test_ten_classes_of_a_thousand_samples_fit_the_narrowest_panel(qtbot):
    matrix = ConfusionMatrix("Confusion", "hybrid")
    qtbot.addWidget(matrix)
    matrix.show_counts(np.full((10, 10), 1109), tuple("0123456789"), "hybrid")
    assert matrix.minimumSizeHint().width() <= 341, "the panel at 1280 x 800"
    matrix.resize(341, 260)
    assert matrix.cell(9, 9).right() <= 341
    assert matrix.cell(9, 10).width() >= 0
    matrix.resize(600, 260)
    assert matrix.cell(9, 10).left() < 600 - 30, "room for the recall"
