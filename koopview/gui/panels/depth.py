"""The Depth panel: blocks of a residual stream replaced by one operator, as a map; a click tells a cell's numbers."""

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.depth_map import DepthCell, DepthMap, blocks_words, row_name
from koopview.gui.session.deepening import DepthState, Kind, is_whole
from koopview.gui.text import counted, eigenvalue, gain, score, short
from koopview.gui.widgets.card import Note, blank, dressed, label, scrolled, tool_button
from koopview.gui.widgets.segmented import Segmented
from koopview.hybrid.rows import DEPTH_ROWS
from koopview.hybrid.stream_words import RECURRENT, STREAM_STATES
from koopview.study.depth_result import DepthResult
from koopview.study.result import FitResult, StudyState
from koopview.words import percent

COMPUTE, GO_ON, AGAIN = "Compute depth table", "Compute the rest", "Compute again"
WHAT_IT_IS = (
    "A residual stream is what blocks of one width hand on, each adding to it: x₀, x₁, x₂, …\n"
    "So are the states h₀, h₁, h₂, … of a recurrent layer along a sequence, of time steps in the place of blocks.\n"
    "One operator K takes the place of p of them as Kᵖ, beside the state kept as it is and affine maps."
)
FIRST_CELL = "The first cell is on its way…"
HEADS = ("", "score", "agrees", "error", "cosine", "centred")
LINEARITY = ("linearity", "score", "apart", "update", "apart", "skip")
SHOWN_EIGENVALUES = 4
NARROW = 560
"""Width in pixels below which the numbers stand below the map."""

NUMBERS_TIP = (
    "<b>Kᵖ</b>: one operator, applied once a block; <b>affine</b>: one affine map; <b>affine a block</b>: one after "
    "the other; <b>skip</b>: the blocks left out; <b>mean</b>: of what they give; "
    "in a recurrent layer the same of time steps, and all but skip and mean see the inputs of these steps, if said so; "
    "<b>projected</b>: the true state as its principal components keep it<br>"
    "<b>score</b>: accuracy, R², or without labels the agreement with the original, on the test samples<br>"
    "<b>agrees</b>: share of predictions equal to the original network's; <b>error</b>: relative, of its outputs<br>"
    "<b>cosine</b> of the replaced state with the true one: states of one stream point the same way, so it flatters; "
    "<b>centred</b>: after the mean state is subtracted from both<br>"
    "<b>linearity</b>: what an affine map explains of a block, on the samples that it is fitted to and on others; "
    "the skip connection makes it near 1 by itself, so that of the update alone, and of the skip alone, stand beside it"
)
INPUTS_TIP = (
    "Ticked: the operator, and all but skip and mean beside it, see the inputs of the time steps that they take the "
    "place of. Not ticked: they go on from the state alone"
)
STATES_TIPS = (
    "The flattened tensor; its principal components where it is too large",
    "Each token alone, with the mean token beside it",
    "Principal components of the flattened tensor",
)


