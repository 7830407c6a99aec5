"""The libraries that Qt needs of a Linux system: what is missing is found, and the list is whole."""

import os
import shutil
import subprocess
import sys

import pytest
import system_libraries

linux = pytest.mark.skipif(sys.platform != "linux", reason="Windows and macOS need none")


def test_what_is_there_is_not_missing():
    wanted = {"liba.so.1": "liba1", "libb.so.2": "libb2", "libc.so.3": "libc3"}
    assert system_libraries.missing(wanted, lambda name: name != "libb.so.2") == {"libb.so.2": "libb2"}
    assert system_libraries.missing(wanted, lambda name: True) == {}


@linux
def test_the_loader_is_asked():
    assert system_libraries.loads("libc.so.6")
    assert not system_libraries.loads("libkoopview-is-not-a-library.so.9")


def test_programs_are_looked_for_on_the_path():
    assert not system_libraries.on_path("koopview-is-not-a-program-9")


def test_advice_is_one_line_with_the_command_where_there_is_apt():
    lacking = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}
    with_apt, without = (system_libraries.advice(lacking, has_apt) for has_apt in (True, False))
    assert with_apt.endswith("sudo apt-get install -y --no-install-recommends libegl1 libgl1")
    assert "apt-get" not in without
    for sentence in (with_apt, without):
        assert "libEGL.so.1, libGL.so.1" in sentence
        assert "\n" not in sentence


@linux
def test_with_the_offscreen_libraries_qt_starts_without_a_display():
    if system_libraries.missing(system_libraries.OFFSCREEN):
        pytest.skip("a library of the list is missing here")
    assert platform_of_a_window("offscreen", {}) == "offscreen"


@linux
def test_a_window_opens_on_an_x_server():
    if system_libraries.missing_for_tests():
        pytest.skip(f"missing here: {', '.join(system_libraries.missing_for_tests())}")
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[tell],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    try:
        with os.fdopen(told) as numbers:
            display = f":{numbers.readline().strip()}"
        assert platform_of_a_window("xcb", {"DISPLAY": display}) == "xcb"
    finally:
        server.terminate()
        server.wait()


def platform_of_a_window(platform, extra):
    """Return the platform on which a program of its own shows a window and sees it painted."""
    script = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("x")
label.show()
app.processEvents()
assert not label.grab().isNull()
print(app.platformName())
"""
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env |= {"QT_QPA_PLATFORM": platform, **extra}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_installing_as_root_needs_apt(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    for there in (True, False):
        monkeypatch.setattr(shutil, "which", lambda name, there=there: "/usr/bin/apt-get" if there else None)
        assert system_libraries.may_install() is there
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get")
    assert not system_libraries.may_install()
