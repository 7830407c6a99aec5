"""Present mode: eigenvalues, accuracy and, on request, the trajectory, enlarged for an audience, with the chooser.

A room reads from 8 m what the window shows at arm's length: all is drawn ZOOM times as large on a screen of
1920 x 1080, and in proportion on others, with lines as much thicker. A preset (koopview/projectors.py) says otherwise.
"""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from koopview.gui.history import same_decomposition
from koopview.gui.looks.pens import lines_times
from koopview.gui.looks.stylesheet import stylesheet
from koopview.gui.looks.theme import CONTRAST, DARK, LIGHT, SMALL, UNIT, Theme
from koopview.gui.panels.accuracy import above_words, error_tip, score_bars
from koopview.gui.plots.bars import Bars
from koopview.gui.plots.curving import in_order
from koopview.gui.plots.path_grid import PathGrid, Paths
from koopview.gui.plots.plane import Plane, crowded
from koopview.gui.present.chooser import Chooser
from koopview.gui.selection import ModeSelection
from koopview.gui.widgets.card import Note, dressed, label, tool_button
from koopview.gui.widgets.pager import PAGE
from koopview.gui.widgets.veil import Veil
from koopview.projectors import ACCURACY, EIGENVALUES, TRAJECTORY, USUAL, Preset
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

ZOOM = USUAL.scale
_THEMES = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}
_LEAST = (320, 180)
_BARS_WIDTH = 268
"""Room that bars need beside a narrow plane, in logical pixels: name, figure, interval and a bar to be seen."""

_LINES = 0.75
"""Factor by which lines grow less than text: twice as thick is enough for an audience."""


