"""A layer replaced with other observables than delays: its last step, its modes, its rank, its memory."""

import numpy as np
import pytest
import torch
from reference.examples import random_network

import koopview
from koopview import memory
from koopview.errors import InputError
from koopview.koopman.observables import usual_centres
from koopview.memory import GIB


@pytest.fixture(scope="module")
def study():
    module = random_network((5, 8, 4, 3), "tanh", seed=1)
    x = np.random.default_rng(0).normal(size=(700, 5)).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    return koopview.Study(module, koopview.Dataset(x[:500], y[:500], x[500:], y[500:]))


def outputs(fit):
    setup = fit.fitted.setup
    network, x = setup.network, torch.tensor(setup.dataset.x_test)
    return fit.module()(network.run(x, before=fit.settings.layer)).double().numpy()


def written_out(study, layer, name, steps):
    """Return the replaced layer's outputs by EDMD with the pseudo-inverse, last step exact."""
    fit = study.fit(layer, observables=name, centres=30, samples=300, steps=steps, delays=1)
    own = fit.layer_fits[layer]
    fitted, test = (torch.tensor(x) for x in (study.dataset.x_train[:300], study.dataset.x_test))
    inputs = [study.network.run(x, before=layer).double() for x in (fitted, test)]
    seen = own.observables(own.scaled(inputs[0], steps)).numpy()
    features = seen.shape[2]
    operator = seen[:, 1:].reshape(-1, features).T @ np.linalg.pinv(
        seen[:, :-1].reshape(-1, features).T, rcond=10 * np.finfo(np.float32).eps
    )
    start = own.observables(own.scaled(inputs[1], steps)[:, :1]).numpy()[:, 0]
    return fit, (start @ np.linalg.matrix_power(operator, steps).T)[:, : own.layer.outputs]


@pytest.mark.parametrize("layer", ["0", "2"])
@pytest.mark.parametrize("name", ["polynomial", "rbf"])
@pytest.mark.parametrize("steps", [1, 4])
def test_the_replaced_layer_is_edmd_written_out(study, layer, name, steps):
    fit, expected = written_out(study, layer, name, steps)
    np.testing.assert_allclose(outputs(fit), expected, atol=1e-4)


def test_one_step_and_one_delay_are_what_other_observables_take_unless_told_otherwise(study):
    usual = study.settings("0", observables="rbf")
    assert (usual.steps, usual.delays, usual.lift_fraction) == (1, 1, 0)
    told = study.settings("0", observables="rbf", delays=3)
    assert (told.steps, told.delays) == (20, 3)
    assert (study.settings("0").steps, study.settings("0").delays) == (20, 6)


def test_what_the_inputs_do_not_span_is_reached():
    """Half of the inputs are constant, as a picture's rim is, and the outputs that take their place are not."""
    module = random_network((6, 6, 3), "tanh", seed=2)
    x = np.random.default_rng(1).normal(size=(900, 6)).astype(np.float32)
    x[:, :3] = 0
    study = koopview.Study(module, koopview.Dataset(x[:700], None, x[700:], None))
    fit = study.fit("0", observables="rbf", centres=150, samples=700)
    true = study.network.run(torch.tensor(x[700:]), before="2").double().numpy()
    constant = np.linalg.norm(true[:, :3] - true[:, :3].mean(axis=0))
    assert np.linalg.norm(outputs(fit) - true) < 0.1 * constant


def test_the_automatic_rank_of_functions_is_chosen_and_of_few_delays_the_numerical_one(study):
    result = study.fit("0", observables="rbf", centres=60, samples=400).result
    assert result.layer_inputs < result.rank == result.auto_rank <= result.numerical_rank
    delays = study.fit("0", delays=4, samples=400).result
    assert delays.rank == delays.auto_rank == delays.numerical_rank > delays.gavish_donoho_rank


def test_few_samples_take_few_centres(study):
    assert (usual_centres(100), usual_centres(10_000), usual_centres(2)) == (100, 500, 2)
    few = study.fit("0", observables="rbf", samples=100).layer_fits["0"].observables
    assert len(few.centres) == 100


@pytest.mark.parametrize("steps", [1, 4])
def test_no_edits_change_nothing_and_removing_all_modes_gives_zero(study, steps):
    settings = study.settings("2", observables="rbf", centres=20, samples=300, steps=steps, delays=1, rank=12)
    fit = study.fit_settings(settings)
    same = study.fit_settings(settings.with_edits([(0, complex(fit.eigenvalues[0]))]))
    np.testing.assert_array_equal(outputs(same), outputs(fit))
    none = study.fit_settings(settings.with_edits([(place, 0j) for place in range(12)]))
    np.testing.assert_array_equal(outputs(none), 0)


@pytest.mark.parametrize("steps", [1, 4])
def test_an_edited_mode_is_its_part_of_the_output_times_the_factor(study, steps):
    settings = study.settings("2", observables="rbf", centres=20, samples=300, steps=steps, delays=1, rank=12)
    fit = study.fit_settings(settings)
    place = int(np.flatnonzero(np.abs(fit.eigenvalues.imag) == 0)[0])
    value = complex(fit.eigenvalues[place])
    without, halved = (study.fit_settings(settings.with_edits([(place, factor * value)])) for factor in (0, 0.5))
    part = outputs(fit) - outputs(without)
    assert np.abs(part).max() > 1e-3
    np.testing.assert_allclose(outputs(halved) - outputs(without), 0.5**steps * part, atol=1e-6)


def test_modes_removed_one_by_one_add_up_to_the_output(study):
    settings = study.settings("2", observables="rbf", centres=20, samples=300, rank=10)
    fit = study.fit_settings(settings)
    whole, parts = outputs(fit), 0.0
    for place in np.flatnonzero(fit.eigenvalues.imag >= 0):
        parts = parts + whole - outputs(study.fit_settings(settings.with_edits([(int(place), 0j)])))
    np.testing.assert_allclose(parts, whole, atol=1e-4)


def test_an_input_too_wide_for_polynomials_is_told(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 4 * GIB)
    inputs = np.random.default_rng(0).normal(size=(1000, 784)).astype("f4")
    study = koopview.Study(random_network((784, 8, 3), "relu"), koopview.Dataset(inputs))
    words = r"1 steps and 1 delays of 308,505 polynomial observables would take .* GiB .*, or other observables"
    with pytest.raises(InputError, match=words):
        study.fit("0", observables="polynomial")


def test_the_module_is_the_same_in_another_precision_of_its_inputs(study):
    fit = study.fit("0", observables="rbf", centres=40, samples=300)
    x = torch.tensor(study.dataset.x_test)
    np.testing.assert_allclose(fit.module()(x).numpy(), fit.module()(x.double()).numpy(), atol=1e-5)
