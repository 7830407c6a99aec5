"""The accuracy panel: the hybrid beside the original, the scaled network and three baselines, never alone."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.history import has_labels, over_delays
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.bars import Bar, Bars
from koopview.gui.plots.curve import DelayCurve
from koopview.gui.plots.keys import Key
from koopview.gui.text import count, short, spoken_class
from koopview.gui.widgets.card import Card, blank, label, scrolled
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult

_LOOK = {
    "original": ("original", "circle", "the network as it was loaded"),
    "scaled": ("scaled", "square", "the scaled layer in place, nothing linearized"),
    "hybrid": ("hybrid", "diamond", "the layer replaced by its linear operator"),
    "lift_affine": ("baseline", "square", "the affine map straight from what the operator is given, z[0]"),
    "affine": ("baseline", "up", "the affine map from the layer's input, ridge-regularised as the one above"),
    "mean": ("baseline", "down", "the layer replaced by its mean output"),
    "identity": ("baseline", "cross", "the padded input passed through unchanged"),
}
NOTHING_MEASURED = "The accuracy of the hybrid network stands here\nonce it is measured on test samples."
_NAMES = {"lift_affine": "affine of lift"}


class AccuracyPanel(Card):
    """Six bars with their figures, the lift fraction in the head, and the curve over delays below."""

    def __init__(self) -> None:
        super().__init__("Hybrid accuracy")
        self._result: FitResult | None = None
        self.views = Segmented(
            ("All", "Per class"),
            ("All test samples together", "Original and hybrid, class by class"),
            "View of accuracies",
        )
        self.bars, self.classes, self.curve = Bars("Accuracies"), Bars("Accuracies per class", group=2), DelayCurve()
        self.error, self.caption = label("", "small"), label("", "small")
        self.key = Key()
        self.key.show_entries(("original", "original", Qt.PenStyle.DashLine), ("affine", "muted", Qt.PenStyle.DotLine))
        self.caption_below = label("delays h  (lift fraction 0 → 1)", "small")
        self.caption_below.setAlignment(Qt.AlignmentFlag.AlignCenter)  # in a picture it is as wide as the curve
        self.curve.shown.parts = (self.caption, self.key, self.curve.widget, self.caption_below)
        self.pages = QStackedWidget()
        self.pages.setObjectName("accuracyPlot")
        self.pages.setAccessibleName("Hybrid accuracy beside its baselines")
        self.pages.addWidget(self._overview())
        self.pages.addWidget(scrolled(self.classes))
        self.note.setToolTip("Share (h − 1)/N of the scaled layer evaluated before the operator takes over")
        self.add_to_head(self.views)
        self.body.setContentsMargins(12, 2, 8, 6)
        self.body.addWidget(self.pages)
        self._veil = Veil(self.pages)
        self.views.chosen.connect(self.pages.setCurrentIndex)
        self.show_result(None, ())

    def show_result(self, result: FitResult | None, results: Sequence[FitResult]) -> None:
        """Draw `result`, and the curve of those among `results` that differ from it in h alone."""
        self._result = result
        self.say_instead(NOTHING_MEASURED if result is None else "")
        self.views.setVisible(result is not None and bool(result.per_class.get("hybrid")))
        if result is None:
            self._show_heads("Hybrid accuracy", "")
            self.curve.show_results((), None)
            return
        labelled = has_labels(result)
        self._show_heads(
            "Hybrid accuracy" if labelled else "Agreement", f"lift fraction {result.settings.lift_fraction:.2f}"
        )
        self.bars.show_bars(score_bars(result), error_tip(result))
        self.error.setText(
            "" if labelled else f"no labels: accuracies are not known · output error {short(result.output_error)}"
        )
        self.error.setVisible(not labelled)
        self.classes.show_bars(class_bars(result))
        if not result.per_class.get("hybrid") and self.views.index == 1:
            self.views.choose(0)
        self._show_curve(result, results, labelled)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)
        blank(self.note, stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.bars, self.classes, self.curve, self.key, self._veil):
            part.set_theme(theme)

    def _overview(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.bars, 5)
        layout.addWidget(self.error)
        layout.addSpacing(4)
        layout.addLayout(_side_by_side(self.caption, self.key))
        layout.addWidget(self.curve.widget, 4)
        layout.addWidget(self.caption_below, 0, Qt.AlignmentFlag.AlignHCenter)
        return page

    def _show_heads(self, title: str, note: str) -> None:
        self.title.setText(title)
        self.note.setText(note)

    def _show_curve(self, result: FitResult, results: Sequence[FitResult], labelled: bool) -> None:
        rank = str(result.settings.rank)
        self.caption.setText(f"hybrid {'accuracy' if labelled else 'agreement'} % over h, r = {rank}")
        self.key.setVisible(labelled)
        steps = result.settings.steps
        edited = "   ◇ with edited modes" if result.settings.edits else ""
        self.caption_below.setText(f"delays h  (lift fraction 0 → {(steps - 1) / steps:.2f}){edited}")
        self.curve.show_results(over_delays(results, result), result)


def score_bars(result: FitResult) -> list[Bar]:
    """Return the seven scores of `result` as bars."""
    bars = []
    for name, score in result.rows.items():
        colour, marker, tip = _LOOK[name]
        shown = _NAMES.get(name, name)
        bars.append(Bar(shown, score, colour, marker, name == "hybrid", tip, result.intervals.get(name)))
    return bars


def error_tip(result: FitResult) -> str:
    """Return what the errors beside the figures mean."""
    return (
        f"Beside each share its 95 % interval (Wilson 1927) from n = {count(result.test_samples)} test samples. "
        "All bars are of the same samples, so a difference between two of them is known better than each alone"
    )


def class_bars(result: FitResult) -> list[Bar]:
    """Return two bars a class, original above hybrid."""
    bars = []
    pairs = zip(result.per_class.get("original", ()), result.per_class.get("hybrid", ()), strict=True)
    for index, (original, hybrid) in enumerate(pairs):
        bars.append(Bar(f"{spoken_class(result.class_names, index)} original", original, "original", "circle"))
        bars.append(Bar("hybrid", hybrid, "hybrid", "diamond", strong=True))
    return bars


def _side_by_side(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row
