"""Small complex planes in a grid: what is seen of them, and the numbers beside the outer ones."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.plots.eigenvalue_grid import EigenvalueGrid, plane_in
from koopview.gui.plots.small_plane import REACH, Seen, draw_plane

CIRCLE = np.exp(2j * np.pi * np.arange(12) / 12)
CROWD = 1 + 0.03 * CIRCLE
BOX = QRectF(10, 20, 100, 100)


def test_the_unit_circle_is_seen_where_any_spectrum_reaches_far():
    for spectra in ([CIRCLE], [CROWD, CIRCLE], [], [np.zeros(0, complex)]):
        assert Seen.of(spectra) == Seen(0j, REACH)


def test_all_are_seen_larger_where_all_crowd_in_one_spot():
    seen = Seen.of([CROWD, 1 + 0.01 * CIRCLE])
    assert seen.is_close_up
    assert seen.middle == pytest.approx(1)
    assert 0.03 < seen.reach < 0.04
    assert len(seen.place(CROWD, BOX)) == len(CROWD)
    assert all(BOX.contains(place) for place in seen.place(CROWD, BOX))


def test_places_are_those_of_the_plane_with_the_imaginary_axis_upwards():
    (place,) = Seen(1 + 0j, 0.5).place(np.array([1.25 + 0.5j]), BOX)
    assert (place.x(), place.y()) == (85, 20)
    assert Seen(1 + 0j, 0.5).place(np.array([1.6 + 0j]), BOX) == []


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("seen", [Seen(0j, REACH), Seen(0.98 + 0j, 0.047), Seen(0.9995 + 0j, 0.006)])
@pytest.mark.parametrize("upwards", [True, False])
def test_numbers_are_round_few_and_in_sight(seen, upwards, most):
    numbers = seen.numbers(upwards, most)
    middle = seen.middle.imag if upwards else seen.middle.real
    assert 1 <= len(numbers) <= max(most, 3)
    assert all(abs(number - middle) <= seen.reach + 1e-12 for number in numbers)
    assert all(len(f"{abs(number):g}") <= 5 for number in numbers)


def inks(values, shown_in, theme=LIGHT):
    """The colours of a plane of 120 pixels drawn with `values`, by place."""
    image = QImage(120, 120, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.panel))
    painter = QPainter(image)
    draw_plane(painter, theme, QRectF(5, 5, 110, 110), shown_in, values, False)
    painter.end()
    return np.array([[image.pixelColor(x, y).name() == theme.hybrid for x in range(120)] for y in range(120)])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_crowd_beside_wider_spectra_is_enlarged_within_its_plane(qapp, theme):
    crowd, wide = inks(CROWD, Seen.of([CIRCLE]), theme), inks(CIRCLE, Seen.of([CIRCLE]), theme)
    inside = (slice(30, 90), slice(30, 65))
    assert crowd[inside].sum() > 12  # the close-up's dots, where no eigenvalue lies
    assert wide[inside].sum() == 0


def test_planes_of_a_grid_have_room_for_numbers(qtbot, make, result):
    from dataclasses import replace

    grid = EigenvalueGrid()
    qtbot.addWidget(grid)
    grid.resize(500, 300)
    cells = {(h, r): replace(result, rank=r) for h in (1, 5, 12) for r in (10, 20)}
    grid.show_cells(cells, None)
    boxes = dict(grid.boxes())
    assert {*boxes} == {*cells}
    assert min(plane_in(box).left() for box in boxes.values()) >= 44
    assert max(plane_in(box).bottom() for box in boxes.values()) <= 300 - 14
    assert boxes[1, 20].bottom() <= boxes[1, 10].top()  # the larger rank above
    assert not grid.grab().isNull()
