"""Stages inside a block, held against the block written out by hand in torch."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import koopview
from koopview.errors import InputError
from koopview.network.inside import inside, opened
from koopview.network.modules import network_from_module
from koopview.study.viewing.register import VIEWS
from koopview.trajectory.scaling import scale_layer


class BasicBlock(nn.Module):
    """As in torchvision: the sum changes a tensor in place."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            skip = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(skip, nn.BatchNorm2d(outputs))

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class Attention(nn.Module):
    """Queries, keys and values of one product, and shapes that are read of the input."""

    def __init__(self):
        super().__init__()
        self.qkv, self.out, self.drop = nn.Linear(6, 18), nn.Linear(6, 6), nn.Dropout(0.5)

    def forward(self, x):
        count, tokens, width = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        shares = (q @ k.transpose(1, 2)).softmax(-1)
        return x + self.drop(self.out((shares @ v).reshape(count, tokens, width)))


def net():
    torch.manual_seed(0)
    made = nn.Sequential(
        nn.Conv2d(1, 4, 3, 1, 1), nn.ReLU(), BasicBlock(4, 4), BasicBlock(4, 6, 2), nn.Flatten(), nn.Linear(96, 3)
    )
    for name, one in made.named_buffers():  # batch norms that do something
        if name.endswith("running_mean"):
            one.normal_()
        elif name.endswith("running_var"):
            one.uniform_(0.5, 1.5)
    return made.eval()


STAGES = ("2.conv1", "2.conv2", "3.conv1", "3.conv2", "3.downsample.0")


@pytest.fixture(scope="module")
def study():
    x = np.random.default_rng(0).normal(size=(260, 1, 8, 8)).astype("float32")
    module = net()
    with torch.no_grad():
        return koopview.Study(module, x, module(torch.tensor(x)).argmax(1).numpy())


def test_stages_are_the_affine_operations_with_what_follows_them(study):
    found = {block: [(one.name, one.activation, one.in_shape, one.out_shape) for one in rows]
             for block, rows in study.inside.items()}  # fmt: skip
    assert found == {
        "2": [("2.conv1", "relu", (4, 8, 8), (4, 8, 8)), ("2.conv2", "identity", (4, 8, 8), (4, 8, 8))],
        "3": [
            ("3.conv1", "relu", (4, 8, 8), (6, 4, 4)),
            ("3.conv2", "identity", (6, 4, 4), (6, 4, 4)),
            ("3.downsample.0", "identity", (4, 8, 8), (6, 4, 4)),
        ],
    }
    assert [layer.name for layer in study.layers] == ["0", "2", "3", "5"]


@pytest.mark.parametrize("names", [(name,) for name in STAGES] + [STAGES, STAGES[1:3]])
def test_an_opened_block_computes_what_it_did_and_hands_on_what_the_stage_takes(study, names):
    module, x = net(), torch.tensor(study.dataset.x_test[:20])
    network = opened(study.network, names)
    torch.testing.assert_close(network.run(x), module(x), rtol=1e-5, atol=1e-5)
    seen = {}
    for name in names:

        def keep(part, given, name=name):
            seen[name] = given[0].detach().clone().flatten(1)

        module.get_submodule(name).register_forward_pre_hook(keep)
    module(x)
    for name in names:
        layer, given = network.layer(name), network.run(x, before=name)
        torch.testing.assert_close(layer.own(given), seen[name], rtol=1e-5, atol=1e-5)
        assert given.shape[1] == layer.inputs + layer.carried
        again = network.run(layer.alongside(layer, given), after=name)
        torch.testing.assert_close(again, module(x), rtol=1e-5, atol=1e-5)


