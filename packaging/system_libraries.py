"""Find and install the Linux system libraries and programs that KoopView, its tests and its installers need.

The libraries themselves are listed in koopview/system_libraries.py, which the installed program reads too. As a program
it prints the Debian packages that hold them.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # nothing is installed yet

from koopview.system_libraries import OFFSCREEN, WINDOW, advice, apt_install, loads, missing, on_path

__all__ = [
    "OFFSCREEN",
    "WINDOW",
    "X_SERVER",
    "advice",
    "apt_install",
    "install_packages",
    "loads",
    "may_install",
    "missing",
    "missing_for_bundle",
    "missing_for_tests",
    "on_path",
]

X_SERVER = {"Xvfb": "xvfb", "xauth": "xauth"}
"""Programs that replace a screen in the tests: name to Debian package."""

BUILDERS = {"objdump": "binutils", "strip": "binutils", "xz": "xz-utils"}
"""The programs that make a bundle and its installers, by name: the Debian package that holds each."""


def missing_for_tests() -> dict[str, str]:
    """Return the missing requirements of the test of a real window, which is skipped without them."""
    return missing(WINDOW) | missing(X_SERVER, on_path)


def missing_for_bundle() -> dict[str, str]:
    """Return the programs that making a bundle lacks; it fails without."""
    return missing(BUILDERS, on_path)


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
