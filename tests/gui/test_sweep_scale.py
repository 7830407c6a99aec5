"""The sweep's colours: gains over each cell's best control, to be told from the ground, and numbers on them."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from koopview.gui.history import gain_of
from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.plots.classes import contrast, mixed, readable_on
from koopview.gui.plots.sweep_scale import HATCH, LEAST_GAIN, draw_hatch, scale_of_sweep
from koopview.gui.plots.ticks import apart

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
GAINS = np.linspace(-1, 1, 100)  # 0 is not among them


@pytest.fixture
def scale(make):
    """A scale from the mean output, 61.5 points below the affine map of the lift, to the original, 4.2 above it."""
    return scale_of_sweep([make.result(make.settings)])


@THEMES
def test_numbers_can_be_read_on_every_colour_and_on_the_hatching(scale, theme):
    for gain in (*GAINS, None):
        ground = scale.colour(gain, theme)
        grounds = [ground, mixed(ground, QColor(theme.ink), HATCH)] if scale.below(gain) else [ground]
        assert all(contrast(readable_on(ground), under) >= 4.5 for under in grounds), gain


@THEMES
def test_every_cell_stands_off_the_ground_and_the_better_the_more(scale, theme):
    found = [contrast(scale.colour(gain, theme), QColor(theme.panel)) for gain in GAINS]
    assert min(found) >= 1.4
    assert found == sorted(found)
    assert found[-1] > 2 * found[0]


@THEMES
def test_what_is_worse_than_its_best_control_is_grey_and_the_rest_blue(scale, theme):
    for gain in GAINS:
        saturation = scale.colour(gain, theme).hsvSaturationF()
        assert (saturation < 0.2) == (gain < 0) == scale.below(gain), gain


@pytest.mark.parametrize(("affine", "lift_affine"), [(0.7, 0.95), (0.95, 0.7)])
def test_a_hybrid_between_the_two_affine_maps_is_grey(make, affine, lift_affine):
    result = make.result(make.settings, hybrid=0.9, affine=affine, lift_affine=lift_affine)
    assert gain_of(result) == pytest.approx(-0.05)
    assert gain_of(replace(result, above_best_control=None)) == pytest.approx(-0.05)
    assert scale_of_sweep([result]).below(gain_of(result))


def test_each_cell_is_held_against_its_own_control(make):
    """The same hybrid is a finding at one h, and none at another, where more is given away."""
    cells = [make.result(make.settings, hybrid=0.9, lift_affine=level) for level in (0.8, 0.95)]
    scale = scale_of_sweep(cells)
    assert [scale.below(gain_of(cell)) for cell in cells] == [False, True]


def test_the_range_of_the_cells_changes_no_colour(make):
    cells = [make.result(make.settings, hybrid=hybrid) for hybrid in (0.10, 0.12, 0.98)]
    scales = [scale_of_sweep(some) for some in (cells, cells[:2], cells[2:])]
    assert [scale.low for scale in scales] == pytest.approx([scales[0].low] * 3)
    assert [scale.top for scale in scales] == pytest.approx([scales[0].top] * 3)


def test_half_a_point_is_no_deep_blue(make):
    scale = scale_of_sweep([make.result(make.settings, lift_affine=0.985, original=0.99)])
    assert contrast(scale.colour(0.005, LIGHT), scale.colour(LEAST_GAIN, LIGHT)) > 1.3


@pytest.mark.parametrize(
    "scores",
    [
        {"affine": 0.99, "original": 0.99},
        {"affine": 0.995, "original": 0.99},
        {"affine": 0.32, "lift_affine": 0.32, "mean": 0.333},
        dict.fromkeys(("affine", "lift_affine", "mean", "original", "hybrid"), 0.0),
        dict.fromkeys(("affine", "lift_affine", "mean", "original", "hybrid"), 1.0),
    ],
)
def test_odd_controls_have_a_scale_too(make, scores):
    scale = scale_of_sweep([make.result(make.settings, **scores)])
    places = [scale.place(gain) for gain in GAINS]
    assert places == sorted(places)
    assert [words for _, words in scale.labels()][1] == "best control"


def test_the_key_names_what_the_controls_leave_and_no_number_that_a_cell_may_not_have(make):
    points = scale_of_sweep([make.result(make.settings, lift_affine=0.9, mean=0.3)])
    assert (points.top, points.low) == pytest.approx((0.09, -0.6))
    assert [words for _, words in points.labels()] == ["most to gain", "best control", "most to lose"]
    bare = scale_of_sweep([make.result(make.settings, task="regression", lift_affine=0.9, mean=-0.01)])
    assert (bare.top, bare.low) == pytest.approx((0.09, -0.91))
    assert scale_of_sweep([make.result(make.settings, task="regression", mean=-80.0)]).low == -1


def test_agreements_are_held_against_the_controls_too(make):
    result = make.result(make.settings, labels=False, hybrid=0.5)
    assert scale_of_sweep([result]).below(gain_of(result))


def test_as_good_as_its_control_is_neither_blue_nor_grey(scale):
    assert not scale.below(0.0)
    assert scale.colour(0.0, LIGHT).name() == LIGHT.track


def test_cells_whose_controls_are_not_known_are_neither(make):
    result = make.without_controls(make.result(make.settings))
    scale = scale_of_sweep([result])
    assert gain_of(result) is None
    assert not scale.below(None)
    assert scale.colour(None, LIGHT).name() == LIGHT.track


def test_hatching_stays_within_its_cells(qapp):
    picture = QImage(60, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    draw_hatch(painter, [QRectF(0, 0, 20, 40), QRectF(40, 0, 20, 40)], LIGHT)
    painter.end()
    inked = {x for x in range(60) for y in range(40) if picture.pixelColor(x, y) != QColor("white")}
    assert inked == {*range(20), *range(40, 60)}


def test_labels_keep_apart():
    assert apart([10, 12, 50], 13, 0, 60) == [10, 23, 50]
    assert apart([48, 50], 13, 0, 50) == [37, 50]
    assert apart([], 13, 0, 50) == []
