"""Studies of networks with stages: saved and opened again, swept, and held against fair controls."""

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.cli.tables import fit_table
from koopview.hybrid import controls
from koopview.hybrid.controls import better_affine
from koopview.hybrid.ridge import RidgeMap, ridge_map
from koopview.trajectory.states.reading import reading

CODE = """
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        return x + self.conv(x).relu()


def net():
    first, blocks = nn.Conv2d(1, 2, 3, 2, 1), nn.Sequential(Block(), Block())
    return nn.Sequential(first, nn.ReLU(), blocks, nn.Flatten(), nn.Linear(32, 3))
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A convolutional network's weights with the code that makes it, and its data, as files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text(CODE)
    made: dict[str, object] = {}
    exec(CODE, made)
    torch.manual_seed(0)
    torch.save(made["net"]().state_dict(), "net.pt")
    rng = np.random.default_rng(0)
    np.savez("d.npz", x=rng.normal(size=(150, 1, 8, 8)).astype("float32"), y=np.arange(150) % 3)
    return koopview.Source(model="net.pt", factory="nets.py:net", data="d.npz", trust=True)


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
@pytest.mark.parametrize(
    ("layer", "settings"),
    [
        ("0", {"states": "patches:3"}),
        ("2.0", {"states": "pca:8"}),
        ("2", {}),
        ("2.1", {}),
        ("2.0.conv", {"states": "patches:3"}),
        ("2.1.conv", {}),
    ],
)
def test_a_study_of_stages_opens_with_its_numbers(source, layer, settings):
    study = koopview.open_study(source)
    kept = study.fit(layer, delays=2, samples=60, **settings).result
    study.save("s.koopview")
    again = koopview.Study.open("s.koopview", trust=True)
    found = again.results[-1]
    assert (found.settings, found.accuracy, found.smooth) == (kept.settings, kept.accuracy, kept.smooth)
    assert again.fit_settings(kept.settings).result.accuracy == kept.accuracy


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_groups_and_states_are_swept_where_a_layer_has_them(source):
    study = koopview.open_study(source)
    assert [cell.settings.layer for cell in study.sweep("2", [1, 2], [3], samples=40).results] == ["2", "2"]
    cells = study.sweep("all", [2], [3], samples=40, states="patches:3").results
    assert [(cell.settings.layer, cell.settings.states) for cell in cells] == [
        ("0", "patches:3"),
        ("2.0", "patches:3"),
        ("2.1", "patches:3"),
        ("4", "flat"),
    ]


@pytest.mark.filterwarnings("ignore::koopview.DoubtWarning")
def test_a_path_that_few_delays_predict_whatever_the_stage_does_is_told(source):
    class Wild(nn.Module):
        def __init__(self):
            super().__init__()
            self.inward, self.out = nn.Linear(6, 6), nn.Linear(6, 6)

        def forward(self, x):
            return x + self.out(torch.sin(40 * self.inward(x)))

    torch.manual_seed(1)
    x = np.random.default_rng(1).normal(size=(200, 6)).astype("float32")
    net = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), Wild(), nn.Linear(6, 3))
    study = koopview.Study(net, x, np.arange(200) % 3)
    result = study.fit("2", delays=3, steps=40, rank="numerical", samples=150).result
    assert result.smooth
    assert result.output_errors["hybrid"] < 1e-3  # by construction: a quadratic in s
    assert result.output_errors["lift_affine"] < 1e-3
    assert "smooth in s" in fit_table(result)
    assert not study.fit("0", samples=100).result.smooth


def test_the_affine_control_of_other_states_is_the_better_of_two():
    torch.manual_seed(0)
    x = torch.randn(200, 3, 4)
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 12), nn.ReLU(), nn.Unflatten(1, (3, 4)), nn.Conv1d(3, 3, 1))
    study = koopview.Study(net, x.numpy(), np.zeros((200, 12), dtype="float32") + x.flatten(1).numpy())
    layer = study.network.layers[-1]
    inputs = study.network.run(x, before=layer.name)
    few = reading("pca:2", layer, inputs)
    assert isinstance(better_affine(layer, inputs, few), RidgeMap)  # two components say less than the whole tensor
    patches = reading("patches:1", layer, inputs[:40])
    assert not isinstance(better_affine(layer, inputs[:12], patches), RidgeMap)  # 12 samples, but 48 positions


def test_a_stage_without_finite_outputs_on_random_inputs_opens():
    class Roots(nn.Module):
        def __init__(self):
            super().__init__()
            self.inward = nn.Linear(4, 4)

        def forward(self, x):
            return x + torch.sqrt(self.inward(x) + 50)

    x = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), Roots(), nn.Linear(4, 2))
    assert koopview.Study(net, x, np.arange(60) % 2).fit("2", delays=2, samples=40).result.smooth


def test_a_map_of_a_large_input_gives_what_the_states_can(monkeypatch):
    monkeypatch.setattr(controls, "MOST_WEIGHTS", 10)
    torch.manual_seed(0)
    x = torch.randn(60, 2, 6)
    net = nn.Sequential(nn.Conv1d(2, 2, 3, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2))
    study = koopview.Study(net, x.numpy(), np.arange(60) % 2)
    layer, inputs = study.network.layers[0], x.flatten(1)
    few = reading("pca:3", layer, inputs)
    found = controls.whole_map(layer, inputs, layer(inputs), few)
    wanted = ridge_map(inputs, few.ends(layer(inputs))[:, 0])(inputs) @ few.after.T.float()
    torch.testing.assert_close(found(inputs), wanted, rtol=1e-4, atol=1e-4)
    assert controls.whole_map(layer, inputs, layer(inputs), reading("patches:3", layer, inputs)) is None
