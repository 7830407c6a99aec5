"""Wheel and sdist: built so that the same source gives the same bytes, and checked before anyone gets them.

`bootstrap.py wheel` runs this with `.venv`'s Python; both files go to build/dist.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from environment import ROOT, Refusal, say
from hatch_build import PAGES
from packaging.metadata import Metadata
from version import version

DIST = ROOT / "build" / "dist"
CARRIED = {"koopview": "koopview", "resources": "koopview/resources", PAGES: "koopview/resources/docs/html"}
"""The folders of a checkout that the program is made of, and where a wheel holds them."""

LEFTOVERS = ("__pycache__", ".DS_Store")


# --- What must be in ---------------------------------------------------------------------------------------------


def program_files(root: Path) -> set[str]:
    """Return what a wheel of the checkout holds beside its metadata, by its path in the wheel."""
    return {
        f"{place}/{file.relative_to(root / folder).as_posix()}"
        for folder, place in CARRIED.items()
        for file in (root / folder).rglob("*")
        if file.is_file() and not set(file.parts) & set(LEFTOVERS)
    }


def tracked_files(root: Path) -> set[str]:
    """Return the files of the checkout that git knows; none where it is no checkout."""
    if not (root / ".git").exists():
        return set()
    asked = ["git", "-C", str(root), "ls-files", "-z"]
    listed = subprocess.run(asked, capture_output=True, check=True).stdout.decode()
    return {name for name in listed.split("\0") if name}


def amiss(what: str, found: set[str], expected: set[str]) -> list[str]:
    """Return a sentence for each file that `what` lacks, and for each that it should not hold."""
    lacking = [f"the {what} lacks {name}." for name in sorted(expected - found)]
    return lacking + [f"the {what} holds {name}, which does not belong in it." for name in sorted(found - expected)]


def wheel_faults(wheel: Path, root: Path) -> list[str]:
    """Return what is amiss with a wheel: its files, its metadata or its version, a sentence each."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        folder = next(name.partition("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
        told = Metadata.from_email(archive.read(f"{folder}/METADATA"), validate=True)  # refuses what no standard allows
    about = {name for name in names if name.startswith(f"{folder}/")}
    licences = {f"{folder}/licenses/{name}" for name in told.license_files or ["LICENSE"]}
    found = amiss("wheel", names - about, program_files(root)) + amiss("wheel", about & licences, licences)
    if str(told.version) != version(root):
        found.append(f"the wheel is of version {told.version}, expected {version(root)}.")
    return found


def sdist_faults(sdist: Path, root: Path) -> list[str]:
    """Return what is amiss with an sdist's files: they are those that git knows, and the documentation's pages."""
    with tarfile.open(sdist) as archive:
        names = {one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()}
    pages = {file.relative_to(root).as_posix() for file in (root / PAGES).rglob("*") if file.is_file()}
    tracked = tracked_files(root)
    return amiss("sdist", names - {"PKG-INFO"}, tracked | pages) if tracked else []


# --- Building ----------------------------------------------------------------------------------------------------


def source_date(root: Path) -> str:
    """Return the time that all files in wheel and sdist bear, in seconds: what is asked for, or the last commit's."""
    asked = os.environ.get("SOURCE_DATE_EPOCH", "")
    if asked or not (root / ".git").exists():
        return asked
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def run(*arguments: str | Path) -> None:
    """Run a module of this Python, or raise Refusal where it finds something amiss."""
    if subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT).returncode:
        raise Refusal(f"{arguments[0]} failed: its lines are above.")


def build(folder: Path, *what: str) -> None:
    """Build into `folder` with the tools in `.venv`: the sdist and the wheel from it, or what `what` names."""
    run("build", "--no-isolation", "--outdir", folder, *what, ROOT)


def digest(file: Path) -> str:
    """Return a file's SHA-256, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def require_same(wheel: Path) -> None:
    """Raise Refusal unless a wheel that is built from the checkout has the bytes of `wheel`, built from the sdist."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), "--wheel")
        if digest(Path(folder) / wheel.name) != digest(wheel):
            raise Refusal(f"{wheel.name} from the sdist and from the checkout differ, expected the same bytes.")


def make() -> list[Path]:
    """Build and check wheel and sdist; return both files. Raises Refusal where something is amiss."""
    shutil.rmtree(DIST, ignore_errors=True)
    if source_date(ROOT):
        os.environ["SOURCE_DATE_EPOCH"] = source_date(ROOT)
    build(DIST)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    found = wheel_faults(wheel, ROOT) + sdist_faults(sdist, ROOT)
    if found:
        raise Refusal("\n".join(found))
    run("twine", "check", "--strict", wheel, sdist)
    run("check_wheel_contents", wheel)
    require_same(wheel)
    return [wheel, sdist]


def main() -> int:
    """Make both and say what they are; 2 with what is amiss."""
    try:
        for file in make():
            say(f"{digest(file)}  {file.relative_to(ROOT)}  {file.stat().st_size / 2**20:.1f} MiB")
        if not (ROOT / PAGES).is_dir():
            say(f"The guide is not in them, as {PAGES} is not there: python3 packaging/bootstrap.py docs builds it.")
    except Refusal as refusal:
        sys.stderr.write(f"distributions.py: {refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
