"""Make the installers for Linux from the bundle: a .deb and an archive to unpack, with their sums, in build/installers.

`python3 packaging/bootstrap.py installers` calls it with `.venv`'s Python, after `bundle`.
"""

import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bundle import BUNDLE, LONG_AGO, program
from debian_package import link_file, make_deb, set_rights
from digests import digest
from environment import ROOT, say

TARGET = ROOT / "build" / "installers"
WORK = ROOT / "build" / "installers-work"
README = """\
KoopView {version}: run ./koopview in this folder, `./koopview --help` for the command line; nothing is to be installed.
Where a system library lacks, one sentence names it; on Debian and Ubuntu: sudo apt-get install {packages}
Licences of all that is inside: _internal/licences. To remove KoopView, delete this folder.
"""
ASKED = "libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libx11-xcb1 libxcb-randr0 libxcb-render0 xkb-data"
"""What a minimal system may lack: the rest comes with these, or with every system."""


def archive_name(number: str, machine: str) -> str:
    """Return the name, without ending, of the archive to unpack, which is the name of its one folder too."""
    return f"koopview-{number}-linux-{machine}"


def tar_command(parent: Path, name: str, target: Path, epoch: str) -> list[str]:
    """Return the command that packs the folder `name` of `parent`: the same bytes for the same files."""
    same = ["--sort=name", f"--mtime=@{epoch}", "--owner=0", "--group=0", "--numeric-owner", "--format=posix"]
    pax = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"
    return ["tar", *same, pax, "--use-compress-program=xz -6 -T2", "-cf", str(target), "-C", str(parent), name]


def make_archive(bundle: Path, number: str, work: Path, target: Path, epoch: str) -> Path:
    """Pack a bundle with a short README into an archive in the folder `target`; returns its file."""
    name = archive_name(number, platform.machine())
    shutil.rmtree(work / name, ignore_errors=True)
    shutil.copytree(bundle, work / name, symlinks=True, copy_function=link_file)
    (work / name / "README.txt").write_text(README.format(version=number, packages=ASKED), encoding="utf-8")
    set_rights(work / name)
    file = target / f"{name}.tar.xz"
    subprocess.run(tar_command(work, name, file, epoch), check=True)
    shutil.rmtree(work / name)
    return file


def write_sums(folder: Path) -> Path:
    """Write SHA256SUMS for all files of a folder; ``sha256sum --check`` reads it. Returns its file."""
    lines = []
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name != "SHA256SUMS":
            lines.append(f"{digest(file)}  {file.name}")
    sums = folder / "SHA256SUMS"
    sums.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sums


def main(arguments: Sequence[str]) -> int:
    """Make both installers; the exit code."""
    if arguments or sys.platform != "linux":
        say("installers takes nothing after it, and makes those of Linux; others have recipes in packaging/.")
        return 2
    if not program(BUNDLE).is_file():
        say(f"No bundle is in {BUNDLE}: run python3 packaging/bootstrap.py bundle first.")
        return 2
    number = version("koopview")
    TARGET.mkdir(parents=True, exist_ok=True)
    WORK.mkdir(parents=True, exist_ok=True)
    for make in (make_deb, make_archive):
        file = make(BUNDLE, number, WORK, TARGET, LONG_AGO)
        say(f"{file.relative_to(ROOT)}  {file.stat().st_size / 2**20:.1f} MiB")
    write_sums(TARGET)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
