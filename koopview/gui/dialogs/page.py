"""The right side of the Open dialog: the network and the data that were found, and whether they fit each other."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from koopview.gui.dialogs import data_card, model_card
from koopview.gui.dialogs.found_card import repolish, sentence_label
from koopview.gui.looks.theme import UNIT
from koopview.gui.session.heads import FoundData, read_data, read_model
from koopview.gui.session.reading import Reading
from koopview.network.matching import Match, match
from koopview.network.modelfiles.head import ModelHead
from koopview.study.source import Source

READING = "Reading what is in it…"


class Page(QWidget):
    """Reads the heads of the files that are named, off the window's thread, and shows them.

    ``model_found`` carries a ModelHead or None, ``data_found`` a FoundData or None. Where no model is named, the one
    that is `opened` is shown, if there is one, with a `title`.
    """

    model_found = Signal(object)
    data_found = Signal(object)

    def __init__(self, opened: ModelHead | None = None, title: str = "") -> None:
        super().__init__()
        self.model, self.data = model_card.ModelCard(), data_card.DataCard()
        self._opened, self._title = opened, title
        self.fit = sentence_label("Whether model and data fit each other", "foundMatch", None)
        self._models, self._data = Reading(self), Reading(self)
        self._wanted: dict[Reading, tuple[object, ...]] = {}
        self._models.found.connect(self._show_model)
        self._models.failed.connect(lambda sentence: self._show_model(None, sentence))
        self._data.found.connect(self._show_data)
        self._data.failed.connect(lambda sentence: self._show_data(None, sentence))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        for part, room in ((self.model, 1), (self.data, 1), (self.fit, 0)):
            layout.addWidget(part, room)
        self._show_model(None)

    @property
    def reading(self) -> bool:
        """Whether a head that was asked for is not shown yet."""
        return self._models.running or self._data.running

    @property
    def match(self) -> Match | None:
        """Whether the network and the data that are shown fit each other, None while one of them is not known."""
        if self.model.found is None or self.data.found is None:
            return None
        return match(self.model.found, self.data.found)

    def ask_model(self, source: Source, soon: bool = False) -> None:
        """Read the head of the model file that a source names, after a pause or `soon`."""
        if not self._is_new(self._models, source.model, source.weights, source.trust):
            return
        if source.model is None:
            self._models.stop()
            self._show_model(None)
        else:
            self.model.clear(READING)
            self._show_match()
            self._models.ask(lambda progress: read_model(source), soon)

    def ask_data(self, source: Source, soon: bool = False) -> None:
        """Read the head of the data file that a source names, after a pause or `soon`."""
        if not self._is_new(self._data, source.data, source.keys):
            return
        if source.data is None:
            self._data.stop()
            self._show_data(None)
        else:
            self.data.clear(READING)
            self._show_match()
            self._data.ask(lambda progress: read_data(source), soon)

    def leave(self) -> None:
        """End all reading, without waiting for it."""
        self._models.leave()
        self._data.leave()

    def _is_new(self, reading: Reading, *wanted: object) -> bool:
        before = self._wanted.get(reading)
        self._wanted[reading] = wanted
        return wanted != before

    def _show_model(self, head: ModelHead | None, why: str = model_card.NOTHING) -> None:
        """Show a head, or the network that is open; without either, `why`."""
        if head is not None:
            self.model.show_head(head)
        elif self._opened is not None:
            self.model.show_head(self._opened, self._title)
        else:
            self.model.clear(why, why != model_card.NOTHING)
        self.model_found.emit(head)
        self._show_match()

    def _show_data(self, found: FoundData | None, why: str = data_card.NOTHING) -> None:
        """Show a head, or `why` there is none."""
        if found is None:
            self.data.clear(why, why != data_card.NOTHING)
        else:
            self.data.show_head(found.head)
        self.data_found.emit(found)
        self._show_match()

    def _show_match(self) -> None:
        found = self.match
        said = "" if found is None else f"{found.sentence}{'' if found.sentence[-1:] in ('?', '') else '.'}"
        if found is not None and said:
            begins = {True: "They fit: ", False: "They do not fit: ", None: ""}[found.fits]
            repolish(self.fit, "warning" if found.fits is False else "small")
            self.fit.setText(f"{begins}{said}" if begins else f"{said[:1].upper()}{said[1:]}")
        self.fit.setVisible(bool(said))
