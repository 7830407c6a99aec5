"""What every action does, by its key; an action without a handler does not exist.

Dialogs are imported by what opens them: the first picture does not wait for them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from koopview.files import json_text
from koopview.resources import resource_path
from koopview.study.script import script

if TYPE_CHECKING:
    from koopview.gui.window import MainWindow

Handlers = dict[str, Callable[[], object]]


def handlers(window: "MainWindow") -> Handlers:
    """Return what the actions of `window` call."""
    return _file_handlers(window) | _study_handlers(window) | _help_handlers(window)


def _file_handlers(window: "MainWindow") -> Handlers:
    opening, exporting, studies = window.opening, window.exporting, window.studies
    return {
        "open_study": opening.ask_study,
        "open_model": opening.ask_model,
        "open_data": opening.ask_data,
        "demo_yinyang": lambda: opening.open_demo("yinyang"),
        "demo_mnist": lambda: opening.open_demo("mnist"),
        "save": studies.save,
        "save_as": studies.save_as,
        "export": lambda: window.menus.show_export(window.tools.widgetForAction(window.actions_by_name["export"])),
        "export_numbers": lambda: exporting.ask_numbers(window.shown_result),
        "export_hybrid": exporting.ask_hybrid,
        "export_script": lambda: exporting.ask_script(window.shown_result),
        "export_window": exporting.ask_window_picture,
        "quit": window.close,
    }


def _study_handlers(window: "MainWindow") -> Handlers:
    session, appearance = window.session, window.appearance
    return {
        "copy_numbers": lambda: QGuiApplication.clipboard().setText(json_text(window.shown_summary())),
        "copy_script": lambda: _copy_script(window),
        "copy_picture": lambda: QGuiApplication.clipboard().setPixmap(window.grab()),
        "commands": lambda: _find_command(window),
        "fit": session.fit_now,
        "stop": lambda: _stop(window),
        "sweep": lambda: _sweep(window),
        "present": window.presenting.toggle,
        "remove_modes": _press(window.fit_panel.surgery.remove),
        "scale_modes": _press(window.fit_panel.surgery.scale),
        "reset_modes": _press(window.fit_panel.surgery.reset),
        "unlearn": _press(window.fit_panel.surgery.unlearn),
        "next_theme": lambda: appearance.choose("light" if appearance.theme.name == "dark" else "dark"),
        "reset_layout": window.reset_layout,
    }


def _stop(window: "MainWindow") -> None:
    window.session.stop()
    if window.session.sweep_end is None:  # of a sweep it is told how far it came
        window.status.say(
            "Stopped: the settings are again those of the picture" if window.drawn_result() else "Stopped"
        )


def _sweep(window: "MainWindow") -> None:
    """Sweep over what is filled in in the tab, which shows it: both buttons do the same."""
    window.results.open_sweep()
    window.results.sweep.ask()


def _find_command(window: "MainWindow") -> None:
    from koopview.gui.dialogs.palette import Palette

    palette = Palette(window)  # made anew each time: what can be done changes
    palette.move(window.mapToGlobal(window.rect().topLeft()) + QPoint((window.width() - palette.width()) // 2, 80))
    palette.show()
    palette.search.setFocus()


def _press(button: QAbstractButton) -> Callable[[], object]:
    """Return what presses a button that is there to be pressed."""

    def press() -> None:
        if not button.isHidden():
            button.click()

    return press


def _copy_script(window: "MainWindow") -> None:
    result = window.shown_result()
    if result is not None:
        QGuiApplication.clipboard().setText(script(result.settings, window.session.source))


def _help_handlers(window: "MainWindow") -> Handlers:
    made: Handlers = {
        "shortcuts": lambda: _show_shortcuts(window),
        "tour": window.open_tour,
        "about": lambda: _show_about(window),
    }
    method = resource_path("docs/method.md")
    if method.is_file():
        made["method"] = lambda: _show_method(window, method)
    return made


def _show_shortcuts(window: "MainWindow") -> None:
    from koopview.gui.dialogs.documents import show_document
    from koopview.gui.dialogs.shortcuts import shortcuts_page

    show_document(window, "Keyboard shortcuts", shortcuts_page(window.menuBar()), (640, 720))


def _show_about(window: "MainWindow") -> None:
    from koopview.gui.dialogs.documents import ABOUT, show_document

    show_document(window, "About KoopView", ABOUT, (480, 250))


def _show_method(window: "MainWindow", text: Path) -> None:
    from koopview.gui.dialogs.documents import show_document

    show_document(window, "The method", text.read_text(encoding="utf-8"), (720, 760))
