"""The list of a deep network's layers: groups that fold, a search, an order by R2_lin, and what is told of it aloud."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from koopview.gui.looks.theme import bold
from koopview.gui.widgets.layer_delegate import INDENT, elided_name
from koopview.gui.widgets.layer_model import DEPTH_ROLE, EXPLAINED, HYBRID, NAME
from koopview.gui.widgets.layer_words import compact
from koopview.gui.widgets.stage_tree import Group, grouped, tree_rows, unfolded_rows
from koopview.network.info import LayerInfo

NAMES = ("embed", *(f"blocks.{k}.{part}" for k in range(100) for part in ("attn", "mlp.fc1", "mlp.fc2")), "head")
KINDS = {"embed": "Linear", "attn": "Attention", "fc1": "Linear", "fc2": "Linear", "head": "Linear"}
LAYERS = tuple(LayerInfo(name, KINDS[name.split(".")[-1]], "", 32, 32, 32, 10) for name in NAMES)


@pytest.fixture
def deep(window, session, make):
    """The window on 302 layers, of which blocks.57.attn is shown."""
    settings = replace(make.settings, layer="blocks.57.attn", replaced=("blocks.57.attn",))
    session.open(make.state(layers=LAYERS), settings)
    return window


def texts(window):
    model = window.network.layers
    return [model.index(row, NAME).data() for row in range(model.rowCount())]


def spoken(window, row):
    model = window.network.layers
    return model.index(row, NAME).data(Qt.ItemDataRole.AccessibleTextRole)


def press(window, *keys):
    for key in keys:
        QTest.keyClick(window.network.table, key)


# The tree -------------------------------------------------------------------------------------------------------------


def paths(tree):
    return [(one.path, paths(one.members)) if isinstance(one, Group) else NAMES[one] for one in tree]


def test_layers_are_grouped_by_the_paths_that_they_share_and_a_group_of_one_is_none():
    embed, (blocks, members), head = paths(grouped(NAMES))
    assert (embed, blocks, head) == ("embed", "blocks", "head")
    inner = ("blocks.7", ["blocks.7.attn", ("blocks.7.mlp", ["blocks.7.mlp.fc1", "blocks.7.mlp.fc2"])])
    assert (len(members), members[7]) == (100, inner)


def test_few_layers_and_layers_without_shared_paths_have_no_groups():
    assert grouped(NAMES[1:13]) == tuple(range(12))
    assert grouped([str(k) for k in range(300)]) == tuple(range(300))


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        [*(f"a.{k}" for k in range(9)), "a", *(f"a.b.{k}" for k in range(9))],  # a layer with the name of a group
        [f"{part}.{k}" for k in range(9) for part in "ab"],  # which alternate: groups keep the network's order
        [f"net.{k}.{k}" for k in range(20)],
    ],
)
def test_every_layer_stands_once_in_the_unfolded_tree_and_in_network_order(names):
    rows = unfolded_rows(names)
    assert [row.index for row in rows if row.group is None] == [*range(len(names))]
    assert all(len(row.group.members) >= 2 for row in rows if row.group)
    assert len(tree_rows(grouped(names), names, ())) <= len(rows)


def test_a_number_keeps_the_word_before_it(deep):
    names = [row.name for row in deep.network.layers.stages.rows]
    assert names[:4] == ["embed", "blocks", "blocks.0", "blocks.1"]
    assert names[59:62] == ["blocks.57", "attn", "mlp"]


# In the window --------------------------------------------------------------------------------------------------------


def test_groups_start_folded_but_those_of_the_layer_shown(deep):
    shown = texts(deep)
    assert shown[:3] == ["embed", "blocks", "blocks.0"]
    assert [name for name in shown if name.startswith("blocks.57.")] == ["blocks.57.attn", "blocks.57.mlp"]
    assert len(shown) == 3 + 100 + 2
    table = deep.network.table
    assert deep.network.layers.layer_at(table.currentIndex().row()).name == "blocks.57.attn"
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


def test_a_group_says_its_size_its_range_and_what_is_replaced_in_it(deep, session):
    row = texts(deep).index("blocks.57")
    assert spoken(deep, row) == "blocks.57, unfolded group: 3 stages · 1 replaced · 30 parameters"
    assert spoken(deep, row - 1) == "blocks.56, folded group: 3 stages · 30 parameters"
    figures = lambda: deep.network.layers.index(row, EXPLAINED).data()  # noqa: E731
    assert figures() == ""
    session.explained.emit({"blocks.57.attn": 0.25, "blocks.57.mlp.fc1": 0.75})
    assert figures() == "0.250–0.750"
    session.explained.emit({"blocks.57.attn": 0.25})
    assert figures() == "0.250"
    assert "R² lin from 0.250 to 0.250" in deep.network.layers.index(row, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert [compact(number) for number in (816, 8512, 25_600_000)] == ["816", "8.51 k", "25.6 M"]


def at(window, name, right):
    """The place in a row's first cell, `right` pixels from where its indent ends."""
    table, model = window.network.table, window.network.layers
    index = model.index(texts(window).index(name), NAME)
    table.scrollTo(index)
    box = table.visualRect(index)
    return QPoint(box.left() + INDENT * index.data(DEPTH_ROLE) + right, box.center().y())