def test_the_path_of_a_stage_is_that_of_a_convolution_in_float64(study):
    module, x = net().double(), torch.tensor(study.dataset.x_test[:9])
    network = opened(study.network, ["3.conv1"])
    layer = network.layer("3.conv1").double()
    inputs = layer.own(network.run(x, before="3.conv1")).double()
    block = module[3]
    path = scale_layer("homotopy", layer, inputs, 4, -1.0)(inputs, 4)
    affine = block.bn1(block.conv1(inputs.view(-1, 4, 8, 8))).flatten(1)
    end = functional.pad(affine, (0, layer.states - layer.outputs), value=-1.0)
    for k, s in enumerate(torch.linspace(0, 1, 5, dtype=torch.float64)):
        z = (1 - s) * inputs + s * end
        bent = torch.cat([torch.relu(z[:, : layer.outputs]), z[:, layer.outputs :]], 1)
        torch.testing.assert_close(path[:, k], (1 - s) * z + s * bent, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(path[:, 4, : layer.outputs], layer(inputs), rtol=0, atol=0)


def by_hand(module, x, name, function):
    """Return a network's outputs with a function of rows in the place of a stage, the forward pass written out."""
    rows = lambda t, like: function(t.flatten(1)).view(like.shape)  # noqa: E731
    x = torch.relu(module[0](x))
    for place in (2, 3):
        block, asked = module[place], name.removeprefix(f"{place}.") if name.startswith(f"{place}.") else ""
        out = torch.relu(block.bn1(block.conv1(x)))
        out = rows(x, out) if asked == "conv1" else out
        after = block.bn2(block.conv2(out))
        after = rows(out, after) if asked == "conv2" else after
        skip = x if block.downsample is None else block.downsample(x)
        skip = rows(x, skip) if asked == "downsample.0" else skip
        x = torch.relu(after + skip)
    return module[5](x.flatten(1))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *[(name, {}) for name in STAGES],
        ("2.conv2", {"states": "patches:3"}),
        ("3.conv1", {"states": "pca:12"}),
        ("3.conv2", {"observables": "rbf", "delays": 1, "centres": 20}),
    ],
)
def test_a_fit_replaces_the_stage_alone_where_it_stands(study, name, settings, tmp_path):
    fit = study.fit(name, samples=150, **({"delays": 3} | settings))
    module, x, y = net(), torch.tensor(study.dataset.x_test), study.dataset.y_test

    def right(function):
        with torch.no_grad():
            return float((by_hand(module, x, name, function).argmax(1).numpy() == y).mean())

    assert fit.hybrid_accuracy == pytest.approx(right(fit.module()))
    fitted = fit.fitted
    layer = fitted.setup.network.layer(name)
    given = layer.own(fitted.setup.network.run(torch.tensor(study.dataset.x_train[:1]), before=name))
    assert fit.result.layer_inputs == given.shape[1]
    padded = lambda rows: functional.pad(rows, (0, max(0, layer.outputs - rows.shape[1])), value=-1.0)  # noqa: E731
    assert fit.result.accuracy["identity"] == pytest.approx(right(lambda rows: padded(rows)[:, : layer.outputs]))
    assert set(fit.result.accuracy) >= {"scaled", "affine", "lift_affine", "mean"}
    if not settings:
        fit.export(tmp_path / "hybrid.pt2")
        with torch.no_grad():
            own, wanted = torch.export.load(tmp_path / "hybrid.pt2").module()(x), by_hand(module, x, name, fit.module())
        torch.testing.assert_close(own, wanted, rtol=1e-4, atol=1e-4)


def test_full_rank_on_a_straight_path_is_the_network(study):
    for name in STAGES:
        fit = study.fit(name, scaling="linear", delays=2, steps=4, rank="numerical", samples=None, states="flat")
        assert fit.result.accuracy["hybrid"] == pytest.approx(1.0, abs=0.02), name
        assert fit.result.agreements["hybrid"] >= 0.98, name


