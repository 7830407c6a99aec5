"""The .deb: the bundle, its menu entry, its icon and its kind of file, and what it needs of the system."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bundle_elf import dependencies, system_needs
from bundle_icon import SVG, draw_icon
from digests import digest
from environment import ROOT

HOME = "usr/lib/koopview"
MAINTAINER = "The KoopView authors <koopview@localhost>"
SUMMARY = "see the linear (Koopman) operator inside a trained network's layer"
DESCRIPTION = """\
KoopView stretches the step of a network's layer into a trajectory, fits the
linear operator that moves it, and shows its eigenvalues beside the accuracy
that is left when the operator takes the layer's place.
"""
DESKTOP = """\
[Desktop Entry]
Type=Application
Name=KoopView
GenericName=Koopman operators of neural networks
Comment=See the linear operator inside a trained network's layer
Exec=koopview %f
Icon=koopview
Terminal=false
Categories=Education;Science;Math;
Keywords=Koopman;DMD;neural network;eigenvalues;
MimeType=application/x-koopview;
StartupWMClass=koopview
"""
MIME = """\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-koopview">
    <comment>KoopView study</comment>
    <icon name="koopview"/>
    <sub-class-of type="application/zip"/>
    <glob pattern="*.koopview"/>
  </mime-type>
</mime-info>
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: KoopView
Comment:
 The libraries below /{home} have licences of their own: the table and the texts
 are in /{home}/_internal/licences.

Files: *
Copyright: The KoopView authors
License: MIT
{licence}
"""


def control(version: str, architecture: str, depends: Sequence[str], kibibytes: int) -> str:
    """Return the package's control file."""
    lines = [
        "Package: koopview",
        f"Version: {version}",
        f"Architecture: {architecture}",
        f"Maintainer: {MAINTAINER}",
        f"Installed-Size: {kibibytes}",
        f"Depends: {', '.join(depends)}",
        "Section: science",
        "Priority: optional",
        f"Description: {SUMMARY}",
        *(f" {line}" for line in DESCRIPTION.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def copyright_text(licence: str) -> str:
    """Return the package's copyright file; `licence` is the text of KoopView's own."""
    indented = "\n".join(f" {line}" if line.strip() else " ." for line in licence.splitlines())
    return COPYRIGHT.format(home=HOME, licence=indented)


def md5sums(root: Path) -> str:
    """Return the sums of all files below `root` by which dpkg tells later whether one was changed."""
    lines = []
    for file in sorted(root.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.relative_to(root).parts[0] != "DEBIAN":
            lines.append(f"{digest(file, 'md5')}  {file.relative_to(root)}")
    return "\n".join(lines) + "\n"


def lay_out(bundle: Path, root: Path) -> None:
    """Put all files of the package into `root`, where they will lie in the system; those of the bundle as links."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(bundle, root / HOME, symlinks=True, copy_function=link_file)
    texts = {
        "usr/share/applications/koopview.desktop": DESKTOP,
        "usr/share/mime/packages/koopview.xml": MIME,
        "usr/share/doc/koopview/copyright": copyright_text((ROOT / "LICENSE").read_text(encoding="utf-8")),
        "usr/share/icons/hicolor/scalable/apps/koopview.svg": SVG.read_text(encoding="utf-8"),
    }
    for place, text in texts.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text, encoding="utf-8")
    for size in (48, 128, 256):
        draw_icon(size, root / f"usr/share/icons/hicolor/{size}x{size}/apps/koopview.png")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/koopview").symlink_to("../lib/koopview/koopview")


def link_file(source: str, target: str) -> None:
    """Make `target` another name of the file `source`: a copy would take a gigabyte."""
    os.link(source, target, follow_symlinks=False)


def set_rights(root: Path) -> None:
    """Let everybody read all below `root`, and run what may be run, whatever this machine's habits are."""
    for file in [root, *root.rglob("*")]:
        if not file.is_symlink():
            runs = file.is_dir() or file.stat().st_mode & 0o100
            file.chmod(0o755 if runs else 0o644)


def make_deb(bundle: Path, version: str, work: Path, target: Path, epoch: str) -> Path:
    """Make the package of a bundle in the folder `target`; returns its file. `epoch` is the time of all its files."""
    root = work / "deb"
    lay_out(bundle, root)
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout
    kibibytes = sum(file.lstat().st_size for file in root.rglob("*") if file.is_file()) // 1024
    told = control(version, architecture.strip(), dependencies(system_needs(bundle)), kibibytes)
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(told, encoding="utf-8")
    (root / "DEBIAN" / "md5sums").write_text(md5sums(root), encoding="utf-8")
    set_rights(root)
    deb = target / f"koopview_{version}_{architecture.strip()}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=2", "--build", str(root), str(deb)]
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return deb
