"""The controls beside a hybrid, against ridge regression written out in plain numpy."""

import numpy as np
import pytest
import torch
from reference import method
from reference.examples import plain_layers, random_network
from torch import nn

from koopview.errors import Cancelled, InputError
from koopview.hybrid import regression
from koopview.hybrid.controls import control, r2_linear
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.parts import LEAST_TO_PART, fifth
from koopview.hybrid.ridge import COARSE, DECADES, chosen_ridge, ridge_map
from koopview.hybrid.rows import CONTROLS
from koopview.koopman.observables.delay import state_alone
from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer

STEPS, DELAYS = 12, 4


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def tensors(*arrays, dtype=torch.float64):
    return [torch.tensor(array, dtype=dtype) for array in arrays]


@pytest.mark.parametrize("count", [3, LEAST_TO_PART - 1, LEAST_TO_PART, 103])
def test_a_fifth_judges(count):
    fitting, judging = fifth(count)
    assert torch.equal(fitting, fifth(count)[0])
    if count < LEAST_TO_PART:
        assert sorted(fitting.tolist()) == sorted(judging.tolist()) == list(range(count))
    else:
        assert sorted([*fitting.tolist(), *judging.tolist()]) == list(range(count))
        assert len(judging) == round(count / 5)


@pytest.mark.parametrize(("samples", "features"), [(60, 7), (60, 60), (60, 61), (45, 200), (30, 27), (8, 4), (8, 9)])
@pytest.mark.parametrize("noise", [0.0, 0.3, 10.0])
def test_the_map_is_that_of_augmented_least_squares_with_the_same_ridge(samples, features, noise):
    scales = 10.0 ** np.linspace(0, -3, features)
    x, unseen = normal(samples, features) * scales + 5, normal(40, features, seed=1) * scales + 5
    y = np.tanh(x @ normal(features, 3, seed=2)) + noise * normal(samples, 3, seed=3) - 7
    made, (fitting, judging) = ridge_map(*tensors(x, y)), fifth(samples)
    wanted = method.chosen_ridge(x, y, fitting, judging)
    parted = method.ridge(x[fitting], y[fitting], made.ridge)(x[judging])
    best = method.ridge(x[fitting], y[fitting], wanted)(x[judging])
    assert np.sum((parted - y[judging]) ** 2) <= (1 + 1e-6) * np.sum((best - y[judging]) ** 2) + 1e-9
    np.testing.assert_array_equal(made.judged.indices, judging)
    np.testing.assert_allclose(made.judged.outputs, parted, rtol=1e-6, atol=1e-6)
    expected = method.ridge(x, y, made.ridge)(unseen)
    np.testing.assert_allclose(made(torch.tensor(unseen)), expected, rtol=1e-6, atol=1e-6)
    rounded = torch.tensor(unseen, dtype=torch.float32)
    assert made(rounded).dtype == torch.float32
    expected = method.ridge(x, y, made.ridge)(rounded.double().numpy())
    assert np.linalg.norm(made(rounded).numpy() - expected) < 1e-4 * np.linalg.norm(expected)


