"""The search for settings: what it compares, on which samples, and what it never sees."""

import numpy as np
import pytest
import torch
from reference.examples import Counter, random_network

import koopview
from koopview.errors import Cancelled, InputError
from koopview.hybrid import decomposed
from koopview.study.fitter import Fitter
from koopview.study.search import Search, Trial, grid, input_only, validation_setup

WIDTHS = (3, 6, 5, 3)


def study(labelled=True, poison=False, train=400):
    """Return a study of data that the network labels; with `poison` the test samples are nonsense."""
    module = random_network(WIDTHS, "tanh", seed=3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(train + 100, 3)).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    if poison:
        x[train:], y[train:] = 1e3 * rng.normal(size=(100, 3)), rng.integers(0, 3, 100)
    labels = (y[:train], y[train:]) if labelled else (None, None)
    return koopview.Study(module, koopview.Dataset(x[:train], labels[0], x[train:], labels[1]))


CANDIDATES = [
    {"observables": "delay", "steps": 1, "delays": 1, "samples": 200},
    {"observables": "polynomial", "samples": 200},
    *grid(observables=["rbf"], centres=[10, 60], samples=[200]),
]


def test_the_best_is_the_candidate_of_the_highest_accuracy_then_the_smallest_error():
    found = study().search(("0", "2"), CANDIDATES)
    assert len(found.trials) == len(CANDIDATES)
    ranked = sorted(found.trials, key=lambda trial: (-trial.accuracy, trial.output_error))
    assert found.best == ranked[0]
    assert found.settings.replaced == ("0", "2")
    assert found.settings.lift_fraction == 0


def test_a_trial_is_a_fit_whose_test_samples_are_training_samples_left_out():
    given = study()
    trial = given.search("2", CANDIDATES[2:3]).trials[0]
    data = given.dataset
    apart = koopview.Dataset(data.x_train[:320], data.y_train[:320], data.x_train[320:], data.y_train[320:])
    result = koopview.Study(given.network, apart).fit_settings(trial.settings).result
    assert trial.accuracy == result.accuracy["hybrid"]
    assert trial.agreement == result.agreement
    assert trial.output_error == pytest.approx(result.output_error)


def test_the_test_samples_take_no_part():
    clean, poisoned = study().search("0", CANDIDATES), study(poison=True).search("0", CANDIDATES)
    assert poisoned.trials == clean.trials
    assert poisoned.settings == clean.settings


def test_what_was_found_is_fitted_to_the_same_samples_later():
    setup, settings = study().setup, study().search("0", CANDIDATES).settings
    fitters = [Fitter(setup), Fitter(validation_setup(setup))]
    bases = [one.layer_fits(settings)["0"].dmd.basis for one in fitters]
    np.testing.assert_array_equal(*bases)


def test_data_sorted_by_class_are_compared_on_all_classes():
    given = study()
    order = np.argsort(given.dataset.y_train, kind="stable")
    x, y = given.dataset.x_train[order], given.dataset.y_train[order]
    apart = validation_setup(koopview.Study(given.network, koopview.Dataset(x, y, x[:10], y[:10])).setup).dataset
    assert len(apart.x_test) == 80
    assert set(apart.y_test) == set(y)
    assert not {tuple(row) for row in apart.x_test} & {tuple(row) for row in apart.x_train}


def test_without_labels_agreement_is_compared():
    found = study(labelled=False).search("0", CANDIDATES)
    assert found.original is None
    assert all(trial.accuracy is None for trial in found.trials)
    assert found.best.agreement == max(trial.agreement for trial in found.trials)


def test_ranks_share_a_decomposition(monkeypatch):
    counter = Counter(decomposed.fit_dmd)
    monkeypatch.setattr(decomposed, "fit_dmd", counter)
    found = study().search("0", grid(observables=["rbf"], centres=[20], samples=[200], rank=[None, 3, 8]))
    assert counter.calls == 1
    assert [trial.settings.rank for trial in found.trials] == ["auto", 3, 8]


def test_without_candidates_what_sees_the_input_alone_is_tried():
    given = study()
    found = given.search("0")
    tried = [(trial.settings.observables, trial.settings.centres, trial.settings.samples) for trial in found.trials]
    assert tried == [("polynomial", None, 280), ("rbf", 80, 320)]
    assert all(trial.settings.lift_fraction == 0 and trial.settings.steps == 1 for trial in found.trials)
    assert found.best.accuracy > 0.95


def test_polynomials_of_wide_layers_are_not_tried():
    wide = koopview.Study(random_network((40, 6, 3), "relu"), koopview.Dataset(np.ones((50, 40), dtype="f4")))
    assert {candidate["observables"] for candidate in input_only(wide.setup, ("0",))} == {"rbf"}


def test_progress_grows_and_may_stop_the_search():
    told, seen = [], []
    study().search("0", CANDIDATES, progress=lambda fraction, text: told.append(fraction), on_trial=seen.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(seen) == len(CANDIDATES)

    def stop(fraction, text):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        study().search("0", CANDIDATES, progress=stop)


@pytest.mark.parametrize(
    ("layers", "candidates", "word"),
    [
        ((), CANDIDATES, "no layers are given"),
        ("9", CANDIDATES, "layer '9' is not in"),
        ("0", [], "no candidates are given"),
        ("0", [{"centres": 500, "observables": "rbf", "samples": 100}], "centres is 500, expected at most 100"),
        ("0", [{"samples": 400}], "samples is 400, expected at most 320"),
    ],
)
def test_what_cannot_be_is_told(layers, candidates, word):
    with pytest.raises(InputError, match=word):
        study().search(layers, candidates)


def test_of_two_as_accurate_the_one_of_the_smaller_output_error_is_taken():
    settings = koopview.FitSettings("0")
    trials = tuple(Trial(settings, 0.9, 0.9, error) for error in (0.3, 0.1, 0.2))
    assert Search(trials, 0.95, 100).best is trials[1]
    assert Search((Trial(settings, 0.91, 0.9, 0.9), *trials), 0.95, 100).best.accuracy == 0.91
