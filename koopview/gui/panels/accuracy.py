"""The accuracy panel: the hybrid beside the original, the scaled network and four controls."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.history import above_named_control, over_delays
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.bars import Bar, Bars
from koopview.gui.plots.curve import DelayCurve, curve_legend
from koopview.gui.plots.legend import Legend
from koopview.gui.text import (
    MISSING,
    count,
    row_name,
    score_figure,
    short,
    spoken_class,
    title_of,
    unit_of,
)
from koopview.gui.widgets.card import Card, Note, blank, dressed, label, scrolled
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.widgets.veil import Veil
from koopview.hybrid.rows import AFFINE_CONTROLS, CONTROLS
from koopview.study.result import FitResult
from koopview.trajectory.schedule import lift_fraction
from koopview.words import error_figure

_LOOK = {
    "original": ("original", "circle", "the network as it was loaded"),
    "scaled": ("scaled", "square", "the scaled layer in place, nothing linearized"),
    "hybrid": ("hybrid", "diamond", "the layer replaced by its linear operator"),
    "lift_affine": ("baseline", "right", "an affine map straight from what the operator is given, z[0]"),
    "affine": ("baseline", "up", "an affine map from the layer's input; as the one above ridge-regularised"),
    "mean": ("baseline", "down", "the layer replaced by its mean output"),
    "identity": ("baseline", "cross", "the padded input passed through unchanged"),
}
_NARROWEST = 284
_SHORT = {"lift_affine": "of lift"}
_COMPARED = ("original", "hybrid", *AFFINE_CONTROLS)
"""The networks whose interval is shown; the others' scores are no findings."""

NOTHING_MEASURED = "The accuracy of the hybrid network stands here\nonce it is measured on test samples."
NOT_MEASURED_YET = "not measured yet"
_HELD_AGAINST = "what the others agree with: no labels"
ABOVE_TIP = (
    "What the hybrid gains over the better of the two affine maps, chosen on fitting samples apart; ± the standard "
    "error of the difference on the same test samples. Only clearly above 0, at no lower agreement, are the linear "
    "dynamics a finding"
)
_DRAWS = "Mean ± standard deviation over draws of other fitting samples: how much of a score is luck of the draw"


class AccuracyPanel(Card):
    """Seven bars with their numbers, the lift fraction in the header, and the curve over delays below."""

    def __init__(self) -> None:
        super().__init__("Hybrid accuracy")
        self.setMinimumWidth(_NARROWEST)
        self.views = Segmented(
            ("All", "Per class"),
            ("All test samples together", "Original and hybrid, class by class"),
            "View of accuracies",
        )
        self.bars, self.classes, self.curve = Bars("Accuracies"), Bars("Accuracies per class", group=2), DelayCurve()
        self.above, self.draws = dressed(Note(), "small"), dressed(Note(), "small")
        for part, tip in ((self.above, ABOVE_TIP), (self.draws, _DRAWS)):
            part.setMinimumWidth(1)
            part.setToolTip(tip)
        self.caption, self.legend = label("", "small"), Legend()
        self.caption_below = label("", "small")
        self.caption_below.setAlignment(Qt.AlignmentFlag.AlignCenter)  # a saved picture makes it as wide as the curve
        self.curve.exportable.parts = (self.caption, self.legend, self.curve.widget, self.caption_below)
        self.pages = QStackedWidget()
        self.pages.setObjectName("accuracyPlot")
        self.pages.setAccessibleName("Hybrid beside the original and its controls")
        self.pages.addWidget(self._overview())
        self.pages.addWidget(scrolled(self.classes))
        self.note.setToolTip("Share of the scaled layer's path evaluated before the operator takes over")
        self.add_to_head(self.views)
        self.body.setContentsMargins(12, 2, 8, 6)
        self.body.addWidget(self.pages)
        self._veil = Veil(self.pages)
        self.views.chosen.connect(self.pages.setCurrentIndex)
        self.show_result(None, ())

    def show_result(self, result: FitResult | None, results: Sequence[FitResult]) -> None:
        """Draw `result`, and the curve of those `results` that differ from it only in h."""
        self.say_instead(NOTHING_MEASURED if result is None else "")
        self.views.setVisible(result is not None and bool(result.per_class.get("hybrid")))
        self.title.setText(title_of("accuracy" if result is None else result.measure))
        self.note.say(*("", "") if result is None else notes_of(result))
        if result is None:
            self.curve.show_results((), None)
            return
        self.show_scores(result)
        self.draws.setText(draws_words(result))
        self.draws.setToolTip(f"{self.draws.text()}<br>{_DRAWS}")
        self.draws.setVisible(bool(self.draws.text()))
        self.classes.show_bars(class_bars(result))
        if not result.per_class.get("hybrid") and self.views.index == 1:
            self.views.choose(0)
        self._show_curve(result, results)

    def show_scores(self, result: FitResult) -> None:
        """Draw the scores of `result` alone, as often as a slider moves."""
        self.note.say(*notes_of(result))
        self.bars.show_bars(score_bars(result), error_tip(result))
        whole = above_words(result)
        self.above.say(whole, whole.replace("above best control", "above control"))

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)
        blank(self.note, stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.bars, self.classes, self.curve, self.legend, self._veil):
            part.set_theme(theme)

    def _overview(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.bars, 5)
        layout.addWidget(self.above)
        layout.addWidget(self.draws)
        layout.addLayout(_side_by_side(self.caption, self.legend))
        layout.addWidget(self.curve.widget, 4)
        layout.addWidget(self.caption_below, 0, Qt.AlignmentFlag.AlignHCenter)
        return page

    def _show_curve(self, result: FitResult, results: Sequence[FitResult]) -> None:
        settings = result.settings
        last = lift_fraction(settings.steps, settings.steps, settings.schedule)
        edited = "   ◇ edited modes" if settings.edits else ""
        self.caption.setText(unit_of(result.measure))
        self.caption_below.setText(f"delays h  (lift fraction 0 → {last:.2f}), r = {settings.rank}{edited}")
        self.legend.show_entries(*curve_legend(result))
        self.curve.show_results(over_delays(results, result), result)


