"""The main window: shows what the session holds, and tells the session what a person asks for."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Property, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow

from koopview.files import json_text
from koopview.gui.actions import fill_menus, make_actions, make_toolbar, theme_actions, undo_actions
from koopview.gui.appearance import Appearance
from koopview.gui.dialogs.documents import ABOUT, method_file, show_document
from koopview.gui.file_actions import FileActions, dropped_file
from koopview.gui.mode_wiring import connect_modes
from koopview.gui.panels.accuracy import AccuracyPanel
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.fit import FitPanel
from koopview.gui.panels.network import NetworkPanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.preferences import forget, recall_bytes, remember
from koopview.gui.text import seconds, study_name
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import label
from koopview.gui.widgets.message_bar import MessageBar
from koopview.gui.widgets.status import Status
from koopview.gui.widgets.workspace import Workspace
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

FIRST_SIZE = (1280, 800)
_DIM_AFTER_MS = 120
"""A result that follows sooner than this replaces the old picture without dimming it: no flicker under a slider."""


class MainWindow(QMainWindow):
    """Draws a session. It owns no numbers: all that it shows comes from the session's results.

    ``settled`` is emitted when all asked work is shown; the properties ``busy`` and ``summary`` tell what is on screen.
    """

    settled = Signal()

    def __init__(self, session: Any, appearance: Appearance, keeps_layout: bool = True) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.session, self._appearance, self._keeps_layout = session, appearance, keeps_layout
        self._shown: FitResult | None = None
        self._make_panels()
        self._make_bars()
        self._dim_timer = QTimer(self, singleShot=True, interval=_DIM_AFTER_MS)
        self._dim_timer.timeout.connect(self._dim)
        self._connect()
        appearance.changed.connect(self._dress)
        self._dress(appearance.theme)
        self.resize(*FIRST_SIZE)
        if keeps_layout:
            self._restore_layout()
        self._show_state(session.state)
        self._show_settings(session.settings)
        self._show_result(session.result)
        self._show_busy(session.busy)
        self.network.table.setFocus()

    def is_busy(self) -> bool:
        """Return whether asked work is not yet shown."""
        return bool(self.session.busy)

    def shown_result(self) -> FitResult | None:
        """Return the result that is on screen and matches the controls."""
        return self._shown if self._shown is not None and self.session.result is self._shown else None

    def shown_summary(self) -> dict[str, Any]:
        """Return what is on screen as the JSON of ``koopview fit``, empty where nothing matches the controls."""
        result = self.shown_result()
        return {} if result is None else result.summary()

    busy = Property(bool, is_busy)
    summary = Property(dict, shown_summary)

    def tell(self, sentence: str, details: str = "") -> None:
        """Show a sentence in the message bar."""
        self.message.tell(sentence, details)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Hide first, then let the session end its work: what runs may take a moment to stop."""
        if self._keeps_layout:
            remember({f"layout/{name}": state for name, state in self.workspace.states().items()})
            remember({"layout/geometry": self.saveGeometry()})
        self.hide()
        self.session.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Welcome a file."""
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open the file that was dropped."""
        event.acceptProposedAction()
        self.files.drop(dropped_file(event.mimeData()))

    def _make_panels(self) -> None:
        self.network, self.trajectory, self.eigenvalues = NetworkPanel(), TrajectoryPanel(), EigenvaluePanel()
        self.fit_panel = FitPanel(self.eigenvalues.selection)
        self.accuracy, self.results = AccuracyPanel(), ResultsPanel()
        self._panels = (self.network, self.fit_panel, self.trajectory, self.eigenvalues, self.accuracy, self.results)
        self.workspace = Workspace(
            self.network, self.trajectory, self.eigenvalues, self.accuracy, self.results, self.fit_panel
        )
        self.message = MessageBar()
        self.workspace.message_place.addWidget(self.message)
        self.setCentralWidget(self.workspace)

    def _make_bars(self) -> None:
        self.actions_by_name = make_actions(self, self._handlers()) | undo_actions(self, self.session.undo_stack)
        self._theme_actions = theme_actions(self, self._appearance.choice, self._appearance.choose)
        fill_menus(self, self.actions_by_name, self._theme_actions)
        self.subject = label("", "muted")
        self.subject.setContentsMargins(0, 5, 12, 0)
        self.addToolBar(make_toolbar(self.actions_by_name, self))
        self.status = Status(self.actions_by_name["stop"])
        self.setStatusBar(self.status)
        self.files = FileActions(self, self.session, self.tell, self.status.say)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        session = self.session
        handlers: dict[str, Callable[[], object]] = {
            "open_model": lambda: self.files.ask_model(),
            "open_data": lambda: self.files.ask_data(),
            "demo_yinyang": lambda: session.open_demo("yinyang"),
            "demo_mnist": lambda: session.open_demo("mnist"),
            "export": lambda: self.files.ask_export(self.shown_result),
            "quit": self.close,
            "copy_numbers": lambda: QGuiApplication.clipboard().setText(json_text(self.shown_summary())),
            "copy_picture": lambda: QGuiApplication.clipboard().setPixmap(self.grab()),
            "fit": session.fit_now,
            "stop": session.stop,
            "sweep": session.sweep,
            "next_theme": self._switch_theme,
            "reset_layout": self._reset_layout,
            "about": lambda: show_document(self, "About KoopView", ABOUT, (480, 250)),
        }
        method = method_file()
        if method is not None:
            show = lambda: show_document(self, "The method", method.read_text(encoding="utf-8"), (720, 760))  # noqa: E731
            handlers["method"] = show
        return handlers

    def _connect(self) -> None:
        session = self.session
        session.state_changed.connect(self._show_state)
        session.settings_changed.connect(self._show_settings)
        session.result_changed.connect(self._show_result)
        session.busy_changed.connect(self._show_busy)
        session.progressed.connect(self.status.show_progress)
        session.failed.connect(self.tell)
        session.settled.connect(self.settled)
        for panel in (self.network, self.fit_panel):
            panel.requested.connect(session.request)
        connect_modes(session, self.eigenvalues, self.fit_panel.surgery)

    def _show_state(self, state: StudyState | None) -> None:
        if self._shown is not None and not belongs(self._shown, state):
            self._shown = None
            self._draw(None)
        self._show_history()
        self._show_settings(self.session.settings)

    def _show_settings(self, settings: FitSettings | None) -> None:
        self.network.show_settings(settings)
        self.fit_panel.show_settings(settings)
        self._watch_stale()
        self._show_words()

    def _show_result(self, result: FitResult | None) -> None:
        if result is not None and result is not self._shown:
            self._shown = result
            self._draw(result)
            self.status.say(done(result))
        self._show_history()
        self._watch_stale()
        self._show_words()

    def _show_history(self) -> None:
        """Show the results so far: newest of each layer, curve over delays, log."""
        state = self.session.state
        results = () if state is None else state.results
        self.network.show_state(state, self._shown)
        self.accuracy.show_result(self._shown, results)
        self.results.show_log(results)

    def _draw(self, result: FitResult | None) -> None:
        self.trajectory.show_result(result)
        self.eigenvalues.show_result(result)
        self.results.show_result(result)
        self.fit_panel.show_result(result)

    def _watch_stale(self) -> None:
        """Dim what no longer matches the controls, unless the new picture comes at once."""
        if self._shown is None or self.shown_result() is not None:
            self._dim_timer.stop()
            self._dim()
        elif not self._dim_timer.isActive():
            self._dim_timer.start()
        self.actions_by_name["export"].setEnabled(self.shown_result() is not None)
        self.actions_by_name["copy_numbers"].setEnabled(self.shown_result() is not None)

    def _dim(self) -> None:
        stale = self._shown is not None and self.shown_result() is None
        for panel in self._panels[1:]:
            panel.set_stale(stale)

    def _show_busy(self, busy: bool) -> None:
        self.status.show_busy(busy)
        if not busy:
            self.status.say(done(self.shown_result()))
        self.actions_by_name["stop"].setEnabled(busy)
        self._show_words()

    def _show_words(self) -> None:
        """Name the window's subject, say what to do where nothing is drawn yet, offer what can be done."""
        state, settings = self.session.state, self.session.settings
        for key in ("fit", "sweep"):
            self.actions_by_name[key].setEnabled(settings is not None)
        parts = [] if state is None else [study_name(state.model)] + ([f"layer {settings.layer}"] if settings else [])
        title = " — ".join([*parts, "KoopView"])
        self.setWindowTitle(title)
        self.subject.setText(title)
        self.menuBar().setCornerWidget(self.subject, Qt.Corner.TopRightCorner)  # anew, or it keeps its old width
        self.trajectory.show_hint(what_to_do(state, settings, self.is_busy()))

    def _dress(self, theme: Theme) -> None:
        for panel in self._panels:
            panel.set_theme(theme)
        self._theme_actions[self._appearance.choice].setChecked(True)

    def _switch_theme(self) -> None:
        self._appearance.choose("light" if self._appearance.theme.name == "dark" else "dark")

    def _restore_layout(self) -> None:
        self.workspace.restore({name: recall_bytes(f"layout/{name}") for name in self.workspace.states()})
        geometry = recall_bytes("layout/geometry")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)

    def _reset_layout(self) -> None:
        forget("layout")
        self.workspace.reset()


def belongs(result: FitResult, state: StudyState | None) -> bool:
    """Return whether `result` is of the study whose `state` is given."""
    return state is not None and bool(state.results) and (state.model, state.data) == (result.model, result.data)


def done(result: FitResult | None) -> str:
    """Return what the status bar says when nothing runs."""
    if result is None:
        return "Ready"
    return f"Fitted layer {result.settings.layer} in {seconds(sum(result.seconds.values()))}"


def what_to_do(state: StudyState | None, settings: FitSettings | None, busy: bool) -> str:
    """Return what an empty window tells a person to do."""
    if busy:
        return "The first picture is on its way…"
    if state is None or not state.layers:
        return "Open a model (Ctrl+O) and its data (Ctrl+Shift+O),\nor choose a built-in study under Demo."
    if not state.data:
        return "Open the data that this network was trained on (Ctrl+Shift+O)."
    if settings is None:
        return "No layer of this network can be fitted;\nthe reason stands in each layer's tooltip."
    return "Press Fit (F5) to see this layer as a linear operator."
