"""The fits so far, newest first, as a table that can be copied."""

from collections.abc import Sequence

from koopview.gui.history import has_labels
from koopview.gui.text import percent_figure, seconds, short
from koopview.gui.widgets.copying import Rows
from koopview.gui.widgets.tables import NumbersTable
from koopview.study.export import cell_rows
from koopview.study.result import FitResult

HEADS = (
    "layer",
    "scaling",
    "N",
    "h",
    "r",
    "samples",
    "hybrid %",
    "agreement %",
    "output error",
    "lift fraction",
    "time",
)
_TIPS = (
    "Layer whose operator was shown, and the other layers replaced with it",
    "How the layer was scaled",
    "Steps N of the scaled layer",
    "Delays h",
    "Rank r used",
    "Samples B of the fit",
    "Accuracy of the hybrid network on test samples",
    "Share of predictions equal to the original network's",
    "Relative error of the network's output",
    "(h − 1)/N: share of the layer evaluated before the operator takes over",
    "Trajectories, decomposition and evaluation together",
)


class LogPanel(NumbersTable):
    """One row a fit."""

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
        """Return all settings and accuracies of every fit, with all digits."""
        return cell_rows(reversed(self._results))


def log_row(result: FitResult) -> tuple[str, ...]:
    """Return what the log says of a fit."""
    settings = result.settings
    others = [name for name in settings.replaced if name != settings.layer]
    return (
        " + ".join([settings.layer, *others]),
        settings.scaling,
        str(settings.steps),
        str(settings.delays),
        f"{result.rank} ({settings.rank})" if isinstance(settings.rank, str) else str(result.rank),
        str(result.fit_samples),
        percent_figure(result.hybrid if has_labels(result) else None),
        percent_figure(result.agreement),
        short(result.output_error),
        f"{settings.lift_fraction:.2f}",
        seconds(sum(result.seconds.values())),
    )
