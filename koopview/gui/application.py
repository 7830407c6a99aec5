"""Start Qt, build the window from the command line's arguments, run it or take its picture."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, QLocale, QMessageLogContext, QSize, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from koopview.arguments import STUDY_ENDING, WindowOptions, window_options
from koopview.errors import InputError
from koopview.files import check_folder
from koopview.gui.ahead import Ahead
from koopview.gui.displays import choose_display, draw_without_display
from koopview.gui.files.export import save_picture
from koopview.gui.files.kept import not_kept
from koopview.gui.files.recovery import recovery_folder
from koopview.gui.looks.appearance import Appearance
from koopview.gui.looks.theme import font, load_fonts
from koopview.gui.present.kiosk import Kiosk
from koopview.gui.session.session import Session
from koopview.gui.window import MainWindow
from koopview.installation import check_resources
from koopview.memory import search_only_at_rest, share_one_heap
from koopview.projectors import USUAL
from koopview.resources import resource_path
from koopview.study.source import Source
from koopview.threads import let_idle_threads_sleep

if TYPE_CHECKING:
    from koopview.study.study import Study

_open_windows: list[MainWindow] = []
"""References to windows in IPython's event loop, which nothing else keeps alive."""

_SWITCH_SECONDS = 0.001
"""Longest time that a worker's Python keeps the window's waiting, each time that it asks; Python's own is 5 ms."""

_NESTED = 4
"""Deepest nesting of layouts."""


def application() -> QApplication:
    """Return the running QApplication, or a new one with the window's font, icon and number format.

    Raises
    ------
    InputError
        If there is no display for a new one.
    FileError
        If the system or this installation lacks a file.
    """
    running = QApplication.instance()
    made = running if isinstance(running, QApplication) else _new_application()
    made.setApplicationName("KoopView")
    made.setOrganizationName("KoopView")
    made.setStyle("Fusion")
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    load_fonts()
    made.setFont(font())
    made.setWindowIcon(QIcon(str(resource_path("icons/koopview.svg"))))
    return made


def _new_application() -> QApplication:
    check_resources()
    release = choose_display()
    made = QApplication(["koopview"])
    release()
    return made


def create_window(arguments: Sequence[str] | None = None) -> MainWindow:
    """Build the window from command-line arguments (``sys.argv`` for None) without entering the event loop."""
    return window_of(window_options(sys.argv[1:] if arguments is None else list(arguments)))


def window_of(options: WindowOptions) -> MainWindow:
    """Build the window of `options`; its session starts to open the source that they name."""
    let_idle_threads_sleep()  # a script builds the window without the command line, which has said so already
    share_one_heap()
    search_only_at_rest()
    sys.setswitchinterval(_SWITCH_SECONDS)
    window = _empty_window(options)
    if options.kiosk is not None:
        Kiosk(window, window, options.kiosk)
    _present(window, options, full_screen=True)
    named = _file_to_sort(options)
    if named is None:
        window.session.open_options(options)
    else:
        window.session.open_options(replace(options, source=Source()))
        window.opening.open_file(named)
    return window


def _file_to_sort(options: WindowOptions) -> str | None:
    """Return the file that the command line names alone, if its name is not a study's: it is looked at first."""
    named = options.source.study
    alone = options.source == Source(study=named) and options.kiosk is None
    return named if named is not None and alone and not named.endswith(STUDY_ENDING) else None


def _present(window: MainWindow, options: WindowOptions, full_screen: bool) -> None:
    """Go into present mode where the command line says so."""
    if options.kiosk is not None or options.preset is not None:
        window.presenting.choose(options.preset or USUAL.name, full_screen, own_theme=options.theme is None)


def run(arguments: Sequence[str]) -> int:
    """Run the window until it is closed, or take its picture; returns the exit status."""
    options = window_options(list(arguments))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if options.screenshot is not None:
        with without_notes():
            screenshot(options, options.screenshot)
        return 0
    window = window_of(options)
    kiosk = window.findChild(Kiosk)
    if kiosk is not None:
        return _run_kiosk(window, kiosk)
    if options == WindowOptions(theme=options.theme):
        window.opening.offer_last_study()  # before the first paint, so that nothing moves after it
    keep_on_screen(window, window.screen().availableGeometry().size())
    window.show()
    window.studies.guard(recovery_folder())
    window.filling.begin()
    Ahead(window.session, window).begin()
    _tell_what_is_not_kept(window)
    return QApplication.exec()


