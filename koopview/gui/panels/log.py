"""The fits so far, newest first, as a table that can be copied."""

from collections.abc import Sequence

from koopview.gui.exportable import Rows
from koopview.gui.history import above_named_control, has_labels
from koopview.gui.text import seconds, short, told_score
from koopview.gui.widgets.tables import NumbersTable
from koopview.study.export import cell_rows
from koopview.study.result import FitResult
from koopview.words import percent_figure

HEADS = (
    "layer",
    "scaling",
    "N",
    "h",
    "r",
    "samples",
    "hybrid",
    "above best control",
    "agreement %",
    "output error",
    "operator residual",
    "lift fraction",
    "time",
)
_TIPS = (
    "Layer whose operator was shown, and the other layers replaced with it",
    "How the layer was scaled, and how its steps stand on the path",
    "Steps N of the scaled layer",
    "Delays h",
    "Rank r used, and the word that it was asked for by",
    "Samples B of the fit",
    "Accuracy, or R², of the hybrid network on test samples",
    "What the hybrid gains over the better of the two affine maps, ± the standard error of the paired difference",
    "Share of predictions equal to the original network's",
    "Relative error of the network's output",
    "Relative error of the operator over the whole layer, on samples apart from the fit",
    "Share of the layer's path evaluated before the operator takes over",
    "Trajectories, decomposition and evaluation together",
)


class LogPanel(NumbersTable):
    """A table with one row per fit."""

    def __init__(self) -> None:
        super().__init__(HEADS, _TIPS, "Fits so far, newest first", stretch=False)
        self.setObjectName("logTable")
        self._results: Sequence[FitResult] = ()

    def show_results(self, results: Sequence[FitResult]) -> None:
        """Show `results`, which come oldest first."""
        self._results = results
        rows = [log_row(result) for result in reversed(results)]
        if rows != self.numbers.rows:
            self.numbers.show(rows)

    def rows_to_save(self) -> Rows:
        """Return all settings and scores of every fit, with all digits."""
        return cell_rows(reversed(self._results))


def log_row(result: FitResult) -> tuple[str, ...]:
    """Return the log's row for a fit, as texts."""
    settings = result.settings
    others = [name for name in settings.replaced if name != settings.layer]
    return (
        " + ".join([settings.layer, *others]),
        " ".join(filter(None, (settings.scaling, settings.schedule))),
        str(settings.steps),
        str(settings.delays),
        f"{result.rank} ({settings.rank})" if isinstance(settings.rank, str) else str(result.rank),
        str(result.fit_samples),
        told_score(result.hybrid if has_labels(result) else None, result.measure),
        above_named_control(result),
        percent_figure(result.agreement),
        short(result.output_error),
        short(result.operator_residual),
        f"{settings.lift_fraction:.2f}",
        seconds(sum(result.seconds.values())),
    )
