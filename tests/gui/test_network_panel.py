"""The network table, through its real widgets."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTableView

from koopview.gui.widgets.layer_model import shared_start
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
    texts = [[table.model().index(row, column).data() for column in range(3)] for row in range(4)]
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
    assert model.headerData(2, Qt.Orientation.Horizontal) == "agree %"
    assert model.index(1, 2).data() == f"{100 * result.agreement:.1f}"
    assert window.network.note.text() == "5,000 test samples"


def test_shared_start_of_long_names():
    assert shared_start(["encoder.blocks.0.fc", "encoder.blocks.1.fc"]) == "encoder.blocks."
    assert shared_start(["fc1", "fc2"]) == ""
    assert shared_start(["net.0"]) == ""
    assert shared_start(["net.1", "net.10"]) == "net."


def test_table_can_be_copied(fitted, qapp):
    fitted.window.network.copy_table()
    lines = qapp.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["layer", "kind", "n → m", "hybrid %"]
    assert lines[2].split("\t")[:3] == ["2", "Linear + ReLU", "8 → 6"]
