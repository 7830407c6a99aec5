"""The commands: the numbers of a fit as JSON and as a table, the layers, files in and out."""

import copy
import json
import math
import os
import pickle
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from koopview.network.data import Dataset
from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network
from koopview.selftest.run import HOMES
from koopview.study.study import Study

FIT = ("fit", "--model", "model.safetensors", "--data", "data.npz", "--layer", "0")
ROWS = {"original", "scaled", "hybrid", "lift_affine", "affine", "mean", "identity"}
KEYS = {  # of APP.md, with the types of their values
    "model": str,
    "data": str,
    "layer": str,
    "replaced": list,
    "scaling": str,
    "steps": int,
    "observables": str,
    "delays": int,
    "rank_asked": (int, str),
    "rank": int,
    "numerical_rank": int,
    "lift_fraction": float,
    "fit_samples": int,
    "test_samples": int,
    "accuracy": dict,
    "per_class": dict,
    "agreement": float,
    "output_error": float,
    "operator_residual": float,
    "schema": int,
    "schedule": str,
    "task": str,
    "intervals": dict,
    "above_best_control": list,
    "agreements": dict,
    "output_errors": dict,
    "best_control": str,
    "apart": (dict, type(None)),
    "repeats": (dict, type(None)),
    "eigenvalues": list,
    "residuals": list,
    "step_residuals": list,
    "condition_numbers": list,
    "groups": list,
    "singular_values": list,
    "decomposition": str,
    "seconds": dict,
    "versions": dict,
}


