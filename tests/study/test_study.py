"""A study's habits: what is kept, what is computed again, which samples are seen by what."""

import gc
import weakref

import numpy as np
import pytest
import torch
from reference.examples import Counter, plain_layers, random_network

import koopview
from koopview.errors import Cancelled, InputError
from koopview.hybrid import decomposed
from koopview.study.result import best_result
from koopview.study.samples import fitting_samples, samples_apart

WIDTHS = (5, 8, 6, 3)


@pytest.fixture
def study():
    module = random_network(WIDTHS, "relu")
    x = np.random.default_rng(0).normal(size=(700, 5)).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    return koopview.Study(module, koopview.Dataset(x[:500], y[:500], x[500:], y[500:]))


@pytest.fixture
def decompositions(monkeypatch):
    counter = Counter(decomposed.fit_dmd)
    monkeypatch.setattr(decomposed, "fit_dmd", counter)
    return counter


def test_a_change_of_rank_decomposes_nothing_again(study, decompositions):
    fit = study.fit("2", delays=4, steps=10, rank=12, samples=200)
    for rank in (3, 12, 1, 20, None):
        study.fit("2", delays=4, steps=10, rank=rank, samples=200)
    assert fit.truncate(5).result.rank == 5
    assert decompositions.calls == 1
    study.fit("2", delays=5, steps=10, rank=12, samples=200)
    assert decompositions.calls == 2


def test_truncating_is_fitting_at_that_rank(study):
    cut = study.fit("2", delays=4, steps=10, rank=20, samples=200).truncate(6).result
    fresh = koopview.Study(study.network, study.dataset).fit("2", delays=4, steps=10, rank=6, samples=200).result
    np.testing.assert_allclose(cut.eigenvalues, fresh.eigenvalues, atol=1e-9)
    np.testing.assert_allclose(cut.residuals, fresh.residuals, rtol=1e-6, atol=1e-9)
    assert cut.accuracy == fresh.accuracy
    assert cut.output_error == pytest.approx(fresh.output_error)


def test_the_module_of_a_fit_is_the_layer_that_was_measured(study):
    fit = study.fit("2", delays=4, steps=10, rank=6, samples=200)
    x = torch.tensor(study.dataset.x_test)
    logits = study.network.run(x, {"2": fit.module()})
    assert float((logits.argmax(1).numpy() == study.dataset.y_test).mean()) == fit.hybrid_accuracy


def test_fitting_residuals_and_testing_see_different_samples():
    x = np.arange(1000, dtype=np.float32)[:, None] * np.ones((1, 2), dtype=np.float32)
    data = koopview.Dataset(x[:700], None, x[700:], None)
    fitted = fitting_samples(data, 400)
    apart = samples_apart(data, fitted)
    assert len(fitted) == 400
    assert sorted([*fitted, *apart]) == list(range(700))
    assert len(samples_apart(data, fitting_samples(data, None))) == 0
    drawn = fitting_samples(data, 400, draw=3)
    assert len(set(drawn)) == 400
    np.testing.assert_array_equal(drawn, fitting_samples(data, 400, draw=3))
    assert set(drawn) != set(fitted)
    assert not set(drawn) & set(samples_apart(data, drawn))


def test_the_first_samples_are_taken_unless_they_miss_a_class():
    x, y = np.random.default_rng(0).normal(size=(300, 2)), np.repeat([0, 1, 2], 100)
    by_class = koopview.Dataset(x, y, x[:10], y[:10])
    taken = fitting_samples(by_class, 50)
    assert len(np.unique(taken)) == 50
    assert set(by_class.y_train[taken]) == {0, 1, 2}
    mixed = koopview.Dataset(x, np.tile([0, 1, 2], 100), x[:10], y[:10])
    np.testing.assert_array_equal(fitting_samples(mixed, 50), np.arange(50))


def test_without_labels_agreement_and_output_error_stand_in(study):
    data = koopview.Dataset(study.dataset.x_train, None, study.dataset.x_test, None)
    result = koopview.Study(study.network, data).fit("2", delays=10, steps=10, rank=40, samples=200).result
    assert result.accuracy == {} == result.per_class
    assert set(result.summary()["accuracy"].values()) == {None}
    assert result.rows["hybrid"] == result.agreement
    assert 0.5 < result.agreement <= 1
    assert 0 < result.output_error < 1


def test_a_linear_layer_is_replaced_exactly(study):
    result = study.fit("4", delays=2, steps=10, rank=12, samples=200).result
    assert result.agreement == 1
    assert result.output_error < 1e-5


def test_linear_scaling_with_two_delays_gives_everything_away(study):
    assert study.fit("2", scaling="linear", delays=2, steps=10, rank=30, samples=200).result.output_error < 1e-4
    assert study.fit("2", scaling="linear", delays=1, steps=10, rank=30, samples=200).result.output_error > 0.05


def test_stopping_leaves_the_study_usable(study):
    def stop(share, text):
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        study.fit("2", samples=200, progress=stop)
    assert study.fit("2", samples=200).result.accuracy["original"] == 1


