"""Open, drop, export."""

import itertools
import json

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog
from safetensors.numpy import save_file
from torch import nn

from koopview.errors import FileError, InputError
from koopview.gui.dialogs.file_fields import NO_LABELS
from koopview.gui.dialogs.open_source import OpenDataDialog, OpenModelDialog
from koopview.gui.files.export import NUMBERS, WINDOW_PICTURES, save_numbers, save_window
from koopview.gui.files.recent import recent_files
from koopview.gui.saving.saving import last_folder
from koopview.network.activation_names import ACTIVATION_NAMES
from koopview.network.data import Dataset
from koopview.study.source import Source
from koopview.study.study import Study


def drop(qtbot, target, *paths, window=None):
    """Drop files onto a window, or onto a dialog over it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(20, 20), *how)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(20, 20), *how))
    sorted_out(qtbot, window or target)


def sorted_out(qtbot, window):
    """Wait until the window knows what the files are that it was given."""
    qtbot.waitUntil(lambda: not window.opening.looking, timeout=30_000)


def open_button(dialog):
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Open)


def test_model_dialog_asks_for_what_a_file_of_weights_does_not_say(window, session):
    window.actions_by_name["open_model"].trigger()
    dialog = window.findChild(OpenModelDialog)
    assert dialog.isVisible()
    assert not dialog.model.trust.isChecked()
    assert not open_button(dialog).isEnabled()
    dialog.model.path.line.setText("/tmp/net.safetensors")
    dialog.model.activation.setCurrentText("gelu")
    open_button(dialog).click()
    assert session.calls == [("open_model", Source(model="/tmp/net.safetensors", activation="gelu"))]


def test_model_dialog_without_activation_with_factory_and_trust(window, session):
    dialog = window.opening.ask_model(Source(model="net.pt"))
    dialog.model.factory.setText("mine.py:build")
    dialog.model.trust.setChecked(True)
    open_button(dialog).click()
    assert session.calls == [("open_model", Source(model="net.pt", factory="mine.py:build", trust=True))]


def test_a_model_and_its_data_are_asked_for_in_one_place(window, session):
    known = Source(model="net.pt", data="set.npz", test_data="more.npz", keys=("a", "b"), normalize="standard")
    dialog = window.opening.ask_model(known)
    open_button(dialog).click()
    assert session.calls == [("open_model", known)]


def test_data_inside_the_study_that_is_open_are_named_as_those_that_stay(window, session, tmp_path):
    path = tmp_path / "mine.koopview"
    study_with_data_inside(path)
    session.source = Source(study=str(path))
    dialog = window.opening.ask_model()
    assert dialog.data.path.line.placeholderText() == "the data of mine.koopview, or a file"
    assert dialog.source() == Source()


def study_with_data_inside(path):
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    Study(network, Dataset(rng.normal(size=(50, 4)), rng.integers(0, 3, 50))).save(path)


def test_the_dialog_stays_until_what_it_asked_for_is_open(window, session, make):
    dialog = window.opening.ask_model(Source(model="net.pt"))
    open_button(dialog).click()
    assert not open_button(dialog).isEnabled()  # while it is being opened
    session.failed.emit("net.pt holds weights alone", "")
    assert dialog.isVisible()
    assert dialog.sentence.text() == "net.pt holds weights alone"
    assert not window.message.isVisible()  # said once, where the person looks
    dialog.model.activation.setCurrentText("tanh")
    open_button(dialog).click()
    assert not dialog.sentence.isVisible()
    assert session.calls[-1] == ("open_model", Source(model="net.pt", activation="tanh"))
    session.open(make.state(), make.settings)
    assert not dialog.isVisible()
    session.failed.emit("another matter", "")
    assert window.message.isVisible()


def test_cancelling_opens_nothing(window, session):
    window.opening.ask_model(Source(model="net.pt")).reject()
    assert session.calls == []


def test_cancelling_while_it_is_opened_stops_that(window, session):
    dialog = window.opening.ask_model(Source(model="net.pt"))
    open_button(dialog).click()
    dialog.reject()
    assert session.calls[1:] == [("stop",)]


def test_names_of_arrays_that_are_no_pair_are_told_in_the_dialog(window, session):
    dialog = window.opening.ask_data()
    dialog.data.path.line.setText("set.npz")
    dialog.data.names.inputs.setEditText("only")
    open_button(dialog).click()
    assert session.calls == []
    assert dialog.sentence.text() == "only the inputs are named, expected the labels (or: no labels) too"
    dialog.data.names.inputs.setEditText("")
    dialog.data.names.labels.setEditText("only")
    open_button(dialog).click()
    assert session.calls == [("open_data", Source(data="set.npz", keys=("", "only")))]  # of the usual inputs


def offered(box):
    return [box.itemText(place) for place in range(box.count())]


def read(qtbot, dialog):
    """Wait until the page shows what is in the files that are named."""
    qtbot.waitUntil(lambda: not dialog.page.reading, timeout=30_000)


def pick(qtbot, box, name):
    """Choose as a person does: open the list, go to the name, press Return."""
    box.showPopup()
    box.view().setCurrentIndex(box.model().index(box.findText(name), 0))
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)


def test_the_names_in_the_file_are_picked_where_they_are_not_the_usual_ones(window, session, qtbot, tmp_path):
    path = str(tmp_path / "set.npz")
    np.savez(path, images=np.zeros((4, 2)), digits=np.zeros(4))
    dialog = window.opening.ask_data()
    dialog.data.path.line.setText(path)
    read(qtbot, dialog)
    names = dialog.data.names
    assert offered(names.inputs) == ["images", "digits"]
    assert offered(names.labels) == ["images", "digits", NO_LABELS]
    assert dialog.source() == Source(data=path)  # nothing is chosen for her
    pick(qtbot, names.inputs, "images")
    pick(qtbot, names.labels, "digits")
    open_button(dialog).click()
    assert session.calls == [("open_data", Source(data=path, keys=("images", "digits")))]
    dialog.tell("set.npz: labels have shape (4, 2), expected (4,)")
    pick(qtbot, names.labels, NO_LABELS)
    assert not dialog.sentence.isVisible()
    assert dialog.source().keys == ("images", "")


def test_the_label_of_a_csv_file_is_picked_among_its_columns(window, qtbot, tmp_path):
    path = tmp_path / "set.csv"
    path.write_text("a,b,kind\n1,2,0\n3,4,1\n")
    dialog = window.opening.ask_data()
    dialog.data.path.line.setText(str(path))
    read(qtbot, dialog)
    assert offered(dialog.data.names.labels) == ["a", "b", "kind", NO_LABELS]
    pick(qtbot, dialog.data.names.labels, "kind")
    assert dialog.source().keys == ("", "kind")


def test_names_of_another_file_are_not_taken_over(window, qtbot, tmp_path):
    for name, arrays in (("one", ("images", "digits")), ("other", ("x", "y"))):
        np.savez(tmp_path / f"{name}.npz", **dict.fromkeys(arrays, np.zeros(4)))
    dialog = window.opening.ask_model(Source(data=str(tmp_path / "one.npz"), keys=("images", "")))
    assert dialog.source().keys == ("images", "")
    dialog.data.path.line.setText(str(tmp_path / "gone.npz"))
    read(qtbot, dialog)
    assert dialog.source().keys == ("images", "")
    dialog.data.path.line.setText(str(tmp_path / "other.npz"))
    read(qtbot, dialog)
    assert dialog.source().keys is None


def test_what_could_not_be_opened_is_asked_for_again_with_what_was_said(window, session):
    session.asked = Source(model="net.pt", data="set.npz", keys=("a", "b"))
    session.failed.emit("net.pt holds weights alone", "")
    window.message.action.click()
    dialog = window.findChild(OpenModelDialog)
    assert dialog.source() == session.asked
    dialog.reject()
    session.asked = None
    session.failed.emit("something else", "")
    assert not window.message.action.isVisible()


def test_data_that_could_not_be_opened_are_asked_for_again_alone(window, session):
    session.source = Source(model="net.pt")
    session.asked = Source(model="net.pt", data="set.npz")
    session.failed.emit("set.npz holds a, b", "")
    window.message.action.click()
    assert window.findChild(OpenDataDialog).source() == Source(data="set.npz")


def test_an_activation_that_fits_better_is_one_click_away(window, session, make):
    better = Source(model="net.pt", activation="tanh", data="set.npz", keys=("a", "b"))
    session.noted.emit("With activation relu, as you said, net.pt is right on 40.0 %", better)
    assert window.message.isVisible()
    assert window.message.action.text() == "Use tanh"
    window.message.action.click()
    assert session.calls == [("open_model", better)]
    session.open(make.state(), make.settings)
    assert not window.message.isVisible()


def test_a_note_that_is_closed_changes_nothing_and_one_without_a_remedy_offers_none(window, session):
    session.noted.emit("relu fits less", Source(model="net.pt", activation="tanh"))
    window.message.shut.click()
    assert session.calls == []
    session.noted.emit("20 of the 100 samples were drawn for testing", None)
    assert window.message.isVisible()
    assert not window.message.action.isVisible()


def test_a_note_about_the_study_comes_back_behind_a_failure_that_is_mended(window, session, make, result):
    note, message = "20 of the 100 samples were drawn for testing", window.message
    session.open(make.state(), make.settings)
    session.noted.emit(note, None)
    session.failed.emit("samples is 999999, expected at most 2560", "")
    assert message.sentence.text().startswith("samples is 999999")
    session.finish(result)
    assert message.isVisible()
    assert message.sentence.text() == note
    message.shut.click()
    session.failed.emit("samples is 999999, expected at most 2560", "")
    message.shut.click()
    assert not message.isVisible()  # both were closed
    session.noted.emit(note, None)
    session.open(make.state(), make.settings)
    session.finish(result)
    assert not message.isVisible()  # it was about what was open before


def test_return_after_a_failure_tries_again_where_the_keys_were(window, session, qtbot):
    dialog = window.opening.ask_model(Source(model="net.pt"))
    dialog.activateWindow()
    line = dialog.model.path.line
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    session.failed.emit("net.pt is missing", "")
    assert dialog.focusWidget() is line
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert [name for name, *_ in session.calls] == ["open_model"] * 2


@pytest.mark.parametrize(("lacks", "dialog"), [("data", OpenDataDialog), ("model", OpenModelDialog)])
def test_what_a_reopened_study_lacks_is_one_click_away(fitted, lacks, dialog):
    fitted.session.lacks = lacks
    fitted.session.failed.emit(f"Nothing can be fitted or saved: the {lacks} is gone", "")
    assert fitted.window.message.action.text() == f"Open {lacks}…"
    fitted.window.message.action.click()
    assert fitted.window.findChild(dialog).isVisible()
    assert fitted.window.shown_result() is fitted.result  # what was saved stays


def test_activations_offered_are_known_to_the_engine():
    from koopview.network.activations import ACTIVATIONS

    assert {*ACTIVATION_NAMES} <= {*ACTIVATIONS}


def test_data_dialog(window, session):
    window.actions_by_name["open_data"].trigger()
    dialog = window.findChild(OpenDataDialog)
    dialog.data.path.line.setText("/tmp/data.npz")
    dialog.data.names.inputs.setEditText("images")
    dialog.data.names.labels.setEditText("digits")
    open_button(dialog).click()
    assert session.calls == [("open_data", Source(data="/tmp/data.npz", keys=("images", "digits")))]


def weights(path, *widths):
    """A safetensors file of a plain chain of Linear layers, of which the file does not tell the activation."""
    parts = {}
    for index, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        parts[f"{2 * index}.weight"] = np.ones((outputs, inputs), np.float32)
        parts[f"{2 * index}.bias"] = np.zeros(outputs, np.float32)
    save_file(parts, path)
    return path


def samples(path, features=4, classes=3):
    """An NPZ file of 30 samples."""
    np.savez(path, x=np.ones((30, features), np.float32), y=np.arange(30) % classes)
    return path


def test_data_that_fit_the_open_network_are_opened_by_dropping_them(window, qtbot, session, make, tmp_path):
    session.source = Source(model="net.pt")
    session.open(make.state(), make.settings)  # of 4 inputs and 3 outputs
    path = samples(tmp_path / "set.npz")
    drop(qtbot, window, path)
    assert session.calls == [("open_data", Source(data=str(path)))]


def test_data_that_do_not_fit_the_open_network_are_shown_beside_it(window, qtbot, session, make, tmp_path):
    session.source = Source(model="net.pt")
    session.open(make.state(), make.settings)
    path = samples(tmp_path / "set.npz", features=5)
    drop(qtbot, window, path)
    dialog = window.findChild(OpenDataDialog)
    read(qtbot, dialog)
    assert session.calls == []
    assert dialog.data.path.text() == str(path)
    assert dialog.page.fit.text() == (
        "They do not fit: 5 features, the network takes 4: is one of them the label or an index?"
    )


def test_data_that_do_not_fit_a_built_in_network_ask_for_their_own(window, qtbot, session, make, tmp_path):
    session.source = Source(model="demo:yinyang")
    session.open(make.state(model="demo:yinyang"), make.settings)
    drop(qtbot, window, samples(tmp_path / "set.npz", features=64))
    dialog = window.findChild(OpenModelDialog)
    assert dialog.data.path.text() == str(tmp_path / "set.npz")
    assert dialog.model.rows["model"].note.text() == ("Needed. The data do not fit Yin-Yang: name their own network.")


def test_data_that_a_built_in_network_takes_too_may_belong_to_another(window, qtbot, session, make, tmp_path):
    session.source = Source(model="demo:yinyang")
    session.open(make.state(model="demo:yinyang"), make.settings)
    path = samples(tmp_path / "set.npz")
    drop(qtbot, window, path)
    dialog = window.findChild(OpenModelDialog)
    assert dialog.source() == Source(model="demo:yinyang", data=str(path))
    assert dialog.model.rows["model"].note.text() == (
        "Yin-Yang takes such data; if they belong to another network, name that."
    )
    assert session.calls == []


def test_data_without_any_network_ask_for_it(window, qtbot, session, tmp_path):
    drop(qtbot, window, samples(tmp_path / "set.npz"))
    dialog = window.findChild(OpenModelDialog)
    assert dialog.data.path.text() == str(tmp_path / "set.npz")
    assert dialog.model.rows["model"].note.text() == "Needed. The data need the network that they belong to."


def test_dropping_onto_the_page_fills_it_in(window, qtbot, tmp_path):
    dialog = window.opening.ask_model()
    model, data = weights(tmp_path / "net.safetensors", 4, 3), samples(tmp_path / "set.npz")
    drop(qtbot, dialog, data, window=window)
    drop(qtbot, dialog, model, window=window)
    assert (dialog.model.path.text(), dialog.data.path.text()) == (str(model), str(data))
    (tmp_path / "notes.txt").write_text("x")
    drop(qtbot, dialog, tmp_path / "notes.txt", window=window)
    assert "notes.txt is no study" in dialog.sentence.text()


def test_dropping_a_model_and_its_data_asks_about_both(window, qtbot, session, tmp_path):
    for name in ("net.pt", "set.npz"):
        (tmp_path / name).write_bytes(b"x")
    drop(qtbot, window, tmp_path / "set.npz", tmp_path / "net.pt")
    dialog = window.findChild(OpenModelDialog)
    assert dialog.source() == Source(model=str(tmp_path / "net.pt"), data=str(tmp_path / "set.npz"))
    assert session.calls == []


def test_dropping_several_files_that_do_not_belong_together_is_told(window, qtbot, session, tmp_path):
    for name in ("a.npz", "b.npz"):
        (tmp_path / name).write_bytes(b"x")
    drop(qtbot, window, tmp_path / "a.npz", tmp_path / "b.npz")
    assert session.calls == []
    assert "expected one, or a model and its data" in window.message.sentence.text()


def test_dropping_a_model_asks_about_it(window, qtbot, session, tmp_path):
    (tmp_path / "net.pt").write_bytes(b"x")
    drop(qtbot, window, tmp_path / "net.pt")
    dialog = window.findChild(OpenModelDialog)
    assert dialog.model.path.text() == str(tmp_path / "net.pt")
    assert session.calls == []
    dialog.reject()


def test_dropping_something_else_is_told(window, qtbot, session, tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"x")
    drop(qtbot, window, tmp_path / "notes.txt")
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
    dialog = fitted.window.exporting.ask_numbers(fitted.window.shown_result)
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


def test_a_study_is_opened_by_dropping_it_and_then_is_a_recent_file(window, qtbot, session, make, tmp_path):
    study = tmp_path / "mine.koopview"
    study.write_bytes(b"x")
    drop(qtbot, window, study)
    assert session.calls == [("open_saved", str(study))]
    assert recent_files() == []  # not before it is open
    session.open(make.state(), make.settings)
    assert recent_files() == [study]
    assert last_folder() == str(tmp_path)  # where pictures of it are saved
    window.menus.recent.aboutToShow.emit()
    (entry,) = window.menus.recent.actions()
    entry.trigger()
    sorted_out(qtbot, window)
    assert session.calls[1:] == [("open_saved", str(study))]


def test_a_file_that_was_refused_is_no_recent_file(window, qtbot, session, make, tmp_path):
    (tmp_path / "mine.koopview").write_bytes(b"x")
    drop(qtbot, window, tmp_path / "mine.koopview")
    session.failed.emit("mine.koopview cannot be read", "")
    session.open(make.state(), make.settings)  # something else, later
    assert recent_files() == []


def test_a_recent_file_that_is_gone_is_dropped_with_a_sentence(window, qtbot, session, make, tmp_path):
    study = tmp_path / "mine.koopview"
    study.write_bytes(b"x")
    drop(qtbot, window, study)
    session.open(make.state(), make.settings)
    study.unlink()
    window.menus.recent.aboutToShow.emit()
    window.menus.recent.actions()[0].trigger()
    sorted_out(qtbot, window)
    assert len(session.calls) == 1
    assert "mine.koopview is no longer there" in window.message.sentence.text()
    assert recent_files() == []


def test_newest_recent_files_come_first_and_only_ten_are_kept(tmp_path):
    from koopview.gui.files.recent import MOST, note_recent

    for number in (*range(MOST + 3), 5):
        note_recent(tmp_path / f"{number}.koopview")
    names = [path.stem for path in recent_files()]
    assert names == ["5", "12", "11", "10", "9", "8", "7", "6", "4", "3"]
