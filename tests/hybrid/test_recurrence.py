"""Time steps of a recurrent layer replaced by one operator, held against recurrences computed by hand in float64."""

import numpy as np
import pytest
import torch
from reference.examples import distance
from torch import nn

from koopview.errors import InputError
from koopview.hybrid.depth_paths import depth_paths, longest_path, path_from, path_near, path_of
from koopview.hybrid.passage import Passage
from koopview.hybrid.recurrence import recurrences
from koopview.hybrid.recurrent_path import RecurrentPath
from koopview.network.modules import network_from_module

STEPS, WIDTH, SIZE = 5, 3, 4
KINDS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Reader(nn.Module):
    """A recurrent layer, and a linear one of its last outputs, or of all of them."""

    def __init__(self, kind, layers=1, batch_first=True, whole=False, **others):
        super().__init__()
        torch.manual_seed(0)
        self.rnn = KINDS[kind](WIDTH, SIZE, num_layers=layers, batch_first=batch_first, **others)
        self.head = nn.LazyLinear(2)
        self.batch_first, self.whole = batch_first, whole
        self(torch.zeros(2, STEPS, WIDTH))

    def forward(self, x):
        states, _ = self.rnn(x if self.batch_first else x.transpose(0, 1))
        states = states if self.batch_first else states.transpose(0, 1)
        return self.head(states.flatten(1) if self.whole else states[:, -1])


def sequences(samples=40, seed=0, steps=STEPS):
    return torch.tensor(np.random.default_rng(seed).normal(size=(samples, steps, WIDTH)).astype(np.float32))


def read(module, x=None):
    x = sequences() if x is None else x
    return network_from_module(module.eval(), example=x[:5]), x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(cell, x):
    """Return h_0 to h_T, with the cell states of an LSTM behind them, by the formulas of PyTorch's documentation."""
    weight = {name: value.detach().double().numpy() for name, value in cell.named_parameters()}
    h, c = np.zeros((len(x), SIZE)), np.zeros((len(x), SIZE))
    found = [(h, c)]
    for step in range(x.shape[1]):
        given = x[:, step].double().numpy() @ weight["weight_ih_l0"].T + weight["bias_ih_l0"]
        held = h @ weight["weight_hh_l0"].T + weight["bias_hh_l0"]
        if isinstance(cell, nn.GRU):
            (ir, iz, new), (hr, hz, hn) = np.split(given, 3, 1), np.split(held, 3, 1)
            r, z = sigmoid(ir + hr), sigmoid(iz + hz)
            h = (1 - z) * np.tanh(new + r * hn) + z * h
        elif isinstance(cell, nn.LSTM):
            i, f, g, o = np.split(given + held, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            h = np.tanh(given + held)
        found.append((h, c))
    return [np.hstack(pair) if isinstance(cell, nn.LSTM) else pair[0] for pair in found]


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_formulas(kind):
    module = Reader(kind)
    path = longest_path(*read(module))
    assert (path.layer, path.names) == ("rnn", ("1", "2", "3", "4", "5"))
    passage = path.passage(sequences(), range(STEPS + 1))
    for k, expected in enumerate(by_hand(module.rnn, sequences())):
        np.testing.assert_allclose(passage.states[k].numpy(), expected, atol=1e-6)
    for k in range(STEPS):
        assert torch.equal(passage.inputs[k], sequences()[:, k])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("start", "end"), [(0, STEPS), (0, 2), (1, 3), (4, STEPS)])
def test_true_states_put_back_give_the_networks_own_outputs(kind, layers, batch_first, whole, start, end):
    network, x = read(Reader(kind, layers, batch_first, whole))
    path = longest_path(network, x)
    passage = path.passage(x, path.needed(start, end))
    assert passage.states[start].shape == (len(x), layers * SIZE * (2 if kind == "lstm" else 1))
    torch.testing.assert_close(path.outputs(x, start, end, passage.after(start, end)), network.run(x))


