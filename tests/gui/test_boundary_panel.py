"""The decision boundary: which class is painted where, its accuracies, its words."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication, QTabWidget

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.boundary import BoundaryPanel, class_notes, hybrid_caption
from koopview.gui.plots.class_map import at_place, border_lines
from koopview.gui.plots.classes import class_fill
from koopview.study.views import BoundaryView, NoView

NAMES = ("yin", "yang", "dot")


def boundary_view(names=NAMES):
    """Left of 0 class 0, above 0.5 at the right class 1, the rest 2; the hybrid has no class 2."""
    x, y = np.meshgrid((np.arange(40) + 0.5) / 20 - 1, (np.arange(40) + 0.5) / 40)
    original = np.where(x < 0, 0, np.where(y > 0.5, 1, 2))
    return BoundaryView((-1.0, 1.0, 0.0, 1.0), original, np.minimum(original, 1), names)


def show_tab(window, title):
    tabs = window.findChild(QTabWidget, "resultTabs")
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count())].index(title))


@pytest.fixture
def boundary(put_up, result):
    """The panel with a view."""
    panel = put_up(BoundaryPanel())
    panel.show_result(result)
    panel.show_view(boundary_view())
    QApplication.processEvents()
    return panel


def test_the_view_is_watched_while_its_tab_is_in_front(fitted):
    show_tab(fitted.window, "Decision boundary")
    assert fitted.session.watched["boundary", ""] is True
    show_tab(fitted.window, "Vectors")
    assert fitted.session.watched["boundary", ""] is False
    assert fitted.session.watched["right_vectors", ""] is True


def colour_at(plane, x, y):
    """Return the commonest colour near a place of the plane: markers and lines are the fewer pixels."""
    picture, frame = plane.grab().toImage(), plane.frame()
    ratio = picture.devicePixelRatio()
    left, up = frame.left() + (x + 1) / 2 * frame.width(), frame.bottom() - y * frame.height()
    found = [
        picture.pixelColor(round((left + i) * ratio), round((up + j) * ratio)).name()
        for i in range(-6, 7)
        for j in range(-6, 7)
    ]
    return max(set(found), key=found.count)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_each_place_has_the_colour_of_its_class(boundary, theme):
    boundary.set_theme(theme)
    for plane, classes in ((boundary.original, (0, 1, 2)), (boundary.hybrid, (0, 1, 1))):
        places = ((-0.5, 0.5), (0.6, 0.8), (0.6, 0.2))
        found = [colour_at(plane, x, y) for x, y in places]
        assert found == [class_fill(index, theme).name() for index in classes]


def test_a_place_is_read_in_words(boundary):
    frame = boundary.hybrid.frame()
    x, y = boundary.hybrid.place(QPointF(frame.left() + 0.8 * frame.width(), frame.top() + 0.9 * frame.height()))
    assert (x, y) == pytest.approx((0.6, 0.1), abs=0.02)
    assert boundary.reading(x, y) == "x 0.60, y 0.10<br>original: <b>dot</b><br>hybrid: <b>yang</b>"
    assert at_place(boundary_view().original, boundary_view().extent, -9, 9) == 0


def test_planes_keep_their_proportions(boundary):
    frame = boundary.original.frame()
    assert frame.width() / frame.height() == pytest.approx(2.0, rel=0.02)
    assert boundary.original.rect().toRectF().contains(frame)


def test_the_border_lies_between_different_classes():
    lines = border_lines(np.array([[0, 0], [1, 2]]), QRectF(0, 0, 10, 10))
    found = {(line.x1(), line.y1(), line.x2(), line.y2()) for line in lines}
    assert found == {(5, 5, 5, 0), (0, 5, 5, 5), (5, 5, 10, 5)}


def test_captions_and_accuracies_of_classes(boundary, result):
    hybrid = result.accuracy["hybrid"]
    assert boundary.original._caption == "original 99.0 %"
    assert hybrid_caption(result) == f"hybrid: 8×6 replaced {100 * hybrid:.1f} %"
    first = f"99.0 → {100 * hybrid:.1f} %"
    assert class_notes(result, 3)[0] == first
    assert f"yin {first}" in boundary.classes.accessibleName()
    two = replace(result, settings=replace(result.settings, replaced=("0", "2")))
    assert hybrid_caption(two).startswith("hybrid: 2 layers replaced")


def test_a_new_result_brings_its_accuracies_before_its_picture(boundary, make):
    other = make.result(replace(make.settings, delays=3))
    boundary.show_result(other)
    assert f"{100 * other.accuracy['hybrid']:.1f}" in boundary.hybrid._caption


def test_without_labels_and_names_classes_have_numbers(boundary, make):
    boundary.show_result(make.result(make.settings, labels=False))
    boundary.show_view(boundary_view(names=()))
    assert boundary.classes.accessibleName() == "Classes: class 0, class 1, class 2"
    assert boundary.hybrid._caption == "hybrid: 8×6 replaced"


def test_a_binary_network_has_a_boundary_and_its_accuracies(boundary, make):
    boundary.show_result(make.result(make.settings, task="binary"))
    boundary.show_view(boundary_view(names=()))
    assert boundary.original._caption == "original 99.0 %"
    assert class_notes(make.result(make.settings, task="binary"), 2) == ["", ""]


def test_long_names_of_classes_leave_the_accuracies_in_sight(boundary):
    boundary.show_view(boundary_view(names=("a class of a very long name " * 4, "b", "c")))
    QApplication.processEvents()
    legend = boundary.classes
    assert all(place.right() <= legend.width() for place in legend.places())


def test_data_without_a_plane_say_why(boundary):
    boundary.show_view(NoView("A decision boundary needs inputs of two dimensions."))
    assert boundary.words.isVisible()
    assert boundary.words.text() == "A decision boundary needs inputs of two dimensions."


def test_rows_are_the_points_of_the_plane(boundary):
    head, *rows = boundary.rows()
    assert head == ("x", "y", "original", "hybrid")
    assert len(rows) == 40 * 40
    x, y, original, hybrid = rows[3 * 40 + 30]
    assert (float(x), float(y)) == pytest.approx((30.5 / 20 - 1, 3.5 / 40))
    assert (original, hybrid) == ("2", "1")
