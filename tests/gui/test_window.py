"""The window as a whole: names, actions, what is on screen and whether it is true."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from koopview.gui.dialogs.open_source import OpenDataDialog
from koopview.gui.widgets.layer_model import HYBRID
from koopview.network.demos import DEMOS

NAMES = (
    "layerTable trajectoryPlot eigenvaluePlot accuracyPlot scalingBox stepsSpin delaySpin rankSlider rankSpin "
    "autoRankCheck samplesSpin fitAction stopAction sweepAction exportAction openModelAction openDataAction "
    "progressBar messageBar resultTabs"
)


def action(window, name):
    found = window.findChild(QAction, name)
    assert found is not None, name
    return found


def veils(window):
    return [
        panel._veil.isVisible()
        for panel in (
            window.trajectory,
            window.eigenvalues,
            window.accuracy,
            window.fit_panel,
            window.results.singular_values,
        )
    ]


def test_every_name_of_the_contract_exists_once(window):
    assert window.objectName() == "mainWindow"
    for name in NAMES.split():
        assert len(window.findChildren(QObject, name)) == 1, name


def test_every_action_has_a_menu_a_shortcut_and_a_tooltip(window):
    in_menus = {entry for menu in window.findChildren(QMenu) for entry in menu.actions()}
    for named in [child for child in window.findChildren(QAction) if child.objectName().endswith("Action")]:
        if named.objectName().startswith("_") or named.parent() is not window:
            continue
        assert named in in_menus, named.objectName()
        assert not named.shortcut().isEmpty(), named.objectName()
        assert named.toolTip(), named.objectName()


def test_shortcuts_are_those_of_the_contract_and_all_different(window):
    expected = {
        "openModelAction": "Ctrl+O",
        "openDataAction": "Ctrl+Shift+O",
        "fitAction": "F5",
        "stopAction": "Esc",
        "exportAction": "Ctrl+E",
    }
    for name, keys in expected.items():
        assert action(window, name).shortcut().toString() == keys
    named = [child for child in window.findChildren(QAction) if child.objectName().endswith("Action")]
    shortcuts = [child.shortcut().toString() for child in named if child.shortcut().toString()]
    assert len(shortcuts) == len(set(shortcuts))


def test_actions_call_the_session(fitted):
    calls = fitted.session.calls
    fitted.session.work()
    for name in ("fitAction", "sweepAction", "stopAction", "demoYinYangAction", "demoMnistAction"):
        action(fitted.window, name).trigger()
    assert calls == [("fit_now",), ("sweep", None, None), ("stop",), ("open_demo", "yinyang"), ("open_demo", "mnist")]


def test_every_built_in_network_is_in_the_menu_and_opens(fitted):
    actions = {one.text(): one for one in fitted.window.menus.demo.actions()}
    assert list(actions) == [demo.title for demo in DEMOS]
    for demo in DEMOS:
        assert actions[demo.title].objectName() == demo.action
        actions[demo.title].trigger()
    assert fitted.session.calls == [("open_demo", demo.name) for demo in DEMOS]


def test_stop_is_there_only_while_something_runs(fitted, qtbot):
    stop, bar = action(fitted.window, "stopAction"), fitted.window.status.progress
    assert not stop.isEnabled()
    assert not bar.isVisible()
    fitted.session.work()
    assert stop.isEnabled()
    qtbot.waitUntil(bar.isVisible)
    fitted.session.finish(fitted.result)
    assert not stop.isEnabled()
    assert not bar.isVisible()


def test_what_ends_at_once_shows_no_progress_bar(fitted, qtbot):
    fitted.session.work()
    fitted.session.finish(fitted.result)
    qtbot.wait(200)
    assert not fitted.window.status.progress.isVisible()


def test_progress_and_time_left_are_shown(fitted):
    fitted.session.work()
    fitted.session.progressed.emit(0.4, "Decomposing", 12.0)
    status = fitted.window.status
    assert status.progress.value() == pytest.approx(0.4 * status.progress.maximum())
    assert status.text.text() == "Decomposing"
    assert status.left.text() == "about 12 s left"


def test_summary_is_what_is_on_screen(fitted):
    assert fitted.window.property("summary") == fitted.result.summary()
    assert fitted.window.summary["accuracy"] == fitted.result.accuracy
    assert fitted.window.property("busy") is False


def test_summary_is_empty_as_soon_as_the_controls_move_on(fitted, make):
    fitted.window.fit_panel.controls.delays.setValue(3)
    assert fitted.window.property("summary") == {}
    assert fitted.window.property("busy") is True
    assert not action(fitted.window, "exportAction").isEnabled()
    answer = make.result(fitted.session.settings)
    fitted.session.finish(answer)
    assert fitted.window.summary["delays"] == 3
    assert fitted.window.property("busy") is False


def test_stale_pictures_are_dimmed_until_the_new_one_is_there(fitted, make, qtbot):
    assert veils(fitted.window) == [False] * 5
    fitted.window.fit_panel.controls.delays.setValue(3)
    qtbot.waitUntil(lambda: all(veils(fitted.window)))
    assert not fitted.window.accuracy.note.isVisible()
    fitted.session.finish(make.result(fitted.session.settings))
    assert veils(fitted.window) == [False] * 5
    assert fitted.window.accuracy.note.isVisible()


def test_a_quick_answer_is_drawn_without_dimming(fitted, make, qtbot):
    fitted.window.fit_panel.controls.rank_slider.setValue(9)
    assert veils(fitted.window) == [False] * 5
    fitted.session.finish(make.result(fitted.session.settings))
    qtbot.wait(200)
    assert veils(fitted.window) == [False] * 5
    assert fitted.window.summary["rank"] == 9


def test_stopping_gives_the_old_picture_back(fitted, qtbot):
    fitted.window.fit_panel.controls.delays.setValue(3)
    qtbot.waitUntil(lambda: all(veils(fitted.window)))
    session = fitted.session
    session.settings, session.result, session.busy = fitted.result.settings, fitted.result, False
    session.settings_changed.emit(session.settings)
    session.result_changed.emit(session.result)
    session.busy_changed.emit(False)
    assert veils(fitted.window) == [False] * 5
    assert fitted.window.summary == fitted.result.summary()
    assert fitted.window.fit_panel.controls.delays.value() == 12


def test_another_study_clears_what_was_drawn(fitted, make):
    session = fitted.session
    session.open(make.state(model="another"), None)
    assert fitted.window.summary == {}
    assert fitted.window.eigenvalues.note.text() == ""
    assert fitted.window.trajectory.grid.rows() == []
    assert veils(fitted.window) == [False] * 5


def test_during_a_sweep_the_picture_stays_and_the_curve_fills(fitted, make):
    session = fitted.session
    session.work()
    session.progressed.emit(0.1, "sweep over h, 3", float("nan"))
    extra = make.result(replace(make.settings, delays=3))
    session.state = replace(session.state, results=(*session.state.results, extra))
    session.result_changed.emit(fitted.result)
    assert fitted.window.summary == fitted.result.summary()
    assert list(fitted.window.accuracy.curve._line.getData()[0]) == [3, 12]
    assert len(fitted.window.results.log.numbers.rows) == 2
    table = fitted.window.network.table.model()
    assert table.index(1, HYBRID).data() == f"{100 * fitted.result.accuracy['hybrid']:.1f}"


def test_when_nothing_runs_any_more_the_status_does_not_go_on_about_it(fitted):
    fitted.session.work()
    fitted.session.progressed.emit(0.1, "sweep over h, 3", float("nan"))
    fitted.session.busy = False
    fitted.session.busy_changed.emit(False)
    assert fitted.window.status.text.text() == "Fitted layer 2 in 0.06 s"


def test_settled_is_passed_on_after_the_picture_is_drawn(fitted, make, qtbot):
    seen = []
    fitted.window.settled.connect(lambda: seen.append(fitted.window.summary["delays"]))
    fitted.session.finish(make.result(replace(make.settings, delays=5)))
    assert seen == [5]


def test_a_failure_is_one_sentence_with_details_behind_a_button(window, session):
    bar = window.findChild(QWidget, "messageBar")
    assert not bar.isVisible()
    session.failed.emit("model.pt is empty, expected a PyTorch file", "EOFError: line 3")
    assert bar.isVisible()
    assert bar.sentence.text() == "model.pt is empty, expected a PyTorch file"
    assert not bar.details.isVisible()
    bar.more.click()
    assert bar.details.isVisible()
    assert "EOFError" in bar.details.toPlainText()
    bar.shut.click()
    assert not bar.isVisible()
    session.failed.emit("second", "")
    assert bar.isVisible()
    assert not bar.more.isVisible()


def test_title_names_study_and_layer(fitted):
    assert fitted.window.windowTitle() == "Yin-Yang — layer 2 — KoopView"


def test_empty_window_says_what_to_do(window, session, make):
    empty = window.eigenvalues.empty
    assert empty.isVisible()
    assert "Open a model" in empty.words.text()
    assert empty.action.text() == "Open model…"
    assert not action(window, "fitAction").isEnabled()
    assert not window.fit_panel.parts.isVisible()
    session.open(replace(make.state(), data=""), None)
    assert "Open the data" in empty.words.text()
    empty.action.click()
    assert window.findChild(OpenDataDialog).isVisible()
    session.open(make.state(), make.settings)
    assert "F5" in empty.words.text()
    assert action(window, "fitAction").isEnabled()
    session.work()
    assert not empty.action.isVisible()  # nothing to do but wait


def test_no_card_is_blank_where_nothing_is_fitted(window, session, make, result):
    drawing = (window.trajectory, window.eigenvalues, window.accuracy, window.results)
    session.open(replace(make.state(), data=""), None)
    for card in (*drawing, window.fit_panel):
        assert card.empty.words.isVisible()
        assert card.empty.words.text()
    assert sum(card.empty.action.isVisible() for card in drawing) == 1  # the way on is offered once
    for name in ("trajectoryPlot", "eigenvaluePlot", "accuracyPlot", "resultTabs"):
        assert not window.findChild(QWidget, name).isVisible()
    session.open(make.state(), make.settings)
    assert not window.fit_panel.empty.isVisible()
    session.finish(result)
    assert not any(card.empty.isVisible() for card in drawing)
    for name in ("trajectoryPlot", "eigenvaluePlot", "accuracyPlot", "resultTabs"):
        assert window.findChild(QWidget, name).isVisible()


def test_a_sweep_before_the_first_fit_is_seen_as_it_fills(window, session, make, result):
    session.open(make.state(), make.settings)
    assert window.results.empty.isVisible()
    session.state = replace(session.state, cells=(result,))
    session.swept.emit()
    assert window.results.tabs.isVisible()


def test_words_of_an_empty_card_move_no_panel(window, session, make, result):
    before = places(window)
    session.open(make.state(), result.settings)
    session.finish(result)
    assert places(window) == before


def test_layout_is_remembered_and_can_be_reset(qtbot, fitted, session):
    from koopview.gui.looks.appearance import Appearance
    from koopview.gui.preferences import forget
    from koopview.gui.window import MainWindow

    first = places(fitted.window)
    fitted.window.workspace.top.setSizes([300, 360, 150])
    fitted.window.workspace.docks["network"].hide()
    fitted.window.workspace._yard.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock(fitted.window, "results"))
    moved = places(fitted.window)
    assert moved != first
    fitted.window.close()
    forget("layout/geometry")  # the screen of the offscreen platform is smaller than the window
    again = MainWindow(session, Appearance("light"))
    again.show()
    assert places(again) == moved
    action(again, "resetLayoutAction").trigger()
    assert places(again) == first
    again.close()
    again.deleteLater()


def test_the_panels_below_keep_their_share_of_the_height(fitted):
    window, below = fitted.window, dock(fitted.window, "results")

    def share():
        QApplication.processEvents()
        return below.height() / window.workspace.height()

    first, height = share(), below.height()
    for tall in [*range(801, 812), 1080]:  # pixel by pixel, as an edge is dragged, and at once
        window.resize(1500, tall)
        assert share() == pytest.approx(first, abs=1 / 695)
    assert below.height() > 1.3 * height
    window.resize(1280, 800)
    share()
    assert below.height() == height
    window.workspace._yard.resizeDocks([below], [260], Qt.Orientation.Vertical)  # as a person drags the edge between
    mine = share()
    window.resize(1500, 1080)
    assert share() == pytest.approx(mine, abs=1 / 695)
    action(window, "resetLayoutAction").trigger()
    assert share() == pytest.approx(first, abs=1 / 695)


@pytest.mark.parametrize(
    ("name", "key"), [("network", Qt.Key.Key_F6), ("results", Qt.Key.Key_F7), ("fit", Qt.Key.Key_F8)]
)
def test_panels_are_hidden_and_shown_by_a_key(fitted, qtbot, name, key):
    panel = dock(fitted.window, name)
    qtbot.keyClick(fitted.window, key)
    assert not panel.isVisible()
    qtbot.keyClick(fitted.window, key)
    assert panel.isVisible()


def test_a_panel_in_a_window_of_its_own_goes_away_while_the_window_presents(fitted, qtbot):
    panel = dock(fitted.window, "fit")
    qtbot.mouseDClick(panel.titleBarWidget(), Qt.MouseButton.LeftButton)
    assert panel.isFloating()
    fitted.window.presenting.enter(full_screen=False)
    assert not panel.isVisible()
    fitted.window.presenting.leave()
    assert panel.isVisible()
    assert panel.isFloating()
    action(fitted.window, "resetLayoutAction").trigger()
    assert not panel.isFloating()


def dock(window, name):
    return window.workspace.docks[name]


def places(window):
    """Where each panel is, and which are there at all; sizes to a few pixels."""
    QApplication.processEvents()
    panels = (window.network, window.fit_panel, window.results, window.eigenvalues)
    corners = [panel.mapTo(window, panel.rect().topLeft()) for panel in panels if panel.isVisible()]
    return [panel.isVisible() for panel in panels], [(round(at.x() / 8), round(at.y() / 8)) for at in corners]


def test_stop_says_that_it_stopped(fitted):
    action(fitted.window, "stopAction").setEnabled(True)
    action(fitted.window, "stopAction").trigger()
    assert fitted.session.calls == [("stop",)]
    assert fitted.window.status.text.text() == "Stopped: the settings are again those of the picture"


def test_stop_before_all_is_measured_says_how_to_measure_the_rest(fitted, make):
    fitted.session.finish(make.without_controls(fitted.result))
    action(fitted.window, "stopAction").setEnabled(True)
    action(fitted.window, "stopAction").trigger()
    assert "Fit (F5) measures the rest" in fitted.window.status.text.text()


def test_closing_hides_first_then_ends_the_session(fitted):
    visible = []
    fitted.session.__dict__["close"] = lambda: visible.append(fitted.window.isVisible())
    fitted.window.close()
    assert visible == [False]


def test_numbers_can_be_copied_as_json(fitted, qapp):
    import json

    action(fitted.window, "copyNumbersAction").trigger()
    assert json.loads(qapp.clipboard().text())["delays"] == 12


def test_keys_reach_every_control(fitted, qtbot):
    """Tab goes round through all controls of the Fit panel."""
    reached = set()
    fitted.window.activateWindow()
    for _ in range(60):
        focused = fitted.window.focusWidget()
        if focused is not None:
            reached.add(focused.objectName())
        qtbot.keyClick(focused or fitted.window, Qt.Key.Key_Tab)
    assert {"layerTable", "scalingBox", "stepsSpin", "delaySpin", "rankSpin", "rankSlider", "autoRankCheck"} <= reached


def test_window_needs_no_more_room_than_a_small_screen_has(fitted):
    assert fitted.window.minimumSizeHint().width() <= 1200
    assert fitted.window.minimumSizeHint().height() <= 700


def test_about(fitted):
    from PySide6.QtWidgets import QDialog, QTextBrowser

    action(fitted.window, "aboutAction").trigger()
    (dialog,) = [child for child in fitted.window.findChildren(QDialog) if child.isVisible()]
    assert "2409.01308" in dialog.findChild(QTextBrowser).toPlainText()
    dialog.close()


def test_a_message_goes_with_what_is_opened_or_saved_next(fitted):
    message = fitted.window.message
    fitted.session.failed.emit("data x.npz has 20 features, expected 4", "")
    assert message.isVisible()
    fitted.session.state_changed.emit(fitted.session.state)
    assert not message.isVisible()
    fitted.session.failed.emit("folder out does not exist", "")
    fitted.window.say("Saved out.pdf")
    assert not message.isVisible()


def test_a_note_without_room_ends_in_dots_and_keeps_its_text(fitted):
    note = fitted.window.eigenvalues.note
    note.setText("50 of ≥ 100")
    whole, room = note.fontMetrics().horizontalAdvance(note.text()), note.height()
    note.resize(whole + 1, room)
    plain = note.grab().toImage()
    note.resize(whole - 8, room)
    cut = note.grab().toImage()
    assert note.text() == "50 of ≥ 100"
    ends = [image.copy(whole - 20, 0, 12, image.height()) for image in (plain, cut)]
    assert ends[0] != ends[1]  # where half of a number stood there are dots
