"""Well-known architectures: each opens and gives its own outputs; every stage is stretched from input to output."""

import pytest
import torch
from reference.architectures import ARCHITECTURES, made, own, samples
from reference.parameters import holds_all, supported_share
from torch.nn import functional

from koopview.network.modules import network_from_module
from koopview.trajectory.scaling import scale_layer

STEPS, PAD = 4, -1.0


@pytest.fixture(scope="module", params=ARCHITECTURES)
def opened(request):
    """Return an architecture, its network, and inputs that were not seen when it was opened."""
    module = made(request.param)
    network = network_from_module(module, request.param, samples(request.param, 9, seed=2))
    return module, network, samples(request.param, 5)


def rows(x):
    """Return a row of numbers for each sample."""
    return x.reshape(len(x), -1)


def apart(found, expected):
    """Return the largest difference of two tensors, relative to the largest number of the second."""
    return float((rows(found) - rows(expected)).abs().max() / expected.abs().max())


def supported(network):
    """Return the layers of a network that can be replaced, of which there must be some."""
    found = [layer for layer in network.layers if not layer.reason]
    assert found
    return found


def test_its_own_outputs_are_reproduced_for_any_number_of_samples(opened):
    module, network, x = opened
    for given in (x, x[:2]):
        expected, found = own(module, given), network.run(given)
        assert apart(found, expected) < 1e-5
    assert network.out_shape == expected.shape[1:]


def test_all_parameters_stand_in_stages_that_can_be_replaced(opened):
    module, network, _ = opened
    assert supported_share(module, network) == 1.0


def test_the_network_goes_on_from_the_rows_of_any_stage(opened):
    """A stage takes rows and gives rows: from them the rest of the network gives the module's own outputs."""
    module, network, x = opened
    expected = own(module, x)
    for layer in supported(network):
        given = network.run(x, before=layer.name)
        made_of = layer(given)
        assert given.shape == (len(x), layer.inputs), layer.name
        assert made_of.shape == (len(x), layer.outputs), layer.name
        rest = made_of if layer is network.layers[-1] else network.run(made_of, after=layer.name)
        assert apart(rest, expected) < 1e-5, layer.name
        replaced = network.run(x, {layer.name: lambda rows, layer=layer: layer(rows)})
        assert apart(replaced, expected) < 1e-5, layer.name


def test_stages_in_float64_give_the_outputs_of_the_module_in_float64(opened):
    """The independent truth is the module itself in float64: a stage that rounds anywhere is told by its digits.

    Norms folded into what is before them, in float32, are right to float32.
    """
    module, network, x = opened
    exact, state = holds_all(module, network), x.double()
    for layer in network.layers:
        state = layer.double()(layer.arrange(state))
    try:
        torch.set_default_dtype(torch.float64)  # of tensors that a forward pass makes without a type
        expected = own(module.double(), x.double())
    finally:
        torch.set_default_dtype(torch.float32)
    module.float()
    assert state.dtype == torch.float64
    assert apart(state, expected) < (1e-11 if exact else 1e-6)


@pytest.mark.parametrize("form", ["homotopy", "linear"])
def test_ends_of_every_path_are_the_padded_input_and_output(opened, form):
    _, network, x = opened
    for layer in supported(network):
        doubled, given = layer.double(), network.run(x, before=layer.name).double()
        path = scale_layer(form, doubled, given, STEPS, PAD)(given, STEPS)
        start, end = (
            functional.pad(one, (0, layer.states - one.shape[1]), value=PAD) for one in (given, doubled(given))
        )
        assert path.shape == (len(x), STEPS + 1, layer.states), layer.name
        assert path.isfinite().all(), layer.name
        assert torch.equal(path[:, 0], start), layer.name
        assert apart(path[:, -1], end) < 1e-14, layer.name
