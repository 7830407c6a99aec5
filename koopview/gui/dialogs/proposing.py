"""Fill in the activation that does best on the data, as a proposal that a person may change."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from koopview.gui.dialogs.source_fields import NEEDS, ModelFields
from koopview.gui.session.proposing import propose
from koopview.gui.session.reading import Reading
from koopview.study.source import Source

if TYPE_CHECKING:
    from koopview.study.proposals import Proposal

TRYING = "Trying activations on the data…"


class Proposing(QObject):
    """Tries activations on a worker whenever `to_try` gives a Source; what a person says herself stays."""

    def __init__(self, dialog: QDialog, fields: ModelFields, to_try: Callable[[], Source | None]) -> None:
        super().__init__(dialog)
        self._fields, self._to_try = fields, to_try
        self.proposed: str | None = None
        """The activation that was proposed last, None if none was."""
        self._asked: Source | None = None
        self._reading = Reading(self)
        self._reading.found.connect(self._show)
        self._reading.failed.connect(lambda sentence: self._show(None))
        dialog.finished.connect(self._reading.leave)

    @property
    def running(self) -> bool:
        """Whether activations are being tried."""
        return self._reading.running

    def ask(self) -> None:
        """Try the activations of what is filled in, unless that was done."""
        wanted = self._to_try()
        if wanted is None:
            self.leave_it()
            self._take_back()
            row = self._fields.rows["activation"]
            if row.needed:  # what it says is of other files
                row.need(NEEDS["activation"])
            return
        if wanted == self._asked:
            return
        self._asked = wanted
        self._fields.rows["activation"].need(TRYING)
        self._reading.ask(lambda progress: propose(wanted, progress))

    def leave_it(self) -> None:
        """Stop trying."""
        self._asked = None
        self._reading.stop()

    def _take_back(self) -> None:
        """Take back what was proposed for other files, unless a person said something else since."""
        if self.proposed is not None and self._fields.said_activation() == self.proposed:
            self._fields.say_activation(None)
        self.proposed = None

    def _show(self, proposal: "Proposal | None") -> None:
        self._fields.rows["activation"].need(NEEDS["activation"] if proposal is None else proposal.sentence)
        if proposal is None or not proposal.activation:
            self._take_back()
        elif self._fields.said_activation() in (None, self.proposed):
            self.proposed = proposal.activation
            self._fields.say_activation(proposal.activation)
