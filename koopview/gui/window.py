"""The main window: shows the session's results, and passes a person's requests to the session."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Property, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QToolBar, QWidget

from koopview.gui.actions import Actions, make_actions, theme_actions, undo_actions
from koopview.gui.allowing import allow
from koopview.gui.drawing import Drawing
from koopview.gui.enlarging import Enlarging
from koopview.gui.files.drop_window import DropWindow
from koopview.gui.files.exporting import Exporting
from koopview.gui.files.opening import Opening
from koopview.gui.files.study_files import StudyFiles
from koopview.gui.filling_in import FillingIn
from koopview.gui.handlers import handlers
from koopview.gui.layout_memory import remember_layout, restore_layout
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import Theme
from koopview.gui.menus import Menus, make_toolbar
from koopview.gui.mode_wiring import connect_modes, connect_views
from koopview.gui.panels.accuracy import AccuracyPanel
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.fit import FitPanel
from koopview.gui.panels.left import LeftSections
from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.panels.network import NetworkPanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.present.presenting import Presenting
from koopview.gui.saving.saving import ask_numbers, ask_picture
from koopview.gui.session.port import SessionPort
from koopview.gui.staleness import Staleness
from koopview.gui.widgets.cut_label import Subject
from koopview.gui.widgets.message_bar import MessageBar
from koopview.gui.widgets.status import Status
from koopview.gui.widgets.suggested_action import SuggestedAction
from koopview.gui.widgets.workspace import Workspace
from koopview.gui.words import belongs, done, title, what_to_do
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.values import FIRST_SIZE, LEAST_SIZE

if TYPE_CHECKING:
    from koopview.gui.present.tour import Tour


class MainWindow(DropWindow):
    """Draws a session. It has no numbers of its own: everything shown comes from the session's results.

    ``settled`` is emitted when all requests are shown; the properties ``busy`` and ``summary`` describe the screen.
    """

    settled = Signal()
    actions_by_name: Actions
    tools: QToolBar
    status: Status

    def __init__(self, session: SessionPort, appearance: Appearance, keeps_layout: bool = True) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.session, self.appearance, self._keeps_layout = session, appearance, keeps_layout
        self._shown: FitResult | None = None
        self._listed: StudyState | None = None
        self._begun = False
        self.tour: Tour | None = None
        self._make_panels()
        self._make_bars()
        self._staleness = Staleness((*self._panels[1:], self.presenting), self)
        self._connect()
        appearance.changed.connect(self._dress)
        self._dress(appearance.theme)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*FIRST_SIZE)
        if keeps_layout:
            restore_layout(self, self.workspace)
        self._show_state(session.state)
        self._show_settings(session.settings)
        self._show_result(session.result)
        self._show_busy(session.busy)

    def is_busy(self) -> bool:
        """Return whether a request is not yet shown."""
        return self.session.busy

    def shown_result(self) -> FitResult | None:
        """Return the result that is on screen and matches the controls; a preview is none."""
        shown = self.session.result
        return None if shown is None or shown is not self._shown or shown.preview else shown

    def drawn_result(self) -> FitResult | None:
        """Return the result that is drawn, whether it matches the controls or not."""
        return self._shown

    def shown_summary(self) -> dict[str, Any]:
        """Return the result on screen as the JSON object of ``koopview fit``, empty if none matches the controls."""
        result = self.shown_result()
        return {} if result is None else result.summary()

    busy = Property(bool, is_busy)
    summary = Property(dict, shown_summary)

    def tell(self, sentence: str, details: str = "", suggested: SuggestedAction | None = None) -> None:
        """Show a sentence in the message bar, with a suggested action."""
        self.message.tell(sentence, details, suggested)

    def say(self, text: str) -> None:
        """Show in the status bar what has been done, and remove an earlier message."""
        self.message.mend()
        self.status.say(text)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask about unsaved work once; then hide and let the session end its work, which may take a moment."""
        self.studies.end_other()
        if self.studies.must_ask:
            event.ignore()
            self.studies.before_losing(self.close_now)
            return
        if self._keeps_layout:
            remember_layout(self, self.workspace)
        self.hide()
        for part in (self.studies, self.opening, self.session):
            part.close()
        event.accept()

    def open_tour(self) -> None:
        """Begin the guided tour, or begin it again."""
        if self.session.asked is not None and self.is_busy():
            self.tell("The tour waits for what is being opened: begin it again once that is there")
            return
        from koopview.gui.present.tour import Tour  # which the first picture need not wait for

        self.enlarging.put_back()
        self.tour = self.tour or Tour(self, self)
        self.tour.begin()

    def panel(self, name: str) -> QWidget:
        """Return a panel by its name."""
        panel: QWidget = getattr(self, name)
        return panel

    def close_now(self) -> None:
        """Close the window; unsaved work is lost."""
        self.studies.forget_changes()
        self.close()

    def _make_panels(self) -> None:
        self.network, self.trajectory, self.eigenvalues = NetworkPanel(), TrajectoryPanel(), EigenvaluePanel()
        self.fit_panel, self.accuracy = FitPanel(self.eigenvalues.selection), AccuracyPanel()
        self.meaning, self.results = MeaningPanel(), ResultsPanel(self.eigenvalues.selection)
        self.left = LeftSections(self.network, self.trajectory.samples)
        top = (self.eigenvalues, self.accuracy, self.meaning)
        self._panels = (self.network, self.fit_panel, self.trajectory, *top, self.results)
        self.workspace = Workspace(top, self.network, self.trajectory, self.results, self.fit_panel)
        stage, below = (self.eigenvalues, self.meaning, self.fit_panel), (self.trajectory, self.left, self.results)
        self._drawing = Drawing(stage, below, self)
        self.message = MessageBar()
        self.workspace.message_place.addWidget(self.message)
        self.presenting = Presenting(self, self.workspace, self)
        self.setCentralWidget(self.presenting.pages)

    def _make_bars(self) -> None:
        self.studies = StudyFiles(self, self.session, self.say)
        open_part = lambda part: SuggestedAction.of(self.actions_by_name[f"open_{part}"])  # noqa: E731
        self.opening = Opening(self, self.session, self.studies, self.message, open_part)
        self.exporting = Exporting(self, self.session, self.say)
        self.enlarging = Enlarging(self, self, self._panels)
        self.actions_by_name = make_actions(self, handlers(self, self))
        self.actions_by_name |= undo_actions(self, self.session.undo_stack)
        self._theme_actions = theme_actions(self, self.appearance.choice, self.appearance.choose)
        self.menus = Menus(self, self.actions_by_name, self.opening.open_file, ask_picture, ask_numbers)
        self.addActions(self.workspace.actions_of_docks())  # their shortcuts work while the menu is hidden
        self.menus.fill(self._theme_actions, self.workspace.actions_of_docks())
        self.subject = Subject(self.menuBar())
        self.tools = make_toolbar(self.actions_by_name, self.menus)
        self.addToolBar(self.tools)
        self.status = Status(self.actions_by_name["stop"])
        self.filling = FillingIn(self, self, self.actions_by_name["fill_in"])
        for button in self.workspace.folding.buttons():
            self.status.addPermanentWidget(button)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        session = self.session
        session.state_changed.connect(self._show_state)
        session.state_changed.connect(self.message.forget)  # a new study makes an old failure's message obsolete
        session.settings_changed.connect(self._show_settings)
        session.result_changed.connect(self._show_result)
        session.busy_changed.connect(self._show_busy)
        session.progressed.connect(self.status.show_progress)
        session.failed.connect(self.opening.on_failed)
        session.noted.connect(self.opening.on_noted)
        session.held.connect(self.opening.on_held)
        session.remarked.connect(lambda note: self.message.tell(note, quiet=True))
        session.explained.connect(self.network.show_explained)
        session.filled.connect(self._show_filled)
        session.settled.connect(self._drawing.finish)
        session.settled.connect(self.settled)
        self.studies.changed.connect(self._show_words)
        for panel in (self.network, self.fit_panel):
            panel.requested.connect(session.request)
        self.fit_panel.refused.connect(self.tell)
        self.fit_panel.repeats_asked.connect(session.repeat)
        connect_modes(session, self.eigenvalues, self.fit_panel.surgery)
        self.eigenvalues.selection.changed.connect(self._allow)
        self.eigenvalues.mode_asked.connect(self.results.open_mode)
        connect_views(session, self.results, self.trajectory, self.meaning, self.left)

    def _show_state(self, state: StudyState | None) -> None:
        if self._shown is not None and not belongs(self._shown, state):
            self._shown = None
        if self.session.result is None:  # else that is drawn next, in the place of what is on screen
            if self._shown is None:
                self._draw(None)
            self._show_history()
        self._show_settings(self.session.settings)
        if state is not None and not self._begun:  # set the first keyboard focus, once its widget is visible
            self._begun = True
            self.network.table.setFocus()

    def _show_settings(self, settings: FitSettings | None) -> None:
        self.network.show_settings(settings)
        self.fit_panel.show_settings(settings, self.session.state)
        self._watch_stale()
        self._show_words()

    def _show_result(self, result: FitResult | None) -> None:
        if result is not None and result.preview:
            self._show_preview(result)
            return
        if result is not None and result is not self._shown:
            first, self._shown = self._shown is None, result
            self._draw(result, soon=first and self.isVisible())
            self.say(done(result, self.session.sweep_end))
        if result is not None or self.session.state is not self._listed:  # else nothing is new since the last listing
            self._show_history()
        self._watch_stale()
        self._show_words()

    def _show_preview(self, result: FitResult) -> None:
        """Draw what a moving slider changes: eigenvalues, scores and figures; the rest follows the exact result."""
        self._shown = result
        for draw in (self.eigenvalues.show_result, self.accuracy.show_scores, self.fit_panel.show_result):
            draw(result)
        self.presenting.refresh()
        self._staleness.show(True, current=(self.eigenvalues, self.accuracy, self.fit_panel, self.presenting))

    def _show_history(self) -> None:
        """Show the results so far: the newest of each layer, the curve over delays, the log."""
        state = self._listed = self.session.state
        results, cells = ((), ()) if state is None else (state.results, state.cells)
        self.network.show_state(state, self._shown)
        self.accuracy.show_result(self._shown, (*cells, *results))
        self.presenting.refresh_curve()
        self.results.show_log(results)
        self.left.show_results(results, self._shown)
        self.results.show_state(state, self.session.settings)

    def _show_filled(self) -> None:
        """Show the cells that were filled in while idle and are new."""
        if self.session.state is not self._listed:
            self._show_history()

    def _draw(self, result: FitResult | None, soon: bool = False) -> None:
        self._drawing.draw(result, soon)
        self.presenting.refresh()

    def _watch_stale(self) -> None:
        """Dim the panels if they no longer match the controls."""
        self._staleness.show(self._shown is not None and self.session.result is not self._shown)

    def _allow(self) -> None:
        allow(self.actions_by_name, self.session, self._shown, bool(self.eigenvalues.selection.indices))

    def _show_busy(self, busy: bool) -> None:
        self.status.show_busy(busy)
        if not busy:
            self.status.say(done(self.shown_result(), self.session.sweep_end))
        self._show_words()

    def _show_words(self) -> None:
        """Show the window's subject, say what to do if nothing is drawn yet, enable the possible actions."""
        state, settings = self.session.state, self.session.settings
        self._allow()
        said = title(state, settings, self.studies.must_ask)
        if said != self.subject.text():
            self.setWindowTitle(said)
            self.subject.say(said)
        self.presenting.refresh_words()
        words, key = what_to_do(state, settings, self.is_busy())
        self.eigenvalues.show_hint(words, SuggestedAction.of(self.actions_by_name[key]) if key else None)

    def _dress(self, theme: Theme) -> None:
        for panel in (*self._panels, self.left):
            panel.set_theme(theme)
        self.presenting.set_theme(theme)
        self._theme_actions[self.appearance.choice].setChecked(True)
