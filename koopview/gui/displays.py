"""Find the display that windows open on before Qt starts, which ends the program where none answers (Linux alone)."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from koopview.errors import InputError
from koopview.installation import imports_explained

PATIENCE_SECONDS = 3.0
"""A display that takes longer to answer is dead: a host that drops packets would hold the program for minutes."""

_VARIABLES = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
"""Qt's platforms that open windows on a display, and the environment's variable that names it."""

_SERVERS = {"wayland": "Wayland compositor", "xcb": "X server"}


def choose_display() -> None:
    """Let Qt open windows on the first display that answers: Wayland's before X11's, as Qt chooses itself.

    Called before the application is made. What `QT_QPA_PLATFORM` names instead of a display needs none.

    Raises
    ------
    InputError
        If no display answers.
    FileError
        If the system lacks a library that Qt's part for the display needs.
    """
    if sys.platform != "linux":
        return
    wanted = platforms(os.environ)
    if wanted is None:
        with imports_explained():
            load_plugin(os.environ["QT_QPA_PLATFORM"].partition(":")[0])
        return
    refusals: list[str] = []
    for platform in wanted:
        refusal = refusal_of(platform)
        if not refusal:
            with imports_explained():
                load_plugin(platform)
            if refusals:  # Qt would try the dead one again, and say so
                os.environ["QT_QPA_PLATFORM"] = platform
            return
        refusals.append(refusal)
    why = " and ".join(refusals) or "DISPLAY and WAYLAND_DISPLAY are not set"
    ways = "--screenshot OUT.png draws it into a file", "commands such as fit and handout need no window"
    raise InputError(f"{why}, expected a display to open the window on", *ways)


def draw_without_display() -> None:
    """Let Qt draw into pictures alone, the same on any machine; called before the application is made."""
    if sys.platform == "linux" and platforms(os.environ) is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def platforms(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return Qt's platforms, in its order, that the environment has displays for; None where it asks for another."""
    asked = [name.partition(":")[0] for name in environ.get("QT_QPA_PLATFORM", "").split(";") if name]
    if asked:
        known = tuple("wayland" if name.startswith("wayland") else name for name in asked)
        return known if set(known) <= set(_VARIABLES) else None
    wayland = environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland"
    there = {"wayland": wayland or environ.get("WAYLAND_SOCKET"), "xcb": environ.get("DISPLAY")}
    return tuple(name for name, is_named in there.items() if is_named)


def refusal_of(platform: str) -> str:
    """Return why no window opens on the display of "wayland" or "xcb", empty where it answers."""
    variable = _VARIABLES[platform]
    value = os.environ.get(variable)
    if platform == "wayland" and os.environ.get("WAYLAND_SOCKET"):
        return ""  # a connection that is open already, for the first who asks
    if platform == "xcb" and not value:
        return "DISPLAY is not set"
    ask = _wayland_answers if platform == "wayland" else _x_answers
    with _standard_error() as said:
        answers = _in_time(ask)
        said.seek(0)
        words = " ".join(said.read().decode(errors="replace").split())
    if answers:
        return ""
    named = f"{variable}={value}" if value else f"its usual place, since {variable} is not set"
    return f"no {_SERVERS[platform]} answers at {named}" + (f" ({words})" if words else "")


def load_plugin(platform: str) -> None:
    """Load Qt's plugin of a platform as Qt does, which ends the program where it cannot.

    Raises
    ------
    OSError
        If the system lacks a library that the plugin needs.
    InputError
        If Qt has no such plugin.
    """
    from PySide6.QtCore import QLibraryInfo

    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    plugins = sorted(folder.glob("libq*.so"))
    mine = [plugin for plugin in plugins if plugin.stem.partition("-")[0] == f"libq{platform}"]
    if plugins and not mine:
        known = ", ".join(plugin.stem.removeprefix("libq") for plugin in plugins)
        raise InputError(f"Qt has no platform {platform!r}, expected QT_QPA_PLATFORM to name one of {known}")
    for plugin in mine:
        ctypes.CDLL(str(plugin))


def _x_answers() -> bool:
    """Return whether the X server that DISPLAY names takes this program, asked by the library that Qt asks by."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers() -> bool:
    """Return whether the Wayland compositor that WAYLAND_DISPLAY names answers, asked by the library of Qt."""
    client = ctypes.CDLL("libwayland-client.so.0")
    client.wl_display_connect.restype = ctypes.c_void_p
    display = client.wl_display_connect(None)
    if display is None:
        return False
    client.wl_display_disconnect(ctypes.c_void_p(display))
    return True


def _in_time(ask: Callable[[], bool]) -> bool:
    """Return the answer, False where none comes soon, True where the library to ask by is missing: Qt will name it."""
    answers: list[bool] = []

    def asking() -> None:
        try:
            answers.append(ask())
        except OSError:
            answers.append(True)

    thread = Thread(target=asking, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    return bool(answers) and answers[0]


@contextmanager
def _standard_error() -> Iterator[BinaryIO]:
    """Yield a file that takes what C libraries write to standard error meanwhile."""
    with tempfile.TemporaryFile() as file:
        try:
            kept = os.dup(2)
        except OSError:  # it is closed
            yield file
            return
        os.dup2(file.fileno(), 2)
        try:
            yield file
        finally:
            os.dup2(kept, 2)
            os.close(kept)
