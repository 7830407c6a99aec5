"""Whose a file is: a distribution's of this environment, a Debian package's, Python's or KoopView's."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from environment import ROOT

PYTHON, KOOPVIEW, SYSTEM = "Python", "KoopView", "system:"
"""Owners that are no distribution; the last is followed by the name of a package of the system."""

CARRIED_EXTRAS = ("onnx",)
"""Extras that the bundle carries: who has it cannot install them. Others are larger than what they read is common."""

RUNTIME = "visual-c-runtime"
"""What Windows' compiler brings into every program."""


def canonical(name: str) -> str:
    """Return a distribution's name as all write it: small letters, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str, extras: Iterable[str] = ()) -> str:
    """Return the name in a requirement that holds here, with `extras` alone; empty for one that does not hold."""
    from packaging.requirements import Requirement

    asked = Requirement(requirement)
    holds = asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    return canonical(asked.name) if holds else ""


def carried() -> set[str]:
    """Return the distributions that the bundle carries: what KoopView needs, and some of its extras."""
    asked = [requirement_name(line, CARRIED_EXTRAS) for line in distribution("koopview").requires or []]
    return set().union({"koopview"}, *(runtime_closure(name) for name in asked if name))


def runtime_closure(name: str) -> set[str]:
    """Return the distributions that one needs to run, itself among them."""
    found: set[str] = set()
    waiting = [canonical(name)]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        try:
            requires = distribution(one).requires or []
        except PackageNotFoundError:
            continue
        found.add(one)
        waiting += [named for named in map(requirement_name, requires) if named]
    return found


@dataclass(frozen=True)
class Owners:
    """Who owns which file of this environment."""

    by_file: dict[str, str]
    """A distribution's name by the path of a file that it installed."""

    @staticmethod
    @lru_cache(maxsize=1)
    def of_this_environment() -> "Owners":
        """Return the owners of all files that distributions of this environment installed."""
        by_file = {}
        for one in distributions():
            name = canonical(one.metadata["Name"])  # reads and takes apart a file at each call
            for path in installed_files(one):
                by_file[os.path.normcase(path)] = name
        return Owners(by_file)

    def owner(self, source: str) -> str:
        """Return whose the file at `source` is.

        Raises
        ------
        LookupError
            If it is nobody's that is known: its licence would be unknown too.
        """
        real = Path(source).resolve()
        for path in (Path(source).absolute(), real):
            if os.path.normcase(path) in self.by_file:
                return self.by_file[os.path.normcase(path)]
        if real.is_relative_to(ROOT / "build"):  # what the builder made: of KoopView's its icon and licences alone
            return KOOPVIEW if real.suffix in (".png", ".txt", ".html") else PYTHON
        if real.is_relative_to(ROOT) and not real.is_relative_to(sys.prefix):
            return KOOPVIEW
        return PYTHON if is_of_python(real) else SYSTEM + system_package(source)

    def top_level(self) -> dict[str, set[str]]:
        """Return the names that each distribution can be imported by."""
        site = os.path.normcase(sysconfig.get_path("purelib") + os.sep)
        names: dict[str, set[str]] = {}
        for path, owner in self.by_file.items():
            if path.startswith(site) and import_name(path[len(site) :]):
                names.setdefault(owner, set()).add(import_name(path[len(site) :]))
        return names


def import_name(place: str) -> str:
    """Return the name by which a file at `place` in site-packages is imported, empty for one that is not."""
    first = Path(place).parts[0]
    if first.endswith((".dist-info", ".libs", ".pth", "__pycache__")):
        return ""
    name = first.partition(".")[0]
    return name if name.isidentifier() else ""


def installed_files(one: Distribution) -> list[Path]:
    """Return the absolute paths of the files that a distribution installed, by its RECORD."""
    return [Path(str(one.locate_file(file))).absolute() for file in one.files or []]


def is_of_python(file: Path) -> bool:
    """Say whether a file came with this Python: below its library, or below its folder where that is its own."""
    library, folder = Path(sysconfig.get_path("stdlib")).resolve(), Path(sys.base_prefix).resolve()
    shared = folder in (Path("/usr"), Path("/usr/local"))
    return file.is_relative_to(library) or (file.is_relative_to(folder) and not shared)


@cache
def system_package(source: str) -> str:
    """Return the package of the system that a library came in: Debian's, or the compiler's runtime on Windows.

    Raises
    ------
    LookupError
        If none did.
    """
    if sys.platform == "win32" and Path(source).is_relative_to(os.environ.get("SYSTEMROOT", "C:\\Windows")):
        return RUNTIME
    for path in dict.fromkeys((source, str(Path(source).resolve()), source.removeprefix("/usr"))):
        try:
            done = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True)
        except OSError:
            break
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    raise LookupError(f"{source} is in the bundle, and neither a distribution's nor a system package's nor ours")