def test_features_are_made_in_batches_and_of_both_forms_alike(monkeypatch):
    x, y = tensors(normal(50, 4), normal(50, 2, seed=1))
    sizes = []

    def squares(batch):
        sizes.append(len(batch))
        return torch.cat([batch, batch**2], 1)

    whole = ridge_map(x, y, squares)
    sizes.clear()
    monkeypatch.setattr(regression, "PATHS_BATCH", 7)
    batched = ridge_map(x, y, squares)
    assert max(sizes[:-2]) == 7
    torch.testing.assert_close(batched.weight, whole.weight)
    assert batched.ridge == whole.ridge
    fitting, judging = fifth(50)
    forms = [form(x, y, squares, fitting, judging) for form in (regression.Primal, regression.Dual)]
    torch.testing.assert_close(forms[0].judged(0.01), forms[1].judged(0.01))
    for one, other in zip(*(form.whole(0.01) for form in forms), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("best", DECADES)
def test_coarse_decades_lead_to_the_best(best):
    tried = []

    def outputs_at(ridge):
        tried.append(round(np.log10(ridge)))
        apart = float(abs(tried[-1] - best))
        return torch.full((4, 1), apart) if ridge > 1e-11 or best == -12 else None

    ridge, outputs = chosen_ridge(outputs_at, torch.zeros(4, 1), COARSE, lambda share, text: None)
    expected = max(best, -10) if best != -12 else -12
    assert ridge == pytest.approx(10.0**expected)
    assert float(outputs[0]) == abs(expected - best)
    assert len(tried) == len(set(tried)) <= 10


def test_the_smallest_ridge_that_does_as_well_is_taken():
    """From 1e-3, the best, down to 1e-6 the errors differ by less than their standard error."""
    noise = torch.tensor([[1.0], [-0.9], [1.1], [-1.0]])

    def outputs_at(ridge):
        decade = round(np.log10(ridge))
        return (1.0 if decade >= -6 else 2.0) + 0.01 * abs(decade + 3) * noise

    ridge, outputs = chosen_ridge(outputs_at, torch.zeros(4, 1), 1, lambda share, text: None)
    assert ridge == pytest.approx(1e-6)
    torch.testing.assert_close(outputs, outputs_at(1e-6))


def test_a_ridge_beats_least_squares_where_there_are_as_many_unknowns_as_samples():
    x, unseen, direction = normal(60, 59), normal(2000, 59, seed=1), normal(59, 4, seed=2)
    y, wanted = np.maximum(x @ direction, 0), np.maximum(unseen @ direction, 0)
    made = ridge_map(*tensors(x, y))
    design = [np.concatenate([one, np.ones((len(one), 1))], axis=1) for one in (x, unseen)]
    least_squares = design[1] @ np.linalg.lstsq(design[0], y, rcond=None)[0]
    errors = [np.sum((found - wanted) ** 2) for found in (np.asarray(made(torch.tensor(unseen))), least_squares)]
    assert errors[0] < 0.1 * errors[1]
    assert errors[0] < np.sum((y.mean(axis=0) - wanted) ** 2)


def test_inputs_that_say_nothing_leave_the_mean():
    x, y = torch.full((30, 3), 2.0, dtype=torch.float64), torch.tensor(normal(30, 2))
    torch.testing.assert_close(ridge_map(x, y)(x[:4]), y.mean(0).expand(4, -1))


def test_inputs_that_are_not_finite_are_told():
    x, y = tensors(normal(30, 3), normal(30, 2))
    x[4, 1] = float("nan")
    with pytest.raises(InputError, match="expected finite inputs and outputs of the layer"):
        ridge_map(x, y)


def test_a_map_that_is_stopped():
    def stop(share, text):
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        ridge_map(*tensors(normal(30, 3), normal(30, 2)), progress=stop)


@pytest.mark.parametrize("widths", [(6, 9, 3), (9, 5, 3), (5, 5, 3)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("samples", [30, 200])
def test_controls_of_a_layer(widths, activation, samples):
    module = random_network(widths, activation)
    plain, layer = plain_layers(module, activation)[0], network_from_module(module, "m").layers[0]
    x, unseen = normal(samples, widths[0]).astype(np.float32), normal(300, widths[0], seed=1).astype(np.float32)
    scaled = scale_layer("homotopy", layer.double(), torch.tensor(x).double(), STEPS, -1.0)
    lifted, parts = LiftedState(scaled, state_alone, DELAYS), fifth(samples)
    wanted = {
        "lift_affine": method.lift_affine_baseline(plain, x.astype(float), *parts, STEPS, DELAYS),
        "affine": method.affine_baseline(plain, x.astype(float), *parts),
        "mean": method.mean_baseline(plain, x),
        "identity": method.identity_baseline(plain),
    }
    assert tuple(wanted) == CONTROLS
    for name, expected in wanted.items():
        found = control(name, layer, torch.tensor(x), -1.0, lifted)(torch.tensor(unseen))
        assert found.dtype == torch.float32
        error = np.linalg.norm(found.numpy() - expected(unseen)) / np.linalg.norm(expected(unseen))
        assert error < 2e-3, name  # float32 inputs, and ridges that do equally well


def test_the_lift_in_float32_is_that_in_float64():
    layer = network_from_module(random_network((6, 9, 3), "relu"), "m").layers[0]
    x = torch.tensor(normal(20, 6), dtype=torch.float32)
    lifted = LiftedState(scale_layer("homotopy", layer.double(), x.double(), STEPS, -1.0), state_alone, DELAYS)
    assert lifted(x).dtype == torch.float32
    torch.testing.assert_close(lifted(x).double(), lifted(x.double()), rtol=1e-5, atol=1e-5)
    assert lifted(x.double()).shape == (20, DELAYS * 9)


def layer_of(weight, activation):
    """Return the first layer of a network whose first weights are given."""
    module = random_network((weight.shape[1], weight.shape[0], 2), activation)
    module[0].weight = nn.Parameter(torch.tensor(weight, dtype=torch.float32))
    return network_from_module(module, "m").layers[0]


def test_r2_of_an_affine_layer_is_one():
    layer = network_from_module(random_network((6, 9, 3), "relu"), "m").layers[-1]
    x, unseen = tensors(normal(300, 9), normal(100, 9, seed=1), dtype=torch.float32)
    assert r2_linear(layer, x, unseen) == pytest.approx(1, abs=1e-9)


def test_r2_is_the_share_of_the_variance_that_the_map_explains():
    layer = layer_of(normal(5, 4), "relu")
    x, unseen = normal(200, 4).astype(np.float32), normal(400, 4, seed=1).astype(np.float32)
    wanted, outputs = (layer(torch.tensor(one)).numpy().astype(float) for one in (unseen, x))
    made = method.ridge(x.astype(float), outputs, method.chosen_ridge(x.astype(float), outputs, *fifth(200)))
    expected = 1 - np.sum((made(unseen) - wanted) ** 2) / np.sum((wanted - wanted.mean(axis=0)) ** 2)
    assert 0.5 < expected < 0.95
    assert r2_linear(layer, *map(torch.tensor, (x, unseen))) == pytest.approx(expected, abs=1e-4)


def test_a_layer_that_never_answers_is_affine():
    layer = layer_of(np.zeros((5, 4)), "relu")
    assert r2_linear(layer, *tensors(normal(50, 4), normal(20, 4, seed=1), dtype=torch.float32)) == 1
