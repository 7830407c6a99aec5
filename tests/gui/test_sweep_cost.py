"""What a sweep will cost, before it is started: its cells, those that are not known, and their seconds."""

import re
from dataclasses import replace

import pytest

from koopview import __version__
from koopview.gui.session.costing import Cost, cost_of, seconds_of
from koopview.gui.text import about
from koopview.gui.words import cost_words


def cell(make, delays, rank, seconds=0.0, **changes):
    """A known cell whose decomposition took `seconds`."""
    made = make.result(replace(make.settings, delays=delays, rank=rank), **changes)
    return replace(made, seconds={"decomposition": seconds}, versions={"koopview": __version__})


def wanted(make, delays, ranks):
    return [replace(make.settings, delays=h, rank=rank) for h in delays for rank in ranks]


def test_a_decomposition_counts_once_however_many_ranks_it_serves(make):
    known = [cell(make, 4, 5, 10.0)]
    assert seconds_of(wanted(make, (1, 2, 3), (5,)), known) == 30.0
    assert seconds_of(wanted(make, (1, 2, 3), (5, 10, 20)), known) == 30.0


def test_between_known_delays_it_is_between_their_seconds(make):
    known = [cell(make, 2, 5, 10.0), cell(make, 4, 5, 20.0)]
    assert seconds_of(wanted(make, (1, 3, 9), (5,)), known) == 10.0 + 15.0 + 20.0


def test_other_settings_of_the_layer_tell_only_where_its_own_do_not(make):
    other = cell(make, 4, 5, 100.0)
    other = replace(other, settings=replace(other.settings, steps=40))
    foreign = replace(other, settings=replace(other.settings, layer="0", replaced=("0",)))
    ask = wanted(make, (1,), (5,))
    assert seconds_of(ask, [foreign]) is None
    assert seconds_of(ask, [foreign, other]) == 100.0
    assert seconds_of(ask, [other, cell(make, 4, 5, 3.0), other]) == 3.0


def test_a_cell_that_was_fitted_costs_nothing_unless_its_controls_are_lacking(make):
    known = [cell(make, h, 5, 10.0) for h in (1, 2)]
    state = replace(make.state(), cells=tuple(known))
    assert cost_of(wanted(make, (1, 2, 3), (5,)), state) == Cost(3, 1, 10.0)
    assert cost_of(wanted(make, (1, 2), (5,)), state) == Cost(2, 0, 0.0)
    half = replace(state, cells=(replace(known[0], controls_known=False), known[1]))
    assert cost_of(wanted(make, (1, 2), (5,)), half) == Cost(2, 1, 10.0)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (Cost(180, 180, 181.0), "180 cells, about 3 min"),
        (Cost(180, 20, 40.2), "180 cells, 20 to fit, about 40 s"),
        (Cost(1, 1, None), "1 cell"),
        (Cost(2000, 0, 0.0), "2,000 cells, all there"),
    ],
)
def test_it_is_told_in_few_words(cost, said):
    assert cost_words(cost) == said


def test_times_are_round():
    assert [about(value) for value in (0.2, 1.4, 59.4, 60, 5399, 9000)] == [
        *("under 1 s", "about 1 s", "about 59 s", "about 1 min", "about 90 min", "about 2.5 h"),
    ]


def test_the_panel_tells_it_while_one_types_and_what_an_empty_field_means(fitted, qtbot):
    panel = fitted.window.results.sweep
    fitted.window.results.tabs.setCurrentWidget(panel)
    assert panel.delays.placeholderText() == "all, 1 to 20"
    assert re.fullmatch(r"1, 2 … \d+(, auto)?", panel.ranks.placeholderText())
    empty = int(panel.cost.text().split()[0])
    assert empty % 20 == 0
    qtbot.keyClicks(panel.delays, "1,2,3")
    qtbot.keyClicks(panel.ranks, "5,10")
    assert panel.cost.text().startswith("6 cells")
    assert panel.start.accessibleDescription() == panel.cost.text()
    qtbot.keyClicks(panel.ranks, ";")
    assert panel.cost.text() == ""
    panel.start.click()
    assert panel.caption.text().startswith("r is 5,10;, expected whole numbers of 1 or more")
    panel.ranks.clear()
    qtbot.keyClicks(panel.ranks, "5")
    assert panel.cost.text().startswith("3 cells")
    assert fitted.session.calls == []


def test_start_asks_for_as_many_cells_as_were_told(fitted):
    """The number told is that of the sweep that the session makes of empty fields."""
    from koopview.gui.session.sweeping import asked_of

    panel = fitted.window.results.sweep
    delays, ranks = asked_of(fitted.session.settings, fitted.result, None, None)
    assert panel.cost.text().startswith(f"{len(delays) * len(ranks)} cells")
