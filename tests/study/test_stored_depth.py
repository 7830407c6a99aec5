"""The table over blocks in a study file: it comes back number by number, and wrong cells are refused."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from reference.residual import ReluBlock

import koopview
from koopview.errors import FileError
from koopview.study.history import History
from koopview.study.study_file import read_study_file, write_study_file


@pytest.fixture(scope="module")
def state():
    """The state of a study with the six cells of three blocks."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(3)], torch.nn.Linear(6, 3))
    x = np.random.default_rng(0).normal(size=(120, 4)).astype(np.float32)
    study = koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()), name="residual")
    assert len(tuple(study.depth_table())) == 6
    return study.state


def numbers_of(cells):
    return [(cell.summary(), cell.settings, cell.eigenvalues.tolist()) for cell in cells]


def altered(path, change):
    """Change the JSON text of a file."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    text = json.loads(members["study.json"])
    change(text)
    members["study.json"] = json.dumps(text)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def test_cells_come_back_number_by_number(state, tmp_path):
    write_study_file(tmp_path / "a.koopview", state)
    found = read_study_file(tmp_path / "a.koopview").state.depth
    assert numbers_of(found) == numbers_of(state.depth)
    assert found[0].linearity == state.depth[0].linearity


def test_a_study_that_is_opened_keeps_them_unless_its_network_is_another(state, tmp_path):
    """A network in memory is another one for all that is known."""
    same = History()
    same.restore(state, same=True)
    assert numbers_of(same.depth.values()) == numbers_of(state.depth)
    other = History()
    other.restore(state, same=False)
    assert not other.depth


def test_it_is_read_without_torch(state, tmp_path):
    write_study_file(tmp_path / "a.koopview", state)
    code = (
        "import sys; from pathlib import Path; from koopview.study.study_file import read_study_file; "
        f"print(len(read_study_file(Path({str(tmp_path / 'a.koopview')!r})).state.depth), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["6", "False"]


def test_files_without_a_table_open(state, tmp_path):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, lambda text: text.pop("depth"))
    assert read_study_file(path).state.depth == ()
    altered(path, lambda text: text.update(format=5))
    assert read_study_file(path).state.depth == ()


def test_a_cell_that_is_no_number_is_left_out_and_the_file_opens(state, tmp_path):
    first = state.depth[0]
    wreck = replace(first, output_errors={**first.output_errors, "koopman": float("nan")})
    write_study_file(tmp_path / "a.koopview", replace(state, depth=(wreck, *state.depth[1:])))
    assert numbers_of(read_study_file(tmp_path / "a.koopview").state.depth) == numbers_of(state.depth[1:])


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("start", 3),
        ("start", -1),
        ("stream", 1),
        ("stream", True),
        ("shape", [0]),
        ("shape", [2**20, 2**20]),
        ("states", "rows"),
        ("rank", 0),
        ("ridge", -1.0),
        ("fit_samples", 0),
        ("task", "poetry"),
        ("layer", "rnn"),
        ("driven", True),
        ("seconds", -1.0),
        ("accuracy", {"koopman": 1.5}),
        ("accuracy", {"hybrid": 0.5}),
        ("intervals", {"koopman": [0.9, 0.1]}),
        ("cosines", {"koopman": 2.0}),
        ("cosines", {"koopman": float("nan")}),
        ("above", {"identity": None}),
        ("above", {"skip": {"control": "mean", "value": 0.1, "error": 0.1}}),
        ("model", "m" * 5000),
        ("unknown", 1),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(state, tmp_path, where, value):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, lambda text: text["depth"]["cells"][0].update({where: value}))
    with pytest.raises(FileError, match=r"a\.koopview has a wrong value: depth\.cells\[0\]"):
        read_study_file(path)


def swapped(name, other):
    return lambda cells: cells[-1].update({name: cells[-1][other]})


@pytest.mark.parametrize(
    "change",
    [
        swapped("eigenvalues", "linearity"),
        swapped("linearity", "eigenvalues"),
        lambda cells: cells[-1].update(linearity=cells[0]["linearity"]),
        lambda cells: cells[0]["settings"].update(blocks=9),
        lambda cells: cells[0]["settings"].update(inputs=1),
        lambda cells: cells.extend(cells * 400),
        lambda cells: cells.append(3),
    ],
)
def test_what_does_not_belong_together_is_refused(state, tmp_path, change):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, lambda text: change(text["depth"]["cells"]))
    with pytest.raises(FileError, match=r"has a wrong value: depth"):
        read_study_file(path)


@pytest.mark.parametrize(
    "depth", [None, [], {"cells": []}, {"streams": [[]], "cells": []}, {"streams": 3, "cells": []}]
)
def test_what_is_no_table_is_refused(state, tmp_path, depth):
    path = tmp_path / "a.koopview"
    write_study_file(path, state)
    altered(path, lambda text: text.update(depth=depth))
    with pytest.raises(FileError, match=r"has a wrong value: depth"):
        read_study_file(path)
