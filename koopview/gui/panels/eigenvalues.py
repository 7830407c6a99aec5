"""The eigenvalue panel: where the operator's eigenvalues lie, and how far each can be trusted."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from koopview.gui.history import numerical_rank
from koopview.gui.text import minus, short
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import Card
from koopview.gui.widgets.colours import ColourBar, scale_of
from koopview.gui.widgets.copying import offer_copy
from koopview.gui.widgets.plane import FARTHEST, Plane
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.tables import NumbersTable
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult

PER_STEP, PER_LAYER, TABLE = range(3)
EXACT = ".9g"
"""The number format of copies."""
HEADS = ("#", "Re λ", "Im λ", "|λ|", "angle °", "residual")
_TIPS = (
    "Place by falling modulus",
    "Real part, per step",
    "Imaginary part, per step",
    "Modulus, per step",
    "Angle in degrees, per step",
    "Residual of the eigenpair on samples that took no part in the fit",
)


class EigenvaluePanel(Card):
    """Eigenvalues per step or per layer in the plane, or as a table."""

    def __init__(self) -> None:
        super().__init__("Eigenvalues")
        self._result: FitResult | None = None
        self.views = Segmented(
            ("Per step", "Per layer λᴺ", "Table"),
            ("λ of one small step, as in the paper", "λ to the power N: one whole layer", "The eigenvalues as numbers"),
            "View of the eigenvalues",
        )
        self.plane, self.bar = Plane(), ColourBar()
        self.table = NumbersTable(HEADS, _TIPS, "Eigenvalues as a table")
        self.pages = QStackedWidget()
        self.pages.addWidget(_side_by_side(self.plane.widget, self._right_side()))
        self.pages.addWidget(self.table)
        self.note.setToolTip("Rank r of numerical rank: eigenvalues shown of singular values above the cut-off")
        self.add_to_head(self.views)
        self.body.setContentsMargins(8, 0, 4, 6)
        self.body.addWidget(self.pages)
        self._veil = Veil(self.pages)
        self.views.chosen.connect(self._draw)
        offer_copy(self.plane.widget, "Copy eigenvalues", lambda: [HEADS, *eigenvalue_rows(self._result, EXACT)])
        self.show_result(None)

    def show_result(self, result: FitResult | None) -> None:
        """Draw the eigenvalues of `result`; an empty plane for None."""
        self._result = result
        for part in (self.bar, self.zoom):
            part.setVisible(result is not None)
        self._draw()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)
        self.note.setVisible(not stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.plane, self.bar, self._veil):
            part.set_theme(theme)

    def _right_side(self) -> QWidget:
        self.zoom = QToolButton()
        self.zoom.setText("Zoom in")
        self.zoom.setProperty("role", "segment")
        self.zoom.setAccessibleName("Zoom in to the eigenvalues")
        self.zoom.setToolTip("Show the eigenvalues as large as they fit; a double click brings the unit circle back")
        self.zoom.clicked.connect(self.plane.zoom_in)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bar, 1)
        column.addWidget(self.zoom, 0, Qt.AlignmentFlag.AlignRight)
        return side

    def _draw(self) -> None:
        self.pages.setCurrentIndex(1 if self.views.index == TABLE else 0)
        if self.views.index == TABLE:
            self._count(0)
            self.table.numbers.show(eigenvalue_rows(self._result), eigenvalue_rows(self._result, EXACT))
            return
        values = np.zeros(0, complex) if self._result is None else self._result.eigenvalues
        residuals = np.zeros(0) if self._result is None else np.asarray(self._result.residuals, float)
        if self._result is not None and self.views.index == PER_LAYER:
            values = values**self._result.settings.steps
        self._count(int((np.abs(values) > FARTHEST).sum()))
        scale = scale_of(residuals)
        self.plane.show_values(values, residuals, scale)
        self.bar.show_scale(scale)

    def _count(self, outside: int) -> None:
        result = self._result
        said = "" if result is None else f"{result.rank} of {numerical_rank(result)}"
        self.note.setText(f"{said} · {outside} outside" if outside else said)


def eigenvalue_rows(result: FitResult | None, digits: str = ".4f") -> list[tuple[str, ...]]:
    """Return the eigenvalues of `result`, per step, as rows of the table, in the number format `digits`."""
    if result is None:
        return []
    angles = np.degrees(np.angle(result.eigenvalues))
    columns = (result.eigenvalues.real, result.eigenvalues.imag, np.abs(result.eigenvalues), angles)
    rows = zip(*columns, result.residuals, strict=True)
    return [
        (
            str(place),
            *(minus(f"{value:{digits}}") for value in row),
            f"{residual:.9g}" if digits == EXACT else short(residual),
        )
        for place, (*row, residual) in enumerate(rows, 1)
    ]


def _side_by_side(left: QWidget, right: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(left, 1)
    layout.addWidget(right)
    return row
