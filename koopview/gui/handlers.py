"""The handler of every action, by its key; an action without a handler does not exist.

Dialogs are imported when they are opened, so that the first picture appears sooner.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QMainWindow

from koopview.files import json_text
from koopview.gui.enlarging import Enlarging
from koopview.gui.files.exporting import Exporting
from koopview.gui.files.opening import Opening
from koopview.gui.files.study_files import StudyFiles
from koopview.gui.layout_memory import reset_layout
from koopview.gui.looks.appearance import Appearance
from koopview.gui.menus import Menus
from koopview.gui.panels.fit import FitPanel
from koopview.gui.panels.network import NetworkPanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.present.presenting import Presenting
from koopview.gui.session.port import SessionPort
from koopview.gui.widgets.status import Status
from koopview.gui.widgets.workspace import LAYOUTS, Workspace
from koopview.gui.words import stopped
from koopview.network.demos import DEMO_NAMES
from koopview.projectors import PRESETS
from koopview.resources import built_guide
from koopview.study.result import FitResult
from koopview.study.script import script

Handlers = dict[str, Callable[[], object]]


class HandlerPort(Protocol):
    """The interface of a window for actions: the parts that they use, and the window's own methods."""

    session: SessionPort
    appearance: Appearance
    opening: Opening
    exporting: Exporting
    studies: StudyFiles
    presenting: Presenting
    network: NetworkPanel
    fit_panel: FitPanel
    results: ResultsPanel
    status: Status
    workspace: Workspace
    enlarging: Enlarging
    menus: Menus

    def tell(self, sentence: str) -> None:
        """Show a sentence in the message bar."""

    def shown_result(self) -> FitResult | None:
        """Return the result that matches the controls."""

    def drawn_result(self) -> FitResult | None:
        """Return the result that is drawn."""

    def open_tour(self) -> None:
        """Open the guided tour."""


def handlers(window: QMainWindow, port: HandlerPort) -> Handlers:
    """Return the functions that the actions of a window call, by key."""
    return _file_handlers(window, port) | _study_handlers(window, port) | _help_handlers(window, port)


def _file_handlers(window: QMainWindow, port: HandlerPort) -> Handlers:
    opening, exporting, studies = port.opening, port.exporting, port.studies
    return {
        "open_study": opening.ask_study,
        "open_model": opening.ask_model,
        "open_data": opening.ask_data,
        **{f"demo_{name}": partial(opening.open_demo, name) for name in DEMO_NAMES},
        "save": studies.save,
        "save_as": studies.save_as,
        "export": lambda: port.menus.show_export(),
        "export_numbers": lambda: exporting.ask_numbers(port.shown_result),
        "export_handout": lambda: exporting.ask_handout(port.shown_result),
        "export_hybrid": exporting.ask_hybrid,
        "export_script": lambda: exporting.ask_script(port.shown_result),
        "export_window": exporting.ask_window_picture,
        "quit": window.close,
    }


def _study_handlers(window: QMainWindow, port: HandlerPort) -> Handlers:
    session, appearance, surgery = port.session, port.appearance, port.fit_panel.surgery
    return {
        "copy_numbers": lambda: _copy_numbers(port),
        "copy_script": lambda: _copy_script(port),
        "copy_picture": lambda: QGuiApplication.clipboard().setPixmap(window.grab()),
        "commands": lambda: _find_command(window, port),
        "find_layer": port.network.find_layer,
        "sort_layers": port.network.sort_layers,
        "fit": session.fit_now,
        "stop": lambda: _stop(port),
        "sweep": lambda: _sweep(port.results),
        "fill_in": lambda: None,  # it is a tick: `FillingIn` follows it
        "compare": lambda: _compare(window, port),
        "present": port.presenting.toggle,
        **{preset.key: partial(port.presenting.choose, preset.name) for preset in PRESETS},
        "remove_modes": _press(surgery.remove),
        "scale_modes": _press(surgery.scale),
        "reset_modes": _press(surgery.reset),
        "unlearn": _press(surgery.unlearn),
        "next_theme": lambda: appearance.choose("light" if appearance.theme.name == "dark" else "dark"),
        "enlarge": port.enlarging.toggle,
        **{f"layout_{name}": partial(_arrange, port, name) for name in LAYOUTS},
        "reset_layout": partial(_arrange, port, "analysis"),
    }


def _arrange(port: HandlerPort, layout: str) -> None:
    port.enlarging.put_back()
    reset_layout(port.workspace, layout)


def _stop(port: HandlerPort) -> None:
    port.session.stop()
    if port.session.sweep_end is None:  # after a sweep its own message says how far it came
        port.status.say(stopped(port.drawn_result()))


def _sweep(results: ResultsPanel) -> None:
    """Show the sweep's tab and sweep over the values entered there: both buttons do the same."""
    results.open_sweep()
    results.sweep.ask()


def _compare(window: QMainWindow, port: HandlerPort) -> None:
    """Open the window that sets the fit on screen beside another one."""
    from koopview.gui.compare.window import open_comparison

    result = port.shown_result()
    if result is not None:
        open_comparison(window, port.session, port.appearance, result)


def _find_command(window: QMainWindow, port: HandlerPort) -> None:
    from koopview.gui.commands import CommandPort
    from koopview.gui.dialogs.palette import Palette

    palette = Palette(CommandPort(window, port.results.tabs, port.session, port.tell))  # new, as commands change
    palette.move(window.mapToGlobal(window.rect().topLeft()) + QPoint((window.width() - palette.width()) // 2, 80))
    palette.show()
    palette.search.setFocus()


def _press(button: QAbstractButton) -> Callable[[], object]:
    """Return a function that presses a button if it is visible and enabled."""

    def press() -> None:
        if not button.isHidden():
            button.click()

    return press


def _copy_numbers(port: HandlerPort) -> None:
    result = port.shown_result()
    QGuiApplication.clipboard().setText(json_text({} if result is None else result.summary()))


def _copy_script(port: HandlerPort) -> None:
    result = port.shown_result()
    if result is not None:
        QGuiApplication.clipboard().setText(script(result.settings, port.session.source))


def _help_handlers(window: QMainWindow, port: HandlerPort) -> Handlers:
    return {
        "guide": lambda: _open_guide(window, port),
        "tour": port.open_tour,
        "method": lambda: _show_page(window, "The method", "method.md"),
        "shortcuts": lambda: _show_page(window, "Keyboard shortcuts", "keyboard.md"),
        "command_line": lambda: _show_page(window, "Command line", "command-line.md"),
        "about": lambda: _show_about(window),
    }


def _open_guide(window: QMainWindow, port: HandlerPort) -> None:
    """Open the built guide in the browser; where one of them is not there, its pages in a window."""
    from koopview.gui.dialogs.documents import open_built_guide

    built = built_guide()
    if built is not None and open_built_guide(built):
        port.status.say(f"The guide opens in the browser: {built}")
    else:
        from koopview.gui.dialogs.pages import FIRST

        _show_page(window, "Guide", FIRST)


def _show_page(window: QMainWindow, title: str, name: str) -> None:
    from koopview.gui.dialogs.documents import show_document
    from koopview.gui.dialogs.pages import page_finder

    find = page_finder(window.menuBar())
    show_document(window, title, find(name) or "", (720, 760), find)


def _show_about(window: QMainWindow) -> None:
    from koopview.gui.dialogs.documents import ABOUT, show_document

    show_document(window, "About KoopView", ABOUT, (480, 250))
