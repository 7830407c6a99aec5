"""Layers inside one module as one stage, against the module itself and the same written out."""

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.errors import InputError
from koopview.network.groups import groups, merged
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(6, 8), nn.Linear(8, 6)

    def forward(self, x):
        return x + self.two(torch.relu(self.one(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.blocks, self.head = nn.Linear(4, 6), nn.Sequential(Block(), Block(), Block()), nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.blocks(self.into(x)))


@pytest.fixture(scope="module")
def study():
    torch.manual_seed(0)
    net = Net().eval()
    x = np.random.default_rng(0).normal(size=(240, 4)).astype("float32")
    with torch.no_grad():
        return koopview.Study(net, x, net(torch.tensor(x)).argmax(1).numpy())


def test_groups_are_modules_of_several_layers_that_follow_each_other(study):
    assert [layer.name for layer in study.layers] == ["into", "blocks.0", "blocks.1", "blocks.2", "head"]
    assert groups(study.network) == {"blocks": (1, 3)}
    chain = network_from_module(nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))))
    assert groups(chain) == {}  # a module of all layers is the network


def test_a_group_computes_what_its_layers_do_and_blends_each_of_them(study):
    whole = merged(study.network, ["blocks"])
    x = torch.tensor(study.dataset.x_test)
    torch.testing.assert_close(whole.run(x), study.network.run(x))
    layer = whole.layer("blocks")
    assert (layer.inputs, layer.outputs, layer.kind) == (6, 6, "3 stages")
    inputs = whole.run(x, before="blocks").double()
    path = scale_layer("homotopy", layer.double(), inputs, 4, -1.0)(inputs, 4)
    for k, s in enumerate(torch.linspace(0, 1, 5, dtype=torch.float64)):
        y = inputs
        for name in ("blocks.0", "blocks.1", "blocks.2"):
            y = study.network.layer(name).double().blended(y, s)
        torch.testing.assert_close(path[:, k], (1 - s) * inputs + s * y)


def test_one_operator_replaces_all_blocks_and_is_kept_with_its_study(study, tmp_path):
    fit = study.fit("blocks", delays=3, samples=150)
    inputs = study.network.run(torch.tensor(study.dataset.x_test), before="blocks.0")
    wanted = study.network.run(fit.module()(inputs), after="blocks.2")
    right = float((wanted.argmax(1).numpy() == study.dataset.y_test).mean())
    assert fit.hybrid_accuracy == pytest.approx(right)
    assert set(fit.result.accuracy) >= {"affine", "lift_affine", "mean", "identity"}
    fit.export(tmp_path / "whole.pt2")
    own = torch.export.load(tmp_path / "whole.pt2").module()(torch.tensor(study.dataset.x_test))
    torch.testing.assert_close(own.detach(), wanted, rtol=1e-4, atol=1e-4)
    assert fit.truncate(3).result.rank == 3
    assert study.fit("head", replaced=("blocks", "head"), samples=150).result.settings.replaced == ("blocks", "head")


def test_a_group_and_a_layer_inside_it_cannot_both_be_replaced(study):
    with pytest.raises(InputError, match=r"layer 'blocks\.1' is not in"):
        study.fit("blocks", replaced=("blocks", "blocks.1"), samples=50)
