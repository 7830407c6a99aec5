"""The eigenvalue panel: the operator's eigenvalues, and the reliability of each."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.exportable import Exportable
from koopview.gui.history import numerical_rank, same_decomposition
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.colours import ColourBar, scale_of
from koopview.gui.plots.mode_tip import ILL_CONDITIONED, is_ill_conditioned
from koopview.gui.plots.plane import Plane, crowded
from koopview.gui.selection import ModeSelection, takes_factors_only, with_eigenvalues
from koopview.gui.widgets.card import Card, blank, tool_button
from koopview.gui.widgets.mode_table import EXACT, HEADS, ModeTable, eigenvalue_rows
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.suggested_action import SuggestedAction
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

if TYPE_CHECKING:
    from koopview.koopman.pseudospectrum import Pseudospectrum
    from koopview.study.views import ModesView

_NARROWEST, _LEFT, _RIGHT = 292, 8, 10
"""Least width of the panel, and its margins."""
PER_STEP, PER_LAYER, TABLE = range(3)
NOTHING_FITTED = "The eigenvalues of a layer's operator\nstand here once the layer is fitted."

_CONTOURS = (
    "ε-pseudospectrum of the operator, ‖(z − A)⁻¹‖ = 1/ε on each contour: within it an error of the operator of size ε "
    "can move eigenvalues"
)
_NO_CONTOURS = "The pseudospectrum is that of one step: choose the view per step"


class EigenvaluePanel(Card):
    """Eigenvalues per step or per layer in the plane, or as a table.

    ``requested`` carries the settings that a drag of an eigenvalue requests, the name of the change, and the drag's
    token. ``remove_asked`` is emitted for the Delete key, ``mode_asked`` for a click that selects a mode.
    ``watched`` says whether the modes' importance is visible, ``contours_watched`` whether the pseudospectrum is.
    """

    requested = Signal(object, str, object)
    remove_asked = Signal()
    mode_asked = Signal()
    watched = Signal(bool)
    contours_watched = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Eigenvalues")
        self.setMinimumWidth(_NARROWEST)
        self._result: FitResult | None = None
        self._modes: ModesView | None = None
        self._contours_of: FitSettings | None = None  # the operator whose contours are drawn
        self._drag: object = None  # the token of the drag under way
        self._target: complex | None = None  # mouse position while the last step of the drag is computed
        self._pseudospectrum: Pseudospectrum | None = None
        self._waits = False
        self._hint: tuple[str, SuggestedAction | None] = (NOTHING_FITTED, None)
        self._frame_chosen = False  # by a person, and kept while this study is open
        self.selection = ModeSelection()
        self.views = Segmented(
            ("Per step", "Per layer", "Table"),
            ("λ of one small step, as in the paper", "λ to the power N: one whole layer", "The eigenvalues as numbers"),
            "View of the eigenvalues",
        )
        self.plane, self.bar = Plane(self.selection), ColourBar()
        self.pages = QStackedWidget()
        self.picture = QWidget()
        column = QVBoxLayout(self.picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.plane.widget, 1)
        column.addLayout(self._line_below())
        self.pages.addWidget(self.picture)
        self.note.setToolTip("Rank r of numerical rank: eigenvalues shown of singular values above the cut-off")
        self.add_to_head(self.views)
        self.body.setContentsMargins(_LEFT, 0, _RIGHT, 5)
        self.body.addWidget(self.pages)
        self._veil = Veil(self.pages)
        self._connect()
        make_exportable(
            self.plane.widget,
            "Eigenvalues",
            lambda: [HEADS, *(row[: len(HEADS)] for row in eigenvalue_rows(self._result, EXACT))],
            self.picture,
        )
        grid = Exportable(self.plane.widget, "Pseudospectrum", self.plane.contours.rows, ())
        grid.drawn = lambda: self.plane.contours.drawn
        self.show_result(None)

    @cached_property
    def table(self) -> ModeTable:
        """The eigenvalues as a table, made on first use, so that the first picture appears sooner."""
        table = ModeTable(self.selection)
        table.remove_asked.connect(self.remove_asked)
        self.pages.addWidget(table)
        return table

    def _connect(self) -> None:
        self.views.chosen.connect(self._change_view)
        self.plane.widget.clicked.connect(self._ask_mode)
        self.plane.widget.dragged.connect(self._move)
        self.plane.widget.released.connect(self._let_go)
        self.plane.widget.reset_asked.connect(lambda: self._frame(False, chosen=True))
        self.plane.widget.remove_asked.connect(self.remove_asked)

    def show_result(self, result: FitResult | None) -> None:
        """Draw the eigenvalues of `result`; an empty plane for None."""
        others = result is not None and (self._result is None or not same_decomposition(result, self._result))
        self._result = result
        self._waits = False
        self._frame_chosen = self._frame_chosen and result is not None
        self.selection.show_result(result)
        self._say_what_to_do()
        self.views.setVisible(result is not None)
        self._draw()
        if others:
            self._choose_frame()
        if self._target is not None:
            self._move(self._target)

    def show_hint(self, words: str, suggested: SuggestedAction | None = None) -> None:
        """Set the words for when there is nothing to draw, and the suggested action: the way on from there."""
        self._hint = (words or NOTHING_FITTED, suggested)
        self._say_what_to_do()

    def _say_what_to_do(self) -> None:
        self.say_instead(*(self._hint if self._result is None else ("", None)))

    def show_modes(self, view: "ModesView | None") -> None:
        """Show each mode's importance, once it is known."""
        self._modes = view
        self.plane.show_modes(view)
        if self.views.index == TABLE:
            self._fill_table()

    def show_contours(self, found: "Pseudospectrum | None") -> None:
        """Draw the pseudospectrum of the result on screen; None: it is being made (an edit does not change it)."""
        operator = None if self._result is None else self._result.settings.with_edits(())
        if found is None and operator == self._contours_of:
            return
        self._contours_of = None if found is None else operator
        self._pseudospectrum = found
        self._draw_contours()

    def _draw_contours(self) -> None:
        """Draw contours if they are wanted; they are for λ per step, not for its powers."""
        possible = self.views.index != PER_LAYER
        self.contours.setEnabled(possible)
        self.contours.setToolTip(_CONTOURS if possible else _NO_CONTOURS)
        wanted = self.contours.isChecked() and self.views.index == PER_STEP
        self.plane.contours.show_contours(self._pseudospectrum if wanted else None)

    def _watch_contours(self) -> None:
        self.contours_watched.emit(self.contours.isChecked() and self.views.index == PER_STEP)
        self._draw_contours()

    def _fill_table(self) -> None:
        self.table.show_modes(self._result, None if self._modes is None else self._modes.importance)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)
        blank(self.note, stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.plane, self.bar, self._veil):
            part.set_theme(theme)

    def _line_below(self) -> QHBoxLayout:
        """Return what stands below the plane: the residuals' colours, and the buttons that change how it is seen."""
        self.contours = tool_button("Contours", "segment", "Contours of the pseudospectrum")
        self.contours.setObjectName("pseudospectrumButton")
        self.contours.setCheckable(True)
        self.contours.setToolTip(_CONTOURS)
        self.contours.toggled.connect(self._watch_contours)
        self.zoom = tool_button("Close-up", "segment", "Close-up of the eigenvalues")
        self.zoom.setCheckable(True)
        self.zoom.setToolTip("Show the eigenvalues as large as they fit; a double click brings the unit circle back")
        self.zoom.clicked.connect(lambda wanted: self._frame(wanted, chosen=True))
        self.lasso = tool_button("Lasso", "segment", "Lasso")
        self.lasso.setObjectName("lassoButton")
        self.lasso.setCheckable(True)
        self.lasso.setToolTip("Draw round eigenvalues to select them, as a drag with Shift does; Ctrl opens a band")
        self.lasso.toggled.connect(lambda wanted: setattr(self.plane.widget, "lasso", wanted))
        self._buttons, self._line = QHBoxLayout(), QHBoxLayout()
        self._buttons.setSpacing(2)
        for button in (self.contours, self.lasso, self.zoom):
            self._buttons.addWidget(button)
        self._line.setContentsMargins(4, 0, 0, 0)
        self._line.setSpacing(UNIT)
        self._line.addWidget(self.bar, 1)
        self._line.addLayout(self._buttons)
        return self._line

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the residuals' colours a line of their own where the buttons leave them too little."""
        super().resizeEvent(event)
        needed = self.bar.minimumWidth() + self._buttons.sizeHint().width() + 2 * UNIT
        ways, narrow = QBoxLayout.Direction, needed > self.width() - _LEFT - _RIGHT
        self._line.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)
        self._line.setSpacing(0 if narrow else UNIT)
        self._line.setAlignment(self._buttons, Qt.AlignmentFlag.AlignRight if narrow else Qt.AlignmentFlag(0))

    def _change_view(self) -> None:
        self.watched.emit(self.views.index == TABLE)
        self._watch_contours()
        self._draw()
        self._choose_frame()

    def _choose_frame(self) -> None:
        """Begin with a close-up if the eigenvalues are too crowded in a view of the unit circle."""
        if self.views.index != TABLE and not self._frame_chosen:
            fitted = np.zeros(0, complex) if self._result is None else self._result.fitted_eigenvalues
            self._frame(crowded(fitted ** self._power()))

    def _ask_mode(self, point: QPointF, adds: bool) -> None:
        """Ask for the mode that a click selected; whoever gathers several goes on looking at what they look at."""
        if self.selection.indices and not adds:
            self.mode_asked.emit()

    def _frame(self, close_up: bool, chosen: bool = False) -> None:
        self._frame_chosen = chosen
        self.zoom.setChecked(close_up)
        self.plane.show_close_up(close_up)

    def _move(self, target: complex) -> None:
        """Request the dragged eigenvalue at `target`; in the view per layer, the N-th root nearest to the present one.

        While the previous step is computed the target waits, so that every step is shown at the engine's pace.
        """
        result, index = self._result, self.plane.grabbed()
        if result is None or index is None:
            return
        self._target = target if self._waits else None
        if self._waits:
            return
        now = complex(result.eigenvalues[index])
        if self.views.index == PER_LAYER:
            target = nearest_root(target, now, result.settings.steps)
        if result.fitted_eigenvalues[index] == 0 and takes_factors_only(result, index):
            return  # no factor moves an eigenvalue from 0
        wanted = with_eigenvalues(result, {index: target})
        if wanted != result.settings:
            self._waits, self._drag = True, self._drag or object()
            self.requested.emit(wanted, "move an eigenvalue", self._drag)

    def _let_go(self) -> None:
        """End a drag; its last step is requested even while the previous one is still computed."""
        target, self._waits = self._target, False
        if target is not None:
            self._move(target)
        self._drag = self._target = None

    def _draw(self) -> None:
        result = self._result
        if self.views.index == TABLE:
            self._count()
            self._fill_table()
            self.pages.setCurrentWidget(self.table)
            return
        self.pages.setCurrentWidget(self.picture)
        self.plane.show_result(result, self._power())
        self._count()
        if result is None:
            return
        rings = f"κ > {ILL_CONDITIONED:.0f}" if is_ill_conditioned(result).any() else ""
        self.bar.show_scale(scale_of(np.asarray(result.residuals, float)), rings)

    def _power(self) -> int:
        """Return the power to which eigenvalues are drawn."""
        return self._result.settings.steps if self._result is not None and self.views.index == PER_LAYER else 1

    def _count(self) -> None:
        result = self._result
        said = "" if result is None else f"{result.rank} of {numerical_rank(result)}"
        if result is not None and "components" in result.preview:
            said = f"~ {result.rank}, {result.preview}"  # of another operator than the exact one
        self.note.setText(said)


def nearest_root(power: complex, now: complex, steps: int) -> complex:
    """Return the root of ``x**steps = power`` whose angle is nearest to that of `now`."""
    if power == 0 or now == 0:
        return complex(power) ** (1 / steps)
    return now * complex(power / now**steps) ** (1 / steps)
