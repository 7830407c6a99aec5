"""The tabs below: the singular values, and the log of the fits so far."""

from collections.abc import Sequence

from PySide6.QtWidgets import QTabWidget

from koopview.gui.panels.log import LogPanel
from koopview.gui.panels.singular_values import SingularValuePanel
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import Card
from koopview.study.result import FitResult


class ResultsPanel(Card):
    """A card that holds ``resultTabs``."""

    def __init__(self) -> None:
        super().__init__("")
        self.title.hide()
        self.note.hide()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("resultTabs")
        self.tabs.setAccessibleName("Further results")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        self.singular_values, self.log = SingularValuePanel(), LogPanel()
        self.tabs.addTab(self.singular_values, "Singular values")
        self.tabs.setTabToolTip(0, "Singular values of the delay snapshots, with the ranks chosen among them")
        self.tabs.addTab(self.log, "Log")
        self.tabs.setTabToolTip(1, "All fits so far, newest first")
        self.head.setContentsMargins(0, 0, 0, 0)
        self.body.setContentsMargins(10, 2, 6, 4)
        self.body.addWidget(self.tabs)

    def show_result(self, result: FitResult | None) -> None:
        """Draw the singular values of `result`."""
        self.singular_values.show_result(result)

    def show_log(self, results: Sequence[FitResult]) -> None:
        """List `results`."""
        self.log.show_results(results)

    def set_stale(self, stale: bool) -> None:
        """Dim the singular values while they do not match the controls."""
        self.singular_values.set_stale(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.singular_values.set_theme(theme)
