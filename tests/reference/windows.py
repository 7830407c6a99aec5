"""A main window, made as the program makes it: styled once it is whole, in a third of the time."""

from PySide6.QtWidgets import QApplication

from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import load_fonts
from koopview.gui.window import MainWindow


def main_window(session, keeps_layout=True, remembers=True):
    """A light window of a session."""
    load_fonts()
    appearance = Appearance("light", dresses=False, remembers=remembers)
    made = MainWindow(session, appearance, keeps_layout=keeps_layout)
    if not QApplication.instance().styleSheet():  # else another window is styled already
        appearance.dress_application()
    return made
