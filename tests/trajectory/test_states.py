"""What a state is: tokens, patches, principal components, against the same read out by hand."""

import numpy as np
import pydmd
import pytest
import torch
from torch import nn
from torch.nn import functional

import koopview
from koopview.errors import InputError
from koopview.hybrid.row_samples import MOST_ROWS, RowSamples
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer
from koopview.trajectory.states import KINDS, checked_states, kinds_of, states_beside, usual_states
from koopview.trajectory.states.patches import Patches, Places
from koopview.trajectory.states.pca import leading_directions
from koopview.trajectory.states.reading import reading


def stage_of(module, *shape, samples=30):
    """Return the first stage of a module, in float64, and its flat inputs."""
    torch.manual_seed(0)
    x = torch.randn(samples, *shape)
    return network_from_module(module.eval(), example=x).layers[0].double(), x.flatten(1).double()


class Mixer(nn.Module):
    """Tokens that take the mean of all."""

    def __init__(self, width):
        super().__init__()
        self.own, self.others = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        return x + torch.tanh(self.own(x) + self.others(x.mean(1, keepdim=True)))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [("flat", "flat"), ("pca", "pca:100"), ("pca:7", "pca:7"), ("tokens", "tokens"), ("patches", "patches:5")],
)
def test_states_have_one_spelling(text, spelling):
    assert checked_states(text) == spelling


@pytest.mark.parametrize("text", ["", "flat:3", "tokens:2", "pca:0", "pca:-1", "pca:x", "patches:99", "words", None, 3])
def test_other_states_are_refused_with_those_that_there_are(text):
    with pytest.raises(InputError, match="expected flat, pca or pca:K"):
        checked_states(text)


def test_a_stage_has_the_states_that_fit_its_shapes():
    def info(module, *shape):
        return stage_of(module, *shape)[0].info()

    conv = info(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2)), 1, 8, 8)
    assert kinds_of(conv) == ("flat", "pca", "patches")
    tokens = info(nn.Sequential(Mixer(6), nn.Flatten(), nn.Linear(18, 2)), 3, 6)
    assert kinds_of(tokens) == ("flat", "pca", "tokens", "patches")
    dense = info(nn.Sequential(nn.Linear(1000, 3), nn.ReLU(), nn.Linear(3, 2)), 1000)
    assert kinds_of(dense) == ("flat", "pca")
    wide = info(nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 100, 2)), 1, 12, 12)
    assert [usual_states(one) for one in (conv, tokens, dense, wide)] == ["flat", "flat", "flat", "pca:100"]
    assert states_beside("tokens", conv) == "flat"
    assert states_beside("patches:3", conv) == "patches:3"
    assert set(KINDS) == {"flat", "pca", "tokens", "patches"}


@pytest.mark.parametrize(("stride", "rim"), [(1, 1), (2, 1), (1, 0), (2, 0), (3, 2)])
def test_patches_are_those_that_a_convolution_sees(stride, rim):
    conv = nn.Conv2d(3, 5, 3, stride=stride, padding=rim)
    stage, x = stage_of(nn.Sequential(conv, nn.Flatten()), 3, 8, 8)
    read = reading("patches:3", stage, x)
    columns = functional.unfold(x.reshape(-1, 3, 8, 8), 3, padding=rim, stride=stride).transpose(1, 2)
    by_channel = columns.unflatten(2, (3, 9))[..., [4, 0, 1, 2, 3, 5, 6, 7, 8]]  # the middle of a patch stands first
    torch.testing.assert_close(read.starts(x), by_channel.transpose(2, 3).flatten(2))
    y = stage(x)
    torch.testing.assert_close(read.assembled(read.ends(y)), y, rtol=0, atol=0)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_patches_of_series_pictures_and_volumes(axes):
    shape = (2, *range(4, 4 + axes))
    read = Patches(shape, (1, *shape[1:]), 3, [Places(0, 1)] * axes)
    x = torch.randn(2, *shape)
    found = read.starts(x.flatten(1)).reshape(2, *shape[1:], 3**axes, 2)
    rimmed = functional.pad(x, [1, 1] * axes)
    for place in np.ndindex(shape[1:]):
        around = rimmed[(slice(None), slice(None), *(slice(one, one + 3) for one in place))].flatten(2)
        middle = 3**axes // 2
        order = [middle, *(one for one in range(3**axes) if one != middle)]
        torch.testing.assert_close(found[(slice(None), *place)], around[..., order].transpose(1, 2), rtol=0, atol=0)


