"""How large a bundle is, part by part, and how much larger or smaller than the installed libraries that it uses."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from bundle_owners import KOOPVIEW, PYTHON, installed_files

MIB = 2**20
BUILDER = ("pyinstaller", "pyinstaller-hooks-contrib")


class Size(NamedTuple):
    """How much of an owner is in a bundle, and how much of it is installed here (None where nothing says), in bytes."""

    owner: str
    bundled: int
    installed: int | None


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder; links count nothing."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def module_sizes(program: Path) -> dict[str, int]:
    """Return the compressed bytes of each Python module in the archive that a bundle's program holds."""
    from PyInstaller.archive.readers import CArchiveReader

    archive = CArchiveReader(str(program))
    name = next(entry for entry in archive.toc if entry.endswith(".pyz"))
    modules = archive.open_embedded_archive(name)
    return {module: length for module, (_, _, length) in modules.toc.items()}


def bundled_sizes(bundle: Path, program: Path, parts: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """Return how many bytes of each owner are in a bundle; what no part tells of belongs to the builder."""
    modules = module_sizes(program)
    place_owner = {part["place"]: part["owner"] for part in parts}
    sizes: dict[str, int] = defaultdict(int)
    for module, size in modules.items():
        sizes[place_owner.get(module, BUILDER[0])] += size
    sizes[BUILDER[0]] += program.stat().st_size - sum(modules.values())
    for file in sorted(bundle.rglob("*")):
        if file.is_file() and not file.is_symlink() and file != program:
            place = file.relative_to(contents_folder(bundle)).as_posix()
            sizes[place_owner.get(place, KOOPVIEW)] += file.stat().st_size
    return dict(sizes)


def contents_folder(bundle: Path) -> Path:
    """Return the folder of a bundle in which all but its program lies."""
    return bundle / "_internal"


def installed_size(owner: str) -> int | None:
    """Return the bytes of all files that a distribution's RECORD names and that are there; None for other owners."""
    try:
        files = installed_files(distribution(owner))
    except PackageNotFoundError:
        return None
    return sum(file.stat().st_size for file in files if file.is_file() and "__pycache__" not in file.parts)


def sizes(bundle: Path, program: Path, parts: Iterable[Mapping[str, str]]) -> list[Size]:
    """Return the sizes of all owners, the largest first."""
    found = bundled_sizes(bundle, program, parts)
    # KoopView is installed here as a link to the checkout: it counts as in the bundle.
    made = [Size(owner, size, None if owner == KOOPVIEW else installed_size(owner)) for owner, size in found.items()]
    return sorted(made, key=lambda one: -one.bundled)


def ratio(found: Iterable[Size]) -> float:
    """Return bundled bytes over installed bytes of the libraries that are used.

    Installed counts the files of each distribution by its RECORD, without the compiled copies that pip makes; Python,
    its standard library, the system's libraries and KoopView count with what is in the bundle; the builder's own part
    counts as nothing installed.
    """
    listed = list(found)
    installed = sum(
        one.bundled if one.installed is None else one.installed for one in listed if one.owner not in BUILDER
    )
    return sum(one.bundled for one in listed) / installed


def report(found: list[Size], largest: list[tuple[str, int]]) -> str:
    """Return the table of sizes in MiB, with the ratio and the largest files."""
    rows = [f"{'part':32} {'bundled':>9} {'installed':>10}   MiB"]
    for one in found:
        installed = "" if one.installed is None else f"{one.installed / MIB:10.1f}"
        rows.append(f"{one.owner:32} {one.bundled / MIB:9.1f} {installed:>10}")
    rows.append(f"{'all':32} {sum(one.bundled for one in found) / MIB:9.1f}")
    rows.append(f"bundle over the installed libraries that it uses: {ratio(found):.3f}")
    rows += ["", "largest files"] + [f"{size / MIB:9.1f}  {place}" for place, size in largest]
    return "\n".join(rows) + "\n"


def largest_files(bundle: Path, count: int = 25) -> list[tuple[str, int]]:
    """Return the places and sizes of a bundle's largest files."""
    files = [file for file in bundle.rglob("*") if file.is_file() and not file.is_symlink()]
    told = [(file.relative_to(bundle).as_posix(), file.stat().st_size) for file in files]
    return sorted(told, key=lambda one: (-one[1], one[0]))[:count]


def read_contents(file: Path) -> dict[str, Any]:
    """Return what koopview.spec wrote of a bundle: its parts with their owners, and the building machine's paths."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def of_python(found: Iterable[Size]) -> int:
    """Return the bytes of Python and its standard library."""
    return sum(one.bundled for one in found if one.owner == PYTHON)
