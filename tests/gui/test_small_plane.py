"""Small complex planes in a grid: what is seen of them, and the numbers beside the outer ones."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.paper import spectra
from koopview.gui.plots.eigenvalue_grid import EigenvalueGrid, height_of, plane_in
from koopview.gui.plots.small_plane import INSET, REACH, Seen, draw_plane

CIRCLE = np.exp(2j * np.pi * np.arange(12) / 12)
CROWD = 1 + 0.03 * CIRCLE
BOX = QRectF(10, 20, 100, 100)


def test_the_unit_circle_is_seen_where_any_spectrum_reaches_far():
    for together in ([CIRCLE], [CROWD, CIRCLE], [], [np.zeros(0, complex)]):
        assert Seen.of(together) == Seen(0j, REACH, Seen.of(together).times)


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
    seen = Seen.of([CIRCLE, CROWD])
    crowd, wide = inks(CROWD, seen, theme), inks(CIRCLE, seen, theme)
    inside = (slice(30, 90), slice(30, 65))
    assert crowd[inside].sum() > 12  # the close-up's dots, where no eigenvalue lies
    assert wide[inside].sum() == 0


@pytest.mark.parametrize("radii", [(0.003,), (0.03, 0.003), (0.17, 0.01)])
def test_close_ups_of_a_grid_are_equally_large_and_whole(radii):
    crowds = [1 + radius * CIRCLE for radius in radii]
    seen = Seen.of([CIRCLE, *crowds])
    reach = INSET * REACH / seen.times
    assert seen.times >= 2
    for crowd in crowds:
        middle = complex(crowd.real.min() + crowd.real.max()) / 2
        assert len(Seen(middle, reach).place(crowd, BOX)) == len(crowd)


def test_no_larger_close_up_of_all_would_be_whole():
    for radius in (0.01, 0.03, 0.17):
        times = Seen.of([CIRCLE, 1 + radius * CIRCLE]).times
        larger = min((one for one in (2, 3, 4, 5, 10, 20, 50, 100) if one > times), default=None)
        assert larger is None or INSET * REACH / larger < 1.15 * radius


def test_where_one_row_has_room_it_is_that_of_the_largest_rank_or_of_what_is_on_screen(qtbot, result):
    grid = EigenvalueGrid()
    qtbot.addWidget(grid)
    grid.resize(500, 110)
    cells = {(h, r): result for h in (1, 5) for r in (1, 10, 20)}
    for now, row in ((None, 20), ((5, "auto"), 20), ((5, 10), 10)):
        grid.show_cells(cells, now)
        assert {cell for cell, _ in grid.boxes()} == {(1, row), (5, row)}


def test_a_figure_is_as_high_as_square_planes_need(result):
    cells = {(h, r): result for h in (1, 10, 50, 100) for r in (50, 500)}
    grid = spectra([replace(result, settings=replace(result.settings, steps=100, delays=h, rank=r)) for h, r in cells])
    sides = [plane_in(box).width() for _, box in grid.boxes()]
    assert len(sides) == len(cells)
    assert min(sides) > 0.9 * (grid.width() - 44) / 4
    alone = height_of({(1, 5): result}, 760)
    assert alone < 300  # one plane is no poster


def test_planes_of_a_grid_have_room_for_numbers(qtbot, make, result):
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