def test_an_affine_map_of_a_convolutions_patches_is_the_convolution():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.Flatten(), nn.Linear(75, 4))
    x = np.random.default_rng(0).normal(size=(80, 1, 5, 5)).astype("float32")
    result = koopview.Study(net, x, np.arange(80) % 4).fit("0", states="patches:3", delays=2, samples=60).result
    assert result.output_errors["affine"] < 1e-4
    assert result.output_errors["hybrid"] < 1e-4


def test_a_token_stands_beside_the_mean_of_all():
    stage, x = stage_of(nn.Sequential(Mixer(4), nn.Flatten()), 3, 4)
    read = reading("tokens", stage, x)
    words = x.reshape(-1, 3, 4)
    mean = words.mean(1, keepdim=True).expand_as(words)
    torch.testing.assert_close(read.starts(x), torch.cat([words, mean], 2))
    assert (read.rows, read.entries, read.read) == (3, 8, 4)
    y = stage(x)
    torch.testing.assert_close(read.assembled(read.ends(y)[..., :4]), y, rtol=0, atol=0)


def test_principal_components_are_the_singular_vectors_of_inputs_and_outputs():
    stage, x = stage_of(nn.Sequential(Mixer(4), nn.Flatten()), 3, 4)
    read = reading("pca:5", stage, x)
    both = torch.cat([x, stage(x)]).numpy()
    _, _, wanted = np.linalg.svd(both)
    found = read.before.numpy()
    np.testing.assert_allclose(np.abs(wanted[:5] @ found), np.eye(5), atol=1e-9)
    projected = read.assembled(read.ends(stage(x)))
    np.testing.assert_allclose(projected, stage(x).numpy() @ wanted[:5].T @ wanted[:5], atol=1e-9)
    assert reading("pca:12", stage, x) is None  # as many components as entries discard nothing: flat
    few = leading_directions(torch.randn(4, 50, dtype=torch.float64), 10)
    np.testing.assert_allclose(few.T @ few, np.eye(4), atol=1e-9)


@pytest.mark.parametrize("states", ["tokens", "patches:3", "pca:5"])
@pytest.mark.parametrize("scaling", ["homotopy", "linear"])
def test_a_path_goes_from_the_inputs_states_to_the_outputs(states, scaling):
    stage, x = stage_of(nn.Sequential(Mixer(4), nn.Flatten()), 3, 4)
    read = reading(states, stage, x)
    path = scale_layer(scaling, stage, x, 6, -1.0, states=states)(x, 6)
    start, end = read.starts(x).flatten(0, 1), read.ends(stage(x)).flatten(0, 1)
    torch.testing.assert_close(path[:, 0], functional.pad(start, (0, read.entries - start.shape[1]), value=-1.0))
    torch.testing.assert_close(path[:, -1], functional.pad(end, (0, read.entries - end.shape[1]), value=-1.0))


def test_states_that_a_stage_does_not_have_are_one_sentence():
    stage, x = stage_of(nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2)), 4)
    for states in ("tokens", "patches"):
        with pytest.raises(InputError, match=f"^states are {states}, but stage 0 maps 4 to 6, expected"):
            reading(states, stage, x)
    with pytest.raises(InputError, match="with the learned scaling flow, expected flat"):
        scale_layer("flow", stage, x, 4, -1.0, states="pca:2")


