"""The Fit panel: every setting of a fit, its results in numbers, and the surgery of its modes."""

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from koopview.gui.history import above_best_control, numerical_rank
from koopview.gui.looks.theme import Theme
from koopview.gui.panels.surgery import SurgerySection
from koopview.gui.selection import ModeSelection
from koopview.gui.text import row_name, score, seconds, short
from koopview.gui.widgets.card import Card, rule, scrolled
from koopview.gui.widgets.figures import Figures
from koopview.gui.widgets.fit_controls import FitControls
from koopview.gui.widgets.repeats_field import RepeatsField
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.words import MISSING, percent

NOTHING_TO_SET = "The settings stand here\nonce a layer can be fitted."
_NARROWEST, _WIDEST, _MARGIN = 250, 520, 12
"""Widths of the panel, at least, and of what stands in it, at most: a field far from its name is not found."""
FIGURES = (
    ("hybrid", "Accuracy of the network with the ticked layers replaced by their operators, on test samples"),
    (
        "above control",
        "What the hybrid gains over the better of two affine maps, that of the layer's input and that of z[0], which "
        "is what the operator is given; ± the standard error of the difference on the same test samples",
    ),
    ("best control", "The affine map that does better on fitting samples apart: of the layer's input, or of z[0]"),
    ("agreement", "Share of test samples that hybrid and original network predict alike"),
    ("output error", "Relative error of the hybrid network's output, in the Frobenius norm"),
    (
        "operator residual",
        "Relative error of the operator over the whole layer, |z_end − U A^p U^H z_0| / |z_end|, on samples apart "
        "from the fit",
    ),
    ("numerical rank", "Singular values above the cut-off: the largest rank r that can be used"),
    ("decomposition", "How the snapshots were decomposed: exact, gram or randomized"),
    ("time", "Trajectories, decomposition and evaluation together"),
)


class FitPanel(Card):
    """``requested`` carries the settings that a control requests, ``refused`` a sentence about invalid input.

    ``repeats_asked`` carries the number of draws of the fitting samples to fit with; ``surgery`` has its own signals.
    """

    requested = Signal(object)
    refused = Signal(str)
    repeats_asked = Signal(int)

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__("Fit")
        self.controls, self.repeats, self.surgery = FitControls(), RepeatsField(), SurgerySection(selection)
        self._settings: FitSettings | None = None
        self._result: FitResult | None = None
        self.figures = Figures(FIGURES, strong=0)
        self._veil = Veil(self.figures)
        self.parts = QWidget()
        self.parts.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(self.parts)
        column.setContentsMargins(_MARGIN, 2, _MARGIN, _MARGIN)
        column.setSpacing(7)
        for part in (self.controls, self.repeats, rule(), self.figures, self.surgery):
            column.addWidget(part)
        column.addStretch(1)
        area = scrolled(self.parts, across=False)
        self.body.addWidget(area)
        self._bar, self._column = area.verticalScrollBar(), column
        self._bar.rangeChanged.connect(self._make_room)
        self.controls.requested.connect(self.requested)
        self.controls.refused.connect(self.refused)
        self.repeats.refused.connect(self.refused)
        self.repeats.asked.connect(self.repeats_asked)
        self.setMinimumWidth(_NARROWEST)
        self.show_settings(None)
        self.show_result(None)

    def _make_room(self, low: int, high: int) -> None:
        """Take the scroll bar's room from the margin beside it, so that the scrolled content keeps its width."""
        bar = self._bar.sizeHint().width() if high > low else 0
        self._column.setContentsMargins(_MARGIN, 2, max(0, _MARGIN - bar), _MARGIN)

    def show_settings(self, settings: FitSettings | None, state: StudyState | None = None) -> None:
        """Set every control to `settings`, without a request; `state` has the layer that they are of."""
        self.say_instead(NOTHING_TO_SET if settings is None else "")
        layers = () if state is None or settings is None else state.layers
        self.controls.show_layer(next((one for one in layers if settings and one.name == settings.layer), None))
        self.controls.show_settings(settings)
        self._settings = settings
        self.repeats.show_result(settings, self._result)

    def show_result(self, result: FitResult | None) -> None:
        """Show the numbers of `result`; dashes for None."""
        self.figures.show_values(["–"] * len(FIGURES) if result is None else figure_values(result))
        self.controls.show_result(result)
        self._result = result
        self.repeats.show_result(self._settings, result)
        self.surgery.show_result(result)

    def set_stale(self, stale: bool) -> None:
        """Dim the numbers while they do not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._veil.set_theme(theme)


def figure_values(result: FitResult) -> list[str]:
    """Return the numbers of `result`, as text, in the order of the list; what a preview cannot tell is a dash."""
    values = _exact_values(result)
    if not result.preview:
        return values
    known = {"hybrid", "above control", "best control", "agreement", "output error"}
    names = [name for name, _ in FIGURES]
    return [_about(value) if name in known else MISSING for name, value in zip(names, values, strict=True)]


def _about(value: str) -> str:
    """Return a number of few samples as text, "~ 98.1 %"; words and dashes as they are."""
    return f"~ {value}" if value[:1] in "+−0123456789" else value


def _exact_values(result: FitResult) -> list[str]:
    return [
        score(result.hybrid, result.measure),
        above_best_control(result),
        MISSING if result.best_control is None else row_name(result.best_control),
        percent(result.agreement),
        short(result.output_error),
        short(result.operator_residual),
        numerical_rank(result),
        result.decomposition,
        seconds(math.fsum(result.seconds.values())),
    ]
