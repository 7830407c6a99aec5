"""The page of the Open dialog: what it shows of files before they are opened, and what it marks as needed."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit
from safetensors.torch import save_file
from torch import nn

from koopview.gui.dialogs import page as page_module
from koopview.gui.dialogs.data_card import DataCard, classes_sentence
from koopview.gui.dialogs.model_card import ModelCard, reasons, rows, summary
from koopview.gui.dialogs.open_source import OpenDataDialog, OpenModelDialog
from koopview.gui.dialogs.source_fields import NEEDS
from koopview.gui.session import reading
from koopview.gui.session.heads import FoundData, head_of_layers
from koopview.gui.widgets.sample_pictures import pictures
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.samples import DataNames
from koopview.network.info import LayerInfo
from koopview.network.modelfiles.head import LayerHead, ModelHead
from koopview.study.source import Source

SECONDS = 30_000
"""A bound for what would otherwise hang, in milliseconds; nothing here needs it."""

FIRST = LayerHead("0", "Linear", (8, 4), 4, 8, "", "unknown", 40)
LAST = LayerHead("2", "Linear", (3, 8), 8, 3, "", "known", 27)
HEAD = ModelHead("PyTorch state dict", (FIRST, LAST), 67, "float32", needs=("activation",))
SAMPLES = DataHead(
    "NPZ",
    (ArrayHead("x", (30, 4), "float32"), ArrayHead("y", (30,), "int64")),
    "x",
    "y",
    30,
    0,
    (4,),
    ("a", "b", "c"),
    np.arange(8.0).reshape(2, 4),
    ("a", "b"),
)


@pytest.fixture
def heads(monkeypatch):
    """Heads by file name, given to the page instead of those of files; a callable is called on the worker."""
    known = {}

    def read(source, name):
        found = known[name]
        return found() if callable(found) else found

    monkeypatch.setattr(reading, "PAUSE_MS", 0)
    monkeypatch.setattr(page_module, "read_model", lambda source: read(source, source.model))
    monkeypatch.setattr(page_module, "read_data", lambda source: found_data(read(source, source.data)))
    return known


def found_data(head):
    names = tuple(one.name for one in head.arrays)
    return FoundData(head, DataNames(names, names))


@pytest.fixture
def dialog(qtbot, heads):
    made = OpenModelDialog(None, Source())
    qtbot.addWidget(made)
    made.show()
    return made


def shown(qtbot, dialog):
    qtbot.waitUntil(lambda: not dialog.page.reading, timeout=SECONDS)


def name_model(qtbot, dialog, name):
    dialog.model.path.line.setText(name)
    shown(qtbot, dialog)


def seen(dialog):
    """The names of the rows that are seen, and of those that are marked."""
    kept = {**dialog.model.rows, **dialog.data.rows}
    visible = {name for name, row in kept.items() if row.title.isVisibleTo(dialog)}
    return visible, {name for name, row in kept.items() if row.note.text().startswith("Needed. ")}


def test_layers_are_listed_with_what_is_known_of_each(qtbot, dialog, heads):
    reason = "4-D weights: convolutions; give a factory"
    conv = LayerHead("conv1", "Conv2d", (8, 1, 3, 3), 0, 0, "relu", "guessed", 80, reason)
    heads["net.pt"] = replace(HEAD, layers=(conv, FIRST, LAST), parameters=109_386, remarks=("Prefix net. taken off.",))
    name_model(qtbot, dialog, "net.pt")
    card = dialog.page.model
    assert card.note.text() == "PyTorch state dict · 3 layers · 109,386 parameters · float32"
    assert card.table.numbers.rows == [
        ("conv1 (not scaled)", "Conv2d", "ReLU, guessed", "8 × 1 × 3 × 3", "80"),
        ("0", "Linear", "unknown", "4 → 8", "40"),
        ("2", "Linear", "none", "8 → 3", "27"),
    ]
    assert card.remarks.text().splitlines() == ["Prefix net. taken off.", f"conv1: {reason}"]


def test_many_layers_of_one_reason_are_one_sentence():
    layers = [replace(FIRST, name=f"c{index}", reason="no") for index in range(9)]
    assert reasons(layers) == ["c0, c1, c2 and 6 more: no"]
    other = [replace(FIRST, name=f"d{index}", reason=f"why {index}") for index in range(5)]
    assert reasons(other)[-1] == "2 more reasons"


def test_a_network_of_no_layers_says_why(qtbot, dialog, heads):
    heads["odd.pt"] = ModelHead("PyTorch", (), 0, "", needs=("trust",), remarks=("It names argparse.Namespace.",))
    name_model(qtbot, dialog, "odd.pt")
    assert dialog.page.model.empty.words.text() == "It names argparse.Namespace."
    assert summary(heads["odd.pt"]) == "PyTorch"


@pytest.mark.parametrize("need", NEEDS)
def test_what_a_file_leaves_to_a_person_is_marked_and_the_rest_folded_away(qtbot, dialog, heads, need):
    heads["net.pt"] = replace(HEAD, needs=(need,), choices=("ema", "model"))
    usual = {"model", "data", "normalize"}
    assert seen(dialog) == (usual, set())
    name_model(qtbot, dialog, "net.pt")
    assert seen(dialog) == (usual | {need}, {need})
    assert dialog.model.rows[need].note.text() == f"Needed. {NEEDS[need]}"
    dialog.more.click()
    assert seen(dialog)[0] == {*dialog.model.rows, *dialog.data.rows}
    dialog.more.click()
    assert seen(dialog)[0] == usual | {need}


def test_a_mark_goes_once_the_field_is_filled_in_and_what_is_filled_in_stays_in_sight(qtbot, dialog, heads):
    heads["net.pt"], heads["whole.pt"] = replace(HEAD, needs=("factory",)), replace(HEAD, needs=())
    name_model(qtbot, dialog, "net.pt")
    dialog.model.factory.setText("mine.py:build")
    assert seen(dialog)[1] == set()
    name_model(qtbot, dialog, "whole.pt")
    assert "factory" in seen(dialog)[0]


def test_trust_is_for_one_path(qtbot, dialog, heads):
    heads["one.pt"], heads["two.pt"] = replace(HEAD, needs=("trust",)), replace(HEAD, needs=("trust",))
    name_model(qtbot, dialog, "one.pt")
    dialog.model.trust.click()
    assert dialog.source().trust
    name_model(qtbot, dialog, "two.pt")
    assert not dialog.model.trust.isChecked()
    assert not dialog.source().trust


def test_one_of_several_networks_is_picked_and_shown(qtbot, heads, dialog):
    heads["net.pt"] = replace(HEAD, layers=(), choices=("ema", "model"), needs=("weights",))
    name_model(qtbot, dialog, "net.pt")
    box = dialog.model.weights
    assert [box.itemText(index) for index in range(box.count())] == ["ema", "model"]
    heads["net.pt"] = replace(HEAD, choices=("ema", "model"))
    box.setCurrentText("ema")
    shown(qtbot, dialog)
    assert len(dialog.page.model.table.numbers.rows) == 2
    assert box.text() == "ema"


def test_what_is_said_of_the_activation_stands_in_the_list(qtbot, dialog, heads):
    heads["net.pt"] = HEAD
    name_model(qtbot, dialog, "net.pt")
    dialog.model.activation.setCurrentText("gelu")
    assert [row[2] for row in dialog.page.model.table.numbers.rows] == ["GELU, as you say", "none"]
    assert rows(HEAD, "")[0][2] == "unknown"


def test_samples_are_shown_as_rows_and_what_is_taken_is_told(qtbot, dialog, heads):
    heads["set.npz"] = replace(SAMPLES, remarks=("labels 1 to 3 are read as classes 0 to 2",))
    dialog.data.path.line.setText("set.npz")
    shown(qtbot, dialog)
    card = dialog.page.data
    assert card.note.text() == "NPZ · 30 samples · 4 features"
    assert card.table.numbers.rows == [("x", "30 × 4", "float32", "inputs"), ("y", "30", "int64", "labels")]
    assert card.classes.text() == "3 classes: a, b, c"
    assert card.remarks.text() == "labels 1 to 3 are read as classes 0 to 2"
    table = card.samples
    assert [table.horizontalHeaderItem(column).text() for column in range(5)] == ["label", "1", "2", "3", "4"]
    assert [table.item(1, column).text() for column in range(5)] == ["b", "4", "5", "6", "7"]
    assert dialog.data.names.inputs.lineEdit().placeholderText() == "x"


def test_columns_of_a_table_keep_their_names(qtbot, dialog, heads):
    columns = tuple(ArrayHead(name, (30,), "number") for name in ("width", "length", "kind"))
    heads["set.csv"] = replace(
        SAMPLES, arrays=columns, inputs="*", labels="kind", shape=(2,), first=np.arange(4.0).reshape(2, 2)
    )
    dialog.data.path.line.setText("set.csv")
    shown(qtbot, dialog)
    card = dialog.page.data
    assert [row[3] for row in card.table.numbers.rows] == ["inputs", "inputs", "labels"]
    table = card.samples
    assert [table.horizontalHeaderItem(column).text() for column in range(3)] == ["label", "width", "length"]
    assert dialog.data.names.inputs.lineEdit().placeholderText() == "all other columns"


def test_names_that_say_nothing_are_asked_for(qtbot, dialog, heads):
    heads["set.npz"] = replace(SAMPLES, inputs="", labels="", shape=(), first=None, classes=())
    dialog.data.path.line.setText("set.npz")
    shown(qtbot, dialog)
    assert {"inputs", "labels"} <= seen(dialog)[1]


def test_channels_are_asked_for_where_a_remark_speaks_of_them(qtbot, dialog, heads):
    heads["set.npz"] = replace(SAMPLES, shape=(8, 8, 3), remarks=("The channels may stand last.",))
    dialog.data.path.line.setText("set.npz")
    shown(qtbot, dialog)
    assert "channels" in seen(dialog)[0]
    dialog.data.channels.setCurrentIndex(1)
    assert dialog.source().channels == "last"


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        ((8, 8), (8, 8, 1)),
        ((1, 8, 8), (8, 8, 1)),
        ((3, 8, 9), (8, 9, 3)),
        ((8, 9, 3), (8, 9, 3)),
        ((784,), (28, 28, 1)),
        ((64,), None),
        ((5, 8, 8), None),
    ],
)
def test_samples_that_are_pictures_are_drawn_as_such(shape, drawn):
    found = pictures(np.random.default_rng(0).normal(size=(4, *shape)))
    assert (None if found is None else found.shape[1:]) == drawn
    if found is not None:
        assert (found.min(), found.max(), found.dtype) == (0, 255, np.uint8)


def test_a_picture_stands_upright_in_its_own_grey():
    """The first row of the numbers is the upper one, and larger numbers are lighter."""
    one = np.zeros((1, 16, 16))
    one[0, 0, :] = 2.0
    shown = pictures(one)
    assert (shown[0, 0] == 255).all()
    assert (shown[0, 1:] == 0).all()


def test_both_files_together_say_whether_they_fit(qtbot, dialog, heads):
    heads["net.pt"], heads["set.npz"] = replace(HEAD, needs=()), SAMPLES
    name_model(qtbot, dialog, "net.pt")
    assert not dialog.page.fit.isVisible()
    dialog.data.path.line.setText("set.npz")
    shown(qtbot, dialog)
    assert dialog.page.fit.text() == "They fit: 4 features, as the network takes; 3 classes, 3 outputs."
    heads["wide.npz"] = replace(SAMPLES, shape=(5,))
    dialog.data.path.line.setText("wide.npz")
    shown(qtbot, dialog)
    assert dialog.page.fit.text().startswith("They do not fit: 5 features, the network takes 4")
    assert dialog.page.fit.property("role") == "warning"


def test_why_a_head_cannot_be_read_stands_in_its_place(qtbot, session, window, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"no zip")
    dialog = window.opening.ask_data()
    dialog.data.path.line.setText(str(tmp_path / "bad.npz"))
    shown(qtbot, dialog)
    said = dialog.page.data.empty.words
    assert said.isVisible()
    assert "bad.npz" in said.text()
    assert said.wordWrap()


def test_typing_a_path_reads_it_once(qtbot, dialog, heads, monkeypatch):
    asked = []
    monkeypatch.setattr(page_module, "read_model", lambda source: asked.append(source.model) or HEAD)
    monkeypatch.setattr(reading, "PAUSE_MS", 100)
    qtbot.keyClicks(dialog.model.path.line, "net.safetensors")
    shown(qtbot, dialog)
    assert asked == ["net.safetensors"]


def test_the_newest_path_is_shown_though_an_older_one_is_still_being_read(qtbot, dialog, heads):
    begun, go = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert go.wait(SECONDS / 1000)
        return replace(HEAD, format="old")

    heads["slow.pt"], heads["new.pt"] = slow, replace(HEAD, format="new")
    dialog.model.path.line.setText("slow.pt")
    qtbot.waitUntil(begun.is_set, timeout=SECONDS)
    dialog.model.path.line.setText("new.pt")
    go.set()
    shown(qtbot, dialog)
    assert dialog.page.model.note.text().startswith("new")


def test_closing_the_dialog_waits_for_nothing_that_is_read(qtbot, dialog, heads):
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()

    def hangs():
        begun.set()
        go.wait(SECONDS / 1000)
        ended.set()
        return HEAD

    heads["hangs.pt"] = hangs
    dialog.model.path.line.setText("hangs.pt")
    qtbot.waitUntil(begun.is_set, timeout=SECONDS)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not ended.is_set()  # it was closed while the file was being read
    go.set()
    assert ended.wait(SECONDS / 1000)


def test_the_open_network_is_shown_beside_data_that_are_asked_for(qtbot, heads):
    layers = (LayerInfo("0", "Linear", "ReLU", 4, 8, 8, 40), LayerInfo("2", "Linear", "", 8, 3, 8, 27))
    dialog = OpenDataDialog(None, Source(), head_of_layers(layers), "Iris")
    qtbot.addWidget(dialog)
    assert dialog.page.model.note.text() == "Iris · 2 layers · 67 parameters"
    assert [row[2] for row in dialog.page.model.table.numbers.rows] == ["ReLU", "none"]
    heads["set.npz"] = SAMPLES
    dialog.data.path.line.setText("set.npz")
    shown(qtbot, dialog)
    assert dialog.page.match.fits


def test_names_in_a_file_are_no_markup(qtbot):
    card = DataCard()
    qtbot.addWidget(card)
    card.show_head(replace(SAMPLES, classes=("<b>bold</b>",), remarks=("<i>x</i>",)))
    for text in (card.classes, card.remarks, card.empty.words, card.note):
        assert text.textFormat() == Qt.TextFormat.PlainText
    assert classes_sentence(tuple("abcdefghij")) == "10 classes: a, b, c, d, e, f, g, h and 2 more"
    assert ModelCard().empty.words.textFormat() == Qt.TextFormat.PlainText


def trained(path):
    """A chain whose outputs only its own activation (tanh) gives, and labels by these outputs."""
    import torch

    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3))
    for part in net[::2]:
        nn.init.normal_(part.weight, std=1.5)
    save_file(net.state_dict(), path / "net.safetensors")
    x = torch.randn(400, 4)
    with torch.no_grad():
        y = net(x).argmax(1)
    np.savez(path / "set.npz", x=x.numpy(), y=y.numpy())
    return str(path / "net.safetensors"), str(path / "set.npz")


def test_the_activation_that_does_best_on_the_data_is_proposed_and_may_be_changed(qtbot, tmp_path):
    model, data = trained(tmp_path)
    dialog = OpenModelDialog(None, Source(model=model, data=data))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.model.said_activation() is not None, timeout=SECONDS)
    assert dialog.source().activation == "tanh"
    note = dialog.model.rows["activation"].note.text()
    assert note.startswith("tanh fits best: 100.0 % of 320 training samples right (")
    assert dialog.page.model.table.numbers.rows[0][2] == "tanh, proposed"
    dialog.model.activation.setCurrentText("relu")
    dialog.data.normalize.setCurrentIndex(1)
    qtbot.waitUntil(lambda: not dialog.proposing.running, timeout=SECONDS)
    assert dialog.source().activation == "relu"  # a person said so
    dialog.reject()


def test_what_was_proposed_goes_with_its_files(qtbot, tmp_path):
    model, data = trained(tmp_path)
    dialog = OpenModelDialog(None, Source(model=model, data=data))
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.model.said_activation() is not None, timeout=SECONDS)
    dialog.data.path.line.setText("")
    qtbot.waitUntil(lambda: dialog.model.said_activation() is None, timeout=SECONDS)
    assert dialog.model.rows["activation"].note.text() == f"Needed. {NEEDS['activation']}"  # and its numbers with them
    dialog.reject()


@pytest.mark.parametrize("kind", [OpenModelDialog, OpenDataDialog])
def test_a_name_can_be_typed_at_once(qtbot, kind):
    dialog = kind(None, Source())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.focusWidget() is not None)
    qtbot.keyClicks(dialog.focusWidget(), "net.pt")
    assert next(field for field in dialog.findChildren(QLineEdit) if field.text()).accessibleName().endswith("file")
    dialog.reject()


def test_every_field_is_reached_by_keys_in_the_order_in_which_it_stands(qtbot, dialog):
    dialog.more.click()
    dialog.activateWindow()
    dialog.model.path.line.setFocus()
    passed = []
    for _ in range(60):
        widget = dialog.focusWidget()
        passed.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        if dialog.focusWidget() is dialog.model.path.line:
            break
    order = [
        dialog.model.path.line,
        dialog.model.weights,
        dialog.model.activation,
        dialog.model.factory,
        dialog.model.arguments,
        dialog.model.trust,
        dialog.data.path.line,
        dialog.data.names.inputs,
        dialog.data.names.labels,
        dialog.data.channels,
        dialog.data.normalize,
        dialog.data.test.line,
        dialog.more,
        dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel),
    ]
    places = [passed.index(widget) for widget in order]
    assert places == sorted(places)


@pytest.mark.parametrize("size", [(920, 500), (760, 460)])
def test_the_dialog_fits_a_small_screen(qtbot, dialog, size):
    least = dialog.minimumSizeHint()
    assert least.width() <= size[0]
    assert least.height() <= size[1]
