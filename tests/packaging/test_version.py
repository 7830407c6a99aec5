"""The version stands in koopview/__init__.py, and everything else agrees with it."""

import re
import sys
from pathlib import Path

import pytest
import version

import koopview

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """Return a checkout whose three files say 1.2.3."""
    (tmp_path / "koopview").mkdir()
    (tmp_path / "koopview" / "__init__.py").write_text('"""Doc."""\n\n__version__ = "1.2.3"\n')
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 1.2.3\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3\n\n### Added\n\n- It.\n\n## 1.2.2\n\n- Old.\n")
    return tmp_path


def test_it_is_the_one_that_the_program_tells():
    assert version.version() == koopview.__version__


def test_pyproject_takes_it_from_the_package():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in pyproject["project"]
    assert "version" in pyproject["project"]["dynamic"]
    assert pyproject["tool"]["hatch"]["version"] == {"path": "koopview/__init__.py"}


def test_the_citation_and_the_changelog_have_it():
    assert version.cited_version() == koopview.__version__
    newest = next(heading for heading in version.headings() if heading != "Unreleased")
    assert newest == koopview.__version__


def test_no_recipe_has_a_version_of_its_own():
    for recipe in ("windows/koopview.iss", "macos/make_dmg.sh", "appimage/make_appimage.sh"):
        lines = (ROOT / "packaging" / recipe).read_text(encoding="utf-8").splitlines()
        said = [line for line in lines if not line.lstrip().startswith((";", "#"))]
        assert not [line for line in said if re.search(r"\b\d+\.\d+\.\d+\b", line) and "MinVersion" not in line]


def test_a_tag_that_says_the_version_of_all_three_releases_it(checkout):
    assert version.faults("v1.2.3", checkout) == []


@pytest.mark.parametrize(
    ("file", "content", "named"),
    [
        ("koopview/__init__.py", '__version__ = "1.3.0"\n', "v1.3.0"),
        ("CITATION.cff", "cff-version: 1.2.3\nversion: 1.2.2\n", "CITATION.cff has version 1.2.2"),
        ("CITATION.cff", "cff-version: 1.2.3\n", "CITATION.cff has version none"),
        ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 1.2.3\n", "begins with Unreleased"),
        ("CHANGELOG.md", "# Changelog\n", "begins with nothing"),
    ],
)
def test_what_does_not_agree_with_the_tag_is_named(checkout, file, content, named):
    (checkout / file).write_text(content)
    assert named in version.faults("v1.2.3", checkout)[0]


def test_a_package_without_a_version_is_told(checkout):
    (checkout / "koopview" / "__init__.py").write_text("")
    with pytest.raises(ValueError, match="has no line __version__"):
        version.version(checkout)


def test_the_notes_are_the_newest_part_of_the_changelog(checkout):
    assert version.notes(checkout) == "### Added\n\n- It."


def test_the_command_prints_the_version_and_refuses_another_tag(capsys):
    assert version.main([]) == 0
    assert capsys.readouterr().out == f"{koopview.__version__}\n"
    assert version.main(["v0.0.0"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("version.py: the tag is v0.0.0, expected v")
