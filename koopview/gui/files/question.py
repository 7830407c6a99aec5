"""A question before something would be lost, answered by a button; the window stays responsive."""

from PySide6.QtWidgets import QMessageBox, QWidget

Button = QMessageBox.StandardButton


def question(parent: QWidget, name: str, text: str, more: str, buttons: Button, usual: Button) -> QMessageBox:
    """Return a question box, not yet open, which deletes itself when it is answered.

    Parameters
    ----------
    name : str
        Its object name.
    text, more : str
        The question, and its consequences.
    buttons, usual : Button
        The answers, and the one for the Return key.
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