def numbers(value):
    """Every number in a JSON value."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, (int, float)) else []


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


def fitted(koopview, *words):
    """The JSON object of a fit that went well and said nothing else."""
    done = koopview(*FIT, *words, "--json", "-")
    assert (done.status, done.err) == (0, "")
    return json.loads(done.out, parse_constant=refuse)


# fit ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [(), ("--rank", "5"), ("--scaling", "linear"), ("--replace", "0,2"), ("--delays", "1")]
)
def test_the_json_of_fit_has_the_keys_and_types_of_the_contract(koopview, folder, words):
    found = fitted(koopview, *words)
    assert set(found) == set(KEYS)
    for key, kind in KEYS.items():
        assert isinstance(found[key], kind), key
    assert set(found["accuracy"]) == ROWS
    assert set(found["per_class"]) == {"original", "hybrid"}
    assert set(found["seconds"]) == {"trajectories", "decomposition", "evaluation"}
    assert all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers(found))
    assert all(0 <= share <= 1 for share in [*found["accuracy"].values(), found["agreement"]])
    assert found["decomposition"] in {"exact", "randomized", "gram"}
    assert len(found["condition_numbers"]) == len(found["step_residuals"]) == len(found["groups"])
    assert len(found["eigenvalues"]) == len(found["residuals"]) == found["rank"] <= found["numerical_rank"]
    assert len(found["singular_values"]) >= found["rank"]
    assert sorted(found["singular_values"], reverse=True) == found["singular_values"]


def test_eigenvalues_fall_in_modulus_with_conjugates_side_by_side(koopview, folder):
    values = [complex(*pair) for pair in fitted(koopview, "--steps", "30", "--delays", "4")["eigenvalues"]]
    moduli = [abs(value) for value in values]
    assert all(a >= b - 1e-12 for a, b in pairwise(moduli))
    complex_ones = [i for i, value in enumerate(values) if value.imag]
    assert complex_ones  # else this test holds nothing
    for upper, lower in zip(complex_ones[::2], complex_ones[1::2], strict=True):
        assert lower == upper + 1
        assert values[upper] == values[lower].conjugate()
        assert values[upper].imag > 0


def test_the_json_tells_what_was_asked(koopview, folder):
    words = [
        "--replace",
        "2,0",
        "--scaling",
        "linear",
        "--steps",
        "10",
        "--delays",
        "3",
        "--rank",
        "4",
        "--samples",
        "30",
        "--seed",
        "7",
    ]
    found = fitted(koopview, *words)
    assert found["model"] == "model.safetensors"
    assert found["data"] == "data.npz"
    assert (found["layer"], found["replaced"]) == ("0", ["0", "2"])
    assert (found["scaling"], found["steps"], found["observables"], found["delays"]) == ("linear", 10, "delay", 3)
    assert (found["rank_asked"], found["rank"]) == (4, 4)
    assert found["lift_fraction"] == pytest.approx((1 - 0.95**2) / (1 - 0.95**10))
    assert found["schedule"] == "geometric:0.95"
    assert (found["fit_samples"], found["test_samples"]) == (30, 12)
    assert fitted(koopview)["rank_asked"] == fitted(koopview, "--rank", "auto")["rank_asked"] == "auto"


def test_the_command_line_is_the_engine(koopview, folder):
    data = np.load("data.npz")
    study = Study(load_network("model.safetensors"), Dataset(data["x"], data["y"], seed=3))
    result = study.fit("2", steps=12, delays=5, rank=6, samples=40, pad=-0.5).result
    words = [
        "--layer",
        "2",
        "--steps",
        "12",
        "--delays",
        "5",
        "--rank",
        "6",
        "--samples",
        "40",
        "--pad",
        "-0.5",
        "--seed",
        "3",
    ]
    found = fitted(koopview, *words)
    assert found["accuracy"] == result.accuracy
    np.testing.assert_allclose([complex(*pair) for pair in found["eigenvalues"]], result.eigenvalues, rtol=1e-9)
    np.testing.assert_allclose(found["residuals"], result.residuals, rtol=1e-6)


def test_the_original_accuracy_is_the_networks_on_the_test_samples(koopview, folder):
    data = np.load("data.npz")
    np.savez("split.npz", x_train=data["x"][:40], y_train=data["y"][:40], x_test=data["x"][40:], y_test=data["y"][40:])
    weights = torch.load("weights.pt")
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
    module.load_state_dict(weights)
    right = module(torch.tensor(data["x"][40:])).argmax(1).numpy() == data["y"][40:]
    found = fitted(koopview, "--data", "split.npz")
    assert found["accuracy"]["original"] == found["accuracy"]["scaled"] == pytest.approx(right.mean())
    assert found["per_class"]["original"] == pytest.approx([right[data["y"][40:] == c].mean() for c in range(3)])


def test_without_labels_accuracies_are_null_and_agreement_stands_in(koopview, folder):
    np.savez("bare.npz", x=np.load("data.npz")["x"])
    found = fitted(koopview, "--data", "bare.npz")
    assert found["accuracy"] == dict.fromkeys(ROWS)
    assert found["per_class"] is None
    assert 0 <= found["agreement"] <= 1
    table = koopview(*FIT, "--data", "bare.npz").out
    assert "hybrid" in table
    assert "nan" not in table.lower()
    assert "None" not in table


def test_a_class_without_samples_is_null(koopview, folder):
    data = np.load("data.npz")
    np.savez("few.npz", x=data["x"], y=np.minimum(data["y"], 1))
    found = fitted(koopview, "--data", "few.npz")
    assert found["per_class"]["original"][2] is None
    assert found["per_class"]["hybrid"][2] is None


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x > 0,
        lambda x: (abs(x) * 50).astype("u1").reshape(-1, 2, 2),
        lambda x: x.astype("f2"),
        lambda x: x.astype(">f8"),
        lambda x: np.asfortranarray(x),
        lambda x: np.zeros_like(x),
        lambda x: x[:2],
        lambda x: x * np.float32(1e30),
    ],
    ids=["bool", "uint8 pictures", "float16", "big-endian", "Fortran", "all equal", "two samples", "very large"],
)
def test_every_kind_of_good_data_gives_finite_numbers(koopview, folder, change):
    np.savez("changed.npz", x=change(np.load("data.npz")["x"]))
    done = koopview(*FIT, "--data", "changed.npz", "--json", "-")
    assert done.status == 0
    assert all(line.startswith("koopview: note: ") for line in done.err.splitlines())  # of two samples it is told
    assert all(math.isfinite(n) for n in numbers(json.loads(done.out, parse_constant=refuse)))


def test_more_samples_than_there_are_are_not_asked_for_by_default(koopview, folder):
    assert fitted(koopview)["fit_samples"] == 48
    assert fitted(koopview, "--samples", "all")["fit_samples"] == 48
    rng = np.random.default_rng(0)
    np.savez("many.npz", x=rng.normal(size=(3000, 4)))
    assert fitted(koopview, "--data", "many.npz")["fit_samples"] == 1000


def test_outputs_that_float32_cannot_hold_are_null_and_a_dash(koopview, folder):
    np.savez("huge.npz", x=np.load("data.npz")["x"] * np.float32(1e38), y=np.load("data.npz")["y"])
    assert json.loads(koopview(*FIT, "--data", "huge.npz", "--json", "-").out)["output_error"] is None
    lines = koopview(*FIT, "--data", "huge.npz").out.splitlines()
    assert ["output", "error", "-"] in [line.split() for line in lines]


def test_the_table_never_shows_the_hybrid_alone(koopview, folder):
    done = koopview(*FIT, "--replace", "0,2", "--delays", "5")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("model.safetensors on data.npz, layer 0 (replaced: 0, 2): homotopy, geometric:0.95, ")
    cells = [[*re.split(r"  +", line, maxsplit=1), ""][:2] for line in lines[1:]]
    shown = dict(cells)
    assert set(shown) >= ROWS | {"lift fraction", "agreement", "output error", "numerical rank"}
    assert shown["lift fraction"] == f"{(1 - 0.95**4) / (1 - 0.95**20):.2f}"
    assert all(" %  (" in shown[name] for name in ROWS)


@pytest.mark.parametrize("name", ["out.json", "a folder/dätä 日本.json"])
def test_the_json_file_is_whole_and_stdout_empty(koopview, folder, name):
    os.mkdir("a folder")
    done = koopview(*FIT, "--rank", "5", "--json", name)
    assert (done.status, done.out, done.err) == (0, "", "")
    with open(name) as file:
        assert json.load(file)["rank"] == 5
    assert len(os.listdir(os.path.dirname(name) or ".")) == (1 if "/" in name else 6)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none/out.json", "--json none/out.json cannot be written: the folder none does not exist"),
        ("folder", "--json folder is a folder, expected a file to write"),
        ("data.npz/out.json", "--json data.npz/out.json cannot be written: the folder data.npz does not exist"),
        ("", "--json . is a folder"),
        ("x" * 300, "--json xxx"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(refused, folder, name, sentence):
    os.unlink("model.safetensors")
    assert refused(*FIT, "--json", name).startswith(sentence)


# layers ---------------------------------------------------------------------------------------------------------------


def test_layers_as_json(koopview, folder):
    done = koopview("layers", "--model", "model.safetensors", "--json")
    assert (done.status, done.err) == (0, "")
    rows = json.loads(done.out)
    keys = ["name", "kind", "activation", "inputs", "outputs", "states", "parameters", "supported", "reason"]
    assert [list(row) for row in rows] == [keys] * 3
    assert [list(row.values()) for row in rows] == [
        ["0", "Linear", "relu", 4, 8, 8, 40, True, ""],
        ["2", "Linear", "relu", 8, 6, 8, 54, True, ""],
        ["4", "Linear", "identity", 6, 3, 6, 21, True, ""],
    ]


def test_layers_as_a_table(koopview, folder):
    done = koopview("layers", "--model", "weights.pt", "--activation", "tanh")
    assert [line.split() for line in done.out.splitlines()[1:]] == [
        ["0", "Linear", "tanh", "4", "->", "8", "40"],
        ["2", "Linear", "tanh", "8", "->", "6", "54"],
        ["4", "Linear", "identity", "6", "->", "3", "21"],
    ]


def test_a_layer_that_cannot_be_replaced_is_shown_with_the_reason_and_refused(koopview, refused, folder):
    hooked = nn.Linear(8, 8)
    hooked.forward = copy.copy  # a forward pass of its own
    torch.save(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), hooked, nn.Linear(8, 3)), "norm.pt")
    rows = json.loads(koopview("layers", "--model", "norm.pt", "--trust", "--json").out)
    assert [(row["name"], row["supported"]) for row in rows] == [("0", True), ("2", False), ("3", True)]
    assert "a forward pass of its own" in rows[1]["reason"]
    words = ("fit", "--model", "norm.pt", "--trust", "--data", "data.npz", "--layer")
    assert refused(*words, "2").startswith("layer '2' of norm.pt cannot be replaced: Linear has")
    assert koopview(*words, "3").status == 0


def test_names_in_a_file_do_not_reach_the_terminal_as_commands(koopview, refused, folder):
    torch.save({"a\x1b[31m\nb.weight": torch.ones(3, 4)}, "names.pt")
    done = koopview("layers", "--model", "names.pt", "--activation", "relu")
    assert len(done.out.splitlines()) == 2
    assert "\x1b" not in done.out
    os.rename("data.npz", "new\nline \x1b[31m.npz")
    assert koopview(*FIT[:4], "new\nline \x1b[31m.npz", *FIT[5:]).out.startswith(
        "model.safetensors on new\\nline \\x1b"
    )
    assert "\x1b" not in refused(*FIT[:4], "no\nfile \x1b.npz", *FIT[5:])


# What models and data may not be --------------------------------------------------------------------------------------


class Trap:
    def __reduce__(self):
        return os.mkdir, ("marker",)


def test_no_code_from_any_file_runs(refused, folder):
    torch.save({"0.weight": Trap()}, "zip.pt")
    torch.save(Trap(), "legacy.pt", _use_new_zipfile_serialization=False)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (folder / f"raw{protocol}.pt").write_bytes(pickle.dumps(Trap(), protocol=protocol))
    (folder / "named.safetensors").write_bytes(pickle.dumps(Trap()))
    torch.save(nn.Linear(4, 3), "module.pt")
    np.savez("objects.npz", x=np.array([Trap()] * 4, dtype=object))
    (folder / "raw.npz").write_bytes(pickle.dumps(Trap()))
    for model in sorted(folder.glob("*.pt")):
        if model.name != "weights.pt":
            sentence = refused("layers", "--model", model.name, "--activation", "relu")
            assert sentence.startswith(f"model {model.name} could run code when it is read: it holds ")
            assert "--trust" in sentence
    assert refused("layers", "--model", "named.safetensors", "--trust").endswith("expected a whole safetensors file")
    for data in ("objects.npz", "raw.npz"):
        assert refused(*FIT, "--data", data).startswith(f"data {data} ")
    assert not os.path.exists("marker")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--model", "none.pt"),
            "model none.pt does not exist, expected a safetensors, torch.export, ONNX or PyTorch file",
        ),
        (("--model", "folder"), "model folder is a folder, expected a safetensors, torch.export, ONNX or PyTorch file"),
        (("--model", "."), "model . is a folder"),
        (("--model", "demo:cifar"), "model is 'demo:cifar', expected one of demo:yinyang, demo:mnist"),
        (("--model", "weights.pt"), "weights.pt holds weights alone, expected the name of its activation"),
        (("--model", "data.npz"), "model data.npz"),
        (("--data", "none.npz"), "data none.npz does not exist, expected yinyang, mnist, an NPZ, CSV"),
        (("--data", "folder"), "data folder holds no pictures by class, expected one folder a class"),
        (
            ("--data", "model.safetensors"),
            "data model.safetensors holds a network's weights (0.bias (8), 0.weight (8 x 4), ",
        ),
        (("--data", "mnist"), "mnist has 784 features a sample, expected 4 as model.safetensors takes"),
        (("--data", "yinyang", "--keys", "x,y"), "array names are given with the built-in data yinyang"),
        (("--test-data", "none.npz"), "test data none.npz does not exist, expected an NPZ, CSV"),
        (("--keys", "a,b"), "data data.npz holds x (60 x 4), y (60), expected a"),
        (("--factory", "none.py:make"), "factory none.py:make does not exist, expected FILE.py:FUNCTION"),
    ],
)
def test_wrong_files(refused, folder, words, sentence):
    assert refused(*FIT, *words).startswith(sentence)


X = np.random.default_rng(0).normal(size=(60, 4)).astype("f4")
Y = np.arange(60) % 3
ROTTEN = X.copy()
ROTTEN[5, 1] = np.nan


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": ROTTEN}, "inputs hold nan in sample 5, expected numbers that float32 can hold"),
        ({"x": X[:, :3]}, "has 3 features a sample, expected 4 as model.safetensors takes"),
        ({"x": X, "y": np.arange(60) % 5}, "has label 4, expected 0 to 2 as model.safetensors has 3 outputs"),
        ({"x": X, "y": Y[:-1]}, "labels have shape (59,), expected (60,)"),
        ({"x": X, "y": Y + 0.5}, "labels hold 0.5 at sample 0, expected whole numbers from 0"),
        ({"x": X, "y": np.arange(60) % 5 - 1}, "labels hold -1 at sample 0, expected whole numbers from 0"),
        ({"x": X, "y": np.array([*"abcdef"] * 10)}, "has label 5, expected 0 to 2 as model.safetensors has 3 outputs"),
        ({"x": X, "y": np.eye(5)[np.arange(60) % 5]}, "has label 4, expected 0 to 2 as model.safetensors has 3"),
        ({"x": X[:0]}, "inputs have shape (0, 4), expected (samples, features) with at least one of each"),
        ({"x": X[:1]}, "one sample cannot be split into training and test, expected at least 2"),
        ({"x": X[:, 0]}, "inputs have shape (60,), expected (samples, features)"),
        ({"x": np.float32(3)}, "inputs have shape (), expected (samples, features)"),
        ({"x": X + 1j}, "inputs hold complex64, expected numbers"),
        ({"x": X.astype(float) * 1e40}, "inputs hold 1.257"),
        (
            {},
            "holds no arrays, expected x, y or x_train, y_train, or to be told the names of inputs and labels (--keys",
        ),
    ],
)
def test_wrong_data(refused, folder, arrays, sentence):
    np.savez("wrong.npz", **arrays)
    said = refused(*FIT, "--data", "wrong.npz")
    assert sentence in said
    assert "wrong.npz" in said


# A person's own code --------------------------------------------------------------------------------------------------

FACTORY = """
from torch import nn
print("the file is read")
def make():
    print("the module is made")
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
def leave():
    raise SystemExit(0)
