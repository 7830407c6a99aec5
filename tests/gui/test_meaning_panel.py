"""What it means: the words, the rings, the pictures, and how a sample is chosen by mouse and keys."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from koopview.gui.exportable import exportables
from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.plots.meaning_map import spread
from koopview.gui.plots.meaning_words import commonest, rows_of, spoken_change, summary
from koopview.gui.saving.pictures import save_picture_of
from koopview.study.views import BoundaryView, ChangedView, MovedView, NoView

DIGITS = tuple("0123456789")
NAMES = ("yin", "yang", "dot")


def changed_view(count=31, names=DIGITS, labels=True, pictures=True, plane=None, points=None, stays=0):
    """Return a view in which the sample at position p is number 7 p + 5, and every ninth one became right."""
    classes = len(names)
    original = np.arange(count) % classes
    hybrid = (original + 1) % classes
    truth = np.where(np.arange(count) % 9 == 8, hybrid, original)
    truth[:stays] = (original[:stays] + 2) % classes
    rng = np.random.default_rng(0)
    return ChangedView(
        test_samples=10_000,
        samples=7 * np.arange(count) + 5,
        original=original,
        hybrid=hybrid,
        labels=truth if labels else None,
        swings=np.linspace(9, 1, count),
        class_names=names,
        pictures=rng.random((count, 28, 28, 1)).astype(np.float32) if pictures else None,
        plane=plane,
        points=points,
    )


def plane_view(count=6):
    """Return a view of a plane whose changed samples stand far apart in a row."""
    x = np.meshgrid((np.arange(40) + 0.5) / 40, np.arange(40))[0]
    plane = BoundaryView((0.0, 1.0, 0.0, 1.0), np.where(x < 0.5, 0, 1), np.where(x < 0.6, 0, 1), NAMES)
    points = np.column_stack([(np.arange(count) + 0.5) / count, np.full(count, 0.5)]).astype(np.float32)
    return changed_view(count, NAMES, pictures=False, plane=plane, points=points)


def moved_view(count=50, several=False):
    rng = np.random.default_rng(0)
    targets = rng.normal(size=count)
    return MovedView(
        samples=np.arange(count)[::-1].copy(),
        changes=np.linspace(2, 0, count),
        targets=None if several else targets,
        original=np.abs(targets) if several else targets + 0.1,
        hybrid=np.abs(targets) + 0.1 if several else targets + np.linspace(1, 0, count),
        errors=several,
    )


@pytest.fixture
def panel(put_up, result):
    made = put_up(MeaningPanel(), 220, 400)
    made.show_result(result)
    return made


def shown(panel, view):
    panel.show_view(view)
    QApplication.processEvents()
    return panel.pages


def chosen_samples(panel):
    found = []
    panel.sample_chosen.connect(found.append)
    return found


def test_the_count_says_what_became_of_the_answers(panel):
    pages = shown(panel, changed_view())
    assert pages.summary.text().replace("\xa0", " ") == "31 of 10,000 changed: 28 became wrong, 3 right"
    assert pages.scores.text().startswith("original 99.0 % · hybrid ")
    assert "surprising" in pages.order.text()
    assert summary(changed_view(1, stays=1)) == "1 of 10,000 changed: 0 became wrong, 0 right, 1 stays wrong"
    assert summary(changed_view(labels=False)) == "31 of 10,000 changed"
    assert commonest(changed_view(31)).startswith("0 → 1 (4), ")
    assert commonest(changed_view(3)) == ""


def test_where_nothing_changed_it_is_said(panel):
    pages = shown(panel, changed_view(0))
    assert summary(changed_view(0)) == "No answer changed, of 10,000 test samples"
    assert pages.nothing.isVisible()
    assert not pages.order.isVisible()


def test_a_sample_of_the_list_is_drawn_named_and_chosen(panel, qtbot):
    pages, found = shown(panel, changed_view()), chosen_samples(panel)
    assert pages.list.isVisible()
    assert pages.list.changed.rowCount() == 31
    index = pages.list.changed.index(8)
    assert index.data() == "8 → 9"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "test sample 62: class 8 became class 9, label 9, became right, swing 6.87"
    )
    pages.list.scrollTo(index)
    qtbot.waitUntil(lambda: pages.list.viewport().rect().contains(pages.list.visualRect(index).center()))
    place = pages.list.visualRect(index).center()
    qtbot.mouseClick(pages.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert found == [7 * 8 + 5]
    assert pages.told.text().startswith("#62: 8 → 9, label 9")  # as much as has room in the font
    assert "became right" in pages.told.toolTip()


@pytest.mark.parametrize("pictures", [True, False], ids=["pictures", "lines"])
def test_arrow_keys_go_through_the_list(panel, qtbot, pictures):
    pages, found = shown(panel, changed_view(pictures=pictures)), chosen_samples(panel)
    forth, back = (Qt.Key.Key_Right, Qt.Key.Key_Left) if pictures else (Qt.Key.Key_Down, Qt.Key.Key_Up)
    for key in (forth, forth, forth, back):
        qtbot.keyClick(pages.list, key)
    assert found[-3:] == [12, 19, 12] or found == [5, 12, 19, 12]


def test_pictures_fill_rows_of_whole_ones(panel):
    pages = shown(panel, changed_view())
    for width in (200, 220, 300, 700, 1300):
        panel.resize(width, 400)
        QApplication.processEvents()
        boxes = [pages.list.visualRect(pages.list.changed.index(row)) for row in range(20)]
        first = [box for box in boxes if box.top() == boxes[0].top()]
        room = pages.list.viewport().width()
        assert first[-1].right() < room
        assert room - first[-1].right() < first[0].width(), width


def test_a_plane_has_a_ring_at_each_changed_sample(panel):
    pages = shown(panel, plane_view())
    plane = pages.planes.hybrid
    assert pages.order.text() == "○ wrong □ right"
    assert plane.ringed == [0, 1, 2, 3, 4, 5]
    marks, frame = plane.marks(), plane.frame()
    np.testing.assert_allclose(marks[:, 1], frame.center().y(), atol=1)
    np.testing.assert_allclose(marks[:, 0], frame.left() + frame.width() * (np.arange(6) + 0.5) / 6, atol=1)


def test_the_number_of_rings_that_is_told_is_that_of_the_drawn_ones(panel):
    pages, found = shown(panel, plane_view(60)), set()
    for size in ((1400, 900), (150, 370), (700, 900)):
        panel.resize(*size)
        QApplication.processEvents()
        drawn = len(pages.planes.hybrid.ringed)
        assert pages.order.text().startswith(f"{drawn} ringed: ○ wrong □ right"), size
        assert pages.order.toolTip().startswith(f"{drawn} ringed: "), size
        found.add(drawn)
    assert len(found) == 3
    assert pages.order.shorter == "rings: ○ wrong □ right"  # in a narrow panel


@pytest.mark.parametrize(("count", "said"), [(50, ""), (2001, "the 2,000 most moved")])
def test_no_order_is_told_above_points_but_how_many_are_drawn_if_not_all(panel, count, said):
    pages = shown(panel, moved_view(count))
    assert pages.order.text() == said
    assert pages.order.isVisible() == bool(said)


def press(plane, x, y):
    at, left = QPointF(x, y), Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseButtonPress, at, at, left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plane, event)


def test_a_click_on_a_ring_and_arrow_keys_choose_its_sample(panel, qtbot):
    pages, found = shown(panel, plane_view()), chosen_samples(panel)
    plane = pages.planes.hybrid
    press(plane, *(plane.marks()[3] + 2))
    press(plane, plane.frame().left() + 2, plane.frame().top() + 2)  # there is none
    assert found == [7 * 3 + 5]
    assert plane.accessibleDescription() == spoken_change(plane_view(), 3)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(plane, key)
    assert found == [7 * position + 5 for position in (3, 4, 5, 4, 0, 5)]


def test_rings_keep_apart_and_the_first_ones_stay():
    places = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [5.0, 1.0], [9.0, 0.0]])
    assert spread(places, 4.0) == [0, 2, 4]
    assert spread(places, 0.5) == [0, 1, 2, 3, 4]
    assert spread(np.zeros((3, 2)), 1.0) == [0]
    assert spread(np.zeros((0, 2)), 1.0) == []


def test_a_low_panel_draws_the_hybrids_plane_alone(panel):
    pages = shown(panel, plane_view())
    assert pages.planes.original.isVisible()
    panel.resize(200, 250)
    QApplication.processEvents()
    assert not pages.planes.original.isVisible()
    assert pages.planes.hybrid.frame().width() > 90


@pytest.mark.parametrize("several", [False, True], ids=["one output", "several"])
def test_real_outputs_are_points_that_keys_go_through(panel, qtbot, several):
    view = moved_view(several=several)
    pages, found = shown(panel, view), chosen_samples(panel)
    x, y = pages.scatter.hybrid.getData()
    np.testing.assert_allclose(x, view.original if several else view.targets)
    np.testing.assert_allclose(y, view.hybrid)
    assert len(pages.scatter.original.getData()[0]) == (0 if several else 50)
    before = view.original if several else np.abs(view.original - view.targets)
    after = view.hybrid if several else np.abs(view.hybrid - view.targets)
    worse, better = int((after > before).sum()), int((after < before).sum())
    assert summary(view) == f"50 predictions: {worse} became worse, {better} better"
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(pages.scatter, key)
    assert found == [49, 48, 49]


def test_the_numbers_are_those_of_the_view():
    rows = rows_of(changed_view(2, NAMES))
    assert rows[0] == ("test sample", "original's answer", "hybrid's answer", "label", "outcome", "swing")
    assert rows[1:] == [
        ("6", "yin", "yang", "yin", "became wrong", "9"),
        ("13", "yang", "dot", "yang", "became wrong", "1"),
    ]
    head, first, *_ = rows_of(moved_view())
    assert (head[0], first[0], first[-1]) == ("test sample", "50", "2")
    assert rows_of(None) == []


@pytest.mark.parametrize("view", [changed_view(), changed_view(pictures=False), plane_view(), moved_view()])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_it_is_saved_as_a_picture(panel, tmp_path, view, ending):
    shown(panel, view)
    (exportable,) = [one for one in exportables(panel) if one.title == "What it means"]
    path = tmp_path / f"meaning.{ending}"
    save_picture_of(exportable.parts, path, 85, fills=exportable.fills)
    assert path.stat().st_size > 3000
    assert len(list(exportable.rows())) == len(view.samples) + 1


def test_without_a_result_or_a_view_words_say_so(panel):
    shown(panel, changed_view())
    panel.show_view(NoView("There is none."))
    assert panel.pages.words.text() == "There is none."
    panel.show_result(None)
    QApplication.processEvents()
    assert "once a layer is fitted" in panel.empty.words.text()


def test_a_choice_stays_while_its_sample_is_among_the_changed_ones(panel):
    pages, found = shown(panel, changed_view()), chosen_samples(panel)
    pages.choose(8)
    view = changed_view()
    shown(panel, replace(view, samples=view.samples[::-1].copy()))
    assert pages.list.currentIndex().row() == 22
    assert pages.told.text().startswith("#62: ")
    shown(panel, changed_view(5))
    assert found == [61]
    assert not pages.told.isVisible()
    assert pages.list.currentIndex().row() == -1


def test_a_new_result_brings_its_scores(panel, make):
    pages = shown(panel, changed_view())
    other = make.result(replace(make.settings, delays=3))
    panel.show_result(other)
    assert f"hybrid {100 * other.accuracy['hybrid']:.1f} %" in pages.scores.text()
    panel.show_result(make.result(make.settings, labels=False))
    assert pages.scores.text() == ""


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_stand_on_the_panels_ground(panel, theme):
    """A list has a ground of its own, unless it is told to have none."""
    panel.set_theme(theme)
    pages = shown(panel, changed_view(2))
    picture = pages.list.grab().toImage()
    assert picture.pixelColor(QPoint(picture.width() - 3, picture.height() - 3)) == pages.grab().toImage().pixelColor(
        QPoint(2, 2)
    )