@pytest.mark.parametrize(("rows", "samples"), [(49, 1000), (7, 30), (1, 10), (300, 90)])
def test_rows_are_drawn_evenly_and_the_same_in_every_chunk(rows, samples):
    draw = RowSamples.of(rows, samples)
    whole = torch.arange(samples * rows).reshape(samples * rows, 1)
    found = draw.drawn(whole)
    assert len(found) == samples * draw.each <= max(MOST_ROWS, samples)
    assert len(found.unique()) == len(found)
    counts = torch.bincount(found[:, 0] % rows, minlength=rows)
    assert counts.max() - counts.min() <= 1
    again = torch.cat([draw.drawn(whole[start * rows : (start + 7) * rows], start) for start in range(0, samples, 7)])
    assert torch.equal(again, found)


@pytest.fixture(scope="module")
def study():
    torch.manual_seed(0)
    x = np.random.default_rng(1).normal(size=(90, 3, 4)).astype("float32")
    net = nn.Sequential(Mixer(4), nn.Flatten(), nn.Linear(12, 3)).eval()
    with torch.no_grad():
        return koopview.Study(net, x, net(torch.tensor(x)).argmax(1).numpy())


def test_the_operator_of_tokens_is_that_of_pydmd_on_the_same_pairs(study):
    fit = study.fit("0", states="tokens", delays=2, rank=6, samples=40)
    layer = study.network.layers[0].double()
    x = torch.tensor(study.dataset.x_train[:40]).double().flatten(1)
    shares = torch.tensor(fit.layer_fits["0"].scaled.shares)
    states = []
    for s in shares:  # the path by hand: each token with the mean, before and after
        read = reading("tokens", layer, x)
        states.append((1 - s) * read.starts(x) + s * read.ends(layer.blended(x, s) if s else layer(x)))
    path = torch.stack(states, 2).flatten(0, 1).numpy()  # rows, snapshots, entries
    windows = [np.concatenate([path[:, k], path[:, k + 1]], 1).T for k in range(path.shape[1] - 1)]
    other = pydmd.DMD(svd_rank=6).fit(np.hstack(windows[:-1]), np.hstack(windows[1:]))
    np.testing.assert_allclose(np.sort_complex(fit.eigenvalues), np.sort_complex(other.eigs), atol=1e-7)


def test_what_components_discard_is_the_scaled_networks_score(study):
    result = study.fit("0", states="pca:3", delays=2, samples=60).result
    layer, x = study.network.layers[0].double(), torch.tensor(study.dataset.x_train[:60]).double().flatten(1)
    directions = reading("pca:3", layer, x).after
    test = torch.tensor(study.dataset.x_test).double().flatten(1)
    projected = (layer(test) @ directions @ directions.T).float()
    outputs = study.network.run(projected, after="0")
    right = float((outputs.argmax(1).numpy() == study.dataset.y_test).mean())
    assert result.accuracy["scaled"] == pytest.approx(right)
    assert result.accuracy["scaled"] < result.accuracy["original"] == 1.0


@pytest.mark.parametrize("states", ["flat", "tokens", "pca:8", "patches:3"])
def test_every_kind_of_states_is_edited_saved_exported_and_seen(study, states, tmp_path):
    fit = study.fit("0", states=states, delays=2, rank=4, samples=40)
    edited = fit.edit(remove=[0])
    assert edited.result.output_error != fit.result.output_error
    for kind in ("modes", "phase", "states"):
        if kind in ("modes", "phase"):
            study.view(fit.settings, kind)
    fit.export(tmp_path / "hybrid.pt2")
    hybrid = torch.export.load(tmp_path / "hybrid.pt2").module()
    made = hybrid(torch.tensor(study.dataset.x_test)).detach().argmax(1).numpy()
    assert float((made == study.dataset.y_test).mean()) == pytest.approx(fit.hybrid_accuracy)
    assert fit.result.paths.shape[2] == max(fit.result.path_ends)
    assert fit.result.summary().get("states", "flat") == states
    if states == "tokens":
        with pytest.raises(InputError, match="states are tokens, with several rows a sample, expected flat or pca"):
            fit.unlearn(0)
