"""Present mode: the three pictures of the main stage, enlarged for an audience, with a sentence and the chooser.

A room reads from 8 m what the window shows at arm's length: all is drawn ZOOM times as large on a screen of
1920 x 1080, and in proportion on others, with lines as much thicker. A preset (koopview/projectors.py) says otherwise.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from koopview.gui.history import over_delays, same_decomposition
from koopview.gui.looks.pens import lines_times
from koopview.gui.looks.stylesheet import stylesheet
from koopview.gui.looks.theme import CONTRAST, DARK, LIGHT, TEXT, UNIT, Theme
from koopview.gui.panels.accuracy import error_tip, score_bars
from koopview.gui.panels.meaning import MeaningPages
from koopview.gui.plots.bars import Bars
from koopview.gui.plots.curve import DelayCurve, curve_words
from koopview.gui.plots.curving import in_order
from koopview.gui.plots.path_grid import PathGrid, Paths
from koopview.gui.plots.plane import Plane, crowded
from koopview.gui.present.chooser import Chooser
from koopview.gui.present.enlarged import Enlarged
from koopview.gui.present.foot import Foot
from koopview.gui.present.large import large_controls
from koopview.gui.present.message_shelf import MessageShelf
from koopview.gui.present.sentence import headline, sentence
from koopview.gui.present.step import Step
from koopview.gui.selection import ModeSelection
from koopview.gui.widgets.card import Note, dressed, label
from koopview.gui.widgets.pager import PAGE
from koopview.gui.widgets.veil import Veil
from koopview.projectors import ACCURACY, EIGENVALUES, MEANING, TRAJECTORY, USUAL, Preset
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

ZOOM = USUAL.scale
_THEMES = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}
_LEAST = (320, 180)
_EDGE = 4 * UNIT
_BARS_WIDTH = 228
"""Room that bars need beside a narrow plane, in logical pixels: name, figure and a bar to be seen."""

_LINES = 0.75
"""Factor by which lines grow less than text: twice as thick is enough for an audience."""

_THIRD = 0.8
"""Factor by which the third picture's words grow less than text: they name what the picture shows anyhow."""

_THIRD_LEAST = 800
"""Width, in logical pixels, of a page beside whose other pictures the third one has just room for its words."""

