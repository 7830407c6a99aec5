"""Weights in half precision, and pictures without an axis of channels, held against the module itself in float32."""

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.errors import InputError
from koopview.network.modelfiles.load import load_network


class Half(nn.Module):
    def __init__(self, cast=None):
        super().__init__()
        self.one, self.two, self.cast = nn.Linear(4, 6), nn.Linear(6, 3), cast

    def forward(self, x):
        x = x.to(self.one.weight.dtype if self.cast is None else self.cast)
        return self.two(torch.relu(self.one(x))).float()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_module_in_half_precision_is_computed_in_float32_and_says_so(dtype):
    torch.manual_seed(0)
    module = Half().to(dtype)
    x = np.random.default_rng(0).normal(size=(120, 4)).astype("float32")
    with pytest.warns(
        koopview.DoubtWarning, match=f"Half holds weights in {str(dtype)[6:]}; it is computed in float32"
    ):
        study = koopview.Study(module, x, np.arange(120) % 3)
    assert module.one.weight.dtype == dtype
    wanted = Half()
    wanted.load_state_dict({key: one.float() for key, one in module.state_dict().items()})
    with torch.no_grad():
        torch.testing.assert_close(study.original, wanted(torch.tensor(study.dataset.x_test)))
    fit = study.fit("one", scaling="linear", delays=2, samples=60, rank="numerical")
    assert fit.result.agreements["hybrid"] >= 0.9


def test_a_file_in_half_precision_says_so(tmp_path):
    torch.manual_seed(0)
    chain = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).bfloat16()
    torch.save(chain.state_dict(), tmp_path / "net.pt")
    network = load_network(tmp_path / "net.pt", activation_name="relu")
    assert "net.pt holds weights in bfloat16; it is computed in float32" in network.remarks
    x = torch.randn(5, 4)
    torch.testing.assert_close(network.run(x), chain.float()(x).detach())


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_a_forward_pass_that_turns_to_half_precision_itself_is_refused_in_a_sentence():
    x = np.random.default_rng(0).normal(size=(120, 4)).astype("float32")
    with pytest.raises(InputError, match="turns its numbers to half precision itself"):
        koopview.Study(Half(torch.float16).half(), x, np.arange(120) % 3)


@pytest.mark.parametrize("axes", [1, 2])
def test_an_axis_of_one_channel_is_added_where_a_convolution_wants_it(axes):
    torch.manual_seed(0)
    conv = [nn.Conv1d, nn.Conv2d][axes - 1](1, 4, 3)
    module = nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6**axes, 3))
    x, y = np.random.default_rng(0).normal(size=(120, *[8] * axes)).astype("float32"), np.arange(120) % 3
    bare, usual = koopview.Study(module, x, y), koopview.Study(module, x[:, None], y)
    torch.testing.assert_close(bare.original, usual.original, rtol=0, atol=0)
    assert bare.dataset.x_train.shape == usual.dataset.x_train.shape
    assert bare.fit("0", samples=40, delays=2).result.accuracy == usual.fit("0", samples=40, delays=2).result.accuracy


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((8, 8), r"samples of shape \(8, 8\), expected \(3, rows, columns\)"),
        ((8, 8, 3), r"samples of shape \(8, 8, 3\), expected \(3, rows, columns\).*channels stand last"),
        ((192,), r"samples of shape \(192,\), expected \(3, rows, columns\)"),
    ],
)
def test_samples_of_another_shape_than_the_first_convolution_takes_are_told(shape, told):
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))
    x = np.random.default_rng(0).normal(size=(60, *shape)).astype("float32")
    with pytest.raises(InputError, match=told):
        koopview.Study(module, x, np.arange(60) % 3)