class Odd(nn.Module):
    """A stage whose input changes in place afterwards, a norm alone, and a stage that is all of its block."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.norm, self.tanh = nn.Linear(5, 5), nn.Linear(5, 5), nn.BatchNorm1d(5), nn.Tanh()

    def forward(self, x):
        y = self.one(x)
        y += x
        return y * self.norm(self.tanh(self.two(y)))


@pytest.mark.parametrize(
    ("block", "shape", "names"),
    [
        (Attention(), (4, 6), ["1.qkv", "1.out"]),
        (Odd(), (5,), ["1.one", "1.two", "1.norm"]),
        (nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), (4, 6), []),  # which cannot be traced
    ],
)
def test_stages_of_other_blocks(block, shape, names):
    torch.manual_seed(0)
    module, x = nn.Sequential(nn.Identity(), block).eval(), torch.randn(30, *shape)
    network = network_from_module(module, example=x)
    assert [one.name for stages in inside(network).values() for one in stages] == names
    for name in names:
        own = opened(network, [name])
        stage = own.layer(name)
        torch.testing.assert_close(own.run(x), module(x).reshape(30, -1), rtol=1e-5, atol=1e-5)
        doubled = own.run(x, {name: lambda given, one=stage: 2 * one(given)})
        last = block.tanh if name == "1.two" else module.get_submodule(name)
        hook = last.register_forward_hook(lambda part, given, made: 2 * made)
        torch.testing.assert_close(doubled, module(x).reshape(30, -1), rtol=1e-5, atol=1e-5)
        hook.remove()


def test_names_that_are_none_or_inside_each_other_are_told(study):
    with pytest.raises(InputError, match=r"layer 'conv9' is not in Sequential, expected one of 0, 2, 3, 5.*inside"):
        study.fit("conv9", samples=50)
    with pytest.raises(InputError, match=r"layers 2 and 2\.conv1 are inside each other"):
        study.fit("2.conv1", replaced=("2", "2.conv1"), samples=50)


def test_stages_of_one_block_and_a_layer_are_replaced_together(study):
    names = ("2.conv1", "2.conv2", "5")
    fit = study.fit("2.conv2", replaced=names, samples=150, delays=2)
    fits = {name: one.module() for name, one in fit.layer_fits.items()}
    module, x = net(), torch.tensor(study.dataset.x_test)
    with torch.no_grad():
        y, block = torch.relu(module[0](x)), module[2]
        first = fits["2.conv1"](y.flatten(1))
        y = torch.relu(fits["2.conv2"](first).view(y.shape) + y)
        right = (fits["5"](module[3](y).flatten(1)).argmax(1).numpy() == study.dataset.y_test).mean()
    assert block.downsample is None
    assert fit.hybrid_accuracy == pytest.approx(float(right))
    assert fit.result.settings.replaced == names


def test_modes_of_a_stage_inside_are_edited_and_a_class_is_unlearned(study):
    fit = study.fit("2.conv1", samples=150, delays=2, states="pca:20", rank=15)
    edited = fit.edit(remove=[0], scale={1: 0.5})
    module, x, y = net(), torch.tensor(study.dataset.x_test), study.dataset.y_test
    with torch.no_grad():
        right = (by_hand(module, x, "2.conv1", edited.module()).argmax(1).numpy() == y).mean()
    assert edited.hybrid_accuracy == pytest.approx(float(right))
    target = int(np.bincount(y).argmax())
    without = fit.unlearn(target, most=15)
    with torch.no_grad():
        left = by_hand(module, x, "2.conv1", without.module()).argmax(1).numpy()
    assert without.result.per_class["hybrid"][target] == pytest.approx((left[y == target] == target).mean())
    assert 0 <= without.linear_probe(target) <= 1


@pytest.mark.parametrize("states", ["pca:20", "patches:3"])
def test_every_view_of_a_stage_inside_is_made(study, states):
    settings = study.fit("3.conv2", delays=2, samples=60, states=states, rank=5).settings
    for kind in VIEWS:
        assert study.view(settings, kind) is not None
    assert study.view(settings, "modes").importance.shape == (5,)
    cells = study.sweep(["3.conv2", "2"], [1, 2], [3], samples=40).results
    assert [(cell.settings.layer, cell.settings.delays) for cell in cells] == [
        (name, delays) for name in ("2", "3.conv2") for delays in (1, 2)
    ]
