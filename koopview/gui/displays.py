"""Find the display that windows open on before Qt starts, which ends the program where none answers (Linux alone)."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
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


Release = Callable[[], object]
"""Closes a connection to a display; an X server that loses its only one begins anew, and is dead meanwhile."""


def choose_display() -> Release:
    """Let Qt open windows on the first display that answers: Wayland's before X11's, as Qt chooses itself.

    Called before the application is made; what is returned is called after it, so that the display stays as it is.
    What `QT_QPA_PLATFORM` names instead of a display needs none.

    Raises
    ------
    InputError
        If no display answers.
    FileError
        If the system lacks a library that Qt's part for the display needs.
    """
    if sys.platform != "linux":
        return _nothing
    wanted = platforms(os.environ)
    if wanted is None:
        with imports_explained():
            load_plugin(os.environ["QT_QPA_PLATFORM"].partition(":")[0])
        return _nothing
    refusals: list[str] = []
    for platform in wanted:
        refusal, release = asked_display(platform)
        if not refusal:
            with imports_explained():
                load_plugin(platform)
            if refusals:  # Qt would try the dead one again, and say so
                os.environ["QT_QPA_PLATFORM"] = platform
            return release
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


def asked_display(platform: str) -> tuple[str, Release]:
    """Return why no window opens on the display of "wayland" or "xcb", empty where it answers, and its release."""
    variable = _VARIABLES[platform]
    value = os.environ.get(variable)
    if platform == "wayland" and os.environ.get("WAYLAND_SOCKET"):
        return "", _nothing  # a connection that is open already, for the first who asks
    if platform == "xcb" and not value:
        return "DISPLAY is not set", _nothing
    ask = _wayland_connection if platform == "wayland" else _x_connection
    with _standard_error() as said:
        release = _in_time(ask)
        said.seek(0)
        words = " ".join(said.read().decode(errors="replace").split())
    if release is not None:
        return "", release
    named = f"{variable}={value}" if value else f"its usual place, since {variable} is not set"
    return f"no {_SERVERS[platform]} answers at {named}" + (f" ({words})" if words else ""), _nothing


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


def _nothing() -> None:
    """Release what was not held."""


def _x_connection() -> Release | None:
    """Connect to the X server that DISPLAY names, by the library that Qt connects by; None where it takes nobody."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        return None
    return partial(xcb.xcb_disconnect, connection)


def _wayland_connection() -> Release | None:
    """Connect to the Wayland compositor that WAYLAND_DISPLAY names, by the library of Qt; None where there is none."""
    client = ctypes.CDLL("libwayland-client.so.0")
    client.wl_display_connect.restype = ctypes.c_void_p
    display = client.wl_display_connect(None)
    return None if display is None else partial(client.wl_display_disconnect, ctypes.c_void_p(display))


def _in_time(connect: Callable[[], Release | None]) -> Release | None:
    """Return what `connect` does, None where that takes too long; a library that it lacks is named by Qt's plugin."""
    found: list[Release | None] = []

    def connecting() -> None:
        try:
            found.append(connect())
        except OSError:
            found.append(_nothing)

    thread = Thread(target=connecting, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    return found[0] if found else None


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
