"""The line above a sweep: the delays h, the ranks r and the workers that a person types, and Start."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from koopview import values
from koopview.gui.looks.theme import UNIT
from koopview.gui.session.sweeping import MOST_DELAYS
from koopview.gui.widgets.card import label, tool_button
from koopview.koopman.rank import RANKS

Numbers = TypeVar("Numbers", bound=tuple[int | str, ...])

DELAYS_TIP = f"Delays h to sweep, with commas; left empty: all from 1 to N, {MOST_DELAYS} of them where N is larger"
RANKS_TIP = (
    f"Ranks r to sweep, with commas, {', '.join(RANKS)} among them; left empty: 1, 2, 5, 10, … up to the largest rank "
    "of the decomposition on screen, and the rank in use"
)
WORKERS_TIP = (
    "Where Start computes the sweep; left empty: here, in this program. On Dask's workers: local (one for each "
    "processor of this machine), local:N for N of them, or the address of a scheduler, as tcp://HOST:8786. They stay "
    "for the next sweep until this field is changed, a sweep is stopped or the window is closed"
)
EXAMPLES = {"h": "1, 5, 10", "r": "10, 50"}
THIS_MACHINE = "this machine"
FIELDS_WIDTH = 430
"""Room in which all fields show what they hold in one line, with their names and the button."""


class Typed(NamedTuple):
    """What stands in the fields: delays and ranks, None for an empty field; the workers; sentences on what is wrong."""

    delays: tuple[int, ...] | None
    ranks: tuple[int | str, ...] | None
    workers: str
    wrong: list[str]


class SweepFields(QWidget):
    """``asked`` is emitted by Start and Return, ``edited`` while a person types.

    ``workers_named`` carries the workers once they are typed, empty for this machine, or for what names none.
    """

    asked = Signal()
    edited = Signal()
    workers_named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._named = ""
        self.delays = _field("Sweep over h", DELAYS_TIP)
        self.ranks = _field("Sweep over r", RANKS_TIP)
        self.workers = _field("Workers that compute the sweep", WORKERS_TIP)
        self.workers.setPlaceholderText(THIS_MACHINE)
        self.workers.setMaximumWidth(360)  # an address is long
        self.start = tool_button("Start", "small-button", "Start the sweep")
        self.start.setToolTip("Fit this layer at every one of these delays and ranks, as Sweep above does")
        self._lay_out()
        for field in (self.delays, self.ranks, self.workers):
            field.returnPressed.connect(self.asked)
            field.textEdited.connect(self.edited)
        self.start.clicked.connect(self.asked)
        self.workers.editingFinished.connect(self.name_workers)

    def _lay_out(self) -> None:
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        cells, place = QHBoxLayout(), QHBoxLayout()
        for line, named in ((cells, (("h", self.delays), ("r", self.ranks))), (place, (("on", self.workers),))):
            line.setSpacing(UNIT)
            for name, field in named:
                beside = label(name, "small")
                beside.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)  # it stays with its field
                line.addWidget(beside)
                line.addWidget(field, 1)
            self._lines.addLayout(line, 3 + len(named))  # the words of each field have room
        place.addStretch()
        place.addWidget(self.start)
        self.setMinimumWidth(1)  # one line of fields never widens the panel: where it is narrower there are two

    def fit_into(self, width: int) -> None:
        """Give the workers and Start a line of their own where all fields have too little room in one."""
        is_narrow, ways = width < FIELDS_WIDTH, QBoxLayout.Direction
        self._lines.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
        self._lines.setSpacing(2 if is_narrow else UNIT)

    def set_enabled(self, enabled: bool) -> None:
        """Let a person type and start, or not."""
        for part in (self.delays, self.ranks, self.workers, self.start):
            part.setEnabled(enabled)

    def name_workers(self) -> None:
        """Emit the workers in their field, unless they are those emitted last."""
        workers, _ = _read_workers(self.workers)
        if workers != self._named:
            self._named = workers
            self.workers_named.emit(workers)

    def typed(self, steps: int) -> Typed:
        """Return what is Typed for a sweep of a layer that is scaled to some steps."""
        delays, ranks, wrong = _read(self.delays, values.counts), _read(self.ranks, values.ranks), []
        if delays == () or max(delays or (1,)) > steps:
            wrong.append(_expected("h", self.delays, f"whole numbers of 1 to N = {steps}"))
        if ranks == ():
            wrong.append(_expected("r", self.ranks, f"whole numbers of 1 or more, or {', '.join(RANKS)},"))
        workers, said = _read_workers(self.workers)
        return Typed(delays, ranks, workers, [*wrong, *([said] if said else [])])

    def show_empty(self, delays: Sequence[int] = (), ranks: Sequence[int | str] = ()) -> None:
        """Say in the fields of delays and ranks what they mean while they are empty; nothing without any."""
        self.delays.setPlaceholderText(empty_delays(delays) if delays else "")
        self.ranks.setPlaceholderText(empty_ranks(ranks) if ranks else "")


def empty_delays(delays: Sequence[int]) -> str:
    """Return what an empty field of delays means: "all, 1 to 20", "24 from 1 to 60"."""
    first, last = delays[0], delays[-1]
    return f"all, {first} to {last}" if len(delays) == last - first + 1 else f"{len(delays)} from {first} to {last}"


def empty_ranks(ranks: Sequence[int | str]) -> str:
    """Return what an empty field of ranks means: "1, 2, 5 … 50, auto"."""
    words = [str(rank) for rank in ranks if isinstance(rank, str)]
    whole = [str(rank) for rank in ranks if not isinstance(rank, str)]
    shown = ", ".join(whole) if len(whole) <= 3 else f"{whole[0]}, {whole[1]} … {whole[-1]}"
    return ", ".join((shown, *words))


def _read(field: QLineEdit, read: Callable[[str], Numbers]) -> Numbers | tuple[()] | None:
    """Return the numbers in a field, None if it is empty, an empty tuple for invalid input."""
    text = field.text().strip()
    try:
        return read(text) if text else None
    except ArgumentTypeError:
        return ()


def _read_workers(field: QLineEdit) -> tuple[str, str]:
    """Return the workers named in a field, empty for none, and the sentence on what names none, empty for none."""
    text = field.text().strip()
    try:
        return values.cluster(text) if text else "", ""
    except ArgumentTypeError as error:
        return "", str(error)


def _expected(name: str, field: QLineEdit, wanted: str) -> str:
    """Return the sentence about a field's invalid input."""
    return f"{name} is {field.text()}, expected {wanted} with commas between them: {EXAMPLES[name]}"


def _field(accessible: str, tip: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(accessible)
    field.setToolTip(tip)
    field.setProperty("role", "small")
    field.setMinimumWidth(96)
    field.setMaximumWidth(240)
    return field
