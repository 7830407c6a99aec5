"""Modes over the inputs: gradients against torch in float64, samples against brute force, groups as one direction."""

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.koopman.arrays import as_numpy
from koopview.network.data import Dataset
from koopview.study.viewing import mode_inputs
from koopview.study.viewing.modes import grouped
from koopview.study.views import neighbours_alike

FEATURES = 6


def module_of():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(FEATURES, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 3))


@pytest.fixture(scope="module")
def study():
    module = module_of()
    x = np.random.default_rng(0).normal(size=(400, FEATURES)).astype(np.float32)
    with torch.no_grad():
        y = module(torch.tensor(x)).argmax(1).numpy()
    return koopview.Study(module, Dataset(x[:250], y[:250], x[250:], y[250:]))


def asked(study, layer, **given):
    return study.settings(layer, **{"steps": 8, "delays": 3, "rank": 6, "samples": 200, **given})


def path_in_float64(module, place, x, delays, schedule):
    """z[0] of a homotopy path through the Linear layer at `place`, written out anew, differentiable in x."""
    double = module_of().double()
    double.load_state_dict({key: value.double() for key, value in module.state_dict().items()})
    before, layer = double[:place], double[place]
    start = before(x)
    width = max(layer.in_features, layer.out_features)
    pad = lambda v: nn.functional.pad(v, (0, width - v.shape[1]), value=-1.0)  # noqa: E731
    end, states = pad(layer(start)), []
    for s in schedule[:delays]:
        z = (1 - s) * pad(start) + s * end
        bent = torch.cat([torch.relu(z[:, : layer.out_features]), z[:, layer.out_features :]], 1)
        states.append((1 - s) * z + s * bent)
    return torch.stack(states, 1).flatten(1)


@pytest.mark.parametrize(("layer", "place", "delays"), [("0", 0, 1), ("0", 0, 3), ("2", 2, 3)])
def test_gradients_are_those_of_torch_in_float64(study, layer, place, delays):
    settings = asked(study, layer, delays=delays)
    fit = study.fit_settings(settings)
    own, view = fit.fitted.own, study.view(settings, "modes")
    left, _ = grouped(own.dmd, own.coordinates)
    left, basis = torch.tensor(left), torch.tensor(as_numpy(own.dmd.basis))
    shares = own.scaled.shares
    x = torch.tensor(study.dataset.x_test[: mode_inputs.AVERAGED]).double().requires_grad_()
    functions = (path_in_float64(study_module(study), place, x, delays, shares) @ basis).to(left.dtype) @ left.T
    for mode in range(own.dmd.rank):
        parts = [
            torch.autograd.grad(part[:, mode].sum(), x, retain_graph=True)[0]
            for part in (functions.real, functions.imag)
        ]
        each = (parts[0] + 1j * parts[1]).numpy()
        mean = each.mean(axis=0)
        found = view.inputs.gradients[:, mode]
        turn = np.vdot(mean, found) / np.vdot(mean, mean)
        assert abs(turn) == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(found, turn * mean, atol=1e-4 * np.abs(mean).max())
        weighted, values = each * view.inputs.spreads, turn * functions[:, mode].detach().numpy()
        common = np.linalg.norm(weighted.mean(axis=0)) / np.sqrt((np.abs(weighted) ** 2).sum(axis=1).mean())
        assert view.inputs.common[mode] == pytest.approx(common, abs=1e-3)
        np.testing.assert_allclose(view.eigenfunctions[: len(values), mode], values, atol=1e-3 * np.abs(values).max())
    if delays == 1 and place == 0:
        np.testing.assert_allclose(view.inputs.common, 1, atol=1e-5)  # an affine map


def study_module(study):
    """Return the module with the weights of a study's network."""
    module = module_of()
    linear = [part for part in module if isinstance(part, nn.Linear)]
    for part, layer in zip(linear, study.network.layers, strict=True):
        part.weight.data, part.bias.data = layer.affine.weight.data.clone(), layer.affine.bias.data.clone()
    return module


def test_the_phase_makes_the_real_part_of_the_gradient_largest(study):
    view = study.view(asked(study, "2"), "modes")
    weighted = view.inputs.spreads[:, None] * view.inputs.gradients
    size = np.linalg.norm(weighted.real, axis=0)
    for angle in np.linspace(0, np.pi, 50):
        assert (np.linalg.norm((np.exp(1j * angle) * weighted).real, axis=0) <= size * (1 + 1e-5)).all()
    largest = np.take_along_axis(weighted.real, np.abs(weighted.real).argmax(axis=0)[None], axis=0)
    assert (largest > 0).all()


