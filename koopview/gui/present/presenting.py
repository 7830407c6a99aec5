"""Enter and leave present mode: its page is made on first use, and takes the whole screen."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLayout, QMainWindow, QStackedWidget, QToolBar, QWidget

from koopview.gui.actions import ACTIONS, Actions
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import DARK, Theme
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.session.port import SessionPort
from koopview.gui.widgets.message_bar import MessageBar
from koopview.gui.widgets.status import Status
from koopview.gui.widgets.workspace import Workspace
from koopview.gui.words import subject, what_to_do
from koopview.projectors import USUAL, preset_of
from koopview.study.result import FitResult, StudyState

if TYPE_CHECKING:
    from koopview.gui.present.lecturing import Lecturing
    from koopview.gui.present.page import PresentPage
    from koopview.gui.present.telling import Telling

MEANING, CONTOURS, BY = "meaning", "pseudospectrum", "present"


class StagePort(Protocol):
    """The interface of a window for present mode: the parts that it shows and hides."""

    session: SessionPort
    appearance: Appearance
    eigenvalues: EigenvaluePanel
    workspace: Workspace
    message: MessageBar
    actions_by_name: Actions
    tools: QToolBar
    status: Status

    def drawn_result(self) -> FitResult | None:
        """Return the result that is drawn."""


class Presenting(QObject):
    """Owns the ``pages`` of the window: the workspace, and after first use the present page.

    ``changed`` is emitted when present mode begins, ends or changes its size.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, workspace: QWidget, port: StagePort) -> None:
        super().__init__(window)
        self._window, self._port = window, port
        self.pages = QStackedWidget()
        self.pages.addWidget(workspace)
        self.page: PresentPage | None = None
        self.lecture: Lecturing | None = None
        self.telling: Telling | None = None
        """The tour, while one is told: its steps are shown on the page too, and its keys go through it."""
        self._was_full = self._held = False
        self._preset = USUAL

    @property
    def active(self) -> bool:
        """Whether the window presents."""
        return self.page is not None and self.pages.currentWidget() is self.page

    def toggle(self) -> None:
        """Enter or leave present mode."""
        if self.active:
            self.leave()
        else:
            self.enter()

    def enter(self, full_screen: bool = True) -> None:
        """Show only the page, on the whole screen."""
        page = self.page or self._make()
        page.leave.setHidden(self._held)
        page.foot.keys.setHidden(self._held)
        self._was_full = self._window.isFullScreen()
        self._show_bars(False)
        self.pages.setCurrentWidget(page)
        page.dress()
        self.refresh()
        self._watch(True)
        if full_screen:
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        self._take_escape(True)
        self._move_message(page.shelf.place)
        page.chooser.delays.setFocus()
        self.changed.emit()

    def leave(self) -> None:
        """Show the window as it was, unless it is held."""
        if not self.active or self._held:
            return
        if self.lecture is not None:
            self.lecture.end()
        self._watch(False)
        self.pages.setCurrentIndex(0)
        self._show_bars(True)
        self._take_escape(False)
        self._move_message(self._port.workspace.message_place)
        if not self._was_full:
            self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)
        self._port.appearance.show_meanwhile(None)
        self.changed.emit()

    def hold(self) -> None:
        """Let nothing leave present mode any more, and nothing be chosen before :meth:`let_choose` says so."""
        self._held = True
        self.let_choose(False)

    def let_choose(self, able: bool) -> None:
        """Let settings be chosen on the page, or not."""
        page = self.page or self._make()
        page.chooser.setEnabled(able)
        if able:
            page.chooser.delays.setFocus()

    def choose(self, name: str, full_screen: bool = True, own_theme: bool = True) -> None:
        """Present as the preset called `name` says, in its own theme or in the window's."""
        self._preset = preset_of(name) if own_theme else replace(preset_of(name), theme=None)
        if not self.active:
            self.enter(full_screen)
        self._show_preset()

    def start_over(self) -> None:
        """Show the page as when present mode began: its preset, its panels, all of the plane, no story."""
        if self.lecture is not None:
            self.lecture.end(gives_back=False)  # whoever starts over has set the settings already
        self._show_preset()
        self._port.eigenvalues.selection.select(())

    def _show_preset(self) -> None:
        if self.page is not None:
            self.page.show_preset(self._preset, self._port.appearance.theme)

    def refresh(self) -> None:
        """Copy the window's content to the page."""
        if self.page is not None and self.active:
            self.page.show_result(self._port.drawn_result(), self._results())
            self.refresh_words()

    def refresh_curve(self) -> None:
        """Draw the curve over h anew: the study has more results."""
        if self.page is not None and self.active:
            self.page.show_curve(self._results())

    def _results(self) -> tuple[FitResult, ...]:
        state: StudyState | None = self._port.session.state
        return () if state is None else (*state.cells, *state.results)

    def refresh_words(self) -> None:
        """Name the study, the layer and its settings as the window does."""
        if self.page is not None and self.active:
            session = self._port.session
            state, settings = session.state, session.settings
            advice, _ = what_to_do(state, settings, session.busy)
            self.page.show_state(state, settings, (subject(state, settings), advice))

    def set_stale(self, stale: bool) -> None:
        """Dim what no longer matches the settings on the page."""
        if self.page is not None:
            self.page.set_stale(stale)

    def set_theme(self, theme: Theme) -> None:
        """Give the page the colours of `theme`."""
        if self.page is not None:
            self.page.set_theme(theme)

    def _make(self) -> "PresentPage":
        from koopview.gui.present.lecturing import Lecturing  # not needed for the first picture
        from koopview.gui.present.page import PresentPage

        page = self.page = PresentPage(self._port.eigenvalues.selection)
        page.set_theme(self._port.appearance.theme)
        page.requested.connect(self._port.session.request)
        page.left.connect(self.leave)
        for asked, key in ((page.chooser.remove_asked, "remove_modes"), (page.chooser.reset_asked, "reset_modes")):
            asked.connect(self._port.actions_by_name[key].trigger)
        page.zoomed.connect(self.changed)
        page.theme_asked.connect(self._turn_light)
        self._port.session.view_changed.connect(self._show_view)
        self.lecture = Lecturing(page, self._port, self)
        self._escape = QShortcut(QKeySequence("Esc"), page, self._on_escape)
        self.pages.addWidget(page)
        return page

    def _turn_light(self) -> None:
        """Turn the page light or dark for this room; the window's own theme comes back when present mode is left."""
        if self.page is not None:
            self._port.appearance.show_meanwhile("light" if self.page.theme is DARK else "dark")
            self.page.set_theme(self._port.appearance.theme)  # a preset's colours give way too

    def _watch(self, wanted: bool) -> None:
        """Have the views made that are on the page: of contours only if the window draws them."""
        self._port.session.watch(MEANING, wanted, BY)
        self._port.session.watch(CONTOURS, wanted and self._port.eigenvalues.contours.isChecked(), BY)

    def _show_view(self, kind: str, view: Any) -> None:
        if self.page is None or not self.active:
            return
        if kind == MEANING:
            self.page.show_meaning(view)
        elif kind == CONTOURS:
            wanted = view is not None and self._port.eigenvalues.contours.isChecked()
            self.page.plane.contours.show_contours(view if wanted else None)

    def _on_escape(self) -> None:
        """Take a black screen away first: the room is not to see the window."""
        if self.lecture is not None and not self.lecture.black.isHidden():
            self.lecture.black.show_over(False)
        else:
            self.leave()

    def _take_escape(self, taken: bool) -> None:
        """Make Esc leave present mode, or, if not `taken`, stop the running work as in the window."""
        self._port.actions_by_name["stop"].setShortcut(QKeySequence("" if taken else ACTIONS["stop"].shortcut))

    def _move_message(self, place: QLayout) -> None:
        message = self._port.message
        told = not message.isHidden() and not message.quiet  # not for an audience
        place.addWidget(message)
        message.setVisible(told)

    def _show_bars(self, shown: bool) -> None:
        for bar in (self._window.menuBar(), self._port.tools, self._port.status):
            bar.setVisible(shown)
