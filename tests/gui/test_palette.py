"""The command search: what it finds, and that keys alone do it."""

import pytest
from PySide6.QtCore import Qt

from koopview.gui.commands import Command, closeness, matches, setting_command
from koopview.gui.dialogs.palette import Palette


@pytest.fixture
def palette(fitted, qtbot):
    fitted.window.activateWindow()
    qtbot.waitUntil(fitted.window.isActiveWindow)
    qtbot.keyClick(fitted.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    return fitted.window.findChild(Palette)


def test_every_action_that_can_be_done_is_found(fitted, palette):
    for action in fitted.window.actions_by_name.values():
        if action.isEnabled() and action.objectName() != "commandsAction":
            name = action.text().replace("&", "").rstrip("…")
            assert any(text.endswith(name) for text in palette.texts()), name
    assert "Stop" not in palette.texts()  # nothing runs


def test_letters_arrows_and_enter_do_a_command(fitted, palette, qtbot):
    qtbot.keyClicks(palette.search, "mnist")
    assert palette.texts()[0] == "Demo: MNIST"
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.search, Qt.Key.Key_Up)
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert fitted.session.calls == [("open_demo", "mnist")]


def test_esc_closes_and_does_nothing(fitted, palette, qtbot):
    qtbot.keyClick(palette, Qt.Key.Key_Escape)
    assert fitted.session.calls == []
    assert fitted.session.requests == []


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("delays 7", "delays", 7),
        ("h = 7", "delays", 7),
        ("rank 11", "rank", 11),
        ("ran auto", "rank", "auto"),
        ("rank numerical", "rank", "numerical"),
        ("r = gavish-donoho", "rank", "gavish-donoho"),
        ("samples all", "samples", None),
        ("centres auto", "centres", None),
        ("layer 4", "layer", "4"),
        ("steps 5", "delays", 5),  # fewer steps than delays take them along
    ],
)
def test_settings_are_set_in_words(fitted, palette, qtbot, typed, field, value):
    palette.search.setText(typed)
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    (asked,) = fitted.session.requests
    assert getattr(asked, field) == value


def test_a_value_that_cannot_be_is_one_sentence(fitted):
    command = setting_command("delays 99", fitted.session, fitted.window.tell)
    command.run()
    assert fitted.session.requests == []
    assert "expected 1 to 20" in fitted.window.message.sentence.text()


@pytest.mark.parametrize("typed", ["", "delays", "delays twelve", "layer 77", "something 3"])
def test_other_words_are_no_setting(fitted, typed):
    assert setting_command(typed, fitted.session, fitted.window.tell) is None


def test_the_closest_comes_first():
    commands = [Command(text, "", lambda: None) for text in ("Save study as…", "Show Singular values", "Sweep", "Stop")]
    assert matches("sw", commands)[0].text == "Sweep"
    assert {command.text for command in matches("sv", commands)} == {"Save study as…", "Show Singular values"}
    assert matches("xyz", commands) == []
    assert closeness("sing", "Show Singular values") > closeness("sgv", "Show Singular values") > 0


def test_tabs_are_shown(fitted, palette, qtbot):
    palette.search.setText("show log")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    tabs = fitted.window.results.tabs
    assert tabs.tabText(tabs.currentIndex()) == "Log"
