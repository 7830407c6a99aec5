"""Confusion: counts, shares and recalls of original and hybrid, legible for few and for many classes."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from koopview.gui.panels.confusion import ConfusionPanel, words_instead
from koopview.gui.plots.classes import contrast, readable_on
from koopview.gui.plots.matrix import LOWEST_ROW, shares_of


@pytest.fixture
def confusion(put_up, result):
    """The panel with a result."""
    panel = put_up(ConfusionPanel())
    panel.show_result(result)
    QApplication.processEvents()
    return panel


def test_rows_are_labels_and_columns_predictions(confusion, result):
    head, *rows = confusion.rows()
    assert head == ("network", "label", "class 0", "class 1", "class 2", "recall")
    for network in ("original", "hybrid"):
        found = [row for row in rows if row[0] == network]
        counts = np.array([row[2:5] for row in found], int)
        np.testing.assert_array_equal(counts, result.confusion[network])
        recalls = np.diag(counts) / counts.sum(axis=1)
        np.testing.assert_allclose([float(row[5]) for row in found], recalls, atol=1e-3)


def test_cells_lie_apart_and_inside(confusion):
    for matrix in (confusion.original, confusion.hybrid):
        cells = [matrix.cell(i, j) for i in range(3) for j in range(4)]
        assert all(matrix.rect().toRectF().adjusted(-1, -1, 1, 1).contains(cell) for cell in cells)
        assert not any(
            a.adjusted(0.1, 0.1, -0.1, -0.1).intersects(b) for i, a in enumerate(cells) for b in cells[i + 1 :]
        )


def test_a_cell_is_told_in_words(confusion, result):
    counts = result.confusion["hybrid"]
    share = 100 * counts[0, 1] / counts[0].sum()
    assert confusion.hybrid.reading(0, 1) == (
        f"{counts[0, 1]} samples of <b>class 0</b> ({share:.1f} %) predicted as <b>class 1</b>"
    )


def test_the_deeper_the_colour_the_larger_the_share(confusion):
    """The diagonal is far from the ground's colour, an empty cell is it."""
    matrix = confusion.hybrid
    picture = matrix.grab().toImage()
    ratio = picture.devicePixelRatio()

    def ground(row, column):
        cell = matrix.cell(row, column)
        return picture.pixelColor(round((cell.left() + 4) * ratio), round((cell.top() + 4) * ratio))

    empty, few, most = ground(0, 2), ground(0, 1), ground(0, 0)
    assert empty.name() == matrix._theme.track
    assert empty.lightness() > few.lightness() > most.lightness()


def test_ten_classes_have_room_and_names(confusion, make, qtbot):
    names = tuple("0123456789")
    confusion.show_result(replace(make.result(make.settings, classes=10), class_names=names))
    qtbot.waitUntil(lambda: confusion.original.cell(9, 9).height() >= LOWEST_ROW)
    for matrix in (confusion.original, confusion.hybrid):
        assert matrix.cell(9, 9).width() >= 20
        assert matrix.height() >= matrix.cell(9, 9).bottom()
    assert confusion.rows()[0][2:12] == names


def test_long_names_are_cut(confusion, result):
    confusion.show_result(replace(result, class_names=("a very long name of a class" * 3, "b", "c")))
    assert confusion.original.cell(0, 0).left() < 120


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"labels": False}, "needs labels"),
        ({"task": "binary"}, "a single output"),
        ({"task": "regression"}, "real numbers"),
        ({"task": "reconstruction"}, "its input"),
    ],
)
def test_where_there_are_no_classes_words_say_why(confusion, make, given, said):
    confusion.show_result(make.result(make.settings, **given))
    assert confusion.words.isVisible()
    assert said in confusion.words.text()
    assert confusion.rows() == []


def test_what_has_a_confusion_needs_no_words(result):
    assert words_instead(result) == ""


def test_a_class_without_samples_has_no_recall():
    shares = shares_of(np.array([[3, 1], [0, 0]]))
    np.testing.assert_allclose(shares[0], [0.75, 0.25])
    assert np.isnan(shares[1]).all()


def test_counts_can_be_read_on_every_ground():
    for name in ("#ffffff", "#e69f00", "#0072b2", "#56b4e9", "#2b2f36", "#7a7a7a"):
        assert contrast(readable_on(QColor(name)), QColor(name)) >= 4.5
