"""What weights alone do not say is chosen by the data where they leave no doubt, and asked for where they do."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from koopview import DoubtWarning, Source, open_study
from koopview.errors import InputError
from koopview.opening import open_network


def trained(act=nn.ReLU, widths=(4, 16, 16, 3), seed=0):
    """A network with large weights: its own answers are its labels, and another reading has others."""
    torch.manual_seed(seed)
    parts = []
    for inputs, outputs in pairwise(widths):
        parts += [nn.Linear(inputs, outputs), act()]
        parts[-2].weight.data *= 2
    return nn.Sequential(*parts[:-1])


def labelled(module, folder, noise=0, count=900):
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(count, 4)).astype(np.float32))
    with torch.no_grad():
        y = module(x).argmax(1).numpy()
    drawn = np.random.default_rng(2).integers(0, 3, count)
    y = np.where(np.arange(count) % 100 < noise, drawn, y)
    half = count // 2
    np.savez(folder / "data.npz", x_train=x[:half], y_train=y[:half], x_test=x[half:], y_test=y[half:])
    return str(folder / "data.npz")


def opened(source):
    with pytest.warns(DoubtWarning) as told:
        study = open_study(source)
    score = study.setup.scoring.scored(study.original).score
    return study, score, " ".join(str(one.message) for one in told)


@pytest.mark.parametrize(("name", "act"), [("relu", nn.ReLU), ("tanh", nn.Tanh), ("sigmoid", nn.Sigmoid)])
def test_an_activation_that_is_not_named_is_chosen_and_told(tmp_path, name, act):
    module = trained(act)
    torch.save(module.state_dict(), tmp_path / "net.pt")
    study, score, told = opened(Source(model=str(tmp_path / "net.pt"), data=labelled(module, tmp_path, noise=10)))
    assert {layer.activation_name for layer in study.network.layers} == {name, "identity"}
    assert score > 0.85
    assert f"activation {name} was chosen by the data: training samples right: {name} " in told
    assert f"net.pt was read as a plain chain of 3 layers with {name} between them" in told


def test_labels_that_say_nothing_choose_nothing(tmp_path):
    module = trained()
    torch.save(module.state_dict(), tmp_path / "net.pt")
    data = labelled(module, tmp_path, noise=100)
    with pytest.raises(
        InputError, match=r"expected the name of its activation .*; (by the data|the data do not)"
    ) as caught:
        open_study(Source(model=str(tmp_path / "net.pt"), data=data))
    assert caught.value.options[0] == "--activation NAME"


def test_without_data_or_labels_it_is_asked_for(tmp_path):
    module = trained()
    torch.save(module.state_dict(), tmp_path / "net.pt")
    with pytest.raises(InputError, match="expected the name of its activation"):
        open_network(Source(model=str(tmp_path / "net.pt")))
    np.savez(tmp_path / "bare.npz", x=np.ones((90, 4), np.float32) * np.arange(90)[:, None])
    with pytest.raises(InputError, match=r"expected the name of its activation .*has no labels to choose it by"):
        open_study(Source(model=str(tmp_path / "net.pt"), data=str(tmp_path / "bare.npz")))


def test_data_that_do_not_fit_say_so_first(tmp_path):
    module = trained(widths=(5, 16, 3))
    torch.save(module.state_dict(), tmp_path / "net.pt")
    with pytest.raises(InputError, match="4 features a sample, expected 5"):
        open_study(Source(model=str(tmp_path / "net.pt"), data=labelled(trained(), tmp_path)))


def square(folder, seed=0):
    """Square layers whose names do not tell their order, in a file that sorts them."""
    module = trained(nn.Tanh, (4, 4, 4, 4), seed)
    names = ("up", "mix", "down")
    weights = {
        f"{name}.{part}": module.state_dict()[f"{2 * index}.{part}"]
        for index, name in enumerate(names)
        for part in ("weight", "bias")
    }
    save_file(weights, folder / "net.safetensors")
    return module, names


@pytest.mark.parametrize("activation", ["tanh", None])
def test_of_several_orders_the_one_that_data_leave_no_doubt_about_is_taken(tmp_path, activation):
    module, names = square(tmp_path)
    source = Source(model=str(tmp_path / "net.safetensors"), activation=activation, data=labelled(module, tmp_path))
    study, score, told = opened(source)
    assert tuple(layer.name for layer in study.network.layers) == names
    assert score == 1
    assert "the order up, mix, down" in told
    assert "chosen by the data: " in told


def test_without_data_the_order_is_asked_for(tmp_path):
    square(tmp_path)
    with pytest.raises(InputError, match="fit each other in several orders") as caught:
        open_network(Source(model=str(tmp_path / "net.safetensors"), activation="tanh"))
    assert "--factory FILE.py:FUNCTION" in caught.value.options


def test_a_residual_networks_weights_ask_for_a_factory(tmp_path):
    torch.manual_seed(0)
    layers = [nn.Linear(4, 4) for _ in range(3)]

    class Residual(nn.Module):
        def forward(self, x):
            for layer in layers:
                x = x + 2 * torch.tanh(layer(x))
            return x[:, :3]

    torch.save(
        {f"{i}.{k}": v for i, one in enumerate(layers) for k, v in one.state_dict().items()}, tmp_path / "net.pt"
    )
    data = labelled(Residual(), tmp_path, count=2000)
    _, score, told = opened(Source(model=str(tmp_path / "net.pt"), activation="tanh", data=data))
    assert score < 0.7
    assert "read as a plain chain" in told
