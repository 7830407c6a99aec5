"""A study's numbers against the method written out in plain numpy (tests/reference/method.py)."""

import numpy as np
import pytest
import torch
from reference import method
from reference.examples import distance, labelled_inputs, plain_layers, random_network

import koopview
from koopview.hybrid.parts import fifth

FIT, STEPS = 300, 12
WIDTHS = (6, 9, 9, 4, 3)  # n < m, n = m, n > m, and a last layer without activation
NAMES = ("0", "2", "4", "6")
POINTS = 0.005
"""Half a point of accuracy: the network runs in float32 here, in float64 there, so a sample on the border may turn."""


def half_trained(activation):
    """Return a network that a few passes taught a curved border: its layers are no longer random."""
    module = random_network(WIDTHS, activation, seed=5)
    x = torch.tensor(np.random.default_rng(2).normal(size=(600, 6)), dtype=torch.float32)
    y = (x[:, 0] * x[:, 1] > 0).long() + (x.square().sum(1) > 8).long()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(module(x), y).backward()
        optimizer.step()
    return module.requires_grad_(False)


class Case:
    """One network with its data, as the engine and as the reference see them."""

    def __init__(self, module, activation):
        self.layers = plain_layers(module, activation)
        x, y = labelled_inputs(self.layers, 1500)
        self.study = koopview.Study(module, koopview.Dataset(x[:1100], y[:1100], x[1100:], y[1100:]))
        self.fit_inputs = x[:FIT].astype(np.float64)
        self.test_inputs, self.labels = x[1100:].astype(np.float64), y[1100:]
        self.original = method.run(self.layers, self.test_inputs)

    def accuracy(self, places, make):
        """Return the test accuracy with the layers at `places` replaced by what `make` gives."""
        return method.accuracy(self.outputs(places, make), self.labels)

    def outputs(self, places, make):
        """Return the test outputs with the layers at `places` replaced."""
        replaced = method.replaced_in_order(self.layers, places, self.fit_inputs, make)
        return method.run(self.layers, self.test_inputs, replaced)

    def hybrid(self, places, delays, rank, scaling="homotopy", value=-1.0):
        """Return the hybrid's test outputs and A_r of each replaced layer by its place, by the reference."""
        matrices = []

        def make(layer, inputs):
            function, matrix = method.hybrid_layer(layer, inputs, STEPS, delays, rank, scaling, value)
            matrices.append(matrix)
            return function

        outputs = self.outputs(places, make)
        return outputs, dict(zip(sorted(places), matrices, strict=True))


@pytest.fixture(scope="module", params=["relu", "gelu", "tanh", "relu trained"])
def case(request):
    activation = request.param.split()[0]
    module = half_trained(activation) if "trained" in request.param else random_network(WIDTHS, activation)
    return Case(module, activation)


def check(case, places, delays, rank, scaling="homotopy", value=-1.0):
    """Hold the engine's fit of `places` against the reference's."""
    outputs, matrices = case.hybrid(places, delays, rank, scaling, value)
    place = places[-1]
    fit = case.study.fit(
        NAMES[place],
        replaced=tuple(NAMES[p] for p in places),
        scaling=scaling,
        schedule="uniform",
        steps=STEPS,
        delays=delays,
        rank=rank,
        samples=FIT,
        pad=value,
    )
    result = fit.result
    assert result.rank == len(matrices[place])
    assert result.output_error == pytest.approx(method.output_error(outputs, case.original), rel=1e-3, abs=1e-6)
    assert result.accuracy["hybrid"] == pytest.approx(method.accuracy(outputs, case.labels), abs=POINTS)
    agreed = method.accuracy(outputs, case.original.argmax(axis=1))
    assert result.agreement == pytest.approx(agreed, abs=POINTS)
    return result.eigenvalues, np.linalg.eigvals(matrices[place])


def leading(values, gap=1e-3):
    """Return the eigenvalues of largest modulus that stand `gap` apart from all others: those rounding cannot move."""
    apart = np.abs(values[:, None] - values[None]) + np.eye(len(values))
    return values[(np.abs(values) > 0.5) & (apart.min(axis=1) > gap)]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("delays", [1, 5, STEPS])
