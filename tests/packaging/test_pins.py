"""pyproject.toml and constraints.txt agree, for every Python that KoopView runs on."""

import importlib.metadata
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OF_CUDA_BUILDS = ("nvidia-", "cuda-", "triton")


def pins(python):
    """Return what constraints.txt pins on a Python: versions by name, each name once."""
    found = {}
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for requirement in (Requirement(line) for line in lines if line and not line.startswith("#")):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} is pinned twice on Python {python}"
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            found[name] = pin.version
    return found


def asked_for(*extras):
    """Return what pyproject.toml asks for: to run, and for each of the extras."""
    project = PYPROJECT["project"]
    lists = (project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras))
    return [Requirement(line) for lines in lists for line in lines]


def version_here(name):
    """Return the installed version of a distribution, without the build's label; None where it is not installed."""
    try:
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return None


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_dependency_is_pinned_to_a_version_that_pyproject_allows(python):
    pinned = pins(python)
    for requirement in asked_for("test", "docs", "bench", "release"):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} does not allow {version}"


def test_qt_is_pinned_below_the_release_that_loses_references():
    assert all(pins(python)["pyside6-essentials"] == "6.11.3" for python in ("3.10", "3.11"))


@pytest.mark.parametrize("extra", ["test", "docs", "bench"])
def test_all_that_an_extra_brings_is_pinned_to_what_is_installed_here(extra):
    pinned = pins("{}.{}".format(*sys.version_info))
    left, seen = [(requirement.name, "") for requirement in asked_for(extra)], set()
    if extra in ("docs", "bench") and any(version_here(name) is None for name, _ in left):
        pytest.skip(f"what the extra {extra} brings is not installed: bootstrap.py {extra} does that")
    while left:
        name, extra = left.pop()
        name = canonicalize_name(name)
        if (name, extra) in seen or name.startswith(OF_CUDA_BUILDS):
            continue
        seen.add((name, extra))
        version = version_here(name)
        assert pinned.get(name) == version, f"{name} {version} is installed, {pinned.get(name)} pinned"
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({**default_environment(), "extra": extra}):
                left += [(requirement.name, one) for one in (requirement.extras or {""})]


def test_the_wheel_holds_the_resources_inside_the_package():
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["resources"] == "koopview/resources"
    assert (ROOT / "resources").is_dir()


def test_packaging_is_no_package():
    """It bears the name of a library that pytest and PyInstaller import: with __init__.py it would hide that one."""
    assert not list((ROOT / "packaging").glob("__init__.py*"))
    assert "site-packages" in str(sys.modules["packaging"].__file__)
