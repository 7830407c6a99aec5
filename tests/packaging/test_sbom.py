"""The list of what the program is made of: only what it runs with, in the form of the standard."""

import json

import pytest
import sbom
from environment import Refusal

NEEDS = {"koopview": {"numpy", "torch"}, "numpy": set(), "torch": {"jinja2"}, "jinja2": set()}
ENVIRONMENT = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": {"bom-ref": "root-component", "name": "koopview", "type": "application"}},
    "components": [
        {"bom-ref": f"{name}==1", "name": name, "type": "library", "version": "1"}
        for name in ("numpy", "torch", "Jinja2", "pytest")
    ],
    "dependencies": [
        {"ref": "root-component", "dependsOn": ["numpy==1", "torch==1", "pytest==1"]},
        {"ref": "torch==1", "dependsOn": ["Jinja2==1"]},
        {"ref": "numpy==1", "dependsOn": ["pytest==1"]},
    ],
}


@pytest.fixture
def bom():
    """Return the program's part of the environment above."""
    return sbom.of_the_program(ENVIRONMENT, NEEDS, "1.2.3")


def test_packages_are_followed_to_the_last_and_a_circle_ends():
    graph = {"a": {"b"}, "b": {"c", "a"}, "c": set(), "d": {"a"}}
    assert sbom.running_packages("a", graph.__getitem__) == {"a": {"b"}, "b": {"c", "a"}, "c": set()}


def test_what_koopview_runs_with_is_found_and_no_tool_of_its_tests():
    found = sbom.running_packages("koopview")
    assert {"numpy", "pyside6-essentials", "shiboken6", "torch", "sympy"} <= set(found)
    assert not {"pytest", "ruff", "pip", "hatchling"} & set(found)


def test_the_list_holds_the_program_in_its_version_its_packages_and_python(bom):
    assert bom["metadata"]["component"]["version"] == "1.2.3"
    assert [one["name"] for one in bom["components"]] == ["Jinja2", "numpy", "torch", "cpython"]


def test_no_dependency_leads_out_of_the_list(bom):
    links = {one["ref"]: one.get("dependsOn", []) for one in bom["dependencies"]}
    assert links["root-component"] == ["numpy==1", "torch==1", "cpython"]
    assert links["torch==1"] == ["Jinja2==1"]
    known = {one["bom-ref"] for one in bom["components"]}
    assert {ref for refs in links.values() for ref in refs} == known


def test_the_list_is_what_the_standard_asks_for(bom):
    pytest.importorskip("cyclonedx.validation.json", reason="the extra `release` is not installed")
    sbom.require_valid(json.dumps(bom))
    with pytest.raises(Refusal, match=r"no CycloneDX 1\.6"):
        sbom.require_valid(json.dumps({**bom, "components": [{"name": "numpy"}]}))


@pytest.mark.parametrize(
    ("platform", "machine", "name"),
    [
        ("linux", "x86_64", "koopview-1.2.3-linux-x86_64.cdx.json"),
        ("win32", "AMD64", "koopview-1.2.3-windows-x86_64.cdx.json"),
        ("darwin", "arm64", "koopview-1.2.3-macos-arm64.cdx.json"),
    ],
)
def test_the_file_names_version_system_and_machine(monkeypatch, platform, machine, name):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert sbom.file_name("1.2.3") == name
