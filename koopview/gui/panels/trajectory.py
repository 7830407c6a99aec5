"""The trajectory panel: a sample's path through the scaled layer, state by state."""

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from koopview.gui.text import count
from koopview.gui.theme import Theme
from koopview.gui.widgets.card import Card, label
from koopview.gui.widgets.fields import Choice
from koopview.gui.widgets.keys import Key
from koopview.gui.widgets.path_grid import PathGrid, Paths
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult

PAGE = 8
"""States on one page."""


class TrajectoryPanel(Card):
    """States view (figure 2 of the paper) of one test sample."""

    def __init__(self) -> None:
        super().__init__("Trajectory")
        self._result: FitResult | None = None
        self._page = 0
        self.key = Key()
        self.samples = _sample_box()
        self.pager = _Pager()
        self.grid = PathGrid()
        self.grid.shown.parts = (self.key, self.grid)
        self.grid.setObjectName("trajectoryPlot")
        self.grid.setAccessibleName("Trajectory: one plot a state, original step against scaled path")
        self.head.insertWidget(2, self.key)
        self.add_to_head(self.pager)
        self.add_to_head(self.samples)
        self.body.setContentsMargins(4, 0, 4, 4)
        self.body.addWidget(self.grid, 1)
        self._veil = Veil(self.grid)
        self.samples.currentIndexChanged.connect(self._draw)
        self.pager.back.clicked.connect(lambda: self._turn(-1))
        self.pager.forth.clicked.connect(lambda: self._turn(1))
        self._draw()

    def show_result(self, result: FitResult | None) -> None:
        """Draw the paths of `result`; nothing for None."""
        if result is not None and (self._result is None or result.paths.shape[2] != self._result.paths.shape[2]):
            self._page = 0
        self._result = result
        self._fill_samples()
        self._draw()

    def show_hint(self, text: str) -> None:
        """Say what to do where there is nothing to draw."""
        self.grid.show_hint(text)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)
        self.key.setVisible(not stale and self._result is not None)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.grid, self.key, self._veil):
            part.set_theme(theme)

    def _turn(self, pages: int) -> None:
        self._page += pages
        self._draw()

    def _fill_samples(self) -> None:
        with QSignalBlocker(self.samples):
            chosen = max(0, self.samples.currentIndex())
            self.samples.clear()
            if self._result is not None:
                self.samples.addItems(sample_names(self._result))
                self.samples.setCurrentIndex(min(chosen, self.samples.count() - 1))

    def _draw(self) -> None:
        result = self._result
        shown = result is not None and len(result.paths) > 0
        for part in (self.key, self.samples):
            part.setVisible(shown)
        if result is None or not shown:
            self.pager.setVisible(False)
            self.grid.show_paths(None)
            return
        path = result.paths[max(0, self.samples.currentIndex())]
        states = in_order(path, min(result.layer_inputs, result.layer_outputs))
        self._page = min(self._page, (len(states) - 1) // PAGE)
        page = states[self._page * PAGE : (self._page + 1) * PAGE]
        self.pager.show_page(self._page, len(states))
        self.grid.show_paths(Paths(path, page, result.layer_inputs, result.layer_outputs, result.settings.delays))
        self._show_key(result)

    def _show_key(self, result: FitResult) -> None:
        settings = result.settings
        self.key.show_entries(
            ("original step", "original", Qt.PenStyle.DashLine),
            (f"scaled, N = {settings.steps}", "scaled", Qt.PenStyle.SolidLine),
            (f"before the lift (h = {settings.delays})", "shade", None),
        )


class _Pager(QWidget):
    """Leafs through more states than one page holds."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.back, self.forth = _leaf("‹", "Previous states"), _leaf("›", "Next states")
        self.text = label("", "small")
        self.setToolTip(
            "Sorted by how far this sample's scaled path bends away from the original step; appended states last"
        )
        for part in (self.back, self.text, self.forth):
            layout.addWidget(part)

    def show_page(self, page: int, states: int) -> None:
        """Say which of `states` are on screen; hide where all are."""
        first, last = page * PAGE + 1, min(states, (page + 1) * PAGE)
        self.text.setText(f"{first}–{last} of {count(states)}")
        self.back.setEnabled(page > 0)
        self.forth.setEnabled(last < states)
        self.setVisible(states > PAGE)


def in_order(path: np.ndarray, real: int) -> tuple[int, ...]:
    """Return the states of a path (steps + 1, states) in the order shown.

    By number where one page holds them all. Else those below `real`, which are appended at neither end, before the
    others; of these the ones first whose path bends farthest from the original step, and of straight ones those
    that move farthest.
    """
    states = np.arange(path.shape[1])
    if len(states) <= PAGE:
        return tuple(states.tolist())
    share = np.linspace(0, 1, len(path))[:, None]
    bend = np.abs(path - path[0] - share * (path[-1] - path[0])).max(axis=0)
    reach = np.ptp(path, axis=0)
    return tuple(np.lexsort((-reach, -np.round(bend, 3), states >= real)).tolist())


def sample_names(result: FitResult) -> list[str]:
    """Return what the sample picker calls the paths of `result`."""
    if result.path_labels is None:
        return [f"sample {index + 1}" for index in range(len(result.paths))]
    return [f"sample {index + 1} · class {value}" for index, value in enumerate(result.path_labels)]


def _sample_box() -> Choice:
    box = Choice()
    box.setObjectName("sampleBox")
    box.setProperty("role", "compact")
    box.setAccessibleName("Test sample")
    box.setToolTip("The test sample whose path is drawn")
    return box


def _leaf(text: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setProperty("role", "plain")
    return button