@pytest.mark.parametrize("whole", [True, False])
def test_what_follows_the_replaced_steps_goes_on_from_the_predicted_state(whole):
    """Against the outputs of a GRU by hand: steps 1 and 2 replaced, then its own."""
    module = Reader("gru", whole=whole)
    network, x = read(module)
    predicted = [torch.full((len(x), SIZE), value) for value in (0.25, -0.5)]
    found = longest_path(network, x).outputs(x, 1, 3, torch.cat(predicted, 1))
    states = module.rnn(x[:, :1])[0].detach()
    following = module.rnn(x[:, 3:], predicted[-1][None])[0].detach()
    every = torch.cat([states, *[one[:, None] for one in predicted], following], 1)
    expected = module.head(every.flatten(1) if whole else every[:, -1]).detach()
    torch.testing.assert_close(found, expected)


def test_a_projected_lstm_gives_its_projected_hidden_state():
    network, x = read(Reader("lstm", proj_size=2, whole=True))
    path = longest_path(network, x)
    assert path.shape == (2 + SIZE,)
    passage = path.passage(x, path.needed(1, 4))
    torch.testing.assert_close(path.outputs(x, 1, 4, passage.after(1, 4)), network.run(x))


def test_an_exported_network_whose_layer_is_an_operator_is_told_step_by_step():
    class Asking(Reader):
        def forward(self, x):
            if x.shape[1] != STEPS:
                raise ValueError("another length")
            return super().forward(x)

    module = Asking("lstm", layers=2)
    network, x = read(module)
    path = longest_path(network, x)
    assert path.shape == (4 * SIZE,)
    passage = path.passage(x, path.needed(0, STEPS))
    torch.testing.assert_close(path.outputs(x, 0, STEPS, passage.after(0, STEPS)), module(x).detach())


# The operator


def linear_passage(samples, seed, steps=STEPS, driven=True):
    """Return the Passage of h' = A h + B u + c in float64, and A."""
    fixed = np.random.default_rng(9)
    a, b, c = 0.4 * fixed.normal(size=(SIZE, SIZE)), fixed.normal(size=(SIZE, WIDTH)), fixed.normal(size=SIZE)
    rng = np.random.default_rng(seed)
    u = rng.normal(size=(samples, steps, WIDTH)) * driven
    states = [rng.normal(size=(samples, SIZE))]
    for k in range(steps):
        states.append(states[-1] @ a.T + u[:, k] @ b.T + c)
    inputs = {k: torch.tensor(u[:, k]) for k in range(steps)} if driven else {}
    return Passage({k: torch.tensor(one) for k, one in enumerate(states)}, inputs), a


def maps_of(passage, states="flat"):
    return RecurrentPath.maps(None, passage, states, 0)


@pytest.mark.parametrize("driven", [True, False])
@pytest.mark.parametrize(("start", "blocks"), [(0, 1), (0, STEPS), (2, 3)])
def test_a_linear_recurrence_is_replaced_exactly(start, blocks, driven):
    fitting, a = linear_passage(300, 0, driven=driven)
    operator, functions = maps_of(fitting).fitted(start, blocks)
    test, _ = linear_passage(50, 1, driven=driven)
    given, wanted = test.given(start, start + blocks), test.after(start, start + blocks)
    errors = {name: float((run(given) - wanted).abs().max()) for name, run in functions.items()}
    assert max(errors[name] for name in ("koopman", "affine", "affine_blocks")) < 1e-7
    assert min(errors["skip"], errors["mean"]) > 0.1
    assert distance(operator.eigenvalues, [*np.linalg.eigvals(a), 1.0]) < 1e-7
    assert len(operator.eigenvalues) == operator.rank == SIZE + 1


def test_the_operator_is_numpys_least_squares_over_all_pairs():
    """A bent recurrence, with a ridge of no weight: the same matrices as numpy in float64."""
    module = Reader("gru")
    x = sequences(300)
    states, u = by_hand(module.rnn, x), x.double().numpy()
    rows = np.vstack([np.hstack([states[k], u[:, k], np.ones((300, 1))]) for k in range(1, 4)])
    expected = np.linalg.lstsq(rows, np.vstack(states[2:5]), rcond=None)[0]
    passage = Passage(
        {k: torch.tensor(one) for k, one in enumerate(states)}, {k: torch.tensor(u[:, k]) for k in range(STEPS)}
    )
    operator, _ = maps_of(passage).fitted(1, 3)
    assert operator.ridge < 1e-3
    np.testing.assert_allclose(np.vstack([operator.weight, operator.offset]), expected, atol=5 * operator.ridge + 1e-8)


