"""The command depth: its numbers are those of the Python API."""

import csv
import io
import json
import shutil

import numpy as np
import pytest
import torch
from reference import sequence_reader
from reference.residual import ReluBlock
from torch import nn

import koopview as kv
from koopview.hybrid.rows import DEPTH_ROWS
from koopview.study.depth_result import COLUMNS
from koopview.study.source import Source

FACTORY = """
from reference.residual import ReluBlock
from torch import nn

def net():
    return nn.Sequential(nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(3)], nn.Linear(6, 3))
"""
FROM = ("--model", "residual.pt", "--factory", "factory.py:net", "--data", "data.npz")


@pytest.fixture
def residual(folder):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(3)], nn.Linear(6, 3))
    torch.save(net.state_dict(), "residual.pt")
    (folder / "factory.py").write_text(FACTORY)
    return kv.open_study(Source(model="residual.pt", factory="factory.py:net", data="data.npz"))


def plain(cell):
    return {**json.loads(json.dumps(cell)), "seconds": 0}


def test_the_whole_table_as_json_is_the_engines(koopview, residual):
    done = koopview("depth", *FROM, "--samples", "40", "--json", "-")
    assert (done.status, done.err) == (0, "")
    found = [cell.summary() for cell in residual.depth_table(samples=40)]
    assert list(map(plain, json.loads(done.out))) == list(map(plain, found))


def test_one_cell_is_one_object(koopview, residual):
    done = koopview("depth", *FROM, "--start", "2", "--blocks", "2", "--states", "pca:3", "--json", "-")
    found = residual.depth("2", 2, states="pca:3").summary()
    assert plain(json.loads(done.out)) == plain(found)
    assert set(found["accuracy"]) == set(DEPTH_ROWS)


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        (("--start", "2"), [("2", 1), ("2", 2)]),
        (("--blocks", "2"), [("1", 2), ("2", 2)]),
        ((), [("1", 1), ("2", 1), ("3", 1), ("1", 2), ("2", 2), ("1", 3)]),
    ],
)
def test_a_start_or_a_number_of_blocks_picks_its_cells(koopview, residual, words, cells):
    rows = list(csv.DictReader(io.StringIO(koopview("depth", *FROM, *words, "--csv", "-").out)))
    assert [(row["start"], int(row["blocks"])) for row in rows] == cells
    assert list(rows[0]) == list(COLUMNS)


def test_the_tables_name_every_control(koopview, residual):
    table = koopview("depth", *FROM).out.splitlines()
    assert table[1].split()[:9] == ["start", "p", "r", *(name for name in DEPTH_ROWS if name != "projected")]
    assert len(table) == 2 + 6
    cell = koopview("depth", *FROM, "--start", "1", "--blocks", "3").out
    for word in (*DEPTH_ROWS[2:], "eigenvalues", "update apart", "replaced: 1, 2, 3"):
        assert word in cell
    assert "projected" not in cell  # nothing is left out of flat states
    assert "projected" in koopview("depth", *FROM, "--states", "pca:2").out


def test_files_are_written(koopview, residual):
    done = koopview("depth", *FROM, "--json", "cells.json", "--csv", "cells.csv")
    assert (done.out, done.err) == ("", "")
    with open("cells.json") as file, open("cells.csv") as table:
        assert len(json.load(file)) == len(list(csv.DictReader(table))) == 6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--start", "9"), "start is '9', which begins no block of residual.pt, expected one of 1, 2, 3"),
        (("--blocks", "4"), "blocks is 4, expected 1 to 3: the stream is 1, 2, 3 (--blocks)"),
        (("--start", "3", "--blocks", "2"), "blocks is 2, expected 1 to 1: so many of one shape begin with 3"),
        (("--blocks", "0"), "--blocks: '0' does not fit, expected a whole number of 1 to 2147483647"),
        (("--states", "pca:x"), "--states: states is 'pca:x', expected flat, tokens, pca or pca:K"),
        (
            ("--states", "tokens"),
            "states is 'tokens', and a state has the shape (6,), expected (tokens, width), or flat",
        ),
        (("--json", "-", "--csv", "-"), "--json and --csv are both - for stdout, expected one of them at most"),
    ],
)
def test_wrong_words_are_refused_in_a_sentence(refused, residual, words, told):
    assert told in refused("depth", *FROM, *words)


def test_a_network_without_blocks_says_so(refused, folder):
    words = ("--model", "model.safetensors", "--data", "data.npz")
    assert "has no residual stream" in refused("depth", *words)


def test_states_that_are_too_large_are_told_in_a_note(koopview, folder, monkeypatch):
    monkeypatch.setattr("koopview.hybrid.stream_states.LARGE", 5)
    np.savez("data.npz", x=np.random.default_rng(0).normal(size=(60, 4)).astype("f4"), y=np.arange(60) % 3)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(3)], nn.Linear(6, 3))
    torch.save(net.state_dict(), "residual.pt")
    (folder / "factory.py").write_text(FACTORY)
    done = koopview("depth", *FROM, "--blocks", "3")
    assert "note: a flat state has 6 entries, too many for one operator" in done.err
    assert "states pca:6" in done.out


# Time steps


READ = ("--model", "reader.pt", "--factory", "reader.py:Reader", "--data", "sequences.npz")


@pytest.fixture
def reader(folder):
    shutil.copyfile(sequence_reader.__file__, folder / "reader.py")
    torch.manual_seed(0)
    net = sequence_reader.Reader()
    torch.save(net.state_dict(), "reader.pt")
    x = np.random.default_rng(0).normal(size=(160, 5, 3)).astype(np.float32)
    y = net(torch.tensor(x)).argmax(1).numpy()
    np.savez("sequences.npz", x_train=x[:100], y_train=y[:100], x_test=x[100:], y_test=y[100:])
    with pytest.warns(match="straight line"):
        return kv.open_study(Source(model="reader.pt", factory="reader.py:Reader", data="sequences.npz"))


def test_the_time_steps_of_a_recurrent_layer_are_the_engines(koopview, reader):
    done = koopview("depth", *READ, "--layer", "rnn", "--json", "-")
    found = [cell.summary() for cell in reader.depth_table(layer="rnn")]
    assert list(map(plain, json.loads(done.out))) == list(map(plain, found))
    assert len(found) == 15
    assert {(one["layer"], one["inputs"]) for one in found} == {("rnn", True)}


def test_a_cell_of_time_steps_says_that_their_inputs_are_seen_or_not(koopview, reader):
    seen = koopview("depth", *READ, "--start", "2", "--blocks", "3").out
    assert "5 time steps of rnn, states of 4 (1 to 5), inputs seen: states flat" in seen
    assert "replaced: 2 to 4" in seen
    blind = koopview("depth", *READ, "--start", "2", "--blocks", "3", "--no-inputs").out
    assert "(1 to 5), inputs not seen: states flat" in blind


def test_a_layer_without_steps_is_refused(refused, reader):
    assert "layer is 'head', which is on no path of reader.pt" in refused("depth", *READ, "--layer", "head")
