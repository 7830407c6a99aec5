"""What stands below the network in the left panel: the chosen sample and the fits so far."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox

from koopview.gui.looks.theme import Theme
from koopview.gui.panels.history import HistorySection
from koopview.gui.panels.network import NetworkPanel
from koopview.gui.panels.sample import SampleSection
from koopview.study.result import FitResult


class LeftSections:
    """Owns ``sample``, which `chooser` names, and ``history``, below the table of `network`."""

    def __init__(self, network: NetworkPanel, chooser: QComboBox) -> None:
        self.sample, self.history = SampleSection(chooser), HistorySection()
        network.add_below(self.sample, self.history)

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose samples are shown."""
        self.sample.show_result(result)

    def show_results(self, results: Sequence[FitResult], shown: FitResult | None) -> None:
        """List the fits so far, and mark the one `shown`."""
        self.history.show_results(results, shown)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.sample.set_theme(theme)
        self.history.set_theme(theme)
