"""The sweep's colours: anchored at the affine map and the original, to be told from the ground, and numbers on them."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.plots.classes import contrast, mixed, readable_on
from koopview.gui.plots.sweep_scale import HATCH, LEAST_GAIN, apart, draw_hatch, scale_of_sweep

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
MEASURES = np.linspace(0, 1, 101)


@pytest.fixture
def scale(make):
    """A scale from the mean output, 33.3 %, by the affine map, 68.2 %, to the original, 99 %."""
    return scale_of_sweep([make.result(make.settings)])


def with_accuracies(make, **accuracies):
    result = make.result(make.settings)
    return replace(result, accuracy={**result.accuracy, **accuracies})


@THEMES
def test_numbers_can_be_read_on_every_colour_and_on_the_hatching(scale, theme):
    for measure in MEASURES:
        ground = scale.colour(measure, theme)
        grounds = [ground, mixed(ground, QColor(theme.ink), HATCH)] if scale.below(measure) else [ground]
        assert all(contrast(readable_on(ground), under) >= 4.5 for under in grounds), measure


@THEMES
def test_every_cell_stands_off_the_ground_and_the_better_the_more(scale, theme):
    found = [contrast(scale.colour(measure, theme), QColor(theme.panel)) for measure in MEASURES]
    assert min(found) >= 1.4
    assert found == sorted(found)
    assert found[-1] > 2 * found[0]


@THEMES
def test_what_is_worse_than_the_affine_map_is_grey_and_the_rest_blue(scale, theme):
    for measure in MEASURES:
        saturation = scale.colour(measure, theme).hsvSaturationF()
        assert (saturation < 0.2) == (measure < 0.682), measure


def test_the_range_of_the_cells_changes_no_colour(make):
    cells = [with_accuracies(make, hybrid=hybrid) for hybrid in (0.10, 0.12, 0.98)]
    assert scale_of_sweep(cells) == scale_of_sweep(cells[:2]) == scale_of_sweep(cells[2:])


def test_the_gain_over_the_affine_map_is_what_counts(make):
    scale = scale_of_sweep([with_accuracies(make, affine=0.985, original=0.99)])
    near, far = scale.colour(0.99, LIGHT), scale.colour(0.985 + LEAST_GAIN, LIGHT)
    assert contrast(near, far) > 1.3  # half a point above the affine map is no deep blue
    assert scale.below(0.984)
    assert not scale.below(0.985)


@pytest.mark.parametrize(
    "accuracies",
    [
        {"affine": 0.99, "original": 0.99},
        {"affine": 0.995, "original": 0.99},
        {"affine": 0.32, "mean": 0.333},
        {"affine": 0.0, "mean": 0.0, "original": 0.0},
        {"affine": 1.0, "mean": 1.0, "original": 1.0},
    ],
)
def test_odd_baselines_have_a_scale_too(make, accuracies):
    scale = scale_of_sweep([with_accuracies(make, **accuracies)])
    places = [scale.place(measure) for measure in MEASURES]
    assert places == sorted(places)
    assert {name: value for name, value in scale.levels.items() if name in accuracies} == accuracies


def test_where_cells_have_several_affine_maps_the_best_is_to_be_beaten(make):
    scale = scale_of_sweep([with_accuracies(make, affine=0.6), with_accuracies(make, affine=0.7)])
    assert scale.below(0.65)


def test_agreement_is_coloured_up_to_the_original(make):
    scale = scale_of_sweep([make.result(make.settings, labels=False)])
    assert not any(scale.below(measure) for measure in MEASURES)
    assert [scale.place(0.0), scale.place(1.0)] == [0.0, 1.0]
    assert scale.levels == {"original": 1.0}


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
