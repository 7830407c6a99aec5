"""A study is checked whole when it is read: every wrong value in every place is one sentence, or does no harm."""

import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from reference.examples import random_network
from reference.wrong_values import with_value, wrong_ones

import koopview
from koopview.errors import FileError, KoopViewError
from koopview.study.archive import LARGEST_TEXT, npy_array
from koopview.study.cells import CellFile
from koopview.study.plain import MOST
from koopview.study.study_file import read_study_file, write_study_file

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def study():
    made = koopview.Study(random_network((4, 6, 2), "relu"), koopview.Dataset(X, Y, class_names=("no", "yes")))
    made.fit("0", steps=6, delays=3, rank=6, samples=40).edit(scale={1: 0.5})
    made.sweep("0", [2], [3], steps=6, samples=40)
    return made


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.koopview"
    study.save(path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    return members, json.loads(members["study.json"])


def written(path, members, text):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, text if name == "study.json" else content)
    return path


def told(path):
    """Return the sentence with which a file is refused, empty for one that opens."""
    try:
        read_study_file(path)
    except KoopViewError as error:
        sentence = str(error)
        assert str(path) in sentence
        assert "\n" not in sentence
        assert len(sentence) < 400 + len(str(path))
        return sentence
    return ""


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)], ids=["every third", "every one"])
def test_every_wrong_value_is_one_sentence_or_does_no_harm(whole, tmp_path, every):
    """Those that open are drawn in tests/gui/test_wrong_studies.py."""
    members, text = whole
    refused = opened = 0
    for at, wrong in wrong_ones(text, every):
        if "class_names" in at[:-2] or at[0] == "cells":  # as results are
            continue
        sentence = told(written(tmp_path / "w.koopview", members, json.dumps(wrong)))
        refused, opened = refused + bool(sentence), opened + (not sentence)
    assert refused > 10 * opened > 0


@pytest.mark.parametrize(
    ("at", "value", "sentence"),
    [
        (("layers", 0, "name"), 1e308, "layers[0].name is 1e+308, expected a text"),
        (("results", 0, "accuracy", "hybrid"), "abc", "results[0].accuracy.hybrid is 'abc', expected a number"),
        (("results", 0, "accuracy", "hybrid"), 1.5, "is 1.5, expected a share from 0 to 1"),
        (
            ("results", 0, "settings", "steps"),
            10**9,
            "results[0].settings.steps is 1000000000, expected at most 100,000",
        ),
        (("results", 0, "settings", "delays"), 7, "delays is 7, expected 1 to 6"),
        (("results", 0, "settings", "layer"), "9", "is '9', expected one of the layers 0, 2"),
        (("results", 0, "paths"), ["float32", 0, [2**30, 2**30]], "expected where an array is"),
        (("layers", 1, "name"), "0", "expected names that differ"),
        (("origin", "source", "model"), "a\0b", "origin.source.model is 'a\\x00b', expected a text"),
        (("origin", "network", 0, "name"), "other", "origin.network is a list of 2, expected the layers"),
        (("origin", "source", "colour"), "red", "expected an object with no 'colour'"),
    ],
)
def test_the_sentence_says_where_and_what_was_expected(whole, tmp_path, at, value, sentence):
    members, text = whole
    wrong = with_value(text, at, value)
    assert sentence in told(written(tmp_path / "w.koopview", members, json.dumps(wrong)))


def test_a_text_that_unpacks_to_more_than_a_study_is_refused_before_it_is_parsed(whole, tmp_path, monkeypatch):
    members, text = whole

    def parse(content):
        raise AssertionError("parsed")

    many = json.dumps({**text, "x": [[]] * 1_000_001})
    path = written(tmp_path / "many.koopview", members, many)
    large = written(tmp_path / "large.koopview", members, json.dumps({**text, "x": "y" * LARGEST_TEXT}))
    monkeypatch.setattr(json, "loads", parse)
    assert told(path).endswith("holds more than a study can, expected one that KoopView saved")
    assert told(large).endswith("holds more than a study can, expected one that KoopView saved")


@pytest.mark.parametrize(("key", "count"), [("layers", 5000), ("results", 600)])
def test_more_layers_or_results_than_a_study_has_are_refused(whole, tmp_path, key, count):
    members, text = whole
    many = json.dumps({**text, key: text[key][:1] * count})
    assert f"{key} is a list of {count:,}, expected a list of at most" in told(
        written(tmp_path / "many.koopview", members, many)
    )


def test_arrays_that_claim_more_than_they_hold_allocate_nothing(whole, tmp_path):
    members, text = whole
    header = (
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }".ljust(127)
        + b"\n"
    )
    path = written(tmp_path / "w.koopview", {**members, "arrays/float64.npy": header}, json.dumps(text))
    assert told(path).endswith("cannot be read, expected a whole study that KoopView saved")


def test_whatever_a_study_can_hold_at_most_is_read_again(study, tmp_path):
    """As many results and cells as are kept, of two hundred classes: the text stays small, however many classes."""
    (result, *_) = study.results
    names = tuple(f"class {i}" for i in range(200))
    wide = replace(
        result,
        class_names=names,
        per_class={"original": [0.5] * 200, "hybrid": [0.25] * 200},
        confusion={"original": np.ones((200, 200), int), "hybrid": np.eye(200, dtype=int)},
    )
    results = tuple(replace(wide, settings=replace(wide.settings, seed=i)) for i in range(MOST["results"]))
    cells = tuple(replace(wide, settings=replace(wide.settings, seed=i)) for i in range(0, MOST["cells"], 10))
    path = tmp_path / "full.koopview"
    write_study_file(path, replace(study.state, results=results, cells=cells))
    found = read_study_file(path).state
    assert (len(found.results), len(found.cells), found.results[-1].class_names) == (500, 500, names)
    with zipfile.ZipFile(path) as file:
        assert file.getinfo("study.json").file_size < LARGEST_TEXT / 6


def test_wrong_cells_of_a_sweep_are_refused(study, tmp_path):
    path = tmp_path / "cells.jsonl"
    CellFile(path, "key").add(study.state.cells[0])
    line = json.loads(path.read_text())
    opened = count = 0
    for at, wrong in wrong_ones(line["result"]):
        if "numbers" in at[:-1] or at[0] == "paths":
            continue
        path.write_text(json.dumps({**line, "result": wrong}) + "\n")
        with suppress(FileError):
            CellFile(path, "key").read()
            opened += 1
        count += 1
    assert count > 500
    assert opened < count / 10


def test_one_archive_is_opened_and_one_text_parsed(whole, tmp_path, monkeypatch):
    members, text = whole
    path = written(Path(tmp_path) / "a.koopview", members, json.dumps(text))
    opened, parsed = [], []
    archive, loads = zipfile.ZipFile, json.loads
    monkeypatch.setattr(
        zipfile, "ZipFile", lambda *given, **options: opened.append(given) or archive(*given, **options)
    )
    monkeypatch.setattr(json, "loads", lambda *given, **options: parsed.append(given) or loads(*given, **options))
    assert koopview.Study.open(path).results
    assert (len(opened), len(parsed)) == (1, 1)


@pytest.mark.parametrize("header", [b"{'descr': '<f8', (", b"\xff" * 20, b"'''", b"{'descr': 3}", b""])
def test_a_broken_header_of_an_array_is_a_wrong_value(header):
    """Numpy takes such a header apart as Python's own words."""
    with pytest.raises(ValueError, match="header"):
        npy_array(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