def test_samples_and_patterns_are_those_of_brute_force(study):
    view = study.view(asked(study, "2"), "modes")
    inputs, x = view.inputs, study.dataset.x_test
    for mode in range(view.eigenfunctions.shape[1]):
        ranked = sorted(range(len(x)), key=lambda sample: view.eigenfunctions[sample, mode].real)
        values = view.eigenfunctions[:, mode].real
        np.testing.assert_array_equal(values[inputs.least[mode]], values[ranked[:5]])
        np.testing.assert_array_equal(values[inputs.most[mode]], values[ranked[::-1][:5]])
        function = view.eigenfunctions[:, mode].astype(complex)
        for feature in range(FEATURES):
            pairs = (x[:, feature] - x[:, feature].mean()) * (function - function.mean())
            assert inputs.patterns[feature, mode] == pytest.approx(pairs.mean() / function.std(), abs=1e-4)
    np.testing.assert_array_equal(inputs.inputs, x[inputs.samples])


def test_a_group_is_one_direction_that_its_projection_varies_along_most(study):
    """Whatever basis the group's subspace has."""
    own = study.fit_settings(asked(study, "2", rank=30, steps=20, delays=8, schedule="uniform")).fitted.own
    blocks = own.dmd.pairs.blocks
    sizes = {int(group): int((blocks.labels == group).sum()) for group in np.unique(blocks.labels)}
    large = [group for group, size in sizes.items() if size > 2]
    assert large  # a uniform schedule gives defective operators
    left, right = grouped(own.dmd, own.coordinates)
    z = as_numpy(own.coordinates[:, : own.dmd.rank]).astype(float)
    for group in large:
        members = np.flatnonzero(blocks.labels == group)
        columns, rows = blocks.basis(group)
        moved = (z - z.mean(axis=0)) @ (columns @ rows).T
        _, s, axes = np.linalg.svd(moved, full_matrices=False)
        for mode in members:
            np.testing.assert_allclose(np.abs(np.vdot(right[:, mode], axes[0])), 1, atol=1e-6)
            values = z @ left[mode].real
            assert (values - values.mean()).std() == pytest.approx(s[0] / np.sqrt(len(z)), rel=1e-5)


def test_a_plane_holds_the_eigenfunctions_point_by_point():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3))
    x = np.random.default_rng(1).uniform(size=(300, 2)).astype(np.float32)
    x[:, 0] *= 0.5
    x[0] = (1.0, 1.0)  # alone: around it there is a hole
    with torch.no_grad():
        y = module(torch.tensor(x)).argmax(1).numpy()
    study = koopview.Study(module, Dataset(x[:200], y[:200], x[200:], y[200:]))
    settings = study.settings("0", steps=8, delays=3, rank=5)
    view, own = study.view(settings, "modes"), study.fit_settings(settings).fitted.own
    plane, (x_low, x_high, y_low, y_high) = view.inputs.plane, view.inputs.extent
    rows, columns, rank = plane.shape
    assert rank == 5
    left, _ = grouped(own.dmd, own.coordinates)
    seen = np.argwhere(np.isfinite(plane[:, :, 0]))
    assert 0.3 < len(seen) / (rows * columns) < 0.8
    picked = seen[np.random.default_rng(2).choice(len(seen), 40)]
    points = np.column_stack(
        [
            x_low + (picked[:, 1] + 0.5) / columns * (x_high - x_low),
            y_low + (picked[:, 0] + 0.5) / rows * (y_high - y_low),
        ]
    )
    whole = as_numpy(own.module().coordinates(torch.tensor(points))) @ left.T
    found = plane[picked[:, 0], picked[:, 1]]
    turn = (np.conj(whole) * found).sum(axis=0) / (np.abs(whole) ** 2).sum(axis=0)
    np.testing.assert_allclose(np.abs(turn), 1, atol=1e-4)
    np.testing.assert_allclose(found, turn * whole, atol=1e-4 * np.abs(whole).max())


def test_importance_starts_from_the_scores_of_the_hybrid(study):
    settings = asked(study, "2")
    view, result = study.view(settings, "modes"), study.fit_settings(settings).result
    assert view.score == result.accuracy["hybrid"]
    np.testing.assert_array_equal(view.class_scores, result.per_class["hybrid"])
    without = study.fit_settings(settings).edit(remove=[0]).result
    assert view.score - view.importance[0] == pytest.approx(without.accuracy["hybrid"])
    np.testing.assert_allclose(view.class_scores - view.class_importance[0], without.per_class["hybrid"])


def test_a_checkerboard_looks_like_noise_and_a_ramp_does_not():
    board = np.indices((6, 6)).sum(axis=0) % 2 * 2.0 - 1
    assert neighbours_alike(board.ravel(), (6, 6)) < 0
    assert neighbours_alike(np.linspace(1, 2, 36), (6, 6)) > 0.7
    assert neighbours_alike(np.zeros(36), (6, 6)) == 0