class DepthPanel(QWidget):
    """``depth_asked`` carries what a state is in the table that a person asks for, and whether inputs are seen."""

    depth_asked = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._state, self._now, self._running = DepthState(), (0, 1), False
        names = tuple({"pca": "Components"}.get(word, word.title()) for word in STREAM_STATES)
        self.kinds = Segmented(names, STATES_TIPS, "What a state is")
        self.inputs = QCheckBox("inputs")
        self.inputs.setAccessibleName("The operator sees the inputs of the time steps")
        self.inputs.setToolTip(INPUTS_TIP)
        self.inputs.setChecked(True)
        self.inputs.hide()
        self._steps = False  # whether the network has time steps
        self.caption = dressed(Note(), "small")
        self.caption.setMinimumWidth(1)  # a long sentence never widens the window
        self.start = tool_button(COMPUTE, "small-button")
        self.start.setToolTip("Compute the table: each cell replaces some blocks by one operator")
        self.map = DepthMap()
        self.hint, self.words = label("", "hint"), dressed(Note(), "small")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.words.setMinimumWidth(1)
        self.numbers = label("", "small")
        self.numbers.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.numbers.setWordWrap(True)  # the eigenvalues are a long line
        self.numbers.setAccessibleName("Numbers of the chosen cell")
        self.numbers.setToolTip(NUMBERS_TIP)
        self.pages = QStackedWidget()
        self._lay_out()
        self.map.exportable.parts = (self.caption, self.map)
        self.start.clicked.connect(lambda: self.depth_asked.emit(*self.kind))
        self.kinds.chosen.connect(lambda: self._draw())
        self.inputs.toggled.connect(lambda: self._draw())
        self.map.picked.connect(self._pick)
        self._draw()

    @property
    def kind(self) -> Kind:
        """The table chosen: one of STREAM_STATES, and whether the inputs of time steps are seen."""
        return Kind(STREAM_STATES[self.kinds.index], not self._steps or self.inputs.isChecked())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(self.kinds)
        head.addWidget(self.caption, 1)
        head.addWidget(self.start)
        beside = QVBoxLayout()
        beside.setSpacing(2)
        beside.addWidget(self.words)
        beside.addWidget(scrolled(self.numbers), 1)
        both = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, both)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(UNIT)
        self._sides.addWidget(self.map, 1)
        self._sides.addLayout(beside, 1)
        self.pages.addWidget(both)
        self.pages.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, 2, UNIT, 2)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.inputs)  # in a line of its own: beside the kinds it would widen a narrow window
        layout.addWidget(self.pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the numbers below the map where both have no room side by side."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        directions = QBoxLayout.Direction
        self._sides.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
        self._sides.setStretch(0, 2 if narrow else 1)

    def show_state(self, state: StudyState | None) -> None:
        """Offer the switch of inputs if the network has a recurrent layer."""
        kinds = set() if state is None else {layer.kind for layer in state.layers}
        self._steps = not kinds.isdisjoint(RECURRENT.values())
        self._draw()

    def show_depth(self, state: DepthState) -> None:
        """Draw the cells of `state`; time steps among them may be those of a layer inside a block."""
        self._state = state
        self._steps = self._steps or any(cell.layer for cell in state.of_all_kinds())
        self._draw()

    def show_deepening(self, running: bool) -> None:
        """Record whether the table is computed now."""
        self._running = running
        self._draw()

    def show_result(self, result: FitResult | None) -> None:
        """Do nothing: the table does not depend on a layer's fit."""

    def set_stale(self, stale: bool) -> None:
        """Do nothing, as for a result."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.map.set_theme(theme)

    def _draw(self) -> None:
        cells = self._state.cells.get(self.kind, {})
        self.inputs.setVisible(self._steps)
        self.start.setText(AGAIN if is_whole(cells.values()) else GO_ON if cells else COMPUTE)
        self.start.setEnabled(not self._running)
        self.pages.setCurrentIndex(0 if cells else 1)
        blank(self.caption, not cells)
        if not cells:
            reason = self._state.reasons.get(self.kind, "")
            self.hint.setText(FIRST_CELL if self._running else f"{WHAT_IT_IS}\n{_sentence(reason)}".strip())
            return
        now = self._now if self._now in cells else next(iter(cells))
        self.map.show_cells(cells, now)
        self._tell(cells[now], len(cells))

    def _tell(self, cell: DepthResult, count: int) -> None:
        shape = " × ".join(map(str, cell.shape))
        noted = f" ({cell.note})" if cell.note else ""
        stream = f"{cell.stream[0]} to {cell.stream[-1]}, {shape}"
        if cell.layer:
            seen = "inputs seen" if cell.driven else "inputs not seen"
            stream = f"{cell.layer}, time steps {stream}, {seen}"
        self.caption.setText(f"{stream}: {counted(count, 'cell')}, states {cell.states}{noted}")
        self.caption.setToolTip(self.caption.text())
        best = cell.above_best_control
        lead = (
            ""
            if best is None
            else f": {gain(best.value, best.error, cell.measure)} above {row_name(best.control, cell.unit)}"
        )
        self.words.setText(f"{blocks_words(cell)}, r = {cell.rank}{lead}")
        self.words.setToolTip(f"{self.words.text()}, the best control")
        self.numbers.setText(numbers_words(cell))

    def _pick(self, cell: DepthCell) -> None:
        self._now = cell
        self._draw()


def numbers_words(cell: DepthResult) -> str:
    """Return what stands in the place of the blocks with all its numbers, and the linearity of each block, as HTML."""
    rows = [HEADS, *(_row(cell, name) for name in DEPTH_ROWS if cell.rows[name] is not None), ("",), LINEARITY]
    for name, one in zip(cell.blocks, cell.linearity, strict=True):
        told = (one.score, one.apart, one.update, one.update_apart, one.skip)
        rows.append((name, *map(_number, told)))
    table = f"<table cellspacing='0' cellpadding='0'>{''.join(map(_line, rows))}</table>"
    return f"{table}<br>eigenvalues of K: {', '.join(eigenvalues_of(cell))}"


def eigenvalues_of(cell: DepthResult) -> list[str]:
    """Return the largest eigenvalues as text, each conjugate pair once, and dots if there are more."""
    upper = [value for value in cell.eigenvalues if value.imag >= 0]
    told = [eigenvalue(value.real, value.imag, pair=value.imag > 0) for value in upper[:SHOWN_EIGENVALUES]]
    return [*told, *(["…"] if len(upper) > SHOWN_EIGENVALUES else [])]


def _line(words: tuple[str, ...]) -> str:
    """Return a row of an HTML table, words first and numbers at the right."""
    first, *others = (html.escape(word).replace(" ", "&nbsp;") for word in words)
    cells = "".join(f"<td align='right'>&nbsp;&nbsp;{one}</td>" for one in others)
    return f"<tr><td>{first}</td>{cells}</tr>"


def _row(cell: DepthResult, name: str) -> tuple[str, ...]:
    """Return one network's numbers as text."""
    numbers = (scores.get(name) for scores in (cell.output_errors, cell.cosines, cell.centred_cosines))
    shown = (score(cell.rows[name], cell.measure), percent(cell.agreements.get(name)))
    return (row_name(name, cell.unit), *shown, *map(_number, numbers))


def _number(value: float | None) -> str:
    return "–" if value is None else short(value)


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""
