"""The network table, through its real widgets."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

from koopview.gui.looks.theme import bold, font
from koopview.gui.widgets.layer_delegate import TICK, Place, place_of_widths
from koopview.gui.widgets.layer_model import EXPLAINED, HYBRID, NAME, WIDTHS
from koopview.gui.widgets.layer_words import kind_of
from koopview.gui.widgets.stage_tree import shared_start
from koopview.network.info import LayerInfo


@pytest.fixture
def table(fitted):
    return fitted.window.findChild(QTableView, "layerTable")


def tick(table, row, state=Qt.CheckState.Checked):
    return table.model().setData(table.model().index(row, 0), state, Qt.ItemDataRole.CheckStateRole)


def ticked(table):
    model = table.model()
    rows = range(model.rowCount())
    return [row for row in rows if model.index(row, 0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked]


def test_rows_show_layers_widths_and_the_newest_hybrid_accuracy(fitted, table):
    texts = [[table.model().index(row, column).data() for column in (NAME, WIDTHS, HYBRID)] for row in range(4)]
    shown = f"{100 * fitted.result.accuracy['hybrid']:.1f}"
    assert texts == [["0", "4 → 8", ""], ["2", "8 → 6", shown], ["4", "6 → 4", ""], ["6", "4 → 3", ""]]
    assert table.currentIndex().row() == 1
    assert ticked(table) == [1]
    assert fitted.window.network.note.text() == "99.0 % · 5,000 test samples"


def test_selecting_an_unticked_layer_replaces_it_alone(fitted, table):
    table.selectRow(2)
    assert fitted.session.requests == [replace(fitted.result.settings, layer="4", replaced=("4",))]
    assert ticked(table) == [2]


def test_clicking_selects_with_the_mouse(fitted, table, qtbot):
    place = table.visualRect(table.model().index(3, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [settings.layer for settings in fitted.session.requests] == ["6"]


def test_clicking_the_tick_replaces_one_layer_more_in_network_order(fitted, table, qtbot):
    box = table.visualRect(table.model().index(0, 0))
    place = QPoint(box.left() + 18, box.center().y())
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert fitted.session.requests == [replace(fitted.result.settings, layer="2", replaced=("0", "2"))]
    assert table.currentIndex().row() == 1


def test_ticking_keeps_the_layer_shown(fitted, table):
    assert tick(table, 0)
    assert fitted.session.requests == [replace(fitted.result.settings, layer="2", replaced=("0", "2"))]
    assert ticked(table) == [0, 1]


def test_selecting_a_ticked_layer_keeps_all_ticks(fitted, table):
    tick(table, 0)
    table.selectRow(0)
    assert fitted.session.requests[-1] == replace(fitted.result.settings, layer="0", replaced=("0", "2"))


def test_unticking_the_layer_shown_shows_another_ticked_one(fitted, table):
    tick(table, 3)
    tick(table, 1, Qt.CheckState.Unchecked)
    assert fitted.session.requests[-1] == replace(fitted.result.settings, layer="6", replaced=("6",))


def test_the_last_tick_stays(fitted, table):
    tick(table, 1, Qt.CheckState.Unchecked)
    assert fitted.session.requests == []
    assert ticked(table) == [1]


def test_settings_from_elsewhere_move_the_selection_without_a_request(fitted, table):
    fitted.session.settings = replace(fitted.result.settings, layer="4", replaced=("4", "6"))
    fitted.session.settings_changed.emit(fitted.session.settings)
    assert fitted.session.requests == []
    assert table.currentIndex().row() == 2
    assert ticked(table) == [2, 3]


def test_unsupported_layers_cannot_be_chosen_and_say_why(window, session, make):
    odd = LayerInfo("lstm", "LSTM", "", 4, 4, 4, 9, supported=False, reason="an LSTM is no affine layer")
    session.open(make.state(layers=(*make.layers, odd)), make.settings)
    model = window.network.table.model()
    assert model.flags(model.index(4, 0)) == Qt.ItemFlag.NoItemFlags
    assert model.index(4, 0).data(Qt.ItemDataRole.ToolTipRole) == odd.reason
    assert not tick(window.network.table, 4)
    assert session.requests == []


def test_without_labels_the_column_shows_agreement(window, session, make):
    result = make.result(make.settings, labels=False)
    session.open(make.state(), make.settings)
    session.finish(result)
    model = window.network.table.model()
    assert model.headerData(HYBRID, Qt.Orientation.Horizontal) == "agree %"
    assert model.index(1, HYBRID).data() == f"{100 * result.agreement:.1f}"
    assert window.network.note.text() == "5,000 test samples"


def test_a_regression_shows_r2(window, session, make):
    session.open(make.state(), make.settings)
    session.finish(make.result(make.settings, task="regression", hybrid=-0.25))
    model = window.network.table.model()
    assert model.headerData(HYBRID, Qt.Orientation.Horizontal) == "hybrid R²"
    assert model.index(1, HYBRID).data() == "−0.250"
    assert window.network.note.text() == "R² 0.990 · 5,000 test samples"


EXPLAINED_SHARES = {"0": 0.4731, "2": -0.25, "4": 0.99912, "6": None}


def test_what_an_affine_map_explains_of_each_layer_stands_there_once_it_is_known(window, session, make):
    session.open(make.state(), None)  # a network and its data, nothing fitted
    model = window.network.table.model()
    shown = lambda: [model.index(row, EXPLAINED).data() for row in range(4)]  # noqa: E731
    assert shown() == [""] * 4
    session.explained.emit(EXPLAINED_SHARES)
    assert shown() == ["0.473", "−0.250", "0.999", "–"]
    session.explained.emit(None)
    assert shown() == [""] * 4


def test_the_column_says_whether_a_lift_is_worth_trying(fitted, table):
    model = table.model()
    fitted.session.explained.emit(EXPLAINED_SHARES)
    tips = [model.index(row, EXPLAINED).data(Qt.ItemDataRole.ToolTipRole) for row in range(4)]
    assert "0.527 is left for a lift" in tips[0]
    assert "next to nothing to gain" in tips[2]
    head = model.headerData(EXPLAINED, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "more memory than is free" in tips[3]
    assert "worth trying" in head


@pytest.mark.parametrize("widths", [1280, 1100])
def test_in_the_window_as_it_opens_nothing_of_the_table_is_cut(fitted, table, widths):
    """Measures names, kinds and figures against the columns that they stand in."""
    fitted.session.explained.emit(EXPLAINED_SHARES)
    fitted.window.resize(widths, 800)
    fitted.window.grab()
    model, place = table.model(), fitted.window.network._delegate.widths
    small = QFontMetrics(font(11))
    name, beside = table.columnWidth(NAME), table.columnWidth(WIDTHS)
    for row, layer in enumerate(model.layers):
        kind, title = small.horizontalAdvance(kind_of(layer)), QFontMetrics(bold()).horizontalAdvance(layer.name)
        assert TICK + kind <= name + (beside if place == Place.BESIDE_NAME else 0)
        assert TICK + title <= name + (beside if place == Place.BESIDE_KIND else 0)
        for column in (EXPLAINED, HYBRID):
            text = QFontMetrics(bold()).horizontalAdvance(model.index(row, column).data())
            assert text + 10 <= table.columnWidth(column)
    for column in (EXPLAINED, HYBRID):
        head = small.horizontalAdvance(model.headerData(column, Qt.Orientation.Horizontal))
        assert head + 8 <= table.columnWidth(column)
    assert sum(table.columnWidth(column) for column in range(4)) <= table.viewport().width()


def test_widths_stand_where_names_and_kinds_stay_whole(make, qapp):
    long = [replace(layer, name=f"{layer.name}.a_long_name") for layer in make.layers]
    assert place_of_widths(make.layers, 250, 60, 40) == Place.COLUMN
    assert place_of_widths(make.layers, 130, 60, 40) == Place.BESIDE_NAME
    assert place_of_widths(long, 140, 60, 40) == Place.BESIDE_KIND


def test_shared_start_of_long_names():
    assert shared_start(["encoder.blocks.0.fc", "encoder.blocks.1.fc"]) == "encoder.blocks."
    assert shared_start(["fc1", "fc2"]) == ""
    assert shared_start(["net.0"]) == ""
    assert shared_start(["net.1", "net.10"]) == "net."


def test_table_can_be_copied(fitted, qapp):
    fitted.window.network.copy_table()
    lines = qapp.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["layer", "kind", "n → m", "R² lin", "hybrid %"]
    assert lines[2].split("\t")[:3] == ["2", "Linear + ReLU", "8 → 6"]
