"""A question before something would be lost, answered by a button; the window goes on meanwhile."""

from PySide6.QtWidgets import QMessageBox, QWidget

Button = QMessageBox.StandardButton


def question(parent: QWidget, name: str, text: str, more: str, buttons: Button, usual: Button) -> QMessageBox:
    """Return a box that asks, to be opened: it deletes itself when it is answered.

    Parameters
    ----------
    name : str
        Its object name.
    text, more : str
        The question, and what hangs on it.
    buttons, usual : Button
        The answers, and the one of the Return key.
    """
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setWindowTitle("KoopView")
    box.setText(text)
    box.setInformativeText(more)
    box.setStandardButtons(buttons)
    box.setDefaultButton(usual)
    box.finished.connect(box.deleteLater)
    return box
