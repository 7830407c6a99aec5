"""CONTRIBUTING's examples: each adds one file and its lines in a register to a copy of the package, and is checked."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(?:python|text) (\w+)(?:=(\S+))?(?: after=\"((?:[^\"\\]|\\.)*)\")?\n(.*?)```", re.DOTALL)


def sections():
    """Return the examples: of each its title and its blocks (kind, file, line before, code)."""
    part = TEXT[TEXT.index("## To add a thing") : TEXT.index("## Three ways")]
    titled = re.split(r"^### ", part, flags=re.MULTILINE)[1:]
    return {one.partition("\n")[0]: BLOCK.findall(one) for one in titled}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder in which the package is copied anew for each example."""
    return tmp_path_factory.mktemp("copy")


@pytest.mark.parametrize("title", sections())
def test_an_example_adds_what_it_says_with_one_file_and_its_lines(title, package):
    blocks = sections()[title]
    kinds = [kind for kind, *_ in blocks]
    assert (kinds.count("file"), kinds.count("check")) == (1, 1)
    assert kinds.count("line") == 1
    shutil.rmtree(package / "koopview", ignore_errors=True)
    shutil.copytree(ROOT / "koopview", package / "koopview", ignore=shutil.ignore_patterns("__pycache__"))
    if not (package / "resources").exists():
        (package / "resources").symlink_to(ROOT / "resources")
    for kind, file, after, code in blocks:
        if kind == "file":
            assert not (package / file).exists()
            (package / file).write_text(code)
        if kind == "line":
            text, before = (package / file).read_text(), after.replace('\\"', '"') + "\n"
            assert text.count(before) == 1
            (package / file).write_text(text.replace(before, before + code))
    (check,) = (code for kind, _, _, code in blocks if kind == "check")
    environment = os.environ | {"PYTHONPATH": str(package), "QT_QPA_PLATFORM": "offscreen", "HOME": str(package)}
    script = f"import koopview\nassert koopview.__file__.startswith({str(package)!r})\n{check}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr


def test_there_are_five_examples_and_three_ways():
    assert list(sections()) == ["A scaling", "Observables", "A data format", "A model format", "A tab"]
    ways = TEXT[TEXT.index("## Three ways") : TEXT.index("## Tests")]
    assert ways.count("```") == 6
