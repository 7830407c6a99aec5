"""The learned scalings: what they reach, that a flow is autonomous, where inserted layers start, when they stop."""

import numpy as np
import pytest
import torch
from torch import nn

from koopview.errors import Cancelled, InputError
from koopview.network.activations import activation
from koopview.network.grouping import linear_layer
from koopview.trajectory import LEARNED
from koopview.trajectory.directions import subspace
from koopview.trajectory.homotopy import homotopy
from koopview.trajectory.inserted import SHARES, Inserted, start_at_best_path, start_at_path
from koopview.trajectory.learning import LEAST_TO_SPLIT, Schedule, learn, split
from koopview.trajectory.padding import padded
from koopview.trajectory.scaling import scale_layer

STEPS = 5


def layer_of(weight, name="identity"):
    """Return a float64 layer of a weight matrix (outputs, inputs)."""
    affine = nn.Linear(weight.shape[1], weight.shape[0]).double().requires_grad_(False)
    affine.weight.copy_(torch.as_tensor(weight))
    affine.bias.zero_()
    return linear_layer("0", affine, activation(name), name)


def relu_layer():
    return layer_of(np.random.default_rng(0).normal(size=(3, 4)), "relu")


def inputs(count=200, width=4):
    return torch.randn(count, width, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def silent(share, text):
    pass


@pytest.fixture(params=LEARNED)
def learned(request):
    return scale_layer(request.param, relu_layer(), inputs(), STEPS, -1.0)


def test_the_end_comes_near_to_the_layers_output_and_is_called_inexact(learned):
    x = torch.randn(500, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    wanted = relu_layer()(x)
    error = (learned.output(x) - wanted).square().mean().sqrt() / wanted.std()
    assert error < 0.2
    assert error > 0
    assert not learned.exact


def test_a_path_starts_at_the_padded_input_and_a_part_of_it_is_the_beginning_of_the_whole(learned):
    whole = learned(inputs(), STEPS)
    assert whole.shape == (200, STEPS + 1, 4)
    assert whole.dtype == torch.float64
    torch.testing.assert_close(whole[:, 0], padded(inputs(), 4, -1.0))
    torch.testing.assert_close(learned(inputs(), 2), whole[:, :3])


def test_a_flow_moves_by_what_its_state_says_alone():
    made = scale_layer("flow", relu_layer(), inputs(), STEPS, -1.0)
    path = made(inputs(), STEPS)
    torch.testing.assert_close(path.diff(dim=1), torch.stack([made.g(x) / STEPS for x in path[:, :-1].unbind(1)], 1))


def test_a_flow_finds_a_layer_that_is_one_of_a_linear_system():
    velocity = torch.tensor([[0.0, 1.0], [-1.0, -0.3]], dtype=torch.float64)
    layer = layer_of(torch.matrix_exp(velocity))
    made = scale_layer("flow", layer, inputs(400, 2), 20, -1.0)
    x = inputs(50, 2)
    assert (made.output(x) - layer(x)).abs().max() < 0.1
    middle = torch.linalg.matrix_power(torch.matrix_exp(velocity / 20), 10)
    assert (made(x, 10)[:, -1] - x @ middle.T).abs().mean() < 0.3  # any path may lead there; a straight one is near


def test_a_flows_number_of_steps_may_change_afterwards():
    made = scale_layer("flow", relu_layer(), inputs(), 20, -1.0)
    before = made.output(inputs())
    made.steps = 40
    assert made(inputs(), 40).shape == (200, 41, 4)
    assert (made.output(inputs()) - before).abs().mean() < 0.2 * before.std()


def test_inserted_layers_of_a_linear_layer_start_as_its_homotopy():
    layer, x = layer_of(np.random.default_rng(2).normal(size=(4, 4))), inputs()
    made = Inserted(layer, STEPS, -1.0, subspace(x, layer(x))).double()
    with torch.no_grad():
        start_at_path(made, x, split(len(x), torch.Generator().manual_seed(0)), 1.0, silent)
        torch.testing.assert_close(
            made(x, STEPS), homotopy(layer, x, torch.arange(STEPS + 1).double() / STEPS, -1.0), rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_steps_of_a_relu_after_the_affine_part_are_the_relu(name):
    layer, x, unseen = layer_of(np.random.default_rng(2).normal(size=(3, 4)), name), inputs(), 3 * inputs(50)
    made = Inserted(layer, STEPS, -1.0, subspace(x, padded(layer(x), 4, -1.0))).double()
    with torch.no_grad():
        start_at_path(made, x, split(len(x), torch.Generator().manual_seed(0)), 1 / STEPS, silent)
        slopes = torch.tensor([1 - k / STEPS * (1 - layer.activation(torch.tensor(-1.0)).neg()) for k in range(1, 6)])
        wanted = torch.where(layer.affine(unseen) > 0, 1.0, slopes.prod().double()) * layer.affine(unseen)
        torch.testing.assert_close(made.output(unseen), wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_inserted_layers_start_where_samples_apart_end_nearest(name):
    layer, x = layer_of(np.random.default_rng(0).normal(size=(3, 4)), name), inputs()
    made = Inserted(layer, STEPS, -1.0, subspace(x, padded(layer(x), 4, -1.0))).double()
    parts = split(len(x), torch.Generator().manual_seed(0))

    def error():
        return float((made.output(x) - layer(x))[parts[1]].square().sum())

    with torch.no_grad():
        start_at_best_path(made, x, layer(x), parts, silent)
        best, each = error(), []
        for share in SHARES:
            start_at_path(made, x, parts, share, silent)
            each.append(error())
    assert best == pytest.approx(min(each))
    assert np.argmin(each) == ["relu", "tanh"].index(name)


def test_equal_seeds_give_equal_paths(learned):
    name = "flow" if hasattr(learned, "velocity") else "inserted"
    again = scale_layer(name, relu_layer(), inputs(), STEPS, -1.0)
    torch.testing.assert_close(learned(inputs(), STEPS), again(inputs(), STEPS), rtol=0, atol=0)
    other = scale_layer(name, relu_layer(), inputs(), STEPS, -1.0, seed=1)
    assert not torch.equal(learned(inputs(), STEPS), other(inputs(), STEPS))


@pytest.mark.parametrize("name", LEARNED)
def test_learning_stops_when_it_is_told_to_and_leaves_the_layer_as_it_was(name):
    layer = relu_layer()
    before = layer.affine.weight.clone()

    def stop(share, text):
        if share > 0.02:
            raise Cancelled

    with pytest.raises(Cancelled):
        scale_layer(name, layer, inputs(), STEPS, -1.0, progress=stop)
    torch.testing.assert_close(layer.affine.weight.double(), before)


def test_samples_that_judge_take_no_step():
    train, held = split(50, torch.Generator().manual_seed(0))
    assert sorted([*train.tolist(), *held.tolist()]) == list(range(50))
    assert len(held) == 10
    train, held = split(LEAST_TO_SPLIT - 1, torch.Generator().manual_seed(0))
    assert torch.equal(train, held)


def test_learning_ends_early_and_keeps_the_best():
    slope = torch.zeros(1, requires_grad=True)
    x = torch.linspace(-1, 1, 100)[:, None]
    passes = []
    schedule = Schedule(updates=100_000, batch=20, rate=0.05, patience=3)
    learn(
        [slope],
        lambda x: x * slope,
        x,
        2 * x,
        schedule,
        torch.Generator().manual_seed(0),
        lambda share, text: passes.append(share),
    )
    assert slope.item() == pytest.approx(2, abs=0.05)
    assert len(passes) < 5_000


def test_more_inserted_layers_than_memory_holds_are_refused_before_anything_is_learned(monkeypatch):
    monkeypatch.setattr("koopview.memory.free_memory", lambda: 1000)
    with pytest.raises(InputError, match=r"learning 5 layers would take .* expected fewer steps"):
        scale_layer("inserted", relu_layer(), inputs(), STEPS, -1.0)