_LETTERS = 0.53
"""Mean width of a letter, as a share of the text's size."""
_LONGEST = 240
"""Letters of the longest sentence, for which room is kept, so that the pictures stay where they are."""


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
        self._subject, self._undressed = ("", ""), True
        self._told: tuple[str, str] | None = None  # title and text of a story's step
        self.title, self.sentence = dressed(Note(), "title"), label("")
        self.title.setMinimumWidth(1)  # a long name is shortened, and never widens the page
        self.sentence.setObjectName("presentSentence")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._make_pictures(selection)
        self.chooser, self.foot = Chooser(), Foot()
        self.paths, self.dark, self.leave = self.foot.paths, self.foot.dark, self.foot.leave
        self._veils = tuple(Veil(part) for part in (self.plane.widget, self.right, self.grid))
        self._lay_out()
        self._connect(selection)

    def _make_pictures(self, selection: ModeSelection) -> None:
        self.plane, self.bars, self.curve = Plane(selection), Bars("Accuracies, large"), DelayCurve()
        self.plane.widget.setObjectName("presentEigenvalues")
        self.curve.widget.setObjectName("presentCurve")
        self.pages = MeaningPages()
        self.pages.setObjectName("presentMeaning")
        self.meaning = Enlarged(self.pages)
        self.grid = PathGrid()
        self.grid.setAccessibleName("Trajectory, large")
        self.grid.exportable.about = lambda: {"sample": "sample 1"}
        self.grid.hide()
        self.caption = dressed(Note(), "small")
        self.caption.setMinimumWidth(1)
        self.right = QWidget()
        column = QVBoxLayout(self.right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        column.addWidget(self.bars, 6)
        column.addWidget(self.caption)
        column.addWidget(self.curve.widget, 5)

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(3 * UNIT)
        for part, share in ((self.plane.widget, 10), (self.right, 10), (self.meaning, 7)):
            pictures.addWidget(part, share)
        self.shelf = MessageShelf(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_EDGE, 2 * UNIT, _EDGE, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self.title)
        layout.addWidget(self.sentence)
        layout.addWidget(self.grid, 4)
        layout.addLayout(pictures, 7)
        layout.addWidget(self.chooser)
        layout.addWidget(self.foot)

    def _connect(self, selection: ModeSelection) -> None:
        self.foot.paths.toggled.connect(self.grid.setVisible)
        self.foot.dark.clicked.connect(self.theme_asked)
        self.foot.leave.clicked.connect(self.left)
        self.chooser.requested.connect(self.requested)
        self.plane.widget.remove_asked.connect(self.chooser.remove_asked)
        self.plane.widget.reset_asked.connect(self._frame)
        self.pages.chosen.connect(self._describe_meaning)
        selection.changed.connect(lambda: self.chooser.show_selected(selection.indices))

    def show_state(self, state: StudyState | None, settings: FitSettings | None, subject: tuple[str, str]) -> None:
        """Show the layers and settings to choose from; `subject` is the title and what to do while nothing is drawn."""
        self._subject = subject
        self.chooser.show_state(state, settings)
        self._say()

    def show_result(self, result: FitResult | None, results: Sequence[FitResult] = ()) -> None:
        """Draw `result`, and the curve of those `results` that differ from it only in h; nothing for None."""
        others = result is not None and (self._result is None or not same_decomposition(result, self._result))
        self._result = result
        self._show_panels()
        self.chooser.show_result(result)
        self.pages.show_result(result)
        self._say()
        if result is None:
            self.grid.show_paths(None)
            return
        self.plane.show_result(result)
        if others:
            self._frame()
        self.bars.show_bars(score_bars(result), error_tip(result))
        self.show_curve(results)
        if len(result.paths):
            self.grid.show_paths(Paths.of(result, 0, in_order(result, 0)[: PAGE // 2]))

    def show_curve(self, results: Sequence[FitResult]) -> None:
        """Draw the curve over h of those `results` that differ from the one on the page only in h."""
        result = self._result
        if result is not None:
            self.caption.say(*curve_words(result))
            self.curve.show_results(over_delays(results, result), result)

    def show_meaning(self, view: Any) -> None:
        """Draw the view of what replacing the layer means; None if it is not there yet."""
        self.pages.show_view(view)
        self._describe_meaning()

    def _describe_meaning(self) -> None:
        """Give the third picture's words to screen readers: what changed, and the chosen sample."""
        said = (self.pages.summary.text(), self.pages.told.toolTip())
        self.meaning.setAccessibleDescription(". ".join(words for words in said if words))

    def tell(self, title: str, text: str) -> None:
        """Say a story's step in place of the title and the sentence."""
        self._told = title, text
        self._say()

    def tell_no_more(self) -> None:
        """Say again what is on the page, and what its numbers say."""
        self._told = None
        self._say()

    def _say(self) -> None:
        result = self._result
        own = self._subject if result is None else (headline(result), sentence(result))
        title, text = own if self._told is None else self._told
        self.title.setText(title)
        self.sentence.setText(text)

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
        parts: dict[str, QWidget] = {EIGENVALUES: self.plane.widget, ACCURACY: self.right, MEANING: self.meaning}
        for panel, part in parts.items():
            part.setVisible(known and panel in self.preset.panels)

    def show_preset(self, preset: Preset, theme: Theme) -> None:
        """Look as `preset` says, in the colours of `theme` where it names none."""
        self.preset = preset
        self._theme = theme if preset.theme is None else _THEMES[preset.theme]
        self._show_panels()
        self.start_over()
        self._fit_zoom()
        self.dress(self.isVisible())

    @property
    def theme(self) -> Theme:
        """The colours of the page."""
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.dress(self.isVisible())

    def set_stale(self, stale: bool) -> None:
        """Dim the pictures while they do not match the settings below them."""
        for veil in self._veils:
            veil.drop(stale)
        self.pages.set_stale(stale)

    def set_zoom(self, zoom: float) -> None:
        """Draw everything `zoom` times as large as in the window."""
        if abs(zoom - self._zoom) > 0.01:
            self._zoom = zoom
            for part in (self.plane, self.bars, self.curve, self.grid):
                part.set_zoom(zoom)
            self.meaning.set_zoom(min(_THIRD * zoom, self.width() / _THIRD_LEAST))
            self.bars.setMinimumWidth(round(_BARS_WIDTH * zoom))
            self.dress(self.isVisible())
            self.zoomed.emit()

    @property
    def zoom(self) -> float:
        """Size relative to the window."""
        return self._zoom

    def part(self, step: Step) -> QWidget | None:
        """Return the page's widget that a step points at, None if there is none; the trajectory comes if it is that."""
        self.paths.setChecked(step.panel == TRAJECTORY)
        parts: dict[str, QWidget] = {
            "eigenvalues": self.plane.widget,
            "accuracy": self.bars,
            "curve": self.curve.widget,
            "meaning": self.meaning,
            "trajectory": self.grid,
            "fit_panel": self.chooser,
            "chooser": self.chooser,
            "rank": self.chooser.rank,
            "network": self.chooser.layers,
        }
        return parts.get(step.panel)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a small size: all shrinks with the page, so that nothing on it needs the room that it has now."""
        return QSize(*_LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the screen."""
        super().resizeEvent(event)
        self._fit_zoom()
        self.shelf.lay(_EDGE, UNIT, self.width() - 2 * _EDGE)

    def _fit_zoom(self) -> None:
        """Write as large as the preset says for a picture of its size, and in proportion in others."""
        width, height = self.preset.size
        self.set_zoom(self.preset.scale * min(self.width() / width, self.height() / height))
        size = TEXT * self._zoom
        across = (self.width() - 2 * _EDGE) / (_LETTERS * size)
        self.sentence.setFixedHeight(round(1.25 * size * max(2, -(-_LONGEST // max(1, int(across))))))

    def dress(self, shown: bool = True) -> None:
        """Take the looks asked for, if the page is `shown`: it takes 20 ms, and each change of size asks for it."""
        if not shown:
            return
        thick = max(1.0, _LINES * self._zoom) * self.devicePixelRatioF()
        with lines_times(thick):
            parts: tuple[Any, ...] = (self.plane, self.bars, self.curve, self.grid, *self._veils)
            for part in parts:
                part.set_theme(self._theme)
        self.pages.set_theme(self._theme)
        self.meaning.set_theme(self._theme)
        self.setStyleSheet(stylesheet(self._theme, self._zoom) + large_controls(self._theme, self._zoom))
