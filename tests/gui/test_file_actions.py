"""Open, drop, export."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from koopview.errors import FileError, InputError
from koopview.gui.dialogs.open_model import ACTIVATIONS, OpenModelDialog
from koopview.gui.export import NUMBERS, WINDOW_PICTURES, save_numbers, save_window
from koopview.gui.recent import recent_files


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
    (tmp_path / "set.npz").write_bytes(b"x")
    drop(window, tmp_path / "set.npz")
    assert session.calls == [("open_data", str(tmp_path / "set.npz"))]


def test_dropping_a_model_asks_about_it(window, session, tmp_path):
    (tmp_path / "net.pt").write_bytes(b"x")
    drop(window, tmp_path / "net.pt")
    dialog = window.findChild(OpenModelDialog)
    assert dialog.path.text() == str(tmp_path / "net.pt")
    assert session.calls == []
    dialog.reject()


def test_dropping_something_else_is_told(window, session, tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"x")
    drop(window, tmp_path / "notes.txt")
    assert session.calls == []
    assert "notes.txt" in window.message.sentence.text()


@pytest.mark.parametrize("name", ["out.json", "out"])
def test_numbers_are_saved_as_json(result, tmp_path, name):
    assert save_numbers(tmp_path / name, NUMBERS[0], result) == tmp_path / "out.json"
    saved = json.loads((tmp_path / "out.json").read_text())
    assert saved["accuracy"]["hybrid"] == result.accuracy["hybrid"]
    assert len(saved["eigenvalues"]) == result.rank
    assert [path.name for path in tmp_path.glob("out*")] == ["out.json"]


@pytest.mark.parametrize("name", ["out.png", "out"])
def test_the_picture_is_saved_as_png(fitted, tmp_path, name):
    save_window(tmp_path / name, WINDOW_PICTURES[0], fitted.window)
    picture = QImage(str(tmp_path / "out.png"))
    assert picture.size() == fitted.window.size() * fitted.window.devicePixelRatio()


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [("out.txt", InputError, "expected .json, .npz, .csv"), ("missing/out.json", FileError, "missing")],
)
def test_export_errors_are_one_sentence(result, tmp_path, name, error, words):
    with pytest.raises(error, match=words):
        save_numbers(tmp_path / name, NUMBERS[0], result)
    assert list(tmp_path.glob("out*")) == []


def test_numbers_that_no_longer_match_are_not_saved(fitted, tmp_path):
    dialog = fitted.window.files.ask_numbers(fitted.window.shown_result)
    fitted.window.fit_panel.controls.delays.setValue(3)
    dialog.fileSelected.emit(str(tmp_path / "out.json"))
    assert not (tmp_path / "out.json").exists()
    assert "no result" in fitted.window.message.sentence.text()
    assert fitted.window.message.isVisible()
    dialog.close()


def test_export_dialog_saves_what_is_on_screen(fitted, tmp_path):
    fitted.window.actions_by_name["export_numbers"].trigger()
    dialog = fitted.window.findChild(QFileDialog, "exportDialog")
    dialog.fileSelected.emit(str(tmp_path / "numbers.json"))
    assert json.loads((tmp_path / "numbers.json").read_text())["layer"] == "2"
    assert fitted.window.status.text.text() == f"Saved {tmp_path / 'numbers.json'}"
    dialog.close()


# --- Dropping and recent files ---------------------------------------------------------------------------------


def test_a_study_is_opened_by_dropping_it_and_then_is_a_recent_file(window, session, tmp_path):
    study = tmp_path / "mine.koopview"
    study.write_bytes(b"x")
    drop(window, study)
    assert session.calls == [("open_saved", str(study))]
    assert recent_files() == [study]
    window.menus.recent.aboutToShow.emit()
    (entry,) = window.menus.recent.actions()
    entry.trigger()
    assert session.calls[1:] == [("open_saved", str(study))]


def test_a_recent_file_that_is_gone_is_dropped_with_a_sentence(window, session, tmp_path):
    study = tmp_path / "mine.koopview"
    study.write_bytes(b"x")
    drop(window, study)
    study.unlink()
    window.menus.recent.aboutToShow.emit()
    window.menus.recent.actions()[0].trigger()
    assert len(session.calls) == 1
    assert "mine.koopview is no longer there" in window.message.sentence.text()
    assert recent_files() == []


def test_newest_recent_files_come_first_and_only_ten_are_kept(tmp_path):
    from koopview.gui.recent import MOST, note_recent

    for number in (*range(MOST + 3), 5):
        note_recent(tmp_path / f"{number}.koopview")
    names = [path.stem for path in recent_files()]
    assert names == ["5", "12", "11", "10", "9", "8", "7", "6", "4", "3"]
