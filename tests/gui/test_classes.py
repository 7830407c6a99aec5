"""The colours and markers of classes: seen on either ground, told apart without colour."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.plots.classes import class_colour, class_fill, class_line, class_marker, contrast, mixed


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_stand_off_the_ground(theme):
    assert all(contrast(class_line(index, theme), QColor(theme.panel)) >= 2.2 for index in range(12))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_ten_classes_differ_in_colour_and_in_marker(theme):
    assert len({class_fill(index, theme).name() for index in range(10)}) == 10
    assert len({class_line(index, theme).name() for index in range(10)}) == 10
    assert len({class_marker(index) for index in range(10)}) == 10


def test_past_ten_no_class_looks_like_another():
    looks = {(class_fill(index, LIGHT).name(), class_marker(index)) for index in range(40)}
    assert len(looks) == 40


def test_contrast_is_that_of_the_guideline():
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)
    assert mixed(QColor("#000000"), QColor("#ffffff"), 0.5).name() == "#808080"


def lab(colour):
    """Return the CIE L*a*b* coordinates of a colour (white D65)."""
    rgb = np.array(colour.getRgbF()[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    x, y, z = np.cbrt(to_xyz @ linear / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("dress", [class_colour, class_fill, class_line])
def test_no_class_looks_like_what_has_a_colour_of_its_own(theme, dress):
    """A difference of 20 is that between the blue of the hybrid and a violet."""
    meanings = [QColor(colour) for colour in (theme.original, theme.scaled, theme.hybrid)]
    for index in range(10):
        gaps = [np.linalg.norm(lab(dress(index, theme)) - lab(colour)) for colour in meanings]
        assert min(gaps) > 20, index
