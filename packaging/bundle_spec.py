"""What koopview.spec asks for: what goes into the bundle, from where, under which name."""

import json
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import bundle_contents as contents
from bundle_icon import draw_icon
from bundle_licences import write_licences
from bundle_owners import Owners, carried
from bundle_paths import building_paths, sysconfig_source, write_neutral
from environment import ROOT

Entry = tuple[str, str, str]
"""Of a list of the builder's: place in the bundle, or module; file on this machine; kind."""

VERSION = distribution("koopview").version
IDENTIFIER = "org.koopview.KoopView"
WORK = ROOT / "build" / "bundle-work"
CONTENTS = ROOT / "build" / "bundle" / "contents.json"
PAGES = ROOT / "build" / "docs" / "html"
SYSTEM_FOLDERS = ("/lib", "/usr/lib", "/usr/local/lib")


def search_paths() -> list[str]:
    """Return where modules are looked for first: copies that do not name this machine, then the checkout."""
    source = sysconfig_source()
    neutral = WORK / "neutral"
    if source is not None:
        write_neutral(source, neutral / source.name)
    return [str(neutral), str(ROOT)]


def resources() -> list[tuple[str, str]]:
    """Return the program's resources (folder on this machine, folder in the bundle), with the pages of its guide."""
    found = [(str(ROOT / "resources"), "koopview/resources")]
    if PAGES.is_dir():
        found.append((str(PAGES), "koopview/resources/docs/html"))
    return found


def papers() -> list[Entry]:
    """Return the entries of the files by which the libraries that KoopView needs tell their versions."""
    found: list[Entry] = []
    for name in sorted(carried() - {"koopview"}):
        files = [file for file in distribution(name).files or [] if str(file).endswith(".dist-info/METADATA")]
        found += [(file.as_posix(), str(file.locate()), "DATA") for file in files]
    return found


def unseen_modules() -> list[str]:
    """Return the names of all of koopview's modules, many of them named in registers alone, and of other libraries'."""
    files = [file.relative_to(ROOT).with_suffix("") for file in sorted((ROOT / "koopview").rglob("*.py"))]
    names = [".".join(part for part in file.parts if part != "__init__") for file in files]
    return [name for name in names if name != "koopview.__main__"] + [line.pattern for line in contents.HIDDEN]


def excluded_modules() -> list[str]:
    """Return what is left out: see bundle_contents.py; and each library that KoopView does not ask for."""
    owners = Owners.of_this_environment()
    needed = carried()
    strangers = {name for dist, names in owners.top_level().items() if dist not in needed for name in names}
    kept = {name for dist, names in owners.top_level().items() if dist in needed for name in names}
    return sorted(strangers - kept) + [line.pattern for line in contents.MODULES]


def kept_modules(entries: Iterable[Entry]) -> list[Entry]:
    """Return the Python modules that stay."""
    return [entry for entry in entries if not contents.is_module_left_out(entry[0])]


def kept_files(entries: Iterable[Entry]) -> list[Entry]:
    """Return the files that stay, by their places."""
    return [entry for entry in entries if not contents.is_left_out(entry[0])]


def kept_binaries(entries: Iterable[Entry]) -> list[Entry]:
    """Return the libraries that stay: of the system's only those that are carried, Python's own without its paths."""
    stay = [
        entry
        for entry in kept_files(entries)
        if not contents.is_module_left_out(_module_of(entry[0]))
        and (not _is_system_library(entry[1]) or contents.is_carried(Path(entry[0]).name))
    ]
    targets = {entry[0] for entry in stay}
    # A link at the top of the bundle to a library that went goes too.
    stay = [entry for entry in stay if entry[2] != "SYMLINK" or _goal(entry) in targets]
    return [_neutral_python(entry) for entry in stay]


def _module_of(place: str) -> str:
    """Return the name of the module that an extension's file holds."""
    folder, _, name = place.replace("\\", "/").rpartition("/")
    return ".".join(
        part
        for part in (*folder.split("/"), name.partition(".")[0])
        if part and part != "lib-dynload" and not part.startswith("python3.")
    )


def _goal(entry: Entry) -> str:
    return str(Path(entry[0]).parent / entry[1]).replace("\\", "/")


def _is_system_library(source: str) -> bool:
    return (
        sys.platform == "linux"
        and source.startswith(SYSTEM_FOLDERS)
        and not source.startswith(sys.base_prefix + "/lib/python")
    )


def _neutral_python(entry: Entry) -> Entry:
    """Return an entry for a copy without this machine's paths of what Python brings, other entries as they are.

    Only what was compiled beside Python is stripped of its symbols: the libraries of wheels may not survive it.
    """
    place, source, kind = entry
    of_python = place.startswith(("libpython3", "python3."))
    if sys.platform != "linux" or kind == "SYMLINK" or not of_python:
        return entry
    return place, str(stripped(write_neutral(Path(source), WORK / "neutral" / "lib" / Path(place).name))), kind


def stripped(library: Path) -> Path:
    """Remove the symbols that only a debugger reads from `library`; returns it."""
    import subprocess

    subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
    return library


def licences(entries: Sequence[Entry]) -> list[Entry]:
    """Write the licences of all that `entries` bring, and return the entries for them."""
    folder = WORK / "licences"
    owners = Owners.of_this_environment()
    write_licences(folder, {owners.owner(source) for _, source, kind in entries if kind not in ("SYMLINK", "OPTION")})
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return [(f"licences/{file.relative_to(folder).as_posix()}", str(file), "DATA") for file in files]


def icon() -> str:
    """Return the path of the program's icon; the builder makes of it what the system wants."""
    return str(draw_icon(256 if sys.platform == "win32" else 512, WORK / "koopview.png"))


def version_resource() -> Any:
    """Return what Windows shows as the program's properties, None elsewhere."""
    if sys.platform != "win32":
        return None
    from PyInstaller.utils.win32 import versioninfo as info

    numbers = tuple(int(part) for part in (VERSION.split(".") + ["0"] * 4)[:4])
    words = {
        "CompanyName": "The KoopView authors",
        "FileDescription": "KoopView",
        "FileVersion": VERSION,
        "InternalName": "koopview",
        "LegalCopyright": "MIT licence",
        "OriginalFilename": "koopview.exe",
        "ProductName": "KoopView",
        "ProductVersion": VERSION,
    }
    strings = [info.StringStruct(name, text) for name, text in words.items()]
    return info.VSVersionInfo(
        info.FixedFileInfo(filevers=numbers, prodvers=numbers, mask=0x3F, OS=0x40004, fileType=1),
        [
            info.StringFileInfo([info.StringTable("040904B0", strings)]),
            info.VarFileInfo([info.VarStruct("Translation", [0x0409, 1200])]),
        ],
    )


def document_types() -> dict[str, Any]:
    """Return what tells macOS that `.koopview` files are this program's."""
    kind = IDENTIFIER + ".study"
    return {
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "KoopView study",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [kind],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": kind,
                "UTTypeDescription": "KoopView study",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["koopview"],
                    "public.mime-type": ["application/x-koopview"],
                },
            }
        ],
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
    }


def write_contents(entries: Iterable[Entry]) -> None:
    """Write who owns each part of the bundle, for the table of sizes and the checks."""
    owners = Owners.of_this_environment()
    told = [
        {"place": place.replace("\\", "/"), "kind": kind, "owner": owners.owner(source)}
        for place, source, kind in entries
        if kind != "SYMLINK"
    ]
    CONTENTS.parent.mkdir(parents=True, exist_ok=True)
    CONTENTS.write_text(json.dumps({"parts": told, "paths": building_paths()}, indent=0), encoding="utf-8")
