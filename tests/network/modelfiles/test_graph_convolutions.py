"""Convolutional networks in files of operators: the same stages, names and paths as those of the module itself."""

import warnings

import pytest
import torch
from reference.architectures import made, own, samples
from torch import nn
from torch.nn import functional

from koopview.network.modelfiles.heads import model_head
from koopview.network.modelfiles.load import load_network
from koopview.network.modules import network_from_module, with_shapes
from koopview.trajectory.scaling import scale_layer


def exported(module, x, folder):
    """Return a module read from the file that PyTorch's export makes of it."""
    program = torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("samples")},))
    torch.export.save(program, folder / "net.pt2")
    return with_shapes(load_network(folder / "net.pt2"), x)


def scripted(module, x, folder):
    return network_from_module(torch.jit.script(module), example=x)


def traced(module, x, folder):
    return network_from_module(torch.jit.trace(module, x), example=x)


def through_onnx(module, x, folder):
    """Return a module read from the ONNX file that PyTorch makes of it, which folds batch norms itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"input_names": ["x"], "dynamic_axes": {"x": {0: "samples"}}}
        torch.onnx.export(module, (x,), folder / "net.onnx", dynamo=False, **names)
    return with_shapes(load_network(folder / "net.onnx"), x)


FORMS = [exported, scripted, traced, through_onnx]


def told(network, form):
    """Return what a person sees of a network's stages; ONNX keeps no class of a block."""
    return [
        (
            layer.name,
            "" if form is through_onnx else layer.kind.replace("layer_norm", "LayerNorm"),
            layer.activation_name,
            (layer.in_shape, layer.out_shape, layer.reason),
        )
        for layer in network.layers
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["vgg_bn", "resnet18", "volume_net", "convnext", "prelu"])
def test_a_file_has_the_stages_and_paths_of_its_module(name, form, tmp_path):
    module, x = made(name), samples(name, 5)
    wanted, found = network_from_module(module, example=x), form(module, x, tmp_path)
    assert told(found, form) == told(wanted, form)
    torch.testing.assert_close(found.run(x), own(module, x), rtol=1e-4, atol=1e-4)
    for one, other in zip(found.layers, wanted.layers, strict=True):
        given = wanted.run(x, before=other.name).double()
        paths = [scale_layer("homotopy", layer.double(), given, 3, -1.0)(given, 3) for layer in (one, other)]
        torch.testing.assert_close(*paths, rtol=1e-4, atol=1e-4)  # batch norms are folded in float32


class Transposed(nn.Module):
    """Convolutions of every setting: strides, paddings, dilations, groups, none of them symmetric."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 4, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=2, bias=False)
        self.back = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=(1, 0), groups=2)
        self.line = nn.Conv1d(6, 3, 3, padding="same")
        self.up = nn.ConvTranspose1d(3, 2, 2, dilation=2, bias=False)

    def forward(self, x):
        x = functional.gelu(self.back(torch.tanh(self.first(x)))).flatten(2)
        return self.up(torch.relu(self.line(x))).flatten(1)


@pytest.mark.parametrize("form", FORMS[:3])
def test_every_setting_of_a_convolution_is_kept(form, tmp_path):
    torch.manual_seed(0)
    module, x = Transposed().eval(), torch.randn(5, 2, 6, 6)
    found = form(module, x, tmp_path)
    assert [layer.name for layer in found.layers] == ["first", "back", "line", "up"]
    assert [layer.kind for layer in found.layers] == ["Conv2d", "ConvTranspose2d", "Conv1d", "ConvTranspose1d"]
    with torch.no_grad():
        torch.testing.assert_close(found.run(x), module(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("form", "file"), [(exported, "net.pt2"), (through_onnx, "net.onnx")])
def test_what_is_said_of_a_file_before_it_is_opened_is_what_opening_it_without_data_says(form, file, tmp_path):
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(18, 3)).eval()
    form(module, torch.randn(5, 1, 5, 5), tmp_path)
    head, network = model_head(tmp_path / file), load_network(tmp_path / file)
    assert [(one.name, one.kind, one.activation, one.reason) for one in head.layers] == [
        (layer.name, layer.kind, layer.activation_name, layer.reason) for layer in network.layers
    ]
    assert "once there are data" in head.layers[0].reason
