"""Wheel and sdist: what must be in them, and that the same source gives the same bytes."""

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import distributions
import hatch_build
import pytest
import try_distributions
from environment import Refusal

import koopview

ROOT = Path(__file__).resolve().parents[2]
METADATA = """Metadata-Version: 2.4
Name: koopview
Version: {version}
License-File: LICENSE
License-File: resources/fonts/OFL.txt
Requires-Dist: numpy>=2.0
Requires-Dist: pyside6-essentials<6.12,>=6.8.3
Requires-Dist: pytest; extra == 'test'
"""


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


@pytest.fixture
def checkout(tmp_path):
    """Return a small checkout with a guide and with what a build leaves behind."""
    write(tmp_path, "koopview/cli/main.py", "resources/icons/a.svg", "build/docs/html/index.html", "tests/test_a.py")
    write(tmp_path, "koopview/__pycache__/main.cpython-311.pyc", "resources/.DS_Store")
    (tmp_path / "koopview" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    return tmp_path


IN_THE_WHEEL = {
    "koopview/__init__.py",
    "koopview/cli/main.py",
    "koopview/resources/icons/a.svg",
    "koopview/resources/docs/html/index.html",
}
ABOUT = {"METADATA", "RECORD", "licenses/LICENSE", "licenses/resources/fonts/OFL.txt"}


def a_wheel(folder, names=IN_THE_WHEEL, about=ABOUT, version="1.2.3"):
    """Write a wheel of files with nothing in them, and return its path."""
    path = folder / f"koopview-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
        for name in about:
            archive.writestr(f"koopview-{version}.dist-info/{name}", METADATA.format(version=version))
    return path


# --- What must be in ---------------------------------------------------------------------------------------------


def test_a_wheel_holds_the_program_its_resources_and_its_guide_and_no_leftovers(checkout):
    assert distributions.program_files(checkout) == IN_THE_WHEEL


def test_nothing_is_amiss_with_a_wheel_that_holds_all_of_it(checkout):
    assert distributions.wheel_faults(a_wheel(checkout), checkout) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"names": IN_THE_WHEEL - {"koopview/resources/icons/a.svg"}}, "lacks koopview/resources/icons/a.svg"),
        ({"names": IN_THE_WHEEL | {"tests/test_a.py"}}, "holds tests/test_a.py, which does not belong"),
        ({"names": IN_THE_WHEEL | {"koopview/__pycache__/a.pyc"}}, "holds koopview/__pycache__/a.pyc"),
        ({"about": ABOUT - {"licenses/LICENSE"}}, "lacks koopview-1.2.3.dist-info/licenses/LICENSE"),
        ({"version": "1.2.2"}, "is of version 1.2.2, expected 1.2.3"),
    ],
)
def test_what_is_amiss_with_a_wheel_is_named(checkout, change, told):
    (fault,) = distributions.wheel_faults(a_wheel(checkout, **change), checkout)
    assert told in fault


@pytest.mark.parametrize(
    ("extra", "tracked", "told"),
    [
        (set(), set(), []),
        ({"notes.txt"}, set(), ["the sdist holds notes.txt, which does not belong in it."]),
        (set(), {"README.md"}, ["the sdist lacks README.md."]),
    ],
)
def test_an_sdist_holds_what_git_knows_and_the_guide(checkout, monkeypatch, extra, tracked, told):
    known = {"koopview/__init__.py", "tests/test_a.py"}
    monkeypatch.setattr(distributions, "tracked_files", lambda root: known | tracked)
    path = checkout / "koopview-1.2.3.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in known | extra | {"PKG-INFO", "build/docs/html/index.html"}:
            archive.addfile(tarfile.TarInfo(f"koopview-1.2.3/{name}"), io.BytesIO())
    assert distributions.sdist_faults(path, checkout) == told


def test_a_folder_without_git_has_no_tracked_files_and_no_date_of_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert distributions.tracked_files(tmp_path) == set()
    assert distributions.source_date(tmp_path) == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert distributions.source_date(tmp_path) == "1700000000"


@pytest.mark.parametrize(
    ("target", "version", "place"),
    [
        ("wheel", "standard", "koopview/resources/docs/html"),
        ("sdist", "standard", "build/docs/html"),
        ("wheel", "editable", None),
    ],
)
def test_the_guide_goes_in_where_it_has_been_built(checkout, target, version, place):
    expected = {str(checkout / "build" / "docs" / "html"): place} if place else {}
    assert hatch_build.pages_to_include(checkout, target, version) == expected
    assert hatch_build.pages_to_include(checkout / "koopview", target, version) == {}


def test_the_wheel_of_this_checkout_is_complete_and_the_same_when_it_is_built_again(tmp_path):
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    digests = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        assert wheel.name == f"koopview-{koopview.__version__}-py3-none-any.whl"
        assert distributions.wheel_faults(wheel, ROOT) == []
        digests.append(distributions.digest(wheel))
    assert digests[0] == digests[1]


# --- Trying them -------------------------------------------------------------------------------------------------


def test_the_lowest_versions_are_read_from_the_wheel_without_its_extras(tmp_path):
    asked = try_distributions.requirements(a_wheel(tmp_path))
    assert try_distributions.lowest(asked) == {"numpy": "2.0", "pyside6-essentials": "6.8.3"}


def test_a_requirement_without_a_lower_bound_is_refused():
    with pytest.raises(Refusal, match="scipy<2 has no lower bound"):
        try_distributions.lowest(["scipy<2"])


@pytest.mark.parametrize("count", [0, 2])
def test_there_must_be_one_wheel_to_try(tmp_path, count):
    for version in range(count):
        a_wheel(tmp_path, version=f"1.0.{version}")
    with pytest.raises(Refusal, match=f"holds {count} wheels, expected one: run"):
        try_distributions.the_wheel(tmp_path)


def test_the_oldest_are_installed_by_name_and_torch_first_as_a_cpu_build(tmp_path, monkeypatch):
    calls = []

    def run(*command, cwd=None):
        calls.append(" ".join(map(str, command)))
        return 1 if "+cpu" in calls[-1] else 0

    monkeypatch.setattr(try_distributions, "run", run)
    monkeypatch.setattr(try_distributions, "requirements", lambda wheel: ["numpy>=2.0", "torch>=2.8"])
    monkeypatch.setattr(sys, "platform", "linux")
    try_distributions.install(Path("python"), tmp_path / "a.whl", oldest=True)
    assert all("torch==2.8+cpu" in call for call in calls[:-1])
    assert calls[-1].endswith("a.whl numpy==2.0 torch==2.8")
