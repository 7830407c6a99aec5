"""The colours and markers of classes: seen on either ground, told apart without colour."""

import pytest
from PySide6.QtGui import QColor

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.plots.classes import class_fill, class_line, class_marker, contrast, mixed


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