def click(window, name, right=60):
    QTest.mouseClick(window.network.table.viewport(), Qt.MouseButton.LeftButton, pos=at(window, name, right))


CHEVRON, TICK = 8, 24


def test_a_click_on_its_chevron_folds_a_group_and_asks_for_nothing(deep, session, qtbot):
    table, row = deep.network.table, texts(deep).index("blocks.57")
    place = at(deep, "blocks.57", CHEVRON)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "blocks.57.attn" not in texts(deep)
    session.settings_changed.emit(session.settings)  # what a person folds stays folded
    assert "blocks.57.attn" not in texts(deep)
    assert table.currentIndex().row() == row
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "blocks.57.attn" in texts(deep)
    assert session.requests == []


def test_arrow_keys_fold_unfold_and_walk_as_in_a_tree(deep, session):
    table, keys = deep.network.table, Qt.Key
    row = lambda: texts(deep)[table.currentIndex().row()]  # noqa: E731
    press(deep, keys.Key_Left)
    assert row() == "blocks.57"
    press(deep, keys.Key_Left)
    assert "blocks.57.attn" not in texts(deep)
    press(deep, keys.Key_Down, keys.Key_Right)
    assert row() == "blocks.58"
    assert "blocks.58.attn" in texts(deep)
    assert session.requests == []
    press(deep, keys.Key_Down)
    assert row() == "blocks.58.attn"
    assert [settings.layer for settings in session.requests] == ["blocks.58.attn"]
    press(deep, keys.Key_Down, keys.Key_Plus)
    assert "blocks.58.mlp.fc1" in texts(deep)
    press(deep, keys.Key_Minus)
    assert "blocks.58.mlp.fc1" not in texts(deep)
    assert len(session.requests) == 1  # walking over a group asks for nothing


def test_another_layer_shown_is_revealed_where_it_stands(deep, session):
    wanted = replace(session.settings, layer="blocks.91.mlp.fc2", replaced=("blocks.91.mlp.fc2",))
    session.settings = wanted
    session.settings_changed.emit(wanted)
    table = deep.network.table
    assert texts(deep)[table.currentIndex().row()] == "blocks.91.mlp.fc2"
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())
    assert session.requests == []


def test_a_module_that_is_replaced_as_one_stage_is_its_group(deep, session):
    session.settings = replace(session.settings, layer="blocks.3", replaced=("blocks.3",))
    session.settings_changed.emit(session.settings)
    assert texts(deep)[deep.network.table.currentIndex().row()] == "blocks.3"
    assert session.requests == []


def test_a_click_on_a_group_takes_it_as_one_stage_and_leaves_it_unfolded(deep, session):
    click(deep, "blocks.57")
    assert [(one.layer, one.replaced) for one in session.requests] == [("blocks.57", ("blocks.57",))]
    assert "blocks.57.attn" in texts(deep)
    click(deep, "blocks.60", 120)
    assert session.requests[-1].layer == "blocks.60"
    assert "blocks.60.attn" not in texts(deep)


