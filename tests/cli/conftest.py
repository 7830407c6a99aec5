"""Small models and data in a folder per test, and the command line run in this process."""

import os
import re
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview import cli


READ_AS = re.compile(r"^koopview: note: .* was read as a plain chain of \d+ layers with \w+ between them\r?\n", re.M)
"""What is told of all bare weights."""


@dataclass
class Done:
    """The result of a run of the command line: exit status, stdout, and stderr without the note `READ_AS`."""

    status: object
    out: str
    err: str


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with model.safetensors (4-8-6-3, ReLU), weights.pt and data.npz (60 samples); paths are below it."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
    save_file(module.state_dict(), "model.safetensors", metadata={"activation": "relu"})
    torch.save(module.state_dict(), "weights.pt")
    rng = np.random.default_rng(0)
    np.savez("data.npz", x=rng.normal(size=(60, 4)).astype("f4"), y=rng.integers(0, 3, 60))
    os.mkdir("folder")
    return tmp_path


@pytest.fixture
def koopview(capsys):
    """Run the command line in this process; raises any exception that a person would see as a traceback."""

    def run(*words):
        capsys.readouterr()
        try:
            status = cli.main(list(words))
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return Done(status, out, READ_AS.sub("", err))

    return run


@pytest.fixture
def refused(koopview):
    """Run wrong arguments, check the rules for all of these, and return the error's sentence."""

    def run(*words):
        done = koopview(*words)
        assert done.status == 2, done
        assert done.out == ""
        assert done.err.startswith("koopview: ")
        assert done.err.endswith("\n")
        assert len(done.err.splitlines()) == 1, done.err
        return done.err[len("koopview: ") : -1]

    return run
