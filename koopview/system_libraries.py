"""Find the Linux system libraries that Qt needs and its wheel does not contain, and say how to install them.

Measured on a minimal Debian 12. Windows and macOS need none. The standard library alone is imported here: the scripts
that install KoopView read this too.
"""

import ctypes
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

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

WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""Libraries that a window on a Wayland compositor needs in addition."""

_UNREADABLE = re.compile(r"(\S+\.so[.\d]*): (cannot open shared object file|file too short|invalid ELF header)")
"""How the system's loader (glibc's) says that it found no library of that name, or one that is cut off."""


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


def named_in(error: ImportError | OSError) -> str:
    """Return the library's file that an import could not load, empty where it failed for another reason."""
    found = _UNREADABLE.match(str(error))
    return PurePath(found[1]).name if found else ""


def lacking_with(library: str) -> dict[str, str]:
    """Return all that the system lacks beside `library`, a dict from library to Debian package ("" if not known).

    The loader names only the first: a person installs all of them at once.
    """
    known = OFFSCREEN | WINDOW | WAYLAND
    beside = next((part for part in (WINDOW, WAYLAND) if library in part), {})
    return {library: known.get(library, "")} | missing(OFFSCREEN | beside)


def apt_install(packages: Iterable[str]) -> list[str]:
    """Return the command that installs Debian packages, without questions and without recommended packages."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *sorted(packages)]


def advice(lacking: Mapping[str, str], has_apt: bool) -> str:
    """Return the one sentence for a person whose system lacks libraries, with the command to type where known."""
    needs = f"Qt needs {', '.join(sorted(lacking))}, which this system lacks"
    packages = sorted(filter(None, lacking.values()))
    if has_apt and len(packages) == len(lacking):
        return f"{needs}; type: sudo {' '.join(apt_install(packages))}"
    known = f" ({', '.join(packages)} on Debian)" if packages else ""
    return f"{needs}; install them with the system's package manager{known}, then try again."
