"""Numbers, scripts and networks that leave KoopView."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from reference.examples import random_network

import koopview
from koopview.errors import FileError, InputError
from koopview.hybrid.layer_fit import fit_layer
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.portable import Chain, exported_bytes
from koopview.network.modelfiles.load import load_network
from koopview.progress import silent
from koopview.study.export import cell_rows, eigenvalues_csv, numbers_npz, with_settings, write_numbers
from koopview.study.script import script
from koopview.study.source import Source
from koopview.trajectory.scaling import scale_layer

OTHER = """
import sys
sys.modules["koopview"] = None  # cannot be imported
import numpy as np, torch
x = torch.tensor(np.load("x.npy"))
for name in sys.argv[1:]:
    network = torch.export.load(f"{name}.pt2").module()
    np.save(f"{name}.npy", np.concatenate([network(x).numpy(), network(x[:1]).numpy()]))
assert not [name for name in sys.modules if name.startswith("koopview.")]
"""


@pytest.fixture(scope="module")
def study():
    module = random_network((5, 8, 6, 3), "relu")
    x = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
    return koopview.Study(module, koopview.Dataset(x, module(torch.tensor(x)).argmax(1).numpy()))


def test_the_hybrid_network_runs_without_koopview(study, tmp_path):
    fits = {
        "one": study.fit("2", delays=4, steps=8, rank=6),
        "all": study.fit("0", replaced=("0", "2", "4"), delays=3, steps=8, rank=10),
        "edited": study.fit("2", delays=4, steps=8, rank=6).edit(remove=[1], scale={0: 0.5}),
    }
    x = study.dataset.x_test
    np.save(tmp_path / "x.npy", x)
    for name, fit in fits.items():
        fit.export(tmp_path / f"{name}.pt2")
    words = [sys.executable, "-c", OTHER, *fits]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    for name, fit in fits.items():
        found = np.load(tmp_path / f"{name}.npy")
        hybrid = study.network.run(torch.tensor(x), {layer: one.module() for layer, one in fit.layer_fits.items()})
        np.testing.assert_allclose(found[:-1], hybrid.numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found[-1:], hybrid[:1].numpy(), rtol=1e-5, atol=1e-6)
        assert (found[:-1].argmax(1) == study.dataset.y_test).mean() == fit.hybrid_accuracy


@pytest.mark.parametrize("scaling", ["homotopy", "linear"])
def test_a_schedule_is_written_down_with_the_operator(study, scaling):
    x, layer = torch.tensor(study.dataset.x_test), study.network.layer("0")
    scaled = scale_layer(scaling, layer.double(), x.double(), 8, -1.0, schedule="geometric:0.8")
    module = fit_layer(scaled, LayerInputs(x, x, x), Lift(3), 6, silent).module()
    content = exported_bytes(Chain(study.network, {"0": module}), (5,))
    found = torch.export.load(io.BytesIO(content)).module()(x)
    torch.testing.assert_close(found, study.network.run(x, {"0": module}), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layers", [("0",), ("2",), ("0", "2", "4")])
def test_the_exported_hybrid_opens_as_a_model(study, tmp_path, layers):
    fit = study.fit(layers[-1], replaced=layers, delays=3, steps=8, rank=10)
    fit.export(tmp_path / "hybrid.pt2")
    x = torch.tensor(study.dataset.x_test)
    wanted = torch.export.load(tmp_path / "hybrid.pt2").module()(x)
    torch.testing.assert_close(load_network(tmp_path / "hybrid.pt2").run(x), wanted, rtol=1e-4, atol=1e-4)


def test_exporting_leaves_the_study_as_it_is_and_no_torn_file(study, tmp_path):
    fit = study.fit("2", delays=4, steps=8, rank=6)
    before = fit.module()(torch.ones(2, 8))
    fit.export(tmp_path / "hybrid.pt2")
    assert torch.equal(fit.module()(torch.ones(2, 8)), before)
    assert [path.name for path in tmp_path.iterdir()] == ["hybrid.pt2"]
    with pytest.raises(FileError, match=r"^hybrid .*none does not exist"):
        fit.export(tmp_path / "none" / "hybrid.pt2")


def test_only_the_rank_in_use_is_exported(study, tmp_path):
    for rank in (40, 2):
        study.fit("2", delays=8, steps=8, rank=rank).export(tmp_path / f"{rank}.pt2")
    sizes = [(tmp_path / f"{rank}.pt2").stat().st_size for rank in (40, 2)]
    assert sizes[0] - sizes[1] > 0.8 * (40 - 2) * 8 * 8 * 8  # the basis: ranks, delays, states, bytes


def test_the_script_repeats_the_fit(tmp_path):
    study = koopview.open_study(Source(model="demo:yinyang"))
    fit = study.fit("2", delays=5, steps=10, rank=7, samples=200, edits=((0, 0.5 + 0j), (2, 0j)))
    text = script(fit.settings, study.source)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=250, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = dict(line.partition(" ")[::2] for line in done.stdout.splitlines() if line[:2] in ("ac", "ag"))
    assert eval(told["accuracy"], {}) == fit.result.accuracy
    assert float(told["agreement"]) == fit.result.agreement


def test_the_script_of_what_is_in_memory_says_so_and_is_python(study):
    text = script(study.settings("2"), study.source)
    assert "model and its data were made in memory" in text
    compile(text, "script", "exec")


def test_names_in_a_script_are_no_code():
    text = script(koopview.FitSettings("a'\n);import os#"), Source(model='x"\n\\', data="d.npz", keys=("a", "b")))
    compile(text, "script", "exec")
    assert "\n);import" not in text


def test_npz_and_csv_hold_the_numbers(study, tmp_path):
    result = study.fit("2", delays=4, steps=8, rank=6).edit(scale={1: 0.25}).result
    with np.load(io.BytesIO(numbers_npz(result)), allow_pickle=False) as file:
        for name in ("eigenvalues", "fitted_eigenvalues", "residuals", "singular_values", "paths", "path_labels"):
            np.testing.assert_array_equal(file[name], getattr(result, name))
        np.testing.assert_array_equal(file["confusion_hybrid"], result.confusion["hybrid"])
        np.testing.assert_array_equal(file["per_class_original"], result.per_class["original"])
        assert json.loads(str(file["summary"]))["accuracy"] == result.accuracy
    rows = list(csv.DictReader(io.StringIO(eigenvalues_csv(result).decode())))
    found = [complex(float(row["real"]), float(row["imaginary"])) for row in rows]
    np.testing.assert_array_equal(found, result.eigenvalues)
    np.testing.assert_array_equal([float(row["residual"]) for row in rows], result.residuals)
    np.testing.assert_allclose([float(row["modulus"]) for row in rows], abs(result.eigenvalues), rtol=1e-15)
    said = {"layer": "2", "delays": "4", "rank": "6", "steps": "8", "test_samples": str(result.test_samples)}
    assert all(row.items() >= {**said, "edited_modes": " ".join(map(str, result.edited))}.items() for row in rows)
    for ending in ("json", "npz", "csv"):
        write_numbers(result, tmp_path / f"n.{ending}")
    assert json.loads((tmp_path / "n.json").read_text())["rank"] == 6
    with pytest.raises(InputError, match=r"n.txt ends in .txt, expected .json, .npz, .csv for numbers"):
        write_numbers(result, tmp_path / "n.txt")


def test_a_table_of_several_delays_keeps_its_own(study):
    result = study.fit("2", delays=4, steps=8, rank=6).result
    head, row = with_settings([("delays", "mean"), (7, 0.5)], result, {"sample": 3})
    said = dict(zip(head, row, strict=True))
    assert (said["delays"], said["mean"], said["sample"], said["layer"], said["steps"]) == (7, 0.5, 3, "2", 8)
    assert not {"rank", "rank_asked", "numerical_rank", "lift_fraction"} & said.keys()
    assert with_settings([], result) == []
    own = cell_rows([result])
    assert with_settings(own, result) == own


def test_without_labels_what_is_missing_is_empty(study):
    bare = koopview.Study(study.network, koopview.Dataset(study.dataset.x_train)).fit("2", delays=2, rank=3).result
    head, row = cell_rows([bare])
    assert row[head.index("measure")] == "agreement"
    assert row[head.index("hybrid")] == bare.agreement
    with np.load(io.BytesIO(numbers_npz(bare))) as file:
        assert "path_labels" not in file.files
        assert "per_class_hybrid" not in file.files