def test_return_takes_a_group_as_one_stage_and_space_ticks_it(deep, session):
    press(deep, Qt.Key.Key_Left, Qt.Key.Key_Return)
    assert [(one.layer, one.replaced) for one in session.requests] == [("blocks.57", ("blocks.57",))]
    press(deep, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Space)  # attn, mlp, the next group
    assert session.requests[-1].replaced == ("blocks.57.attn", "blocks.58")


def chosen(session, layer, *replaced):
    session.settings = replace(session.settings, layer=layer, replaced=replaced or (layer,))
    session.settings_changed.emit(session.settings)


def test_the_tick_of_a_group_takes_the_place_of_those_inside_it(deep, session):
    chosen(session, "blocks.57.attn", "blocks.3", "blocks.57.attn", "head")
    click(deep, "blocks.57", TICK)
    assert (session.requests[-1].layer, session.requests[-1].replaced) == (
        "blocks.57",
        ("blocks.3", "blocks.57", "head"),
    )


def test_the_tick_of_a_layer_takes_the_place_of_the_groups_around_it(deep, session):
    chosen(session, "blocks.57", "blocks.57", "head")
    deep.network.table.fold(texts(deep).index("blocks.57"), False)
    deep.network.table.fold(texts(deep).index("blocks.57.mlp"), False)
    deep.network.layers.ticked.emit("blocks.57.mlp.fc2", True)
    assert session.requests[-1].replaced == ("blocks.57.mlp.fc2", "head")
    assert session.requests[-1].layer == "blocks.57.mlp.fc2"


def test_a_ticked_group_shows_and_says_it_and_its_tick_can_be_taken_away(deep, session):
    chosen(session, "blocks.57", "blocks.57", "head")
    model, row = deep.network.layers, texts(deep).index("blocks.57")
    assert model.index(row, NAME).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    assert spoken(deep, row) == "blocks.57, unfolded group: 3 stages · replaced as one · 30 parameters"
    assert deep.network.table.currentIndex().row() == row
    click(deep, "blocks.57", TICK)
    assert (session.requests[-1].layer, session.requests[-1].replaced) == ("head", ("head",))


def test_a_group_that_cannot_be_one_stage_says_why_and_folds_wherever_it_is_clicked(deep, session, make):
    layers = tuple(
        replace(one, supported=False, reason="its output is no tensor") if one.name == "blocks.60.attn" else one
        for one in LAYERS
    )
    session.open(make.state(layers=layers), session.settings)
    model, row = deep.network.layers, texts(deep).index("blocks.60")
    tip = model.index(row, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "cannot be replaced as one stage: blocks.60.attn inside it: its output is no tensor" in tip
    assert model.index(row, NAME).data(Qt.ItemDataRole.CheckStateRole) is None
    click(deep, "blocks.60")
    assert "blocks.60.attn" in texts(deep)
    assert session.requests == []
    whole = model.index(texts(deep).index("blocks.61"), NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "A click, or Return, takes them as one stage; the tick, or Space, replaces it" in whole


def test_a_tick_is_where_it_is_drawn(deep, session, qtbot):
    table = deep.network.table
    deep.network.table.fold(texts(deep).index("blocks.57.mlp"), False)
    row = texts(deep).index("blocks.57.mlp.fc1")
    table.scrollTo(deep.network.layers.index(row, NAME))
    box = table.visualRect(deep.network.layers.index(row, NAME))
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 18 + 3 * INDENT, box.center().y())
    )
    assert session.requests[-1].replaced == ("blocks.57.attn", "blocks.57.mlp.fc1")


# Searching and sorting ------------------------------------------------------------------------------------------------


def test_the_search_is_there_for_many_layers_alone(fitted, session, make):
    action = fitted.window.actions_by_name["find_layer"]
    assert fitted.window.network.search.isHidden()
    assert not action.isEnabled()
    session.open(make.state(layers=LAYERS), None)
    assert not fitted.window.network.search.isHidden()
    assert action.isEnabled()