def keep_on_screen(window: MainWindow, room: QSize) -> None:
    """Open a window that is larger than the `room` on its screen as large as that, and maximized."""
    if window.width() > room.width() or window.height() > room.height():
        window.resize(window.size().boundedTo(room))
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def _tell_what_is_not_kept(window: MainWindow) -> None:
    """Say once, beside the first study, that preferences or copies for recovery cannot be kept."""
    sentence = not_kept()
    if sentence and window.is_busy():  # what is opened takes earlier messages away
        window.settled.connect(lambda: window.message.note(sentence), Qt.ConnectionType.SingleShotConnection)
    elif sentence:
        window.message.note(sentence)


def _run_kiosk(window: MainWindow, kiosk: Kiosk) -> int:
    """Run a kiosk until it is ended; raises InputError with the sentence of what could not be opened at its start."""
    failures: list[str] = []

    def end(sentence: str) -> None:
        failures.append(sentence)
        kiosk.end()
        QApplication.exit()  # whatever other window is open

    kiosk.failed.connect(end)
    window.show()
    if failures:  # before the loop began, which it could not end
        QTimer.singleShot(0, QApplication.exit)
    status = QApplication.exec()
    if failures:
        raise InputError(failures[0])
    return status


def view(study: "Study") -> MainWindow:
    """Show a study's window and return it: after it is closed, or at once in IPython, which runs the event loop.

    Raises
    ------
    InputError
        If there is no display.
    """
    application()  # first, or IPython would make one that ends the program where there is no display
    shell = ipython_shell()
    if shell is not None:
        shell.enable_gui("qt6")
    window = _empty_window(WindowOptions())
    QTimer.singleShot(0, window, lambda: window.session.open_study(study))
    keep_on_screen(window, window.screen().availableGeometry().size())
    window.show()
    window.filling.begin()
    Ahead(window.session, window).begin()
    if shell is None:
        _run_until_closed()
    else:
        _open_windows.append(window)
        window.destroyed.connect(lambda: _open_windows.remove(window))
    return window


def ipython_shell() -> Any:
    """Return the shell of a running IPython or Jupyter, None otherwise."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _run_until_closed() -> None:
    """Run the event loop until all windows are closed; Ctrl+C ends the program as usual."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        QApplication.exec()
    finally:
        signal.signal(signal.SIGINT, before)


def screenshot(options: WindowOptions, path: Path) -> None:
    """Render the window of `options` after its fit into the PNG file `path`.

    Raises
    ------
    InputError
        With the sentence that the window would show, if opening or fitting failed.
    FileError
        If the file cannot be written.
    """
    check_folder(path, "--screenshot")
    draw_without_display()
    window = _empty_window(options)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    _present(window, options, full_screen=False)
    window.show()
    try:
        failure = _settle(window, options)
        if failure:
            raise InputError(failure)
        window.session.close()  # all is there: the engine of a saved study need not start
        for _ in range(_NESTED):  # lay out new widgets: each nested layout takes one more turn
            QApplication.processEvents()
        save_picture(window, path)
    finally:
        window.close()


@contextmanager
def without_notes() -> Iterator[None]:
    """Keep Qt's notes to programmers off stderr while the context lasts."""
    before = qInstallMessageHandler(_tell_what_ends_the_program)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _tell_what_ends_the_program(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    """Print what ends the program alone: a person reads what went wrong in one line."""
    if kind == QtMsgType.QtFatalMsg and sys.stderr is not None:
        print(text, file=sys.stderr)


def _settle(window: MainWindow, options: WindowOptions) -> str:
    """Open the source that `options` name and wait until it is shown; return a failure's sentence, empty for none."""
    failures: list[str] = []
    waiting = QEventLoop()
    window.settled.connect(waiting.quit)
    window.session.failed.connect(lambda sentence, details: failures.append(sentence))
    window.session.failed.connect(waiting.quit)
    QTimer.singleShot(0, window, lambda: window.session.open_options(options))
    waiting.exec()
    return failures[0] if failures else ""


def quiet_window(options: WindowOptions, opens: bool = True) -> MainWindow:
    """Return a window that stores no layout and no theme, for pictures; it `opens` the source that `options` name."""
    window = _empty_window(options, remembers=False)
    if not opens:
        return window
    QTimer.singleShot(0, window, lambda: window.session.open_options(options))
    return window


def _empty_window(options: WindowOptions, remembers: bool = True) -> MainWindow:
    application()
    session, kept = Session(), options.kiosk is None
    appearance = Appearance(options.theme, dresses=False, remembers=kept and remembers)
    window = MainWindow(session, appearance, keeps_layout=kept and options.size is None and options.screenshot is None)
    appearance.dress_application()
    session.setParent(window)
    if options.size is not None:
        window.resize(*options.size)
    return window
