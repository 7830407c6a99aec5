"""What holds for every bundle: no path of the building machine, nothing without a licence, no library that lacks."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle_elf import lacking_libraries
from bundle_owners import KOOPVIEW, PYTHON, SYSTEM, carried
from bundle_sizes import BUILDER, contents_folder
from digests import digest


def files(bundle: Path) -> list[Path]:
    """Return the files of a bundle in order, links left out."""
    return sorted(file for file in bundle.rglob("*") if file.is_file() and not file.is_symlink())


def digests(bundle: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a bundle by its place; of a link, where it leads."""
    told = {}
    for file in sorted(bundle.rglob("*")):
        place = file.relative_to(bundle).as_posix()
        if file.is_symlink():
            told[place] = f"-> {file.readlink()}"
        elif file.is_file():
            told[place] = digest(file)
    return told


def named_paths(content: bytes, paths: Sequence[str]) -> list[str]:
    """Return those of `paths` that stand in `content`."""
    return [path for path in paths if path.encode() in content]


def contents_of(file: Path, bundle: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of a file, and of what it holds compressed: a zip's files, a program's modules."""
    place = file.relative_to(bundle).as_posix()
    yield place, file.read_bytes()
    if zipfile.is_zipfile(file) and file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield f"{place}:{name}", archive.read(name)


def packed_modules(program: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the code of every Python module in a bundle's program."""
    from PyInstaller.archive.readers import CArchiveReader

    archive = CArchiveReader(str(program))
    for name in archive.toc:
        if name.endswith(".pyz"):
            modules = archive.open_embedded_archive(name)
            for module in modules.toc:
                yield f"{program.name}:{module}", modules.extract(module, raw=True) or b""
        else:
            yield f"{program.name}:{name}", archive.extract(name)


def path_faults(bundle: Path, program: Path, paths: Sequence[str]) -> list[str]:
    """Return a sentence for each part of a bundle that names a folder of the building machine."""
    found = []
    for file in files(bundle):
        for name, content in contents_of(file, bundle):
            found += [f"{name} names {path}, a folder of the building machine" for path in named_paths(content, paths)]
    for name, content in packed_modules(program):
        found += [f"{name} names {path}, a folder of the building machine" for path in named_paths(content, paths)]
    return found


def stranger_faults(owners: set[str], needed: set[str]) -> list[str]:
    """Return a sentence for each distribution in a bundle that KoopView does not ask for, as test libraries."""
    known = {KOOPVIEW, PYTHON, *BUILDER, *needed}
    strangers = sorted(owner for owner in owners if owner not in known and not owner.startswith(SYSTEM))
    return [f"the bundle holds {owner}, which KoopView does not ask for" for owner in strangers]


def licence_faults(bundle: Path, owners: set[str]) -> list[str]:
    """Return a sentence for each owner of a part whose licence or its text is not in the bundle."""
    folder = contents_folder(bundle) / "licences"
    table = folder / "licences.txt"
    lines = table.read_text(encoding="utf-8").splitlines() if table.is_file() else []
    listed = {line.split()[0].lower() for line in lines[2:] if line.split()}
    with_text = {file.name.lower() for file in folder.iterdir() if file.is_dir()} if folder.is_dir() else set()
    names = {owner.removeprefix(SYSTEM).lower() for owner in owners}
    return [f"{name} is in the bundle without its licence" for name in sorted(names - (listed & with_text))]


def faults(bundle: Path, program: Path, contents: Mapping[str, Any]) -> list[str]:
    """Return all that is amiss in a bundle, a sentence each; `contents` is what koopview.spec wrote of it."""
    owners = {part["owner"] for part in contents["parts"]}
    return [
        *path_faults(bundle, program, contents["paths"]),
        *stranger_faults(owners, carried()),
        *licence_faults(bundle, owners),
        *lacking_libraries(bundle),
    ]
