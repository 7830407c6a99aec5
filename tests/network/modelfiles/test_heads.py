"""Heads of model files: what is in them, found without torch, without their numbers, and without running code."""

import argparse
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview.errors import FileError, InputError
from koopview.network.modelfiles.heads import model_head


def net(*between):
    parts = [nn.Linear(4, 8), *between, nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)]
    return nn.Sequential(*parts)


def saved(content, folder, name="model.pt"):
    torch.save(content, folder / name)
    return folder / name


def rows(head):
    return [(layer.name, layer.kind, layer.inputs, layer.outputs, layer.activation) for layer in head.layers]


LAYERS = [("0", "Linear", 4, 8, ""), ("2", "Linear", 8, 8, ""), ("4", "Linear", 8, 3, "identity")]


def test_a_state_dict(tmp_path):
    head = model_head(saved(net().state_dict(), tmp_path))
    assert rows(head) == LAYERS
    assert (head.format, head.parameters, head.dtype, head.needs) == (
        "PyTorch state dict",
        139,
        "float32",
        ("activation",),
    )
    assert (head.inputs, head.outputs) == (4, 3)
    assert [layer.certainty for layer in head.layers] == ["unknown", "unknown", "known"]
    assert [layer.parameters for layer in head.layers] == [40, 72, 27]


def test_safetensors_whose_metadata_name_the_activation(tmp_path):
    save_file(net().half().state_dict(), tmp_path / "a.safetensors", metadata={"activation": "tanh"})
    head = model_head(tmp_path / "a.safetensors")
    assert rows(head) == [
        ("0", "Linear", 4, 8, "tanh"),
        ("2", "Linear", 8, 8, "tanh"),
        ("4", "Linear", 8, 3, "identity"),
    ]
    assert (head.format, head.dtype, head.needs) == ("safetensors", "float16", ())


def test_a_prefix_is_taken_off_and_told(tmp_path):
    weights = {f"module.net.{name}": one for name, one in net().state_dict().items()}
    head = model_head(saved(weights, tmp_path))
    assert rows(head) == LAYERS
    assert head.remarks == ("the prefix module.net that all names share was taken off",)


def test_several_networks_are_choices(tmp_path):
    path = saved({"model": net().state_dict(), "ema": {"decay": 0.9, "shadow": net().state_dict()}}, tmp_path)
    head = model_head(path)
    assert (head.choices, head.needs, head.layers) == (("model", "ema.shadow"), ("weights",), ())
    chosen = model_head(path, weights="ema.shadow")
    assert (rows(chosen), chosen.needs, chosen.choices) == (LAYERS, ("activation",), ("model", "ema.shadow"))
    with pytest.raises(
        InputError, match=r"holds no network 'other', expected one of: model \(139 numbers\), ema\.shadow"
    ):
        model_head(path, weights="other")


def test_objects_that_only_code_makes_need_trust_and_hide_no_layers(tmp_path):
    path = saved({"state_dict": net().state_dict(), "args": argparse.Namespace(lr=0.1)}, tmp_path)
    head = model_head(path)
    assert (rows(head), head.needs) == (LAYERS, ("trust", "activation"))
    assert head.remarks == ("it holds argparse.Namespace in 'args', made by code",)
    assert model_head(path, trust=True).needs == ("activation",)
    whole = model_head(saved(net(), tmp_path, "whole.pt"))
    assert (whole.layers, whole.needs) == ((), ("trust",))
    assert "torch.nn.modules.container.Sequential" in whole.format


def test_norms_belong_to_layers_and_what_is_no_chain_needs_a_factory(tmp_path):
    head = model_head(saved(net(nn.BatchNorm1d(8)).state_dict(), tmp_path))
    assert [row[0] for row in rows(head)] == ["0", "3", "5"]
    assert head.needs == ("activation",)
    pictures = nn.Sequential(nn.Conv2d(1, 2, 3), nn.LayerNorm(4), nn.GRU(3, 3), nn.Linear(4, 2))
    head = model_head(saved(pictures.state_dict(), tmp_path))
    assert head.needs == ("factory",)
    assert [layer.kind for layer in head.layers] == [
        "a 2-D convolution",
        "a norm without running statistics (LayerNorm, GroupNorm)",
        "a recurrent layer",
        "Linear",
    ]
    assert [bool(layer.reason) for layer in head.layers] == [True, True, True, False]


def test_one_layer_needs_no_activation(tmp_path):
    assert model_head(saved(nn.Sequential(nn.Linear(4, 3)).state_dict(), tmp_path)).needs == ()


def test_samples_are_no_model(tmp_path):
    save_file({"x": torch.ones(9, 4), "y": torch.ones(9)}, tmp_path / "data.safetensors")
    for path in (saved((torch.ones(9, 4), torch.ones(9)), tmp_path), tmp_path / "data.safetensors"):
        with pytest.raises(FileError, match="expected named weights"):
            model_head(path)


def test_large_files_are_not_read_and_torch_is_not_imported(tmp_path):
    """Only the pickle of this file, and the header of that, are there: 40 GB of numbers are holes."""
    save_file({"0.weight": torch.ones(2, 4)}, tmp_path / "small.safetensors")
    content = (tmp_path / "small.safetensors").read_bytes()
    header = b'{"0.weight":{"dtype":"F32","shape":[100000,100000],"data_offsets":[0,40000000000]}}'
    with (tmp_path / "large.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 40_000_000_000)
    assert len(content) > 0
    code = (
        "import sys; from pathlib import Path\n"
        "from koopview.network.modelfiles.heads import model_head\n"
        "print(model_head(Path(sys.argv[1])).parameters, 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "large.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["10000000000", "False"]


def test_a_name_of_thousands_of_digits_is_refused(tmp_path):
    save_file({f"l{'1' * 5000}.weight": torch.ones(2, 4)}, tmp_path / "digits.safetensors")
    with pytest.raises(FileError, match="holds a name of 5,008 characters, expected 1,000 at most"):
        model_head(tmp_path / "digits.safetensors")
