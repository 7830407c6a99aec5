"""The libraries of a Linux system that a bundle needs, and the Debian packages that hold them."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SYSTEM_PACKAGES = {
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libc.so.6": "libc6",
    "libdl.so.2": "libc6",
    "libm.so.6": "libc6",
    "libpthread.so.0": "libc6",
    "librt.so.1": "libc6",
    "libutil.so.1": "libc6",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "liblzma.so.5": "liblzma5",
    "libexpat.so.1": "libexpat1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXau.so.6": "libxau6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb.so.1": "libxcb1",
}
"""Libraries that a bundle leaves to the system, by soname: the Debian package, and what newer systems call it."""

UNSEEN_PACKAGES = ("xkb-data",)
"""What libraries in the bundle read from the system without being linked to it: the layouts of keyboards."""


class Needs(NamedTuple):
    """What a library asks of others: their sonames, and the newest glibc that it was linked for."""

    sonames: frozenset[str]
    glibc: tuple[int, ...]


def is_elf(file: Path) -> bool:
    """Say whether a file is a program or library of Linux."""
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"


def parse_readelf(text: str) -> Needs:
    """Return what the output of ``readelf -dV`` says that a library needs."""
    sonames = frozenset(re.findall(r"\(NEEDED\).*\[(.+?)\]", text))
    versions = [tuple(map(int, found.split("."))) for found in re.findall(r"\bGLIBC_([0-9.]+)", text)]
    return Needs(sonames, max(versions, default=()))


def needs(files: Iterable[Path]) -> Needs:
    """Return what all of `files` that are programs or libraries need together."""
    sonames: set[str] = set()
    glibc: tuple[int, ...] = ()
    for file in files:
        if is_elf(file):
            told = subprocess.run(["readelf", "-dVW", str(file)], capture_output=True, text=True, check=True).stdout
            one = parse_readelf(told)
            sonames |= one.sonames
            glibc = max(glibc, one.glibc)
    return Needs(frozenset(sonames), glibc)


def elf_files(bundle: Path) -> list[Path]:
    """Return the programs and libraries of a bundle, links left out."""
    return [file for file in sorted(bundle.rglob("*")) if file.is_file() and not file.is_symlink() and is_elf(file)]


def system_needs(bundle: Path) -> Needs:
    """Return what a bundle needs of the system: what its files need less what lies in it under that name."""
    inside = {file.name for file in bundle.rglob("*")}
    whole = needs(elf_files(bundle))
    return Needs(whole.sonames - inside, whole.glibc)


def lacking_libraries(bundle: Path) -> list[str]:
    """Return a sentence for each library that is neither in a bundle nor known to be a system's."""
    unknown = sorted(system_needs(bundle).sonames - SYSTEM_PACKAGES.keys()) if any(elf_files(bundle)) else []
    return [f"{soname} is needed, and neither in the bundle nor in bundle_elf.SYSTEM_PACKAGES" for soname in unknown]


def dependencies(wanted: Needs) -> list[str]:
    """Return a .deb's Depends for what a bundle needs of the system, in order.

    Raises
    ------
    KeyError
        If a soname is in no package that we know.
    """
    packages = {SYSTEM_PACKAGES[soname] for soname in wanted.sonames} | set(UNSEEN_PACKAGES)
    libc = f"libc6 (>= {'.'.join(map(str, wanted.glibc))})"
    return sorted(libc if package == "libc6" else package for package in packages)
