"""What the bundle is made of, as a CycloneDX list: the packages, the Python and the system's libraries that it carries.

`bootstrap.py sbom` runs this with the Python of `.venv` that made the bundle; the list goes to build/installers.
"""

import importlib.metadata
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from environment import ROOT, Refusal, say
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from version import version

CONTENTS = ROOT / "build" / "bundle" / "contents.json"
FOLDER = ROOT / "build" / "installers"
PYTHON, SYSTEM = "Python", "system:"
"""What the bundle's contents call files of Python itself, and what they put before the name of a Debian package."""

Bom = dict[str, Any]
"""A CycloneDX list, or an entry of one, as its JSON is read: the standard's schema checks it before it is written."""


# --- What is carried ---------------------------------------------------------------------------------------------


def carried(contents: Path) -> set[str]:
    """Return whose files a bundle carries: names of packages, "Python", "system:" and the name of a Debian package.

    Raises Refusal where no bundle has been made.
    """
    try:
        parts = json.loads(contents.read_text(encoding="utf-8"))["parts"]
    except FileNotFoundError:
        raise Refusal("no bundle is in build/bundle: run python3 packaging/bootstrap.py bundle first.") from None
    return {part["owner"] for part in parts}


def whole_environment() -> Bom:
    """Return the list of all that `.venv` holds, its tools and tests too; raises Refusal where it cannot be made."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"cyclonedx-py could not list .venv: {done.stderr.strip()}")
    bom: Bom = json.loads(done.stdout)
    return bom


def needs_of(name: str) -> set[str]:
    """Return the names of the packages that an installed package needs to run here, without those of its extras."""
    found = (Requirement(line) for line in importlib.metadata.requires(name) or [])
    return {canonicalize_name(one.name) for one in found if one.marker is None or one.marker.evaluate({"extra": ""})}


def python_entry() -> Bom:
    """Return the entry of the Python that runs this, which the bundle carries."""
    release, licence = platform.python_version(), {"license": {"id": "PSF-2.0"}}
    entry = {"bom-ref": PYTHON, "type": "platform", "name": "cpython", "version": release, "licenses": [licence]}
    return {**entry, "purl": f"pkg:generic/cpython@{release}"}


def debian_entry(package: str) -> Bom:
    """Return the entry of an installed Debian package, some of whose libraries the bundle carries."""
    asked = ["dpkg-query", "--show", "--showformat=${Version} ${Architecture}", package]
    release, machine = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()[:2]
    entry = {"bom-ref": SYSTEM + package, "type": "library", "name": package, "version": release}
    return {**entry, "purl": f"pkg:deb/debian/{package}@{release.replace('+', '%2B')}?arch={machine}"}


# --- The list ----------------------------------------------------------------------------------------------------


def of_the_bundle(environment: Bom, others: list[Bom], needs: dict[str, set[str]], release: str) -> Bom:
    """Return the list of a bundle in version `release`: of an environment's list what is carried, and `others`.

    `needs` are the names of the carried packages, the program's own among them, each with those that it needs.
    """
    root = {**environment["metadata"]["component"], "version": release}
    named: dict[str, Bom] = {canonicalize_name(one["name"]): one for one in environment["components"]}
    kept = {name: named[name] for name in sorted(needs) if name != root["name"]}
    known = {name: one["bom-ref"] for name, one in kept.items()}
    links = {known[name]: [known[one] for one in sorted(needs[name]) if one in known] for name in kept}
    first = [known[one] for one in sorted(needs[root["name"]]) if one in known]
    links |= {one["bom-ref"]: [] for one in others}
    return {
        **environment,
        "metadata": {**environment["metadata"], "component": root},
        "components": [*kept.values(), *others],
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": [*first, *(one["bom-ref"] for one in others)]},
            *({"ref": ref, "dependsOn": goals} for ref, goals in links.items()),
        ],
    }


def require_valid(text: str) -> None:
    """Raise Refusal where the standard's own schema refuses a list."""
    from cyclonedx.schema import SchemaVersion  # the extra `release` brings it
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        raise Refusal(f"the list is no CycloneDX 1.6: {fault}")


def file_name(release: str) -> str:
    """Return the name of the list's file on this kind of machine, e.g. ``"koopview-0.1.0-linux-x86_64.cdx.json"``."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    return f"koopview-{release}-{system}-{platform.machine().lower().replace('amd64', 'x86_64')}.cdx.json"


def make() -> Bom:
    """Return the list of the bundle in build/bundle; raises Refusal where it cannot be made."""
    owners = carried(CONTENTS)
    packages = {canonicalize_name(one) for one in owners if one != PYTHON and not one.startswith(SYSTEM)}
    libraries = sorted(one.removeprefix(SYSTEM) for one in owners if one.startswith(SYSTEM))
    others = [python_entry(), *map(debian_entry, libraries)]
    return of_the_bundle(whole_environment(), others, {name: needs_of(name) for name in packages}, version())


def main() -> int:
    """Write the list and say where it is; 2 with one sentence where it cannot be made."""
    try:
        bom = make()
        text = json.dumps(bom, indent=2, ensure_ascii=False) + "\n"
        require_valid(text)
    except Refusal as refusal:
        sys.stderr.write(f"sbom.py: {refusal}\n")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / file_name(version())
    file.write_text(text, encoding="utf-8")
    names = [one["name"] for one in bom["components"]]
    say(f"{file.relative_to(ROOT)}: {len(names)} components: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