@pytest.mark.parametrize("rank", [3, 8, 20])
def test_one_layer_replaced(case, place, delays, rank):
    found, expected = check(case, (place,), delays, rank)
    assert distance(found, leading(expected)) < 1e-4  # what comes in is float32


@pytest.mark.parametrize("places", [(0, 1), (0, 2), (1, 3), (0, 1, 2, 3)])
def test_several_layers_replaced_in_network_order_each_fed_by_the_hybrid_before(case, places):
    found, expected = check(case, places, 4, 12)
    assert distance(found, leading(expected)) < 1e-4  # what comes in is float32


@pytest.mark.parametrize("place", range(3))
def test_linear_scaling(case, place):
    found, expected = check(case, (place,), 2, 6, scaling="linear")
    assert distance(found, leading(expected)) < 1e-4  # what comes in is float32


@pytest.mark.parametrize("value", [0.0, -1.0, 3.0])
def test_value_of_appended_entries(case, value):
    found, expected = check(case, (2,), 3, 10, value=value)
    assert distance(found, leading(expected)) < 1e-4  # what comes in is float32


@pytest.mark.parametrize("delays", [1, 5])
def test_a_rank_that_the_data_do_not_have_is_lowered_alike(delays):
    case = Case(random_network((4, 5, 5, 3), "tanh"), "tanh")
    paths = method.homotopy(case.layers[0], case.fit_inputs, STEPS)
    s = method.dmd(paths, delays, 1)[2]
    result = case.study.fit("0", schedule="uniform", steps=STEPS, delays=delays, rank=1000, samples=FIT).result
    assert result.rank == result.numerical_rank == np.sum(s > 10 * method.SINGLE * s[0])
    np.testing.assert_allclose(result.singular_values[: result.rank], s[: result.rank], rtol=1e-6)


@pytest.mark.parametrize("places", [(0,), (1,), (2,), (3,), (0, 2), (0, 1, 2, 3)])
def test_baselines(case, places):
    accuracies = case.study.fit(
        NAMES[places[0]],
        replaced=tuple(NAMES[p] for p in places),
        schedule="uniform",
        steps=STEPS,
        delays=1,
        rank=3,
        samples=FIT,
    ).result.accuracy
    makers = {
        "affine": lambda layer, inputs: method.affine_baseline(layer, inputs, *fifth(len(inputs))),
        "lift_affine": lambda layer, inputs: method.lift_affine_baseline(layer, inputs, *fifth(len(inputs)), STEPS, 1),
        "mean": method.mean_baseline,
        "identity": lambda layer, inputs: method.identity_baseline(layer),
    }
    for name, make in makers.items():
        assert accuracies[name] == pytest.approx(case.accuracy(places, make), abs=POINTS), name
    assert accuracies["original"] == pytest.approx(method.accuracy(case.original, case.labels), abs=POINTS)
    assert accuracies["scaled"] == pytest.approx(accuracies["original"], abs=POINTS)


def test_accuracy_of_each_class(case):
    result = case.study.fit("2", schedule="uniform", steps=STEPS, delays=4, rank=10, samples=FIT).result
    outputs, _ = case.hybrid((1,), 4, 10)
    for of, logits in (("original", case.original), ("hybrid", outputs)):
        for label, share in enumerate(result.per_class[of]):
            chosen = case.labels == label
            if chosen.any():
                expected = method.accuracy(logits[chosen], label)
                assert share == pytest.approx(expected, abs=1.5 / chosen.sum())
            else:
                assert np.isnan(share)


def test_shown_paths_are_the_first_test_samples_scaled(case):
    result = case.study.fit("4", schedule="uniform", steps=STEPS, delays=4, rank=10, samples=FIT).result
    inputs = method.run(case.layers[:2], case.test_inputs[: len(result.paths)])
    np.testing.assert_allclose(result.paths, method.homotopy(case.layers[2], inputs, STEPS), atol=1e-5)
    np.testing.assert_array_equal(result.path_labels, case.labels[: len(result.paths)])