"""


def test_what_a_factory_prints_is_no_result(koopview, folder):
    (folder / "own.py").write_text(FACTORY)
    done = koopview("layers", "--model", "weights.pt", "--factory", "own.py:make", "--json")
    assert done.status == 0
    assert len(json.loads(done.out)) == 3
    assert done.err == "the file is read\nthe module is made\n"
    found = koopview(*FIT, "--model", "weights.pt", "--factory", "own.py:make", "--json", "-")
    assert json.loads(found.out)["model"] == "weights.pt"


def test_a_factory_that_leaves_is_told(koopview, folder):
    (folder / "own.py").write_text(FACTORY)
    done = koopview("layers", "--model", "weights.pt", "--factory", "own.py:leave")
    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines()[-1] == "koopview: factory own.py:leave failed: SystemExit: 0"


def test_train_writes_a_network_that_fits(koopview, folder):
    done = koopview("train", "yinyang", "--out", "trained.safetensors", "--epochs", "1", "--seed", "5")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("trained.safetensors: ")
    assert done.out.endswith(" % on test samples\n")
    found = json.loads(
        koopview("fit", "--model", "trained.safetensors", "--data", "yinyang", "--layer", "0", "--json", "-").out
    )
    said = float(done.out.split()[1])
    assert 100 * found["accuracy"]["original"] == pytest.approx(said, abs=0.006)


def test_main_takes_the_words_of_the_process(koopview, folder, monkeypatch):
    from koopview import cli

    monkeypatch.setattr(sys, "argv", ["koopview", "layers", "--model", "model.safetensors"])
    assert cli.main() == 0


def test_handout_prints_two_pages_of_a_fit_and_of_a_study(koopview, folder):
    words = ("handout", "--model", "model.safetensors", "--data", "data.npz", "--layer", "0", "--delays", "2")
    done = koopview(*words, "--out", "a.pdf")
    assert (done.status, done.out, done.err) == (0, "a.pdf: 2 pages\n", "")
    assert (folder / "a.pdf").read_bytes().count(b"/MediaBox") == 2
    study = Study(load_network("model.safetensors"), load_dataset("data.npz"))
    study.save("empty.koopview")
    assert "holds no result to print, expected --layer" in koopview("handout", "empty.koopview", "--out", "b.pdf").err
    study.fit("2", delays=3)
    study.save("b.koopview")
    assert koopview("handout", "b.koopview", "--out", "b.pdf").out == "b.pdf: 2 pages\n"
    assert "model.safetensors: layer 2 as".encode("utf-16-be") in (folder / "b.pdf").read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "a.pdf"), "there is nothing to print, expected a study file, or --model and --layer"),
        (("--model", "model.safetensors", "--out", "a.pdf"), "there is nothing to print"),
        (("none.koopview", "--out", "a.pdf"), "none.koopview"),
        (("--model", "model.safetensors", "--layer", "0", "--out", "a.doc"), "--out a.doc ends in .doc, expected .pdf"),
        (("--model", "model.safetensors", "--layer", "0", "--out", "none/a.pdf"), "none"),
        (("--model", "model.safetensors", "--layer", "0"), "--out"),
    ],
)
def test_what_cannot_be_printed_is_a_sentence(refused, folder, words, sentence):
    assert sentence in refused("handout", *words)
    assert not (folder / "a.pdf").exists()


WITHOUT_MNIST = """
import sys
from koopview.cli import main
from koopview.selftest import numbers, pictures
del numbers.FITS["mnist"]
pictures.STUDY_NAMES = ("yinyang",)
sys.exit(main(sys.argv[1:]))
"""
"""The self-test without the fits and the window of the larger built-in study, which take most of its time."""


@pytest.mark.parametrize(
    ("program", "least"),
    [(("-c", WITHOUT_MNIST), 20), pytest.param(("-m", "koopview"), 23, marks=pytest.mark.slow)],
    ids=["without MNIST", "whole"],
)
def test_this_installation_passes_without_a_display_and_leaves_the_home_alone(tmp_path, program, least):
    """It takes the longest of all tests, and stands in a file of many, which a process begins with."""
    home, report = tmp_path / "home", tmp_path / "report.json"
    home.mkdir()
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: text for name, text in os.environ.items() if name not in hidden}
    homes = {name: str(home) for name in HOMES}
    done = subprocess.run(
        [sys.executable, *program, "--self-test", "--json", str(report)],
        env=environment | homes | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert told["passed"] is True
    assert all(check["passed"] for check in told["checks"])
    assert len(told["checks"]) == len(done.stdout.splitlines()) >= least
    assert not list(home.iterdir())
