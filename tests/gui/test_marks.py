"""What is drawn over other colours is seen in both themes, and no word lies over what it names."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontMetrics

from koopview.gui.compare.side_looks import side_colours
from koopview.gui.looks.theme import DARK, LIGHT, SMALL, font, load_fonts
from koopview.gui.plots.bars import Bar, Bars, elided_row
from koopview.gui.plots.classes import class_colour, class_fill, contrast
from koopview.gui.plots.meaning_list import elided_change
from koopview.gui.plots.plane_groups import free_place
from koopview.gui.widgets.card import Note

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def apart(one, other):
    return contrast(QColor(one), QColor(other))


@THEMES
def test_marks_stand_off_what_they_lie_on_by_three_to_one(theme):
    grounds = (theme.panel, theme.ground, theme.selection)
    assert all(apart(theme.hybrid, ground) >= 3 for ground in (*grounds, theme.track))  # history bars, hovered, chosen
    assert all(apart(colour, ground) >= 3 for colour in side_colours(theme) for ground in (*grounds, theme.track))
    assert apart(theme.baseline, theme.panel) >= 3  # the controls' bars
    assert apart(theme.muted, theme.panel) >= 3  # lines from a group to its members
    assert apart(theme.ink, theme.panel) >= 3  # marks of groups, rings of the selection


@THEMES
@pytest.mark.parametrize("ground", [class_fill, class_colour])
def test_a_ring_with_its_halo_is_seen_on_every_class(theme, ground):
    for index in range(10):
        colour = ground(index, theme)
        assert max(contrast(QColor(ink), colour) for ink in (theme.ink, theme.panel)) >= 3, index


@THEMES
def test_text_has_four_and_a_half_to_one(theme):
    for ground in (theme.panel, theme.ground, theme.field, theme.warning):
        assert apart(theme.ink, ground) >= 4.5
        assert apart(theme.muted, ground) >= 4.5
    assert apart(theme.ink, theme.selection) >= 4.5
    assert all(apart(colour, theme.panel) >= 4.5 for colour in side_colours(theme))  # the letters A and B


def test_the_number_of_a_group_covers_no_eigenvalue_if_there_is_a_free_place():
    half, rng = complex(27, 12), np.random.default_rng(2)
    crowd = rng.normal(size=12) * 12 + 1j * rng.normal(size=12) * 12
    step = free_place(np.append(crowd, 0), half)
    away = np.append(crowd, 0) - step
    assert not ((np.abs(away.real) < half.real) & (np.abs(away.imag) < half.imag)).any()


def test_the_number_of_a_group_stays_near_its_mark_where_nothing_is_in_the_way():
    step = free_place(np.zeros(1, complex), complex(27, 12))
    assert abs(step) < 50
    assert step.real < 0 < step.imag  # above it, to the left: eigenvalues crowd at the right


def test_a_change_between_long_names_keeps_its_arrow_and_both_beginnings(qtbot):
    metrics = QFontMetrics(font(SMALL))
    said = "lost to follow-up in year two → recovered without intervention"
    fitted = elided_change(said, metrics, 120)
    old, new = fitted.split(" → ")
    assert said.startswith(old.rstrip("…"))
    assert new.startswith("reco")
    assert metrics.horizontalAdvance(fitted) <= 120
    assert elided_change("4 → 9", metrics, 120) == "4 → 9"


def test_a_bar_with_a_long_name_is_drawn_and_still_says_whose_it_is(put_up):
    name = "recurrence after radiotherapy of the second kind original"
    bars = put_up(Bars("Accuracies per class", group=2), 260, 60)
    bars.show_bars([Bar(name, 0.8, "original", "circle"), Bar("hybrid", 0.7, "hybrid", "diamond")])
    assert bars.track(0).right() + 50 < bars.width()
    assert bars.track(0).width() >= 60
    fitted = elided_row(name, QFontMetrics(font()), 110)
    assert fitted.endswith("… original")
    assert QFontMetrics(font()).horizontalAdvance(fitted) <= 110


@pytest.mark.parametrize(
    ("room", "drawn"),
    [(300, "98.9 % · 10,000 test samples"), (116, "98.9 % · n = 10,000"), (62, "98.9 % …"), (30, "")],
)
def test_a_note_is_whole_or_shorter_and_never_one_cut_word(qtbot, room, drawn):
    load_fonts()
    note = Note()
    qtbot.addWidget(note)
    note.setFont(font(SMALL))
    note.setMinimumWidth(1)
    note.say("98.9 % · 10,000 test samples", "98.9 % · n = 10,000")
    note.resize(room, 16)
    assert note.drawn() == drawn