class PresentPage(QWidget):
    """Fills the window; ``requested`` carries the requested settings, ``left`` is emitted when a person leaves."""

    requested = Signal(object)
    left = Signal()
    theme_asked = Signal()
    zoomed = Signal()

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__()
        self.setObjectName("presentPage")
        self.setAccessibleName("Present mode")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._zoom, self._theme, self.preset = 1.0, LIGHT, USUAL
        self._result: FitResult | None = None
        self.title, self.plane, self.bars = dressed(Note(), "title"), Plane(selection), Bars("Accuracies, large")
        self.title.setMinimumWidth(1)  # a long name is shortened, and never widens the page
        self.plane.widget.setObjectName("presentEigenvalues")
        self.grid, self.chooser = PathGrid(), Chooser()
        self.grid.setAccessibleName("Trajectory, large")
        self.grid.exportable.about = lambda: {"sample": "sample 1"}
        self.grid.hide()
        self._veils = tuple(Veil(part) for part in (self.plane.widget, self.bars, self.grid))
        self._make_buttons()
        self._lay_out()
        self.chooser.requested.connect(self.requested)
        self.plane.widget.remove_asked.connect(self.chooser.remove_asked)
        self.plane.widget.reset_asked.connect(self._frame)
        selection.changed.connect(lambda: self.chooser.show_selected(selection.indices))

    def _make_buttons(self) -> None:
        self.paths = tool_button("Trajectory", "segment", "Show the trajectory too")
        self.paths.setCheckable(True)
        self.paths.setToolTip("Show the layer's step and its scaled path above")
        self.paths.toggled.connect(self.grid.setVisible)
        self.dark = tool_button("Light / dark", "segment", "Change between light and dark")
        self.dark.setToolTip("Change between light and dark (Ctrl+T)")
        self.dark.clicked.connect(self.theme_asked)
        self.leave = tool_button("Leave", "segment", "Leave present mode")
        self.leave.setToolTip("Back to the window (Esc or F11)")
        self.leave.clicked.connect(self.left)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for button in (self.paths, self.dark, self.leave):
            head.addWidget(button)
        self.above, self.lift = label(""), label("", "muted")
        self.above.setWordWrap(True)
        right = QVBoxLayout()
        right.addStretch(1)
        right.addWidget(self.bars, 20)
        right.addWidget(self.above)
        right.addWidget(self.lift)
        right.addStretch(1)
        pair = QHBoxLayout()
        pair.setSpacing(4 * UNIT)
        pair.addWidget(self.plane.widget, 10)
        pair.addLayout(right, 11)
        self.place = QVBoxLayout()  # for the message bar
        layout = QVBoxLayout(self)
        layout.addLayout(self.place)
        layout.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 3 * UNIT)
        layout.setSpacing(2 * UNIT)
        layout.addLayout(head)
        layout.addWidget(self.grid, 4)
        layout.addLayout(pair, 7)
        layout.addWidget(self.chooser)

    def show_state(self, state: StudyState | None, settings: FitSettings | None, title: str) -> None:
        """Show the title, and the layers and settings to choose from."""
        self.title.setText(title)
        self.chooser.show_state(state, settings)

    def show_result(self, result: FitResult | None) -> None:
        """Draw `result`; nothing for None."""
        others = result is not None and (self._result is None or not same_decomposition(result, self._result))
        self._result = result
        self._show_panels()
        self.chooser.show_result(result)
        if result is None:
            self.grid.show_paths(None)
            return
        self.plane.show_result(result)
        if others:
            self._frame()
        self.bars.show_bars(score_bars(result), error_tip(result))
        self.above.setText(above_words(result))
        self.lift.setText(f"lift fraction {result.settings.lift_fraction:.2f} · eigenvalues per step")
        self._show_paths(result)

    def start_over(self) -> None:
        """Show the panels of the preset, and all of the plane, as when present mode began."""
        self.paths.setChecked(TRAJECTORY in self.preset.panels)
        self._frame()

    def _frame(self) -> None:
        """Show the unit circle, or a close-up where it would leave one blob of the eigenvalues."""
        if self._result is not None:
            self.plane.show_close_up(crowded(self._result.fitted_eigenvalues))

    def _show_panels(self) -> None:
        known = self._result is not None
        for panel, parts in ((EIGENVALUES, (self.plane.widget,)), (ACCURACY, (self.bars, self.above, self.lift))):
            for part in parts:
                part.setVisible(known and panel in self.preset.panels)

    def show_preset(self, preset: Preset, theme: Theme) -> None:
        """Look as `preset` says, in the colours of `theme` where it names none."""
        self.preset = preset
        self._theme = theme if preset.theme is None else _THEMES[preset.theme]
        self._show_panels()
        self.start_over()
        self._fit_zoom()
        self._dress()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._dress()

    def set_stale(self, stale: bool) -> None:
        """Dim the pictures while they do not match the settings below them."""
        for veil in self._veils:
            veil.drop(stale)

    def set_zoom(self, zoom: float) -> None:
        """Draw everything `zoom` times as large as in the window."""
        if abs(zoom - self._zoom) > 0.01:
            self._zoom = zoom
            for part in (self.plane, self.bars, self.grid):
                part.set_zoom(zoom)
            self.bars.setMinimumWidth(round(_BARS_WIDTH * zoom))
            self._dress()
            self.zoomed.emit()

    @property
    def zoom(self) -> float:
        """Size relative to the window."""
        return self._zoom

    def part(self, panel: str) -> QWidget | None:
        """Return the page's widget that corresponds to a panel of the window, None if there is none."""
        parts: dict[str, QWidget] = {"eigenvalues": self.plane.widget, "accuracy": self.bars, "trajectory": self.grid}
        return {**parts, "fit_panel": self.chooser, "network": self.chooser.layers}.get(panel)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a small size: all shrinks with the page, so that nothing on it needs the room that it has now."""
        return QSize(*_LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the screen."""
        super().resizeEvent(event)
        self._fit_zoom()

    def _fit_zoom(self) -> None:
        """Write as large as the preset says for a picture of its size, and in proportion in others."""
        width, height = self.preset.size
        self.set_zoom(self.preset.scale * min(self.width() / width, self.height() / height))

    def _dress(self) -> None:
        thick = max(1.0, _LINES * self._zoom) * self.devicePixelRatioF()
        with lines_times(thick):
            parts: tuple[Any, ...] = (self.plane, self.bars, self.grid, *self._veils)
            for part in parts:
                part.set_theme(self._theme)
        self.setStyleSheet(stylesheet(self._theme, self._zoom) + _large_controls(self._theme, self._zoom))

    def _show_paths(self, result: FitResult) -> None:
        if len(result.paths):
            self.grid.show_paths(Paths.of(result, 0, in_order(result, 0)[: PAGE // 2]))


def smallest_text(zoom: float) -> float:
    """Return the height of a capital of the smallest text, in logical pixels (Inter's is 0.727 of its size)."""
    return 0.727 * round(SMALL * zoom)


def _large_controls(theme: Theme, zoom: float) -> str:
    """Return a style sheet for controls that are easy to hit with a mouse from afar."""
    track, beyond = round(4 * zoom), round(5 * zoom)
    knob = track + 2 * beyond  # height equal to width at every zoom, or Qt draws a square
    return f"""
#presentPage {{ background: {theme.panel}; }}
QSlider {{ min-height: {knob + 4}px; }}
QSlider::groove:horizontal {{ height: {track}px; border-radius: {track // 2}px; }}
QSlider::sub-page:horizontal {{ border-radius: {track // 2}px; }}
QSlider::handle:horizontal {{ width: {knob - 4}px; height: {knob - 4}px; margin: -{beyond}px 0;
  border-radius: {knob // 2}px; border-width: {max(2, round(zoom))}px; }}
QToolButton[role="segment"] {{ padding: {round(3 * zoom)}px {round(7 * zoom)}px; border-radius: {round(6 * zoom)}px; }}
"""
