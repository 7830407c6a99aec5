"""The page of file formats lists every key that the program writes, and none that it does not."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import koopview
from koopview.cli import main
from koopview.study.archive import FORMAT
from koopview.study.depth_result import COLUMNS
from koopview.study.export import cells_csv, eigenvalues_csv, numbers_npz
from koopview.study.result import SCHEMA

PAGE = (Path(__file__).resolve().parents[2] / "resources" / "docs" / "file-format.md").read_text(encoding="utf-8")


def tables():
    """Return the keys of each table of the page by the words at its head (`the first of them, where two are alike`)."""
    found = {}
    for part in PAGE.split("\n## ")[1:]:
        section = part.partition("\n")[0]
        for head, body in re.findall(r"^\| ([^|\n]+?) \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", part, re.MULTILINE):
            cells = [row.split("|")[1] for row in body.splitlines()]
            found[f"{section}: {head}"] = [key for cell in cells for key in re.findall(r"`([^`]+)`", cell)]
    return found


TABLES = tables()
FIT, SETTINGS = "The JSON of a fit: key", "CSV: column of a cell"
ONLY_OF_STAGES = {"states"}
ONLY_OF_REAL_TARGETS = {"r2", "relative_error"}


@pytest.fixture(scope="module")
def data():
    """Samples, and a small network for so many outputs."""
    torch.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(150, 4)).astype("float32")

    def network(outputs):
        return torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, outputs))

    return x, network


@pytest.fixture(scope="module")
def classes(data):
    """A study of classes."""
    x, network = data
    return koopview.Study(network(2), koopview.Dataset(x, (x[:, 0] > 0).astype(int)))


@pytest.fixture(scope="module")
def fit(classes):
    """One of its fits."""
    return classes.fit("0", delays=3)


@pytest.fixture(scope="module")
def regression(data):
    """A fit of real targets."""
    x, network = data
    return koopview.Study(network(2), koopview.Dataset(x, x[:, :2] * 0.5)).fit("0", delays=3)


def of(title):
    """Return the keys of a table as a set, having seen that none stands there twice."""
    keys = TABLES[title]
    assert len(keys) == len(set(keys)), title
    return set(keys)


def test_a_fit(fit, regression):
    assert set(fit.result.summary()) == of(FIT) - ONLY_OF_REAL_TARGETS - ONLY_OF_STAGES
    assert set(regression.result.summary()) == of(FIT) - ONLY_OF_STAGES
    assert f"it is {SCHEMA} " in PAGE


def test_what_stands_inside_a_fit_is_named_in_its_row(classes):
    summary = classes.repeat(classes.settings("0", delays=2, samples=30), 2).result.summary()
    for key in ("apart", "repeats", "per_class", "seconds"):
        (row,) = re.findall(rf"^\| `{key}` \|.*$", PAGE.partition("## The JSON of a sweep")[0], re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) - {key} == set(summary[key]), key
    assert set(summary["accuracy"]) == set(
        re.search(r"rows ((?:`\w+`,?\s)+)", PAGE)[1].replace("`", "").replace(",", "").split()
    )


def test_a_cell_of_a_sweep(classes):
    sweep = classes.sweep("0", delays=[2], ranks=[3])
    (cell,) = sweep.summaries()
    (whole,) = sweep.summaries(spectra=True)
    assert set(whole) - set(cell) == of("The JSON of a sweep: left out")
    head = next(csv.reader(io.StringIO(cells_csv(sweep.results).decode())))
    assert head == TABLES[SETTINGS]


def test_blocks_replaced_by_one_operator(data):
    x, _ = data
    net = torch.nn.Sequential(*[torch.nn.Linear(4, 4) for _ in range(3)])
    cell = koopview.Study(net, koopview.Dataset(x, (x[:, 0] > 0).astype(int))).depth("0", 2)
    real = koopview.Study(net, koopview.Dataset(x, x * 0.5)).depth("0", 2)
    assert set(cell.summary()) == of("The JSON of depth: key of a cell") - ONLY_OF_REAL_TARGETS
    assert set(real.summary()) == of("The JSON of depth: key of a cell")
    assert set(COLUMNS) == of("CSV: column of blocks")


def test_an_edit(tmp_path):
    common = ["edit", "--model", "demo:yinyang", "--layer", "2", "--samples", "200", "--rank", "12"]
    found = {}
    for name, words in {"remove": ["--remove", "0"], "unlearn": ["--unlearn", "0", "--most", "2"]}.items():
        assert main([*common, *words, "--json", str(tmp_path / "edit.json")]) == 0
        found |= {name: json.loads((tmp_path / "edit.json").read_text())}
    keys = of("The JSON of an edit: key")
    assert set(found["unlearn"]) | {"note"} == keys
    assert set(found["remove"]) | {"note"} == keys - {"linear_probe"}
    assert set(found["remove"]["before"]) == of("The JSON of an edit: key of a side") - {"r2"}


def test_an_edit_of_a_regression(regression):
    from koopview.study.editing import edit_summary

    found = edit_summary(regression.result, regression.edit(remove=[0]).result)
    assert set(found["before"]) == of("The JSON of an edit: key of a side")


def test_layers(capsys):
    assert main(["layers", "--model", "demo:yinyang", "--data", "yinyang", "--json"]) == 0
    own = set(json.loads(capsys.readouterr().out)[0])
    assert own == of("The JSON of layers: key of a layer") - {"in_shape", "out_shape"}
    assert main(["layers", "--model", "demo:mnist-conv", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)[0]) == own - {"r2_linear"} | {"in_shape", "out_shape"}


def test_eigenvalues_as_csv_and_all_arrays(fit):
    head = next(csv.reader(io.StringIO(eigenvalues_csv(fit.result).decode())))
    own = TABLES["CSV: column of an eigenvalue"]
    settings = TABLES[SETTINGS][: TABLES[SETTINGS].index("measure")]
    assert head == [*own, *settings, "edited_modes"]
    with np.load(io.BytesIO(numbers_npz(fit.result))) as file:
        assert set(file.files) == of("NPZ: array")


def test_a_study_file(fit, classes, tmp_path):
    classes.save(tmp_path / "a.koopview")
    with zipfile.ZipFile(tmp_path / "a.koopview") as file:
        assert set(file.namelist()) == of("The `.koopview` file: member")
        text = json.loads(file.read("study.json"))
    assert set(text) == of("The `.koopview` file: key of `study.json`")
    assert text["format"] == FORMAT
    assert f"The format is {FORMAT}" in PAGE
    origin = text["origin"]
    assert set(origin) == of("The `.koopview` file: key of `origin`")
    for key, inside in {"source": origin["source"], "network": origin["network"][0], "data": origin["data"]}.items():
        (row,) = re.findall(rf"^\| `{key}` \| .*$", PAGE.partition("key of `origin`")[2], re.MULTILINE)
        assert re.findall(r"`(\w+)`", row)[1:] == list(inside), key
    assert set(text["layers"][0]) == of("The JSON of layers: key of a layer") - {"r2_linear"}
