"""The libraries of a Linux system that Qt's wheel does not bring: which are missing, and how to get them.

Measured on a minimal Debian 12. Windows and macOS need none. As a program it prints the Debian packages that hold them.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping

OFFSCREEN = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""What any Qt program loads, by soname: the Debian package that holds it."""

WINDOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What a window on an X server loads besides."""

X_SERVER = {"Xvfb": "xvfb", "xauth": "xauth"}
"""The programs that stand in for a screen in the tests, by name: the Debian package that holds each."""


def loads(soname: str) -> bool:
    """Say whether the system's loader finds the library `soname`."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def on_path(program: str) -> bool:
    """Say whether the shell would find `program`."""
    return shutil.which(program) is not None


def missing(wanted: Mapping[str, str], is_there: Callable[[str], bool] = loads) -> dict[str, str]:
    """Return those of `wanted` (what is looked for: its Debian package) that the system does not have."""
    return {name: package for name, package in wanted.items() if not is_there(name)}


def missing_for_tests() -> dict[str, str]:
    """Return what the test of a real window lacks; without it that test is skipped."""
    return missing(WINDOW) | missing(X_SERVER, on_path)


def apt_install(packages: Iterable[str]) -> list[str]:
    """Return the command that installs Debian packages, without asking and without what they only recommend."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *sorted(packages)]


def advice(lacking: Mapping[str, str], has_apt: bool) -> str:
    """Return the one sentence for a person whose system lacks libraries, with the command to type where known."""
    names = ", ".join(sorted(lacking))
    if has_apt:
        return f"Qt needs {names}, which this system lacks; type: sudo {' '.join(apt_install(lacking.values()))}"
    return f"Qt needs {names}, which this system lacks; install them with the system's package manager, then try again."


def may_install() -> bool:
    """Say whether this program may install Debian packages: apt-get is here, and the person is root."""
    return sys.platform == "linux" and os.geteuid() == 0 and on_path("apt-get")


def install_packages(packages: Iterable[str], say: Callable[[str], None]) -> None:
    """Install Debian packages as root; `say` is told what happens, and apt's last lines where it fails."""
    command = apt_install(packages)
    say(f"Installing the system packages {' '.join(command[4:])} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # One broken source fails the update; the packages may come from the others all the same.
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, stdin=subprocess.DEVNULL, capture_output=True)
    done = subprocess.run(
        command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        say("\n".join(done.stdout.splitlines()[-8:]))


if __name__ == "__main__":
    print(*sorted({**OFFSCREEN, **WINDOW, **X_SERVER}.values()))
