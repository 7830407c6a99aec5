"""``koopview compare``: studies, built-in networks and model files side by side."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import koopview as api

FIT = ("--steps", "5", "--delays", "2", "--rank", "5", "--samples", "30")


@pytest.fixture
def other(folder):
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
    save_file(module.state_dict(), "other.safetensors", metadata={"activation": "relu"})
    return "other.safetensors"


def test_two_models_as_a_table_and_as_json_hold_the_same_numbers(koopview, other):
    words = ("compare", "model.safetensors", other, "--data", "data.npz", "--layer", "2", *FIT)
    table, told = koopview(*words), json.loads(koopview(*words, "--json", "-").out)

    assert table.status == 0
    assert "A: model.safetensors on data.npz, layer 2" in table.out
    assert "B: other.safetensors on data.npz, layer 2" in table.out
    assert "B - A, paired error" in table.out
    hybrid = next(line for line in table.out.splitlines() if line.startswith("hybrid"))
    value, error = told["difference"]["hybrid"]
    assert f"{100 * value:+.1f} +- {100 * error:.1f} points" in hybrid
    distance = told["spectral_distance"]["per_step"]
    assert f"{distance['distance']:.3g}" in next(line for line in table.out.splitlines() if line.startswith("per step"))
    assert [one["draws"] for one in distance["two_draws"]] == [3, 3]
    spectra = [np.array(told[side]["eigenvalues"]) @ [1, 1j] for side in ("a", "b")]
    assert distance["from_one"] == pytest.approx([np.abs(one - 1).mean() for one in spectra])


def test_a_study_file_is_compared_with_its_own_settings_and_lends_its_data(koopview, other):
    study = api.open_study(api.Source(model="model.safetensors", data="data.npz"))
    study.fit("2", steps=5, delays=3, rank=4, samples=30)
    study.save("saved.koopview")

    told = json.loads(koopview("compare", "saved.koopview", other, "--repeats", "1", "--json", "-").out)

    assert told["a"]["delays"] == told["b"]["delays"] == 3
    assert told["a"]["accuracy"] == study.results[-1].summary()["accuracy"]
    assert told["paired"] is True
    assert told["spectral_distance"]["per_step"]["two_draws"] == [None, None]


def test_a_built_in_study_has_its_own_settings_and_layers_can_differ(koopview):
    done = koopview("compare", "demo:yinyang", "demo:yinyang", "--layer-b", "4", "--repeats", "1", "--json", "-")
    told = json.loads(done.out)

    assert (told["a"]["layer"], told["b"]["layer"]) == ("2", "4")
    assert told["a"]["delays"] == 12
    assert told["difference"]["original"][0] == 0


def test_the_json_goes_into_a_file(koopview, other, folder):
    words = ("compare", "model.safetensors", other, "--data", "data.npz", "--layer", "0", "--repeats", "1", *FIT)

    assert koopview(*words, "--json", "out.json").out == ""
    assert json.loads((folder / "out.json").read_text())["a"]["layer"] == "0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.koopview", "model.safetensors"), "study nothing.koopview does not exist"),
        (("model.safetensors", "model.safetensors"), "no data are named"),
        (("model.safetensors", "model.safetensors", "--data", "data.npz"), "no layer of model.safetensors is named"),
        (("model.safetensors", "model.safetensors", "--data", "data.npz", "--layer", "9"), "layer '9' is not in"),
        (("demo:yinyang", "demo:yinyang", "--delays", "0"), "--delays"),
        (("demo:yinyang",), "required: B"),
        (("demo:yinyang", "demo:yinyang", "--json", "no/out.json"), "--json no/out.json cannot be written"),
    ],
)
def test_wrong_words_are_refused_in_one_line(refused, folder, words, said):
    assert said in refused("compare", *words)
