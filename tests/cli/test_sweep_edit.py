"""The commands sweep and edit, and study files: their numbers are those of the Python API."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import koopview as kv
from koopview.arguments import window_options
from koopview.errors import InputError
from koopview.hybrid.rows import ROWS
from koopview.study.editing import edit_summary
from koopview.study.source import Source

FROM = ("--model", "model.safetensors", "--data", "data.npz")
SWEEP = ("sweep", *FROM, "--delays", "1,3", "--ranks", "2,auto", "--steps", "8")
EDIT = ("edit", *FROM, "--layer", "2", "--delays", "3", "--rank", "5", "--steps", "8")
NUMBER = "expected a whole number of {} to 2147483647"


def plain(value):
    """A JSON value as the command line gives it, times left out."""
    text = json.loads(json.dumps(value))
    for item in text if isinstance(text, list) else [text]:
        item.pop("seconds", None)
    return text


@pytest.fixture
def study(folder):
    return kv.open_study(Source(model="model.safetensors", data="data.npz"))


# sweep ----------------------------------------------------------------------------------------------------------------


def test_the_json_of_sweep_is_the_engines(koopview, study):
    done = koopview(*SWEEP, "--json", "-")
    assert (done.status, done.err) == (0, "")
    found = study.sweep("all", [1, 3], [2, None], steps=8)
    assert plain(json.loads(done.out)) == plain(found.summaries())
    assert [(cell["layer"], cell["delays"], cell["rank_asked"]) for cell in json.loads(done.out)] == [
        (layer, h, r) for layer in ("0", "2", "4") for h in (1, 3) for r in (2, "auto")
    ]
    full = json.loads(koopview(*SWEEP, "--layers", "2", "--json", "-", "--spectra").out)
    assert plain(full) == plain([s for s in found.summaries(spectra=True) if s["layer"] == "2"])


def test_json_and_csv_files_and_the_table(koopview, folder):
    done = koopview(*SWEEP, "--layers", "4,0", "--json", "s.json", "--csv", "s.csv")
    assert (done.status, done.out, done.err) == (0, "", "")
    with open("s.json") as a, open("s.csv") as b:
        objects, rows = json.load(a), list(csv.DictReader(b))
    assert [row["layer"] for row in rows] == [cell["layer"] for cell in objects] == ["0"] * 4 + ["4"] * 4
    assert [float(row["hybrid"]) for row in rows] == [cell["accuracy"]["hybrid"] for cell in objects]
    assert koopview(*SWEEP, "--layers", "4,0", "--csv", "-").out.splitlines()[0] == ",".join(rows[0])
    lines = koopview(*SWEEP, "--layers", "4,0").out.splitlines()
    assert len(lines) == 9
    assert set(lines[0].split()) >= {*ROWS, "lift"}


def test_a_sweep_is_resumed(koopview, folder, monkeypatch):
    first = koopview(*SWEEP, "--resume", "cells.jsonl", "--json", "-")
    assert first.status == 0
    monkeypatch.setattr("koopview.hybrid.decomposed.fit_dmd", None)  # nothing is decomposed again
    assert koopview(*SWEEP, "--resume", "cells.jsonl", "--json", "-").out == first.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--delays", "1,9"), "delays is 9, expected 1 to 8 (the number of steps)"),
        (("--delays", "1,x"), f"--delays: 'x' does not fit, {NUMBER.format(1)}"),
        (("--delays", ","), "--delays: ',' holds no name"),
        (("--ranks", "0"), f"--ranks: '0' does not fit, {NUMBER.format(1)}, or auto"),
        (("--layers", "0,9"), "layer '9' is not in model.safetensors, expected one of 0, 2, 4"),
        (("--samples", "49"), "samples is 49, expected at most 48"),
        (("--json", "-", "--csv", "-"), "--json and --csv are both - for stdout, expected one of them at most"),
        (("--json", "none/x"), "--json none/x cannot be written: the folder none does not exist"),
        (("--csv", "folder"), "--csv folder is a folder, expected a file to write"),
        (("--resume", "data.npz"), "sweep data.npz is no file of finished cells, expected one that a sweep wrote"),
        (("--resume", "none/x"), "sweep none/x cannot be written: the folder none does not exist"),
        (("--layer", "0"), "unrecognized arguments: --layer 0"),
        (("--model", "none.pt"), "model none.pt does not exist"),
    ],
)
def test_wrong_sweeps(refused, folder, words, sentence):
    before = sorted(os.listdir())
    assert refused(*SWEEP, *words).startswith(sentence)
    assert sorted(os.listdir()) == before


# edit -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "edits"),
    [
        (("--remove", "1"), {"remove": [1]}),
        (("--remove", "0, 3"), {"remove": [0, 3]}),
        (("--scale", "0=0.5"), {"scale": {0: 0.5}}),
        (("--scale", "0=-.5,2=2"), {"scale": {0: -0.5, 2: 2.0}}),
    ],
)
def test_the_json_of_edit_is_the_engines(koopview, study, words, edits):
    done = koopview(*EDIT, *words, "--json", "-")
    assert (done.status, done.err) == (0, "")
    before = study.fit("2", delays=3, rank=5, steps=8)
    after = before.edit(**edits)
    found = json.loads(done.out)
    assert found == json.loads(json.dumps(edit_summary(before.result, after.result, after.note)))
    assert set(found) == {"before", "after", "edited", "group", *(("note",) if after.note else ())}
    assert len(found["group"]) == len(found["edited"])
    for place, old, new in found["edited"]:
        np.testing.assert_allclose(complex(*old), before.eigenvalues[place])
        np.testing.assert_allclose(complex(*new), after.eigenvalues[place])
    lines = koopview(*EDIT, *words).out.splitlines()
    assert len([line for line in lines if line.startswith("mode ")]) == len(found["edited"]) > 0
    assert lines[0].split() == ["original", "before", "after"]


def test_unlearning_a_class_is_the_engines(koopview, study):
    done = koopview(*EDIT, "--unlearn", "1", "--json", "-")
    assert (done.status, done.err) == (0, "")
    before = study.fit("2", delays=3, rank=5, steps=8)
    after = before.unlearn(1)
    found = json.loads(done.out)
    probe = [fit.linear_probe(1) for fit in (before, after)]
    assert found == json.loads(json.dumps(edit_summary(before.result, after.result, after.note, probe)))
    assert found["edited"] or "Nothing was edited: no edit of at most 20 eigenvalues" in found["note"]
    assert set(found["linear_probe"]) == {"before", "after"}


def test_unlearning_edits_no_more_modes_than_it_is_told(koopview, folder):
    edited = [
        json.loads(koopview(*EDIT, "--unlearn", "1", "--most", most, "--json", "-").out)["edited"] for most in "15"
    ]
    assert len(edited[0]) <= 1
    assert len(edited[1]) <= 5


def test_removing_all_modes_leaves_a_constant(koopview, folder):
    found = json.loads(koopview(*EDIT, "--remove", "0,1,2,3,4", "--json", "-").out)
    assert [new for _, _, new in found["edited"]] == [[0, 0]] * 5
    assert sorted(found["after"]["per_class"]["hybrid"]) == [0, 0, 1]


def test_the_saved_hybrid_is_the_edited_network(koopview, study):
    done = koopview(*EDIT, "--remove", "1", "--save", "hybrid.pt2", "--json", "out.json")
    assert (done.status, done.out, done.err) == (0, "", "")
    outputs = torch.export.load("hybrid.pt2").module()(torch.tensor(study.dataset.x_test))
    with open("out.json") as file:
        after = json.load(file)["after"]
    assert (outputs.argmax(1).numpy() == study.dataset.y_test).mean() == after["accuracy"]["hybrid"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "one of the arguments --remove --scale --unlearn is required"),
        (("--remove", "1", "--scale", "1=2"), "--scale: not allowed with argument --remove"),
        (("--remove", "9"), "mode 9 does not exist, expected 0 to 4"),
        (("--remove", "-1"), f"--remove: '-1' does not fit, {NUMBER.format(0)}"),
        (("--scale", "1"), "--scale: '1' does not fit, expected I=FACTOR with commas between them, e.g. 0=0.5"),
        (("--scale", "1=x"), "--scale: 'x' does not fit, expected a number between -1e30 and 1e30"),
        (("--scale", "x=1"), f"--scale: 'x' does not fit, {NUMBER.format(0)}"),
        (("--scale", "1=nan"), "--scale: 'nan' does not fit, expected a number"),
        (("--unlearn", "3"), "class 3 does not exist, expected 0 to 2"),
        (("--unlearn", "1", "--most", "0"), f"--most: '0' does not fit, {NUMBER.format(1)}"),
        (("--unlearn", "yes"), f"--unlearn: 'yes' does not fit, {NUMBER.format(0)}"),
        (("--remove", "1", "--save", "none/x"), "--save none/x cannot be written: the folder none does not exist"),
        (("--remove", "1", "--json", "folder"), "--json folder is a folder, expected a file to write"),
        (("--remove", "1", "--delays", "9"), "delays is 9, expected 1 to 8"),
    ],
)
def test_wrong_edits(refused, folder, words, sentence):
    assert refused(*EDIT, *words).startswith(sentence)


# Study files ----------------------------------------------------------------------------------------------------------


def test_a_study_is_a_word_of_the_window(folder):
    options = window_options(["a.koopview", "--theme", "dark"])
    assert options.source == Source(study="a.koopview")
    os.rename("data.npz", "plain")
    assert window_options(["plain"]).source.study == "plain"
    with pytest.raises(InputError, match=r"'b' is no command, expected .* a .koopview file or an option"):
        window_options(["b"])


def picture(*words):
    plain = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "koopview", *words, "--screenshot", "out.png"]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, env=plain)


def test_the_window_opens_a_study(study):
    study.fit("2", delays=3, steps=8, rank=5)
    study.save("s.koopview")
    done = picture("s.koopview")
    assert (done.returncode, done.stderr) == (0, "")
    assert os.path.getsize("out.png") > 10_000


def test_a_study_that_cannot_be_opened_is_one_line(refused, folder):
    with open("broken.koopview", "w") as file:
        file.write("x")
    for word, sentence in (("none.koopview", "does not exist"), ("broken.koopview", "cannot be read")):
        assert sentence in refused(word, "--screenshot", "out.png")
    assert not os.path.exists("out.png")
