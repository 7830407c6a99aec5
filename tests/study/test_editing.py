"""Editing a fit: what is composed, what is undone, what stays as it was, and which samples it is found on."""

import json

import numpy as np
import pytest
import torch
from reference.examples import Counter, labelled_inputs, plain_layers, random_network

import koopview
from koopview.errors import InputError
from koopview.hybrid import decomposed, unlearning
from koopview.koopman.edits import edited_eigenvalues
from koopview.network.mnist import mnist_dataset
from koopview.progress import silent
from koopview.study.editing import edit_summary
from koopview.study.viewing.modes import modes_view

WIDTHS = (6, 9, 8, 4)
ASKED = {"delays": 3, "steps": 10, "rank": 7, "samples": 200}


def made(test=slice(600, 900), labels=True, shape=(6,)):
    """Return a study of one network and the same training samples."""
    module = random_network(WIDTHS, "tanh", seed=3)
    x, y = labelled_inputs(plain_layers(module, "tanh"), 900)
    x, y = x.reshape(-1, *shape), y if labels else None
    data = koopview.Dataset(x[:600], y if y is None else y[:600], x[test], y if y is None else y[test])
    return koopview.Study(torch.nn.Sequential(torch.nn.Flatten(), *module), data)


@pytest.fixture(scope="module")
def study():
    return made()


@pytest.fixture
def fit(study):
    return study.fit("3", **ASKED)


def same(one, other):
    """Whether two results agree to the last bit."""
    return one.accuracy == other.accuracy and one.output_error == other.output_error and one.settings == other.settings


def test_edits_come_on_top_of_each_other(fit):
    values = fit.eigenvalues
    one = fit.edit(scale={0: 0.5}).edit(scale={0: 0.5}, remove=[2])
    expected = edited_eigenvalues(values, ((0, 0.25 * values[0]), (2, 0)))
    np.testing.assert_array_equal(one.eigenvalues, expected)
    np.testing.assert_array_equal(one.result.fitted_eigenvalues, values)
    assert set(one.result.edited) == set(np.flatnonzero(expected != values))
    again = fit.refit(fit.settings.with_edits([(0, 0.25 * values[0]), (2, 0)]), silent)
    assert again.result.output_error == one.result.output_error


def test_an_edit_that_is_taken_back_leaves_no_trace(fit):
    edited = fit.edit(remove=[1], move={3: 0.4 + 0.2j})
    assert not same(edited.result, fit.result)
    fitted = fit.result.fitted_eigenvalues
    back = edited.edit(move={1: fitted[1], 3: fitted[3]})
    assert same(back.result, fit.result)
    assert same(fit.edit().result, fit.result)
    assert same(edited.truncate(7).result, fit.result)


@pytest.mark.parametrize("delays", [1, 3, 10])
def test_without_any_mode_the_layer_gives_a_constant(study, delays):
    fit = study.fit("3", **{**ASKED, "delays": delays})
    gone = fit.edit(remove=range(fit.result.rank))
    assert not gone.module().readout.any()
    logits = study.network.run(torch.zeros(1, 8), after="3")
    prediction = int(logits.argmax())
    assert gone.hybrid_accuracy == np.mean(study.dataset.y_test == prediction)
    outputs = gone.module()(study.network.run(torch.tensor(study.dataset.x_test), before="3"))
    assert not outputs.any()


def test_an_edit_decomposes_nothing_and_refits_no_layer_after_it(study, monkeypatch):
    asked = {**ASKED, "replaced": ("1", "3", "5")}
    fit = study.fit("1", **asked)
    counter = Counter(decomposed.fit_dmd)
    monkeypatch.setattr(decomposed, "fit_dmd", counter)
    edited = fit.edit(remove=[0])
    assert counter.calls == 0
    modules = {name: one.module() for name, one in fit.layer_fits.items()} | {"1": edited.module()}
    logits = study.network.run(torch.tensor(study.dataset.x_test), modules)
    assert edited.hybrid_accuracy == np.mean(logits.argmax(1).numpy() == study.dataset.y_test)
    assert edited.hybrid_accuracy != fit.hybrid_accuracy


def test_a_result_without_its_spectrum_has_the_same_accuracies(study, fit):
    quick = study.fitted(fit.settings, spectrum=False).result
    assert (quick.accuracy, quick.per_class) == (fit.result.accuracy, fit.result.per_class)
    assert len(quick.eigenvalues) == len(quick.fitted_eigenvalues) == len(quick.residuals) == 0
    assert quick.edited == ()
    edited = study.fitted(fit.edit(remove=[0]).settings, spectrum=False).result
    assert edited.accuracy == fit.edit(remove=[0]).result.accuracy


