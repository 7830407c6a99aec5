"""Spoilt files of every kind are refused with one sentence or opened: nothing crashes, hangs, runs or is written."""

import subprocess
import sys

import pytest
from fuzzing.campaign import BYTES, SECONDS, campaign, verdict
from fuzzing.mutations import spoilt
from fuzzing.seeds import REFUSED, seeds


@pytest.fixture(scope="module")
def files():
    return seeds()


def test_whole_files_open(files, tmp_path):
    outcomes, found = campaign(files, len(files), 0, tmp_path, lambda content, draw: content)
    assert not found
    assert {name for name, outcome in outcomes if outcome != "opened"} == set(REFUSED)


@pytest.mark.parametrize("seed", range(2))
def test_spoilt_files_do_no_harm(files, tmp_path, seed):
    outcomes, found = campaign(files, 300, seed, tmp_path, spoilt)
    assert found == []
    assert sum(outcomes.values()) == 300


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(100, 104))
def test_many_spoilt_files_do_no_harm(files, tmp_path, seed):
    assert campaign(files, 2000, seed, tmp_path, spoilt)[1] == []


def test_the_watch_sees_what_no_file_may_do(tmp_path):
    """Otherwise the trials above could not fail."""
    code = (
        "from fuzzing.trial import Watch; import os, pickle\n"
        "watch = Watch(); watch.on = True\n"
        f"pickle.loads(b'cbuiltins\\nlen\\n.'); open({str(tmp_path / 'new')!r}, 'w').close(); os.system('true')\n"
        "watch.on = False; open(os.devnull, 'w').close(); print(*[act.split()[0] for act in watch.acts])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="tests", check=True)
    assert done.stdout.split() == ["pickle.find_class", "open", "os.system"]


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({}, ""),
        ({"outcome": "refused"}, ""),
        ({"outcome": "KeyError: 'x'"}, "KeyError: 'x'"),
        ({"seconds": SECONDS + 1}, "took 3.0 s"),
        ({"bytes": BYTES + 2**21}, "took 202 MiB"),
        ({"acts": ["open 'x'"]}, "did open 'x'"),
    ],
)
def test_what_counts_as_harm(told, wrong):
    honest = {"outcome": "opened", "seconds": 0.1, "bytes": 1000, "acts": []}
    assert verdict(honest | told, 100) == wrong
