"""Open, drop, export."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from koopview.gui.dialogs.open_model import ACTIVATIONS, OpenModelDialog
from koopview.gui.export import FILTERS


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(20, 20), *how)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(20, 20), *how))


def open_button(dialog):
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Open)


def test_model_dialog_asks_for_what_a_file_of_weights_does_not_say(window, session):
    window.actions_by_name["open_model"].trigger()
    dialog = window.findChild(OpenModelDialog)
    assert dialog.isVisible()
    assert not dialog.trust.isChecked()
    assert not open_button(dialog).isEnabled()
    dialog.path.setText("/tmp/net.safetensors")
    dialog.activation.setCurrentText("gelu")
    open_button(dialog).click()
    assert session.calls == [("open_model", "/tmp/net.safetensors", "gelu", None, False)]


def test_model_dialog_without_activation_with_factory_and_trust(window, session):
    dialog = window.files.ask_model("net.pt")
    dialog.factory.setText("mine.py:build")
    dialog.trust.setChecked(True)
    open_button(dialog).click()
    assert session.calls == [("open_model", "net.pt", None, "mine.py:build", True)]


def test_cancelling_opens_nothing(window, session):
    window.files.ask_model("net.pt").reject()
    assert session.calls == []


def test_activations_offered_are_known_to_the_engine():
    from koopview.network.activations import ACTIVATIONS as KNOWN

    assert {*ACTIVATIONS} <= {*KNOWN}


def test_data_dialog(window, session):
    window.actions_by_name["open_data"].trigger()
    dialog = window.findChild(QFileDialog, "openDataDialog")
    dialog.fileSelected.emit("/tmp/data.npz")
    assert session.calls == [("open_data", "/tmp/data.npz")]
    dialog.close()


def test_dropping_data_opens_it(window, session, tmp_path):
    drop(window, tmp_path / "set.npz")
    assert session.calls == [("open_data", str(tmp_path / "set.npz"))]


def test_dropping_a_model_asks_about_it(window, session, tmp_path):
    drop(window, tmp_path / "net.pt")
    dialog = window.findChild(OpenModelDialog)
    assert dialog.path.text() == str(tmp_path / "net.pt")
    assert session.calls == []
    dialog.reject()


def test_dropping_something_else_is_told(window, session, tmp_path):
    drop(window, tmp_path / "notes.txt")
    assert session.calls == []
    assert "notes.txt" in window.message.sentence.text()


@pytest.mark.parametrize(("name", "chosen"), [("out.json", FILTERS[1]), ("out", FILTERS[0])])
def test_numbers_are_saved_as_json(fitted, tmp_path, name, chosen):
    fitted.window.files.save(str(tmp_path / name), chosen, fitted.result)
    saved = json.loads((tmp_path / "out.json").read_text())
    assert saved["accuracy"]["hybrid"] == fitted.result.accuracy["hybrid"]
    assert len(saved["eigenvalues"]) == fitted.result.rank
    assert [path.name for path in tmp_path.glob("out*")] == ["out.json"]


@pytest.mark.parametrize(("name", "chosen"), [("out.png", FILTERS[0]), ("out", FILTERS[1])])
def test_the_picture_is_saved_as_png(fitted, tmp_path, name, chosen):
    fitted.window.files.save(str(tmp_path / name), chosen, fitted.result)
    picture = QImage(str(tmp_path / "out.png"))
    assert picture.size() == fitted.window.size() * fitted.window.devicePixelRatio()


@pytest.mark.parametrize(
    ("name", "words"), [("out.txt", "expected .json"), ("missing/out.json", "missing"), ("missing/out.png", "missing")]
)
def test_export_errors_are_one_sentence_in_the_message_bar(fitted, tmp_path, name, words):
    fitted.window.files.save(str(tmp_path / name), FILTERS[0], fitted.result)
    assert words in fitted.window.message.sentence.text()
    assert fitted.window.message.isVisible()
    assert list(tmp_path.glob("out*")) == []


def test_numbers_that_no_longer_match_are_not_saved(fitted, tmp_path):
    dialog = fitted.window.files.ask_export(fitted.window.shown_result)
    fitted.window.fit_panel.controls.delays.setValue(3)
    dialog.fileSelected.emit(str(tmp_path / "out.json"))
    assert not (tmp_path / "out.json").exists()
    assert "no result" in fitted.window.message.sentence.text()
    dialog.close()


def test_export_dialog_saves_what_is_on_screen(fitted, tmp_path):
    fitted.window.actions_by_name["export"].trigger()
    dialog = fitted.window.findChild(QFileDialog, "exportDialog")
    dialog.fileSelected.emit(str(tmp_path / "numbers.json"))
    assert json.loads((tmp_path / "numbers.json").read_text())["layer"] == "2"
    dialog.close()
