"""Whose a file is: a distribution's of this environment, a Debian package's, Python's or KoopView's."""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from environment import ROOT

PYTHON, KOOPVIEW, SYSTEM = "Python", "KoopView", "system:"
"""Owners that are no distribution; the last is followed by the name of a Debian package."""


def canonical(name: str) -> str:
    """Return a distribution's name as all write it: small letters, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    """Return the name in a requirement that holds without extras here, empty for one that does not hold."""
    from packaging.requirements import Requirement

    asked = Requirement(requirement)
    return canonical(asked.name) if asked.marker is None or asked.marker.evaluate({"extra": ""}) else ""


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
            for path in installed_files(one):
                by_file[str(path)] = canonical(one.metadata["Name"])
        return Owners(by_file)

    def owner(self, source: str) -> str:
        """Return whose the file at `source` is.

        Raises
        ------
        LookupError
            If it is nobody's that is known: its licence would be unknown too.
        """
        path = str(Path(source).absolute())
        if path in self.by_file:
            return self.by_file[path]
        real = Path(source).resolve()
        if str(real) in self.by_file:
            return self.by_file[str(real)]
        if real.is_relative_to(ROOT / "build"):
            return (
                PYTHON
                if real.suffix in (".zip", ".py", ".pyc", ".so") or real.name.startswith("libpython")
                else KOOPVIEW
            )
        if real.is_relative_to(ROOT) and not real.is_relative_to(sys.prefix):
            return KOOPVIEW
        if real.is_relative_to(Path(sys.base_prefix).resolve()) and not str(real).startswith("/usr/lib/x86_64"):
            return PYTHON
        return SYSTEM + debian_package(source)

    def top_level(self) -> dict[str, set[str]]:
        """Return the names that each distribution can be imported by."""
        site = sysconfig.get_path("purelib") + os.sep
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


@cache
def debian_package(source: str) -> str:
    """Return the Debian package that a library of the system came in.

    Raises
    ------
    LookupError
        If none did.
    """
    for path in dict.fromkeys((source, str(Path(source).resolve()), source.removeprefix("/usr"))):
        try:
            done = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True)
        except OSError:
            break
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    raise LookupError(f"{source} is in the bundle, and neither a distribution's nor a Debian package's nor ours")
