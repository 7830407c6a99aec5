"""Displays: found before Qt starts, which ends the program where none answers; pictures need none."""

import os
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from threading import Thread

import pytest
from PySide6.QtGui import QImage

from koopview.errors import InputError
from koopview.gui import displays

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is a display, or Qt says so itself")
ROOT = Path(__file__).resolve().parents[2]
DEAD_X, DEAD_WAYLAND = ":987", "koopview-nothing"
ROOTLESS_SCREEN = bytes(40)
TAKEN = struct.pack("<BxHHH", 1, 11, 0, 18) + struct.pack("<IIIIHHBB10x", 0, 2**21, 2**21 - 1, 0, 0, 65535, 1, 0)
TAKEN += ROOTLESS_SCREEN
"""What an X server answers (X protocol, section 8) to a program that it takes."""


def refused(reason):
    """What an X server answers to a program that it does not take."""
    padded = reason + bytes(-len(reason) % 4)
    return struct.pack("<BBHHH", 0, len(reason), 11, 0, len(padded) // 4) + padded


@contextmanager
def x_server(answer):
    """An X server on a port of this machine, which says one thing, and the DISPLAY that names it."""
    for number in range(300, 400):
        server = socket.socket()
        try:
            server.bind(("127.0.0.1", 6000 + number))
            break
        except OSError:
            server.close()
    server.listen()
    connections = []

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connections.append(connection)
            if answer:
                connection.recv(4096)
                connection.sendall(answer)

    Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{number}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        for one in (server, *connections):
            one.close()


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Names displays, and no others."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def name(**values):
        for variable in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"):
            monkeypatch.setenv(variable, "")  # so that what is set meanwhile is taken back
            monkeypatch.delenv(variable)
        for variable, value in values.items():
            monkeypatch.setenv(variable, value)

    return name


@pytest.mark.parametrize(
    ("named_there", "platforms"),
    [
        ({}, ()),
        ({"DISPLAY": ":0"}, ("xcb",)),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ("wayland", "xcb")),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, ("wayland", "xcb")),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}, ("xcb",)),
        ({"QT_QPA_PLATFORM": "wayland-egl;xcb"}, ("wayland", "xcb")),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, None),
        ({"QT_QPA_PLATFORM": "minimal"}, None),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, None),
    ],
)
def test_the_environment_names_displays(named_there, platforms):
    assert displays.platforms(named_there) == platforms


def test_a_display_that_is_dead_is_named(named):
    named(DISPLAY=DEAD_X)
    with pytest.raises(InputError, match=f"^no X server answers at DISPLAY={DEAD_X}, expected"):
        displays.choose_display()()
    named(WAYLAND_DISPLAY=DEAD_WAYLAND)
    with pytest.raises(InputError, match=f"^no Wayland compositor answers at WAYLAND_DISPLAY={DEAD_WAYLAND}, expected"):
        displays.choose_display()()
    named(WAYLAND_DISPLAY=DEAD_WAYLAND, DISPLAY=DEAD_X)
    with pytest.raises(InputError, match=f"WAYLAND_DISPLAY={DEAD_WAYLAND} and no X server answers at DISPLAY={DEAD_X}"):
        displays.choose_display()()


def test_without_a_display_both_variables_are_named(named):
    named()
    with pytest.raises(InputError, match=r"^DISPLAY and WAYLAND_DISPLAY are not set") as refusal:
        displays.choose_display()()
    assert "--screenshot OUT.png" in " ".join(refusal.value.options)


def test_an_x_server_that_answers_is_used(named):
    with x_server(TAKEN) as display:
        named(DISPLAY=display)
        displays.choose_display()()
        assert "QT_QPA_PLATFORM" not in os.environ
        named(DISPLAY=display, WAYLAND_DISPLAY=DEAD_WAYLAND)
        displays.choose_display()()
        assert os.environ["QT_QPA_PLATFORM"] == "xcb"


@pytest.mark.skipif(not find_library("wayland-cursor"), reason="Qt's libraries for Wayland are not installed")
def test_a_wayland_compositor_that_answers_is_used(named):
    with socket.socket(socket.AF_UNIX) as server, tempfile.TemporaryDirectory() as folder:  # a socket's path is short
        server.bind(f"{folder}/there")
        server.listen()
        named(WAYLAND_DISPLAY=f"{folder}/there", DISPLAY=DEAD_X)
        displays.choose_display()()
        assert "QT_QPA_PLATFORM" not in os.environ


def test_an_x_server_that_refuses_is_cited(named, capfd):
    with x_server(refused(b"Authorization required")) as display:
        named(DISPLAY=display)
        with pytest.raises(InputError, match=r"Authorization required"):
            displays.choose_display()()
    assert capfd.readouterr().err == ""


def test_an_x_server_that_says_nothing_is_dead(named, monkeypatch):
    monkeypatch.setattr(displays, "PATIENCE_SECONDS", 0.1)
    with x_server(b"") as display:
        named(DISPLAY=display)
        with pytest.raises(InputError, match=f"no X server answers at DISPLAY={display}"):
            displays.choose_display()()


def test_pictures_need_no_display(named):
    for values in ({}, {"DISPLAY": DEAD_X}, {"WAYLAND_DISPLAY": DEAD_WAYLAND, "QT_QPA_PLATFORM": "wayland"}):
        named(**values)
        displays.draw_without_display()
        assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    named(QT_QPA_PLATFORM="minimal")
    displays.draw_without_display()
    assert os.environ["QT_QPA_PLATFORM"] == "minimal"


def koopview(*words, folder, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "koopview", *words],
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_on_a_dead_display_the_program_says_one_sentence_and_draws_pictures(tmp_path):
    done = koopview(folder=tmp_path, DISPLAY=DEAD_X)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"DISPLAY={DEAD_X}" in done.stderr
    assert "--screenshot OUT.png" in done.stderr
    done = koopview("--screenshot", "window.png", folder=tmp_path, DISPLAY=DEAD_X)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not QImage(str(tmp_path / "window.png")).isNull()
