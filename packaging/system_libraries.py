"""Find the Linux system libraries that Qt needs and its wheel does not contain, and say how to install them.

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
"""Libraries that any Qt program loads: soname to Debian package."""

WINDOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Libraries that a window on an X server needs in addition."""

X_SERVER = {"Xvfb": "xvfb", "xauth": "xauth"}
"""Programs that replace a screen in the tests: name to Debian package."""

BUILDERS = {"objdump": "binutils", "strip": "binutils", "xz": "xz-utils"}
"""The programs that make a bundle and its installers, by name: the Debian package that holds each."""


def loads(soname: str) -> bool:
    """Return whether the system's loader finds the library `soname`."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def on_path(program: str) -> bool:
    """Return whether the shell would find `program`."""
    return shutil.which(program) is not None


def missing(wanted: Mapping[str, str], is_there: Callable[[str], bool] = loads) -> dict[str, str]:
    """Return the part of `wanted`, a dict from library or program to Debian package, that the system lacks."""
    return {name: package for name, package in wanted.items() if not is_there(name)}


def missing_for_tests() -> dict[str, str]:
    """Return the missing requirements of the test of a real window, which is skipped without them."""
    return missing(WINDOW) | missing(X_SERVER, on_path)


def missing_for_bundle() -> dict[str, str]:
    """Return the programs that making a bundle lacks; it fails without."""
    return missing(BUILDERS, on_path)


def apt_install(packages: Iterable[str]) -> list[str]:
    """Return the command that installs Debian packages, without questions and without recommended packages."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *sorted(packages)]


def advice(lacking: Mapping[str, str], has_apt: bool) -> str:
    """Return the one sentence for a person whose system lacks libraries, with the command to type where known."""
    names = ", ".join(sorted(lacking))
    if has_apt:
        return f"Qt needs {names}, which this system lacks; type: sudo {' '.join(apt_install(lacking.values()))}"
    return f"Qt needs {names}, which this system lacks; install them with the system's package manager, then try again."


def may_install() -> bool:
    """Return whether this program may install Debian packages: apt-get is here, and the person is root."""
    return sys.platform == "linux" and os.geteuid() == 0 and on_path("apt-get")


def install_packages(packages: Iterable[str], say: Callable[[str], None]) -> None:
    """Install Debian packages as root; `say` gets the progress, and apt's last lines after a failure."""
    command = apt_install(packages)
    say(f"Installing the system packages {' '.join(command[4:])} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # One broken source fails the update; the packages may still come from other sources.
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, stdin=subprocess.DEVNULL, capture_output=True)
    done = subprocess.run(
        command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        say("\n".join(done.stdout.splitlines()[-8:]))


if __name__ == "__main__":
    print(*sorted({**OFFSCREEN, **WINDOW, **X_SERVER}.values()))
