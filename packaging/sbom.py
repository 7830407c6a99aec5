"""What the program is made of, as a CycloneDX list: the packages that it runs with, of those that `.venv` holds.

`bootstrap.py sbom` runs this with `.venv`'s Python; the list goes to build/installers.
"""

import importlib.metadata
import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from environment import ROOT, Refusal, say
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from version import version

FOLDER = ROOT / "build" / "installers"
Bom = dict[str, Any]
"""A CycloneDX list as its JSON is read: its form is the standard's, and checked before it is written."""


def whole_environment() -> Bom:
    """Return the list of all that `.venv` holds, its tools and tests too; raises Refusal where it cannot be made."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"cyclonedx-py could not list .venv: {done.stderr.strip()}")
    bom: Bom = json.loads(done.stdout)
    return bom


def required_by(name: str) -> set[str]:
    """Return the names of the packages that an installed package needs to run here, without those of its extras."""
    found = (Requirement(line) for line in importlib.metadata.requires(name) or [])
    return {canonicalize_name(one.name) for one in found if one.marker is None or one.marker.evaluate({"extra": ""})}


def running_packages(program: str, required: Callable[[str], set[str]] = required_by) -> dict[str, set[str]]:
    """Return what a program runs with, itself first: the names of all packages, each with those that it needs."""
    found, left = {program: required(program)}, [program]
    while left:
        new = found[left.pop()] - set(found)
        found.update({name: required(name) for name in new})
        left += new
    return found


def python_component() -> Bom:
    """Return the entry of the Python that runs this, which a bundle holds too."""
    release = platform.python_version()
    return {
        "bom-ref": "cpython",
        "type": "platform",
        "name": "cpython",
        "version": release,
        "purl": f"pkg:generic/cpython@{release}",
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }


def of_the_program(bom: Bom, needs: dict[str, set[str]], release: str) -> Bom:
    """Return a list of the program in version `release`: of a whole environment's, what stands in `needs`.

    `needs` are the names of all packages with those that each needs, the program's own first.
    """
    program, *others = needs
    root = {**bom["metadata"]["component"], "version": release}
    named: dict[str, Bom] = {canonicalize_name(one["name"]): one for one in bom["components"]}
    kept = {name: named[name] for name in sorted(others) if name in named}
    lines = {name: {"ref": kept[name]["bom-ref"], "dependsOn": refs(kept, needs[name])} for name in kept}
    top = {"ref": root["bom-ref"], "dependsOn": [*refs(kept, needs[program]), "cpython"]}
    return {
        **bom,
        "metadata": {**bom["metadata"], "component": root},
        "components": [*kept.values(), python_component()],
        "dependencies": [top, *lines.values(), {"ref": "cpython"}],
    }


def refs(components: dict[str, Bom], names: set[str]) -> list[str]:
    """Return what a list calls the packages `names`, in their order; `components` are its entries by name."""
    return [components[name]["bom-ref"] for name in sorted(names)]


def file_name(release: str) -> str:
    """Return the name of the list's file on this kind of machine, e.g. ``"koopview-0.1.0-linux-x86_64.cdx.json"``."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    return f"koopview-{release}-{system}-{platform.machine().lower().replace('amd64', 'x86_64')}.cdx.json"


def require_valid(text: str) -> None:
    """Raise Refusal where the standard's own schema refuses a list."""
    from cyclonedx.schema import SchemaVersion  # the extra `release` brings it
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        raise Refusal(f"the list is no CycloneDX 1.6: {fault}")


def make() -> Path:
    """Write the program's list and return its file; raises Refusal where it cannot be made."""
    bom = of_the_program(whole_environment(), running_packages("koopview"), version())
    text = json.dumps(bom, indent=2, ensure_ascii=False)
    require_valid(text)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / file_name(version())
    file.write_text(text + "\n", encoding="utf-8")
    return file


def main() -> int:
    """Write the list and say where it is; 2 with one sentence where it cannot be made."""
    try:
        file = make()
    except Refusal as refusal:
        sys.stderr.write(f"sbom.py: {refusal}\n")
        return 2
    names = [one["name"] for one in json.loads(file.read_text(encoding="utf-8"))["components"]]
    say(f"{file.relative_to(ROOT)}: {len(names)} components: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
