"""The scalings against their closed forms."""

import pytest
import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.activations import ACTIVATIONS, activation
from koopview.network.modules import linear_layer
from koopview.trajectory.padding import pad
from koopview.trajectory.scaling import CLOSED_FORMS, scale_layer

STEPS = 7


def layer(name="relu", inputs=5, outputs=3):
    """Return a random layer in float64."""
    torch.manual_seed(0)
    return linear_layer("0", nn.Linear(inputs, outputs).double().requires_grad_(False), activation(name), name)


def inputs(count=5):
    return torch.randn(4, count, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("path", CLOSED_FORMS)
@pytest.mark.parametrize("widths", [(5, 3), (3, 5), (4, 4)])
def test_ends_are_the_padded_input_and_output(path, name, widths):
    one, x = layer(name, *widths), inputs(widths[0])
    found = CLOSED_FORMS[path](one, x, STEPS, STEPS, -1.0)
    assert found.shape == (4, STEPS + 1, max(widths))
    torch.testing.assert_close(found[:, 0], pad(x, max(widths), -1.0))
    torch.testing.assert_close(found[:, -1], pad(one(x), max(widths), -1.0))


def test_relu_homotopy_is_a_leaky_relu_whose_slope_falls_from_one_to_zero():
    one, x = layer(outputs=6), inputs()
    found = CLOSED_FORMS["homotopy"](one, x, STEPS, STEPS, -1.0)
    for k in range(STEPS + 1):
        s = k / STEPS
        z = (1 - s) * pad(x, 6, -1.0) + s * one.affine(x)
        torch.testing.assert_close(found[:, k], nn.functional.leaky_relu(z, 1 - s))


def test_appended_entries_skip_the_activation():
    found = CLOSED_FORMS["homotopy"](layer("sigmoid"), inputs(), STEPS, STEPS, -2.0)
    for k in range(STEPS + 1):
        s = k / STEPS
        torch.testing.assert_close(found[:, k, 3:], (1 - s) * inputs()[:, 3:] + s * -2.0)


def test_linear_scaling_is_a_straight_line():
    found = CLOSED_FORMS["linear"](layer("gelu"), inputs(), STEPS, STEPS, -1.0)
    torch.testing.assert_close(found.diff(n=2, dim=1), torch.zeros(4, STEPS - 1, 5, dtype=torch.float64))


@pytest.mark.parametrize("path", CLOSED_FORMS)
def test_a_part_of_the_path_is_the_beginning_of_the_whole(path):
    whole = CLOSED_FORMS[path](layer("tanh"), inputs(), STEPS, STEPS, -1.0)
    torch.testing.assert_close(CLOSED_FORMS[path](layer("tanh"), inputs(), STEPS, 3, -1.0), whole[:, :4])


def test_inputs_stay_as_they_are():
    x = inputs()
    CLOSED_FORMS["homotopy"](layer(inputs=5, outputs=5), x, STEPS, STEPS, -1.0)
    torch.testing.assert_close(x, inputs())


def test_an_unknown_scaling_names_those_there_are():
    with pytest.raises(InputError, match="expected one of homotopy"):
        scale_layer("spline", layer(), inputs(), STEPS, -1.0)
