"""One command runs the tests: the README, `.ci/run`, CONTRIBUTING.md and the workflow all name it."""

import re
from pathlib import Path

import bootstrap
import pytest
import system_libraries

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python3 packaging/bootstrap.py test"
WORKFLOW = ".github/workflows/test.yml"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(text):
    """Return every call of bootstrap.py's tests that a text names, without the comment after it."""
    return [found.strip() for found in re.findall(r"python\S* +packaging/bootstrap\.py test[^#`\n]*", text)]


def test_bootstrap_names_its_command():
    assert "test" in bootstrap.EXTRAS
    assert f"{COMMAND} [...]" in bootstrap.__doc__


@pytest.mark.parametrize("name", ["README.md", ".ci/run", WORKFLOW])
def test_the_command_stands_there_as_it_is(name):
    assert commands(read(name)) == [COMMAND]


def test_contributing_names_it_first_and_then_with_options():
    first, *others = commands(read("CONTRIBUTING.md"))
    assert first == COMMAND
    assert {other.removeprefix(COMMAND).split()[0] for other in others} == {"--slow", "--cov"}


def test_the_last_line_of_ci_is_the_command():
    assert read(".ci/run").splitlines()[-1] == COMMAND


def test_the_workflow_says_that_no_run_of_it_has_been_seen():
    first = read(WORKFLOW).splitlines()[0]
    assert first.startswith("# No run of this workflow has been seen yet")


def test_the_workflow_installs_the_libraries_that_bootstrap_would():
    wanted = system_libraries.OFFSCREEN | system_libraries.WINDOW | system_libraries.X_SERVER
    assert set(wanted.values()) <= set(read(WORKFLOW).split())
