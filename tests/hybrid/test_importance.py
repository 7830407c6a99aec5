"""What a mode is worth, and the quick way to a hybrid's outputs, against the operator built again in plain numpy."""

import numpy as np
import pytest
import torch
from reference import method
from reference.examples import labelled_inputs, plain_layers, random_network
from torch import nn

import koopview
from koopview.errors import Cancelled
from koopview.hybrid.hybrid_logits import hybrid_logits, logits_after
from koopview.hybrid.importance import importance
from koopview.hybrid.scoring import Scoring
from koopview.koopman.eigenvalues import conjugate_indices

WIDTHS, NAMES = (6, 9, 8, 4), ("0", "2", "4")
FIT, STEPS, DELAYS, RANK = 200, 10, 3, 7
ONE = 1.5 / 300
"""One test sample of 300 may turn: the network runs in float32 here, in float64 there."""


@pytest.fixture(scope="module")
def study():
    module = random_network(WIDTHS, "tanh", seed=3)
    x, y = labelled_inputs(plain_layers(module, "tanh"), 600)
    return koopview.Study(module, koopview.Dataset(x[:300], y[:300], x[300:], y[300:]))


def logits_without(study, place, removed=np.inf):
    """Return the test outputs where the layer at `place` has lost the mode of an eigenvalue, and its conjugate."""
    module = random_network(WIDTHS, "tanh", seed=3)
    layers = plain_layers(module, "tanh")
    x = study.dataset.x_train[:FIT].astype(np.float64)
    layer, inputs = layers[place], method.run(layers[:place], x)
    matrix, basis, _ = method.dmd(method.homotopy(layer, inputs, STEPS), DELAYS, RANK)
    values, vectors = np.linalg.eig(matrix)
    chosen = np.minimum(np.abs(values - removed), np.abs(values - np.conj(removed))) < 1e-3
    power = (vectors * np.where(chosen, 0, values ** (STEPS - DELAYS + 1)) @ np.linalg.inv(vectors)).real
    test = method.run(layers[:place], study.dataset.x_test.astype(np.float64))
    lifted = method.delay_vectors(method.homotopy(layer, test, STEPS), DELAYS)[:, 0]
    later = lifted @ basis @ power.T @ basis.T
    d = method.states_of(layer)
    return method.run(layers[place + 1 :], later[:, (DELAYS - 1) * d :][:, : len(layer[0])])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_importance_is_the_accuracy_lost_without_the_mode_and_its_conjugate(study, place):
    name, labels = NAMES[place], study.dataset.y_test
    fit = study.fit(name, delays=DELAYS, steps=STEPS, schedule="uniform", rank=RANK, samples=FIT)
    worth = importance(study.network, fit.layer_fits, name, study.setup.scoring)
    lost, by_class = worth.lost, worth.by_class
    whole = logits_without(study, place)
    assert np.abs(lost).max() > 0.05
    for mode, value in enumerate(fit.eigenvalues):
        if (fit.result.groups == fit.result.groups[mode]).sum() > 2:
            continue  # goes together with others: a removal of it alone says nothing
        without = logits_without(study, place, value)
        expected = method.accuracy(whole, labels) - method.accuracy(without, labels)
        assert lost[mode] == pytest.approx(expected, abs=2 * ONE)
        for label in range(WIDTHS[-1]):
            of = labels == label
            expected = method.accuracy(whole[of], label) - method.accuracy(without[of], label)
            assert by_class[mode, label] == pytest.approx(expected, abs=3 / of.sum())
    partners = conjugate_indices(fit.eigenvalues)
    np.testing.assert_array_equal(lost, lost[partners])


def test_without_labels_agreement_is_what_is_lost(study):
    fit = study.fit("2", delays=DELAYS, steps=STEPS, schedule="uniform", rank=RANK, samples=FIT)
    worth = importance(study.network, fit.layer_fits, "2", Scoring(None, None, study.original))
    lost, by_class = worth.lost, worth.by_class
    edited = [fit.edit(remove=[mode]).result.agreement for mode in range(RANK)]
    np.testing.assert_allclose(lost, fit.result.agreement - np.array(edited), atol=1e-12)
    assert by_class.shape == (RANK, 0)


def test_of_an_edited_operator_a_mode_is_removed_beside_its_edits_and_one_that_is_gone_is_worth_nothing(study):
    fit = study.fit("2", delays=DELAYS, steps=STEPS, schedule="uniform", rank=RANK, samples=FIT).edit(remove=[0])
    lost = importance(study.network, fit.layer_fits, "2", study.setup.scoring).lost
    gone = sorted(fit.result.edited)
    np.testing.assert_array_equal(lost[gone], 0)
    other = next(mode for mode in range(RANK) if mode not in gone)
    assert lost[other] == pytest.approx(fit.hybrid_accuracy - fit.edit(remove=[other]).hybrid_accuracy)


def test_importance_can_be_stopped(study):
    def stop(share, text):
        raise Cancelled

    fit = study.fit("2", delays=DELAYS, steps=STEPS, schedule="uniform", rank=RANK, samples=FIT)
    with pytest.raises(Cancelled):
        importance(study.network, fit.layer_fits, "2", study.setup.scoring, stop)


@pytest.mark.parametrize("replaced", [("0",), ("2",), ("4",), ("0", "2"), ("0", "4"), ("0", "2", "4")])
def test_hybrid_outputs_are_those_of_the_network_with_the_modules_in_place(study, replaced):
    fit = study.fit(replaced[-1], replaced=replaced, delays=DELAYS, steps=STEPS, rank=RANK, samples=FIT)
    modules = {name: one.module() for name, one in fit.layer_fits.items()}
    expected = study.network.run(torch.tensor(study.dataset.x_test), modules)
    torch.testing.assert_close(hybrid_logits(study.network, fit.layer_fits), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "following",
    [
        nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3, bias=False), nn.ReLU(), nn.Linear(3, 2)),
        nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)),
        nn.Sequential(nn.Linear(5, 4), nn.Unflatten(1, (2, 2)), nn.Flatten(), nn.Linear(4, 2)),
        nn.Sequential(nn.Linear(5, 4)),
    ],
)
def test_whatever_follows_the_layer_is_run_on_its_outputs(following):
    from koopview.network.modules import network_from_module

    torch.manual_seed(0)
    network = network_from_module(following, "small")
    coordinates, readout = torch.randn(30, 6), torch.randn(4, 5, dtype=torch.float64)
    expected = network.run((coordinates[:, :5].double() @ readout.T).float(), after="0")
    torch.testing.assert_close(logits_after(network, "0", coordinates, readout), expected, rtol=1e-4, atol=1e-5)