def score_bars(result: FitResult) -> list[Bar]:
    """Return the seven scores of `result` as Bars; a score still to be measured has words instead."""
    return [_score_bar(result, name) for name in result.rows]


def _score_bar(result: FitResult, name: str) -> Bar:
    colour, marker, tip = _LOOK[name]
    error = result.relative_error.get(name)
    best = name == result.best_control
    return Bar(
        row_name(name),
        result.rows[name],
        colour,
        marker,
        strong=name == "hybrid",
        tip=f"{tip}{'; the best control' if best else ''}",
        interval=result.intervals.get(name) if name in _COMPARED else None,
        measure=result.measure,
        beside="" if error is None else f"error {short(error)}",
        best=best,
        words=_words_instead(result, name),
        further=_further(result, name),
        about=bool(result.preview),
    )


def _words_instead(result: FitResult, name: str) -> str:
    """Return the words for a score that is not known."""
    if name in CONTROLS and not result.controls_known:
        return NOT_MEASURED_YET
    return _HELD_AGAINST if name == "original" and result.measure == "agreement" else ""


def _further(result: FitResult, name: str) -> dict[str, float | None]:
    """Return numbers to copy with a score: relative error, mean and deviation over draws, if there are any."""
    error, spread = result.relative_error, result.spread
    told = {"relative error": error.get(name)} if error else {}
    return told if spread is None else {**told, "mean": spread.mean[name], "deviation": spread.deviation[name]}


def above_words(result: FitResult) -> str:
    """Return the hybrid's gain over the best control in a line."""
    known = above_named_control(result)
    waits = known == MISSING and not result.controls_known
    return f"above best control: {NOT_MEASURED_YET if waits else known}"


def draws_words(result: FitResult) -> str:
    """Return mean ± deviation of the compared networks over draws of the fitting samples; empty for one draw."""
    if result.spread is None:
        return ""
    told = []
    for name in ("hybrid", *AFFINE_CONTROLS):
        mean, deviation = result.spread.mean[name], result.spread.deviation[name]
        if mean is not None and deviation is not None:
            size = f"{deviation:.3f}" if result.measure == "r2" else error_figure(deviation)
            told.append(f"{_SHORT.get(name, name)} {score_figure(mean, result.measure)} ± {size}")
    return f"{' · '.join(told)}, {result.spread.draws} draws"


def error_tip(result: FitResult) -> str:
    """Return the tooltip that explains the numbers beside the scores, and gives the number of samples."""
    samples = f"n = {count(result.test_samples)} test samples"
    same = "All bars are of the same samples, so a difference between two of them is known better than each alone"
    if result.measure == "r2":
        return f"R² of {samples}, and beside it the relative error; 1 is exact, 0 no better than the mean. {same}"
    agree = "Shares of predictions equal to the original network's: there are no labels. "
    beside = f"Beside each share, and on its bar, its 95 % interval (Wilson 1927) from {samples}"
    return f"{agree if result.measure == 'agreement' else ''}{beside}. {same}"


def note_of(result: FitResult) -> str:
    """Return the words beside the title: the lift fraction, and of a preview what it is of."""
    return notes_of(result)[0]


def notes_of(result: FitResult) -> tuple[str, str]:
    """Return the words beside the title, and fewer for a narrow panel: "lift fraction 0.67", "lift 0.67"."""
    fraction = f"{result.settings.lift_fraction:.2f}"
    whole = f"lift fraction {fraction}"
    return f"{whole} · {result.preview}, all follow" if result.preview else whole, f"lift {fraction}"


def class_bars(result: FitResult) -> list[Bar]:
    """Return two Bars per class, original above hybrid."""
    bars = []
    pairs = zip(result.per_class.get("original", ()), result.per_class.get("hybrid", ()), strict=True)
    for index, (original, hybrid) in enumerate(pairs):
        bars.append(Bar(f"{spoken_class(result.class_names, index)} original", original, "original", "circle"))
        bars.append(Bar("hybrid", hybrid, "hybrid", "diamond", strong=True))
    return bars


def _side_by_side(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2 * UNIT)
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row
