"""Modes of stages whose tensors are pictures, tokens or series: the shape that they are shown in; R2_lin one by one."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview import memory
from koopview.hybrid.controls import r2_linear
from koopview.network.data import Dataset


def study_of(module, shape, samples=120):
    x = np.random.default_rng(0).normal(size=(samples, *shape)).astype(np.float32)
    with torch.no_grad():
        y = module.eval()(torch.tensor(x)).argmax(1).numpy()
    cut = 3 * samples // 4
    return koopview.Study(module, Dataset(x[:cut], y[:cut], x[cut:], y[cut:]))


def pictures():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4)), (1, 4, 4)


def series():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(2, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(18, 4)), (2, 6)


def tokens():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Flatten(), nn.Linear(18, 4)), (3, 5)


def modes_of(study, **given):
    settings = study.settings(study.layers[0].name, steps=6, delays=2, rank=5, **given)
    return study.view(settings, "modes"), settings


@pytest.mark.parametrize(
    ("made", "picture", "axes"),
    [(pictures, (3, 4, 4), ""), (series, (3, 6), "channels × positions"), (tokens, (3, 6), "tokens × width")],
)
def test_a_mode_has_the_shape_of_the_stages_output(made, picture, axes):
    view, _ = modes_of(study_of(*made()), states="flat")
    assert (view.picture, view.axes) == (picture, axes)
    assert len(view.shapes) == np.prod(picture)


def test_modes_of_components_are_decoded_to_the_stages_tensor():
    study = study_of(*pictures())
    view, settings = modes_of(study, states="pca:4")
    assert view.shapes.shape[0] == 48
    assert view.picture == (3, 4, 4)
    np.testing.assert_allclose(np.linalg.norm(view.shapes, axis=0), 1, atol=1e-5)
    x = torch.tensor(study.dataset.x_train)
    outputs = torch.relu(
        nn.functional.conv2d(x, *[p.detach() for p in study.network.layers[0].affine.parameters()], padding=1)
    )
    directions = np.linalg.svd(outputs.flatten(1).double().numpy(), full_matrices=False)[2][:4]
    spanned = directions.T @ (directions @ view.shapes)
    assert settings.samples in (None, len(x))
    np.testing.assert_allclose(spanned, view.shapes, atol=1e-5)  # a mode is a sum of the leading directions


def test_a_patch_is_no_picture():
    view, _ = modes_of(study_of(*pictures()), states="patches:3")
    assert view.picture is None


# R2_lin, one layer after another --------------------------------------------------------------------------------------


def linear_layers(*widths):
    pairs = [(nn.Linear(n, m), nn.ReLU()) for n, m in pairwise(widths)]
    return [part for pair in pairs for part in pair][:-1]


def chain():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 7), nn.Tanh(), nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3)
    )


@pytest.fixture(scope="module")
def deep():
    return study_of(chain(), (6,))


def test_layers_follow_one_another_with_the_values_that_they_have_alone(deep):
    found = list(deep.each_r2_linear())
    assert [name for name, _ in found] == ["0", "2", "4", "6"]
    assert deep.r2_linear() == dict(found)
    train, test = (torch.tensor(x) for x in (deep.dataset.x_train, deep.dataset.x_test))
    for layer, (_, share) in zip(deep.network.layers, found, strict=True):
        alone = r2_linear(layer, deep.network.run(train, before=layer.name), deep.network.run(test, before=layer.name))
        assert share == pytest.approx(alone, abs=1e-9)


def test_what_is_known_is_left_out_and_the_rest_stays_the_same(deep):
    whole = dict(deep.each_r2_linear())
    rest = dict(deep.each_r2_linear(known={"0", "4"}))
    assert rest == {name: pytest.approx(whole[name], abs=1e-9) for name in ("2", "6")}


def test_a_layer_that_takes_too_much_memory_is_passed_over_and_the_others_are_not(monkeypatch):
    torch.manual_seed(0)
    wide = nn.Sequential(
        nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4000), nn.ReLU(), nn.Linear(4000, 8), nn.ReLU(), nn.Linear(8, 3)
    )
    study = study_of(wide, (6,))
    whole = study.r2_linear()
    monkeypatch.setattr(memory, "free_memory", lambda: 2**22)
    found = study.r2_linear()
    assert [name for name, share in found.items() if share is None] == ["2", "4"]
    assert {name: found[name] for name in ("0", "6")} == pytest.approx({name: whole[name] for name in ("0", "6")})
