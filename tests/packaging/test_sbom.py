"""The list of what a bundle is made of: all that it carries and nothing else, in the form of the standard."""

import json
import platform
import shutil

import pytest
import sbom
from environment import Refusal

NEEDS = {"koopview": {"numpy", "torch", "pillow"}, "numpy": set(), "torch": {"jinja2", "setuptools"}, "jinja2": set()}
ENVIRONMENT = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": {"bom-ref": "root-component", "name": "koopview", "type": "application"}},
    "components": [
        {"bom-ref": f"{name}==1", "name": name, "type": "library", "version": "1"}
        for name in ("numpy", "torch", "Jinja2", "setuptools", "pytest")
    ],
    "dependencies": [{"ref": "root-component", "dependsOn": ["numpy==1", "torch==1", "pytest==1"]}],
}


@pytest.fixture
def bom():
    """Return the list of a bundle that carries what NEEDS names, and Python."""
    return sbom.of_the_bundle(ENVIRONMENT, [sbom.python_entry()], NEEDS, "1.2.3")


def test_a_bundle_is_asked_what_it_carries(tmp_path):
    parts = [{"place": "a", "owner": "numpy"}, {"place": "b", "owner": "numpy"}, {"place": "c", "owner": "system:libb"}]
    contents = tmp_path / "contents.json"
    contents.write_text(json.dumps({"parts": parts}))
    assert sbom.carried(contents) == {"numpy", "system:libb"}


def test_without_a_bundle_there_is_no_list(tmp_path):
    with pytest.raises(Refusal, match=r"run python3 packaging/bootstrap\.py bundle first"):
        sbom.carried(tmp_path / "contents.json")


def test_a_package_needs_what_it_asks_for_without_its_extras():
    needs = sbom.needs_of("koopview")
    assert {"numpy", "pyside6-essentials", "torch"} <= needs
    assert not {"pytest", "sphinx", "pyinstaller", "build"} & needs


def test_the_list_holds_the_program_in_its_version_and_what_is_carried(bom):
    assert bom["metadata"]["component"]["version"] == "1.2.3"
    assert [one["name"] for one in bom["components"]] == ["Jinja2", "numpy", "torch", "cpython"]


def test_no_dependency_leads_out_of_the_list(bom):
    links = {one["ref"]: one["dependsOn"] for one in bom["dependencies"]}
    assert links["root-component"] == ["numpy==1", "torch==1", "Python"]
    assert links["torch==1"] == ["Jinja2==1"]
    known = {one["bom-ref"] for one in bom["components"]}
    assert {ref for refs in links.values() for ref in refs} == known == set(links) - {"root-component"}


def test_python_is_in_the_version_that_runs_this():
    assert sbom.python_entry()["purl"] == f"pkg:generic/cpython@{platform.python_version()}"


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="no Debian packages are here")
def test_a_library_of_the_system_is_named_by_its_package():
    entry = sbom.debian_entry("dpkg")
    assert entry["purl"].startswith(f"pkg:deb/debian/dpkg@{entry['version']}?arch=")
    assert entry["version"]


def test_the_list_is_what_the_standard_asks_for(bom):
    pytest.importorskip("cyclonedx.validation.json", reason="the extra `release` is not installed")
    sbom.require_valid(json.dumps(bom))
    with pytest.raises(Refusal, match=r"no CycloneDX 1\.6"):
        sbom.require_valid(json.dumps({**bom, "components": [{"name": "numpy"}]}))


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "koopview-1.2.3-linux-x86_64.cdx.json"),
        ("win32", "AMD64", "koopview-1.2.3-windows-x86_64.cdx.json"),
        ("darwin", "arm64", "koopview-1.2.3-macos-arm64.cdx.json"),
    ],
)
def test_the_file_names_version_system_and_machine(monkeypatch, system, machine, name):
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert sbom.file_name("1.2.3") == name