def test_without_inputs_nothing_of_them_is_used():
    network, x = read(Reader("gru"))
    blind = longest_path(network, x, driven=False)
    passage = blind.passage(x, range(STEPS + 1))
    assert passage.inputs == {}
    operator, functions = blind.maps(passage, "flat", 0).fitted(0, STEPS)
    found = functions["koopman"](passage.given(0, STEPS))
    assert float((found - found[0]).abs().max()) < 1e-6  # all begin at h_0, and nothing tells them apart
    assert operator.weight.shape == (SIZE, SIZE)


@pytest.mark.parametrize("samples", [6, 40, 300])
def test_one_step_is_replaced_by_the_same_map_as_its_affine_controls(samples):
    network, _ = read(Reader("gru"))
    path, x = longest_path(network, sequences()), sequences(samples)
    passage = path.passage(x, range(STEPS + 1))
    _, functions = path.maps(passage, "flat", 0).fitted(2, 1)
    given = passage.given(2, 3)
    torch.testing.assert_close(functions["koopman"](given), functions["affine"](given), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(functions["affine_blocks"](given), functions["affine"](given))
    torch.testing.assert_close(functions["skip"](given), passage.states[2])
    torch.testing.assert_close(functions["mean"](given)[0], passage.states[3].mean(0))


def test_components_are_states_too_and_say_what_they_lose():
    passage, _ = linear_passage(200, 0)
    few = maps_of(passage, "pca:2")
    assert not few.states.lossless
    back = few.projected(passage.after(0, 2))
    for part, state in zip(back.split(SIZE, 1), (passage.states[1], passage.states[2]), strict=True):
        torch.testing.assert_close(part, few.states.states(few.states.written(state)))
    _, functions = maps_of(passage, "pca:4").fitted(0, 2)  # all of them lose nothing
    torch.testing.assert_close(functions["koopman"](passage.given(0, 2)), passage.after(0, 2))


def test_the_linearity_of_a_linear_step_is_one_only_with_its_inputs():
    passage, _ = linear_passage(200, 0)
    test, _ = linear_passage(50, 1)
    seen = maps_of(passage).linearity(1, lambda: (test.given(1, 2), test.after(1, 2)))
    assert min(seen.score, seen.apart, seen.update, seen.update_apart) == pytest.approx(1.0, abs=1e-8)
    blind = Passage(passage.states, {})
    alone = maps_of(blind).linearity(1, lambda: (test.states[1], test.states[2]))
    assert alone.score < 0.9
    assert alone.skip == seen.skip


# Which paths there are


def test_a_layer_of_both_directions_says_why_it_has_no_steps():
    with pytest.raises(InputError, match=r"has no residual stream: .*; rnn reads its sequence in both directions"):
        longest_path(*read(Reader("gru", bidirectional=True)))


def test_several_recurrent_layers_are_paths_of_their_own_and_are_chosen_by_name():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.one, self.two = nn.GRU(WIDTH, SIZE, batch_first=True), nn.LSTM(SIZE, 6, batch_first=True)
            self.head = nn.Linear(6, 2)

        def forward(self, x):
            return self.head(self.two(self.one(x)[0])[0][:, -1])

    network, x = read(Two())
    assert [(path.layer, path.shape) for path in depth_paths(network, x)] == [("one", (SIZE,)), ("two", (12,))]
    assert path_of(network, x, "two").layer == path_near(network, x, "two").layer == "two"
    assert path_near(network, x, "head").layer == "one"
    path, index = path_from(network, x, "3", 2, "two")
    assert (path.layer, index) == ("two", 2)
    with pytest.raises(InputError, match=r"layer is 'head', which is on no path of model, expected one of 1 to 5, the"):
        path_of(network, x, "head")
    with pytest.raises(InputError, match=r"start is '6', .* expected one of 1 to 5, the time steps of one"):
        path_from(network, x, "6", 1)
    with pytest.raises(InputError, match="blocks is 3, expected 1 to 2"):
        path_from(network, x, "4", 3)
    found = path_of(network, x, "two")
    passage = found.passage(x, found.needed(1, 4))
    torch.testing.assert_close(found.outputs(x, 1, 4, passage.after(1, 4)), network.run(x))


def test_a_sequence_of_one_step_is_no_path():
    network, x = read(Reader("gru"), sequences(steps=1))
    assert recurrences(network, x[:2]) == []