def test_the_summary_of_an_edit_is_json_of_what_changed(fit):
    after = fit.edit(remove=[0], scale={3: 0.5})
    summary = json.loads(json.dumps(edit_summary(fit.result, after.result)))
    assert summary["before"]["accuracy"] == fit.result.accuracy
    assert summary["after"]["per_class"] == after.result.per_class
    assert [index for index, _, _ in summary["edited"]] == list(after.result.edited)
    for index, was, became in summary["edited"]:
        assert complex(*was) == fit.eigenvalues[index]
        assert complex(*became) == after.eigenvalues[index]
    assert edit_summary(after.result, after.result)["edited"] == []


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        ({"remove": [7]}, "mode 7 does not exist, expected 0 to 6"),
        ({"scale": {0: "half"}}, "mode 0 is scaled by 'half'"),
        ({"move": {0: complex("nan")}}, "mode 0 is moved"),
        ({"move": {0: 1e200}}, "grows past all bounds"),
        ({"remove": [0], "move": {0: 0.5}}, "two ways"),
    ],
)
def test_an_edit_that_does_not_fit_is_told_in_one_sentence(fit, edit, word):
    with pytest.raises(InputError, match=word) as caught:
        fit.edit(**edit)
    assert "\n" not in str(caught.value)


@pytest.fixture
def any_promise(monkeypatch):
    """Take the best edit found whatever it promises: the class of these small networks has little to lose."""
    monkeypatch.setattr(unlearning, "keeps_promise", lambda *_: True)


@pytest.mark.usefixtures("any_promise")
def test_unlearning_never_sees_the_samples_that_it_is_measured_on():
    settings = [made(test).fit("3", **ASKED).unlearn(1, most=4).settings for test in (slice(600, 900), slice(700, 750))]
    assert settings[0].edits == settings[1].edits != ()


@pytest.mark.usefixtures("any_promise")
def test_unlearning_without_samples_left_over_chooses_by_some_of_the_fitting_ones(study):
    unlearned = study.fit("3", **{**ASKED, "samples": None}).unlearn(1, most=4)
    assert 1 <= len(unlearned.result.edited) <= 4


def test_a_class_that_has_nothing_to_lose_is_not_unlearned(fit):
    assert fit.result.per_class["hybrid"][1] < 0.3
    unlearned = fit.unlearn(1, most=4)
    assert "no edit of at most 4 eigenvalues was found" in unlearned.note
    assert same(unlearned.result, fit.result)


@pytest.mark.parametrize("target", [-1, 4, 1.5, True])
def test_a_class_that_does_not_exist_is_told(fit, target):
    with pytest.raises(InputError, match=r"class .* does not exist, expected 0 to 3"):
        fit.unlearn(target)


@pytest.mark.parametrize("most", [0, 2.5, True])
def test_a_number_of_modes_that_cannot_be_edited_is_told(fit, most):
    with pytest.raises(InputError, match="the most modes to edit"):
        fit.unlearn(0, most=most)


def test_one_eigenvalue_may_be_too_few_to_edit_anything(study):
    fit = study.fit("3", **{**ASKED, "rank": 2})
    edited = fit.unlearn(1, most=1)
    assert len(edited.result.edited) <= 1
    assert (fit.eigenvalues.imag == 0).any() or same(edited.result, fit.result)


def test_without_labels_no_class_can_be_unlearned():
    with pytest.raises(InputError, match="has no labels"):
        made(labels=False).fit("3", **ASKED).unlearn(0)


def keep(key, make):
    return make()


def test_the_modes_of_a_fit(study, fit):
    view = modes_view(fit.fitted, keep, silent)
    assert view.shapes.shape == (9, 7)
    assert view.eigenfunctions.shape == (300, 7)
    assert view.importance.shape == (7,)
    assert view.class_importance.shape == (7, 4)
    assert view.picture is None
    np.testing.assert_array_equal(view.labels, study.dataset.y_test)
    assert study.view(fit.settings, "modes").importance.tolist() == view.importance.tolist()


def test_a_layer_that_takes_pictures_says_so():
    study = made(shape=(2, 3))
    assert modes_view(study.fit("1", **ASKED).fitted, keep, silent).picture == (2, 3)
    assert modes_view(study.fit("3", **ASKED).fitted, keep, silent).picture is None
    assert mnist_dataset(full=False).picture == (28, 28)
    assert koopview.Dataset(np.zeros((4, 1, 5, 3))).picture == (5, 3)
    assert koopview.Dataset(np.zeros((4, 3, 5, 3))).picture is None
    assert koopview.Dataset(np.zeros((4, 15))).picture is None