def test_what_is_searched_is_listed_without_groups(deep, session, qtbot):
    search = deep.network.search
    deep.actions_by_name["find_layer"].trigger()
    qtbot.keyClicks(search.line, "57 linear")
    assert texts(deep) == ["blocks.57.mlp.fc1", "blocks.57.mlp.fc2"]
    assert search.nothing.isHidden()
    qtbot.keyClicks(search.line, "zz")
    assert texts(deep) == []
    assert search.nothing.text() == "No layer has “57 linearzz” in its name or kind."
    assert not search.nothing.isHidden()
    qtbot.keyClick(search.line, Qt.Key.Key_Escape)
    assert len(texts(deep)) == 105
    assert session.requests == []
    qtbot.keyClicks(search.line, "fc2")
    assert len(texts(deep)) == 100
    qtbot.keyClick(search.line, Qt.Key.Key_Return)
    assert [settings.layer for settings in session.requests] == ["blocks.0.mlp.fc2"]
    assert deep.network.table.currentIndex().row() == 0


def test_a_click_on_the_head_sorts_the_least_linear_first_and_the_next_one_undoes_it(deep, session, qtbot):
    shares = {name: ((37 * k) % 302) / 302 for k, name in enumerate(NAMES)} | {"head": None}
    session.explained.emit(shares)
    header, before = deep.network.table.horizontalHeader(), texts(deep)
    place = QPoint(header.sectionViewportPosition(EXPLAINED) + header.sectionSize(EXPLAINED) // 2, 8)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    known = sorted((share, name) for name, share in shares.items() if share is not None)
    assert texts(deep) == [*(name for _, name in known), "head"]
    assert deep.network.layers.headerData(EXPLAINED, Qt.Orientation.Horizontal).endswith("↑")
    assert deep.network.layers.layer_at(deep.network.table.currentIndex().row()).name == "blocks.57.attn"
    session.explained.emit(shares | {"head": -1.0})  # and what comes in is put where it belongs
    assert texts(deep)[0] == "head"
    deep.actions_by_name["sort_layers"].trigger()
    assert texts(deep) == before
    assert session.requests == []


def test_few_layers_are_sorted_too(fitted):
    fitted.session.explained.emit({"0": 0.9, "2": 0.1, "4": 0.5, "6": 1.0})
    fitted.window.network.sort_layers()
    assert texts(fitted.window) == ["2", "4", "0", "6"]
    assert fitted.window.network.table.currentIndex().row() == 0
    fitted.window.network.sort_layers()
    assert texts(fitted.window) == ["0", "2", "4", "6"]


def test_all_layers_are_copied_whatever_is_folded(deep, session, qapp):
    session.explained.emit({"blocks.3.attn": 0.5})
    deep.network.search.line.setText("head")
    deep.network.copy_table()
    lines = [line.split("\t") for line in qapp.clipboard().text().splitlines()]
    assert [line[0] for line in lines[1:]] == list(NAMES)
    assert lines[1 + NAMES.index("blocks.3.attn")][3] == "0.500"


def test_the_hybrids_of_a_group_are_those_of_its_layers(deep, session, make):
    session.finish(make.result(session.settings))
    model = deep.network.layers
    shown = {model.index(row, NAME).data(): model.index(row, HYBRID).data() for row in range(model.rowCount())}
    assert [name for name, text in shown.items() if text] == ["blocks.57.attn"]


def test_long_names_keep_their_beginning_and_as_much_of_their_end_as_there_is_room_for(qapp):
    face, name = QFontMetrics(bold()), "transformer.encoder.layers.11.output.dense"
    whole = face.horizontalAdvance(name)
    assert elided_name(name, face, whole) == name
    for room in range(90, whole, 7):
        told = elided_name(name, face, room)
        assert face.horizontalAdvance(told) <= room
        begin, end = told.split("…")
        assert 0 < len(begin) < len(end)
        assert (name.startswith(begin), name.endswith(end)) == (True, True)
    assert elided_name(name, face, 200).endswith("11.output.dense")
