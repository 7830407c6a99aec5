"""The workflows: what their steps call exists, they may do no more than they must, and none publishes by chance."""

import re
import shutil
import subprocess
from pathlib import Path

import bootstrap
import pytest
import try_distributions
import yaml

from koopview.arguments import window_parser

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
NAMES = ("docs.yml", "release.yml", "test.yml")
MAY = {
    "docs.yml": {"publish": {"pages": "write", "id-token": "write"}},
    "release.yml": {"release": {"contents": "write"}, "index": {"id-token": "write"}},
    "test.yml": {},
}
"""Which jobs may write what: all others read the repository alone."""


def workflow(name):
    """Return a workflow as YAML reads it; its key ``on`` is YAML's word for true."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def steps(name):
    """Return all steps of a workflow, each with its job's name."""
    jobs = workflow(name)["jobs"].items()
    return [(job, step) for job, told in jobs for step in told.get("steps", [])]


def scripts(name):
    """Return the texts that a workflow's steps run, each with its shell."""
    shell = workflow(name).get("defaults", {}).get("run", {}).get("shell", "bash")
    return [(step["run"], step.get("shell", shell)) for _, step in steps(name) if "run" in step]


def all_scripts():
    return [(name, text, shell) for name in NAMES for text, shell in scripts(name)]


def test_every_workflow_is_looked_at():
    assert sorted(file.name for file in FOLDER.iterdir()) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_says_that_no_run_has_been_seen(name):
    first = (FOLDER / name).read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# No run of this workflow has been seen yet")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash is here to read the steps")
@pytest.mark.parametrize(("name", "text", "shell"), all_scripts())
def test_bash_can_read_every_step(name, text, shell):
    if shell == "bash":
        done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert shell == "pwsh"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_bootstrap_that_is_called_exists(name):
    called = {word for text, _ in scripts(name) for word in re.findall(r"bootstrap\.py (\S+)", text)}
    assert called
    assert called <= set(bootstrap.EXTRAS)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_the_repository_that_is_called_exists(name):
    called = {path for text, _ in scripts(name) for path in re.findall(r"\bpackaging[/\\][\w./\\]+", text)}
    assert called
    assert all((ROOT / path.replace("\\", "/")).is_file() for path in called)


def test_what_the_program_itself_is_asked_is_an_option_of_it():
    asked = {"--self-test", *(word for check in try_distributions.CHECKS for word in check if word.startswith("--"))}
    known = {option for action in window_parser()._actions for option in action.option_strings}
    assert asked <= known


def test_the_installed_program_tests_itself_on_every_python_that_pyproject_names():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    told = re.findall(r"Programming Language :: Python :: (3\.\d+)", pyproject)
    assert told
    for name, job in (("test.yml", "test"), ("release.yml", "installed")):
        assert workflow(name)["jobs"][job]["strategy"]["matrix"]["python"] == told
    assert f'requires-python = ">={told[0]}"' in pyproject
    assert workflow("release.yml")["jobs"]["installed"]["strategy"]["matrix"]["include"][0]["python"] == told[0]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_named_by_major_version_and_keep_no_credentials(name):
    used = [step for _, step in steps(name) if "uses" in step]
    assert all(re.search(r"@(v\d+|release/v\d+)$", step["uses"]) for step in used)
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", NAMES)
def test_a_job_may_write_only_what_it_is_there_to_write(name):
    told = workflow(name)
    assert told["permissions"] == {"contents": "read"}
    asked = {job: content["permissions"] for job, content in told["jobs"].items() if "permissions" in content}
    assert asked == MAY[name]


def test_only_a_tag_publishes_and_only_what_every_other_job_has_passed():
    jobs = workflow("release.yml")["jobs"]
    publishing = jobs["release"]
    assert publishing["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert set(publishing["needs"]) == set(jobs) - {"version", *MAY["release.yml"]}
    assert jobs["index"]["needs"] == "release"
    assert "if" not in jobs["index"]
    assert jobs["index"]["environment"] == "pypi"


def test_a_tag_is_tested_once_by_the_release():
    """Both would bear the same concurrency group, and the one would cancel the other."""
    assert workflow("test.yml")[True]["push"] == {"branches": ["**"]}
    assert "workflow_call" in workflow("test.yml")[True]
    assert workflow("release.yml")["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
