"""The licences of all that a bundle carries: one table, and each text as its owner gives it."""

import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

from bundle_owners import KOOPVIEW, PYTHON, RUNTIME, SYSTEM, canonical
from environment import ROOT

TEXTS = ROOT / "packaging" / "licence_texts"
LGPL_NOTICE = """\
Qt, PySide6 and Shiboken are used under the GNU Lesser General Public License, version 3. They lie in this folder as
libraries of their own, which you may replace by others of the same interface: put yours in their place. Their source is
at https://download.qt.io/official_releases/ (Qt for Python {version}). The licence follows; it adds to the GNU General
Public License, version 3, which stands beside it. Qt's libraries hold code of others (FreeType, HarfBuzz, ICU, libpng,
PCRE2 and more) under licences that ask for no more than to be named: https://doc.qt.io/qt-6/licenses-used-in-qt.html

"""
NAMED_ONLY = {
    "pyside6-essentials": ("LGPL-3.0-only", ("LGPL-3.txt", "GPL-3.txt")),
    "shiboken6": ("LGPL-3.0-only", ("LGPL-3.txt", "GPL-3.txt")),
}
"""Distributions that name their licence and bring no text: which we take, and the files in licence_texts/."""

RUNTIME_NOTICE = """\
Microsoft Visual C++ Runtime, (c) Microsoft Corporation: distributable code of Visual Studio, carried under
https://visualstudio.microsoft.com/license-terms/
"""

OF_LIBRARIES = ("pyinstaller", "pyinstaller-hooks-contrib")
"""What starts the bundle; its licence allows that without conditions for what is started."""


class Licence(NamedTuple):
    """A thing that is carried, its version, its licence's name, and the texts by file name."""

    name: str
    version: str
    licence: str
    texts: dict[str, str]


def licence_name(one: Distribution) -> str:
    """Return the name of a distribution's licence in one line, by what its metadata say."""
    metadata = one.metadata.json
    said = str(metadata.get("license_expression", ""))
    classifiers = [line for line in metadata.get("classifier", []) if line.startswith("License ::")]
    named = [line.rpartition(" :: ")[2] for line in classifiers]
    free = str(metadata.get("license", "")).strip().splitlines()
    short = free[0] if len(free) == 1 and len(free[0]) < 60 else ""
    return said or ", ".join(named) or short or "see its text"


def is_licence(place: str) -> bool:
    """Say whether a file's name is that of a licence."""
    name = place.replace("\\", "/").rpartition("/")[2].lower()
    return name.startswith(("licen", "copying", "notice")) and not name.endswith((".py", ".pyc", ".so"))


def texts_of(one: Distribution) -> dict[str, str]:
    """Return the licences among a distribution's metadata, text by place; elsewhere where there are none."""
    files = [file for file in one.files or [] if is_licence(str(file))]
    beside = [file for file in files if ".dist-info" in str(file)]
    found = {}
    for file in beside or files:
        place = str(file).replace("\\", "/").partition(".dist-info/")[2] or str(file).replace("\\", "/")
        found[place.removeprefix("licenses/")] = _read(Path(str(one.locate_file(file))))
    return found


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def distribution_licence(name: str) -> Licence:
    """Return the licence of a distribution of this environment."""
    one = distribution(name)
    if canonical(name) not in NAMED_ONLY:
        return Licence(name, one.version, licence_name(one), texts_of(one))
    licence, files = NAMED_ONLY[canonical(name)]
    texts = {file: _read(TEXTS / file) for file in files}
    texts[files[0]] = LGPL_NOTICE.format(version=one.version) + texts[files[0]]
    return Licence(name, one.version, licence, texts)


def python_licence() -> Licence:
    """Return Python's own."""
    version = sys.version.partition(" ")[0]
    homes = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    file = next(home / name for home in homes for name in ("LICENSE.txt", "LICENSE") if (home / name).is_file())
    return Licence(PYTHON, version, "PSF-2.0", {"LICENSE.txt": _read(file)})


def system_licence(package: str) -> Licence:
    """Return what Debian says of a package's rights, or what Microsoft says of its compiler's runtime."""
    import subprocess

    if package == RUNTIME:
        return Licence(package, "", "Microsoft Software License Terms", {"notice.txt": RUNTIME_NOTICE})

    asked = ["dpkg-query", "--show", "--showformat=${Version}", package]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()[0]
    text = _read(Path("/usr/share/doc") / package / "copyright")
    return Licence(f"{package} (Debian)", version, "see its text", {"copyright": text})


def own_licences() -> list[Licence]:
    """Return KoopView's licence, and those of the fonts and digits that it carries."""
    version = distribution("koopview").version
    resources = ROOT / "resources"
    return [
        Licence("koopview", version, "MIT", {"LICENSE": _read(ROOT / "LICENSE")}),
        Licence("Inter (font)", "", "OFL-1.1", {"OFL.txt": _read(resources / "fonts" / "OFL.txt")}),
        Licence("MNIST (digits)", "", "CC-BY-SA-3.0", {"README.md": _read(resources / "data" / "README.md")}),
    ]


def licence_of(owner: str) -> list[Licence]:
    """Return the licences of an owner as bundle_owners names them."""
    if owner == KOOPVIEW:
        return own_licences()
    if owner == PYTHON:
        return [python_licence()]
    return [system_licence(owner.removeprefix(SYSTEM)) if owner.startswith(SYSTEM) else distribution_licence(owner)]


def lacking(licences: Iterable[Licence]) -> list[str]:
    """Return the names of things without a licence's name or without any text."""
    return [one.name for one in licences if not one.licence or not any(text.strip() for text in one.texts.values())]


def table(licences: Iterable[Licence]) -> str:
    """Return the table of all, a line each, under a sentence."""
    rows = [f"{one.name:34} {one.version:28} {one.licence}" for one in licences]
    return "\n".join(
        ["What KoopView carries, with version and licence; the texts are in the folders beside.", "", *rows, ""]
    )


def write_licences(folder: Path, owners: Iterable[str]) -> None:
    """Write the licences of `owners` into `folder`: licences.txt, and the texts in a folder for each.

    Raises
    ------
    LookupError
        If one has none.
    """
    import shutil

    found = sorted({one.name: one for owner in {*owners, *OF_LIBRARIES} for one in licence_of(owner)}.values())
    if lacking(found):
        raise LookupError(f"no licence was found of {', '.join(lacking(found))}, which the bundle carries")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "licences.txt").write_text(table(found), encoding="utf-8")
    for one in found:
        for place, text in one.texts.items():
            file = folder / one.name.partition(" ")[0] / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
