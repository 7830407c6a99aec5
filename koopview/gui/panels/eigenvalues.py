"""The eigenvalue panel: where the operator's eigenvalues lie, and how far each can be trusted."""

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from koopview.gui.text import minus, short
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import Card
from koopview.gui.widgets.colours import ColourBar, scale_of
from koopview.gui.widgets.copying import offer_copy
from koopview.gui.widgets.plane import Plane
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.tables import NumbersTable
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult

PER_STEP, PER_LAYER, TABLE = range(3)
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
        self.pages.addWidget(_side_by_side(self.plane.widget, self.bar))
        self.pages.addWidget(self.table)
        self.note.setToolTip("Rank r of numerical rank: eigenvalues shown of singular values above the cut-off")
        self.add_to_head(self.views)
        self.body.setContentsMargins(8, 0, 4, 6)
        self.body.addWidget(self.pages)
        self._veil = Veil(self.pages)
        self.views.chosen.connect(self._draw)
        offer_copy(self.plane.widget, "Copy eigenvalues", lambda: [HEADS, *eigenvalue_rows(self._result)])
        self.show_result(None)

    def show_result(self, result: FitResult | None) -> None:
        """Draw the eigenvalues of `result`; an empty plane for None."""
        self._result = result
        self.bar.setVisible(result is not None)
        self.note.setText("" if result is None else f"{result.rank} of {result.numerical_rank}")
        self._draw()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.plane, self.bar, self._veil):
            part.set_theme(theme)

    def _draw(self) -> None:
        self.pages.setCurrentIndex(1 if self.views.index == TABLE else 0)
        if self.views.index == TABLE:
            self.table.numbers.show(eigenvalue_rows(self._result))
            return
        values = np.zeros(0, complex) if self._result is None else self._result.eigenvalues
        residuals = np.zeros(0) if self._result is None else np.asarray(self._result.residuals, float)
        if self._result is not None and self.views.index == PER_LAYER:
            values = values**self._result.settings.steps
        scale = scale_of(residuals)
        self.plane.show_values(values, residuals, scale)
        self.bar.show_scale(scale)


def eigenvalue_rows(result: FitResult | None) -> list[tuple[str, ...]]:
    """Return the eigenvalues of `result`, per step, as rows of the table."""
    if result is None:
        return []
    return [
        (
            str(index + 1),
            minus(f"{value.real:.6f}"),
            minus(f"{value.imag:.6f}"),
            f"{abs(value):.6f}",
            minus(f"{np.degrees(np.angle(value)):.3f}"),
            short(float(residual)),
        )
        for index, (value, residual) in enumerate(zip(result.eigenvalues, result.residuals, strict=True))
    ]


def _side_by_side(left: QWidget, right: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(left, 1)
    layout.addWidget(right)
    return row
