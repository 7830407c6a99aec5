"""Observables on the command line."""

import json

FIT = ("fit", "--model", "model.safetensors", "--data", "data.npz", "--layer", "2")


def test_radial_functions_take_the_layer_in_one_step(koopview, folder):
    result = json.loads(koopview(*FIT, "--observables", "rbf", "--centres", "12", "--json", "-").out)
    assert result["observables"] == "rbf"
    assert (result["steps"], result["delays"], result["lift_fraction"]) == (1, 1, 0.0)
    assert result["rank"] <= result["numerical_rank"] <= 8 + 1 + 12


def test_steps_and_delays_that_are_given_are_kept(koopview, folder):
    words = ("--observables", "polynomial", "--steps", "6", "--delays", "2", "--json", "-")
    result = json.loads(koopview(*FIT, *words).out)
    assert (result["observables"], result["steps"], result["delays"]) == ("polynomial", 6, 2)
    alone = json.loads(koopview(*FIT, "--observables", "rbf", "--centres", "5", "--steps", "4", "--json", "-").out)
    assert (alone["steps"], alone["delays"]) == (4, 1)


def test_a_sweep_of_one_delay_takes_one_step_too(koopview, folder):
    sweep = ("sweep", *FIT[1:5], "--delays", "1", "--ranks", "4", "--observables", "rbf", "--centres", "5")
    cells = json.loads(koopview(*sweep, "--json", "-").out)
    assert {(cell["steps"], cell["delays"], cell["observables"]) for cell in cells} == {(1, 1, "rbf")}


def test_more_centres_than_states_are_refused(refused, folder):
    sentence = refused(*FIT, "--observables", "rbf", "--centres", "49", "--samples", "40")
    assert sentence == "centres is 49, expected at most 40 (the states that they are drawn from)"
