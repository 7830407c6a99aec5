"""The scalings against their closed forms, at every schedule."""

import numpy as np
import pytest
import torch
from torch import nn

from koopview.errors import InputError
from koopview.koopman import fit_dmd
from koopview.network.activations import ACTIVATIONS, activation
from koopview.network.grouping import linear_layer
from koopview.trajectory import CLOSED_FORMS, LEARNED, SCALINGS
from koopview.trajectory.padding import padded
from koopview.trajectory.scaling import scale_layer, scaling_called
from koopview.trajectory.schedule import checked_schedule, lift_fraction, path_shares

STEPS = 7
SCHEDULES = ("uniform", "geometric:0.8", "geometric:1.2")


def layer(name="relu", inputs=5, outputs=3):
    """Return a random layer in float64."""
    torch.manual_seed(0)
    return linear_layer("0", nn.Linear(inputs, outputs).double().requires_grad_(False), activation(name), name)


def inputs(count=5):
    return torch.randn(4, count, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def path(name, one, x, schedule=None, pad=-1.0, until=STEPS):
    """Return the states of inputs x of a layer scaled by a formula."""
    return scale_layer(name, one, x, STEPS, pad, schedule=schedule)(x, until)


def shares(schedule):
    """Return the shares of the path by their definition: every step RHO times the one before."""
    rho = 1.0 if schedule == "uniform" else float(schedule.partition(":")[2])
    ends = np.cumsum([0.0, *(rho**k for k in range(STEPS))])
    return ends / ends[-1]


def test_each_closed_form_has_its_formula():
    assert all(callable(scaling_called(name)) for name in SCALINGS)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("form", CLOSED_FORMS)
@pytest.mark.parametrize("widths", [(5, 3), (3, 5), (4, 4)])
def test_ends_are_the_padded_input_and_output_to_rounding(form, name, widths, schedule):
    one, x = layer(name, *widths), inputs(widths[0])
    found = path(form, one, x, schedule)
    assert found.shape == (4, STEPS + 1, max(widths))
    torch.testing.assert_close(found[:, 0], padded(x, max(widths), -1.0), rtol=0, atol=0)
    torch.testing.assert_close(found[:, -1], padded(one(x), max(widths), -1.0), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_relu_homotopy_is_a_leaky_relu_whose_slope_falls_from_one_to_zero(schedule):
    one, x = layer(outputs=6), inputs()
    found = path("homotopy", one, x, schedule)
    for k, s in enumerate(shares(schedule)):
        z = (1 - s) * padded(x, 6, -1.0) + s * one.affine(x)
        torch.testing.assert_close(found[:, k], nn.functional.leaky_relu(z, 1 - s))


def test_appended_entries_skip_the_activation():
    found = path("homotopy", layer("sigmoid"), inputs(), pad=-2.0)
    for k in range(STEPS + 1):
        s = k / STEPS
        torch.testing.assert_close(found[:, k, 3:], (1 - s) * inputs()[:, 3:] + s * -2.0)


def test_linear_scaling_is_a_straight_line():
    found = path("linear", layer("gelu"), inputs())
    torch.testing.assert_close(found.diff(n=2, dim=1), torch.zeros(4, STEPS - 1, 5, dtype=torch.float64))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("form", CLOSED_FORMS)
def test_a_part_of_the_path_is_the_beginning_of_the_whole(form, schedule):
    whole = path(form, layer("tanh"), inputs(), schedule)
    torch.testing.assert_close(path(form, layer("tanh"), inputs(), schedule, until=3), whole[:, :4])


def test_inputs_stay_as_they_are():
    x = inputs()
    path("homotopy", layer(inputs=5, outputs=5), x)
    torch.testing.assert_close(x, inputs())


def test_an_unknown_scaling_names_those_there_are():
    with pytest.raises(InputError, match="expected one of homotopy"):
        scale_layer("spline", layer(), inputs(), STEPS, -1.0)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_shares_of_a_path(schedule):
    made = scale_layer("homotopy", layer(), inputs(), STEPS, -1.0, schedule=schedule)
    np.testing.assert_allclose(made.shares, shares(schedule), rtol=1e-14)
    assert (made.shares[0], made.shares[-1], made.schedule) == (0, 1, schedule)
    for delays in range(1, STEPS + 1):
        assert lift_fraction(delays, STEPS, schedule) == pytest.approx(shares(schedule)[delays - 1], rel=1e-14)


def test_without_a_schedule_steps_are_even():
    made = scale_layer("homotopy", layer(), inputs(), STEPS, -1.0)
    assert made.schedule == "uniform"
    np.testing.assert_array_equal(made.shares, np.arange(STEPS + 1) / STEPS)
    np.testing.assert_array_equal(path_shares(None, STEPS), made.shares)
    assert lift_fraction(3, STEPS) == 2 / STEPS


def test_spellings_of_a_schedule():
    assert checked_schedule(" geometric ") == checked_schedule("geometric:0.950") == "geometric:0.95"
    assert checked_schedule("geometric:1") == checked_schedule("uniform") == "uniform"


@pytest.mark.parametrize(
    "text", ["even", "uniform:1", "geometric:0", "geometric:3", "geometric:nan", "geometric:x", ""]
)
def test_no_schedule(text):
    with pytest.raises(InputError, match="expected uniform, geometric or geometric:RHO with RHO from") as caught:
        checked_schedule(text)
    assert caught.value.options == ("--schedule",)


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_learned_scaling_has_no_schedule(name, schedule):
    with pytest.raises(InputError, match=f"{name}, expected none, or the scaling homotopy or linear") as caught:
        scale_layer(name, layer(), inputs(), STEPS, -1.0, schedule=schedule)
    assert caught.value.options == ("--schedule",)


def operator_between_kinks(schedule):
    """Return the operator of a ReLU layer's homotopy on paths that stay negative, and so never meet the kink."""
    one = layer(inputs=1, outputs=1)
    one.affine.weight.fill_(0.5)
    one.affine.bias.fill_(-3.0)
    x = -3 * torch.rand(50, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    paths = scale_layer("homotopy", one, x, 20, -1.0, schedule=schedule)(x, 20)
    return fit_dmd(paths.numpy(), 10, 3)


@pytest.mark.parametrize("rho", [0.8, 0.9])
def test_a_geometric_path_between_kinks_is_a_sum_of_three_powers(rho):
    values = operator_between_kinks(f"geometric:{rho}").eigenvalues
    np.testing.assert_allclose(sorted(values.real), [rho**2, rho, 1.0], rtol=0, atol=1e-12)
    assert not values.imag.any()


def test_a_uniform_path_between_kinks_is_a_jordan_block_at_one():
    operator = operator_between_kinks("uniform")
    nilpotent = operator.matrix - np.eye(3)
    assert np.linalg.norm(nilpotent @ nilpotent) > 0.1
    np.testing.assert_allclose(nilpotent @ nilpotent @ nilpotent, np.zeros((3, 3)), atol=1e-12)
    assert np.linalg.cond(np.linalg.eig(operator.matrix)[1]) > 1e6