def test_equal_settings_give_equal_numbers(study):
    one = study.fit("0", samples=200, rank=7).result
    other = koopview.Study(random_network(WIDTHS, "relu"), study.dataset).fit("0", samples=200, rank=7).result
    np.testing.assert_array_equal(one.eigenvalues, other.eigenvalues)
    assert one.accuracy == other.accuracy


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"layer": "9"}, "'9'"),
        ({"layer": "2", "delays": 30}, "delays"),
        ({"layer": "2", "samples": 10**6}, "samples"),
        ({"layer": "2", "scaling": "none"}, "scaling"),
        ({"layer": "2", "rank": 0}, "rank"),
        ({"layer": "2", "steps": 0}, "steps"),
        ({"layer": "2", "replaced": ("7",)}, "'7'"),
    ],
)
def test_settings_that_do_not_fit_are_told_in_one_sentence(study, settings, word):
    with pytest.raises(InputError, match=word) as caught:
        study.fit(**settings)
    assert "\n" not in str(caught.value)


def test_the_usual_number_of_samples_is_bounded_by_what_there_is(study):
    assert study.fit("2", rank=3).result.fit_samples == 500


def test_a_model_and_data_that_do_not_fit_each_other_are_told():
    module = random_network(WIDTHS, "relu")
    x = np.zeros((20, 4), dtype=np.float32)
    with pytest.raises(InputError, match="4 features"):
        koopview.Study(module, koopview.Dataset(x))
    x = np.zeros((20, 5), dtype=np.float32)
    with pytest.raises(InputError, match="label 3"):
        koopview.Study(module, koopview.Dataset(x, np.full(20, 3)))
    assert len(plain_layers(module, "relu")) == 3


def test_scores_that_are_kept_keep_no_layers_alive(study):
    """Whatever is kept of a fit beside its layer is found by its settings: with no memory for layers one stays."""
    small = koopview.Study(study.network, study.dataset)
    fits = small._fitter._layer_fits
    for held in (fits._fits, fits._scaled._scaled):
        held._limit = 0
    alive = weakref.WeakSet()
    for steps in range(4, 16):
        alive.add(small.fit("2", steps=steps, delays=2, rank=4, samples=100).layer_fits["2"].scaled)
    gc.collect()
    assert len(alive) == 1


def test_repeats_draw_other_samples_and_tell_their_spread(study):
    settings = study.settings("2", delays=3, steps=10, samples=100)
    spread = study.repeat(settings, 4).result.spread
    scores = [study.fit("2", delays=3, steps=10, samples=100, draw=draw).hybrid_accuracy for draw in range(4)]
    assert len(set(scores)) > 1
    assert spread.draws == 4
    assert spread.mean["hybrid"] == pytest.approx(np.mean(scores))
    shared = 100 / len(study.dataset.x_train)
    assert spread.deviation["hybrid"] == pytest.approx(np.std(scores, ddof=1) / (1 - shared) ** 0.5)
    with pytest.raises(InputError, match="repeats is 1, expected a whole number of 2 or more"):
        study.repeat(settings, 1)
    total = len(study.dataset.x_train)
    for samples in ("all", total - 10):
        with pytest.raises(InputError, match=rf"of {total:,} are fitted to; expected {int(0.8 * total):,} at most"):
            study.repeat(study.settings("2", samples=samples), 3)


def test_the_spread_of_repeats_is_that_of_samples_never_seen():
    """Means of B out of n numbers vary less than means of B new ones: the factor makes that good, by brute force."""
    rng, count, total = np.random.default_rng(0), 60, 100
    numbers = rng.normal(size=(4000, total))
    shared = [np.std([row[rng.permutation(total)[:count]].mean() for _ in range(5)], ddof=1) for row in numbers]
    mean_variance = np.mean(np.square(shared)) / (1 - count / total)
    assert mean_variance == pytest.approx(1 / count, rel=0.05)


def test_the_best_of_several_is_chosen_on_samples_apart(study):
    """The one that does best on the test samples is not it: what is shown of the chosen one is no maximum."""
    cells = study.sweep("2", delays=[1, 2, 3, 5], ranks=[3, 6, 10], steps=10, samples=60).results
    best = best_result(cells)
    assert best.apart.key == max(cell.apart.key for cell in cells)
    assert best.apart.samples == 440
    assert best_result([study.fit("2", samples=None, steps=10, delays=2).result]) is None


def test_without_labels_there_is_no_accuracy_and_a_fit_says_in_a_line_what_it_is(study):
    bare = koopview.Study(study.network, koopview.Dataset(study.dataset.x_train), name="net")
    fit = bare.fit("2", delays=2, rank=4, steps=6, samples=60)
    assert fit.hybrid_accuracy is None
    assert repr(fit).startswith("<Fit of ")
    assert "layer 2, h = 2, r = 4: agreement of the hybrid 0." in repr(fit)
    assert len(repr(fit)) < 200


def test_fits_along_the_same_paths_keep_one_array_of_them(study):
    settings = {"samples": 200, "steps": 10}
    first = study.fit("2", delays=2, rank=3, **settings).result.paths
    assert study.fit("2", delays=4, rank=5, **settings).result.paths is first
    assert study.fit("2", delays=2, rank=3, samples=200, steps=7).result.paths.shape != first.shape
    behind_hybrid = study.fit("2", delays=2, rank=3, replaced=("0", "2"), **settings).result.paths
    assert not np.array_equal(behind_hybrid, first)
