"""The application's theme: light, dark, or the system's, which can change while it runs."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from koopview.gui.looks.stylesheet import stylesheet
from koopview.gui.looks.theme import DARK, LIGHT, Theme, palette
from koopview.gui.preferences import preferences, remember

CHOICES = ("system", "light", "dark")
_KEY = "theme"


class Appearance(QObject):
    """Stores the chosen theme and applies it to the application.

    ``changed`` carries the :class:`Theme` whenever the colours change, by choice or with the system.
    """

    changed = Signal(object)

    def __init__(self, choice: str | None = None, *, dresses: bool = True, remembers: bool = True) -> None:
        super().__init__()
        self._remembers = remembers
        self._meanwhile: str | None = None
        self.choice = choice if choice in CHOICES else remembered_choice()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        if dresses:
            self._dress()

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        choice = self._meanwhile or self.choice
        if choice == "system":
            return DARK if system_is_dark() else LIGHT
        return DARK if choice == "dark" else LIGHT

    def choose(self, choice: str) -> None:
        """Take "system", "light" or "dark", and remember it unless told otherwise."""
        self.choice, self._meanwhile = choice, None
        if self._remembers:
            remember({_KEY: choice})
        self._dress()

    def show_meanwhile(self, choice: str | None) -> None:
        """Take "light" or "dark" without choosing it for good; None brings back what was chosen."""
        if choice != self._meanwhile:
            self._meanwhile = choice
            self._dress()

    def _follow_system(self) -> None:
        if self.choice == "system" and self._meanwhile is None:
            self._dress()

    def _dress(self) -> None:
        self.dress_application()
        self.changed.emit(self.theme)

    def dress_application(self) -> None:
        """Give the application the theme's palette and style sheet.

        Creating a window is faster before this call: each of its parts is then styled only once.
        """
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme = self.theme
        application.setPalette(palette(theme))
        application.setStyleSheet(stylesheet(theme))
        application.setProperty(_KEY, theme.name)


def system_is_dark() -> bool:
    """Return whether the system's colour scheme is dark."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def theme_in_use() -> Theme:
    """Return the application's Theme, the light one if none was applied."""
    application = QApplication.instance()
    return DARK if application is not None and application.property(_KEY) == "dark" else LIGHT


def remembered_choice() -> str:
    """Return the theme chosen in an earlier session, "system" if there was none."""
    choice = preferences().value(_KEY)
    return choice if choice in CHOICES else "system"
