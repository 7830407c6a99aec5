"""What the eigenvalue panel and the surgery section ask, passed to the session, and what it answers, to them."""

from typing import Any

from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.surgery import SurgerySection


def connect_modes(session: Any, eigenvalues: EigenvaluePanel, surgery: SurgerySection) -> None:
    """Connect mode surgery to the session: edits, undo, and the importance of modes as soon as it is known."""
    eigenvalues.requested.connect(session.request)
    eigenvalues.remove_asked.connect(surgery.remove_selected)
    eigenvalues.watched.connect(lambda wanted: session.watch("modes", wanted, "table"))
    surgery.requested.connect(session.request)
    surgery.undo_asked.connect(session.undo_stack.undo)
    session.undo_stack.undoTextChanged.connect(surgery.show_undo)
    session.view_changed.connect(lambda kind, view: eigenvalues.show_modes(view) if kind == "modes" else None)
