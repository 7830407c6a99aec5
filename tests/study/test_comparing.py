"""Two fits side by side: differences with their errors, the distance of the spectra and its yardstick."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

import koopview
from koopview.errors import Cancelled, InputError
from koopview.hybrid.accuracy import in_batches, predictions
from koopview.hybrid.rows import ROWS
from koopview.hybrid.statistics import unpaired_difference, unpaired_r2_difference
from koopview.koopman.spectra import spectral_transport
from koopview.network.data import Dataset
from koopview.study.comparing import Comparison, comparison_rows, verdict, yardstick
from koopview.study.sides import Side
from koopview.study.study import Study

SETTINGS = {"steps": 6, "delays": 2, "rank": 6, "samples": 80}


def network(seed=0, outputs=3):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, outputs))


def dataset(seed=0, count=300, targets=None):
    x = np.random.default_rng(seed).normal(size=(count, 4)).astype("f4")
    y = x[:, :2].argmax(1) + (x[:, 2] > 1) if targets is None else targets(x)
    return Dataset(x[:200], y[:200], x[200:], y[200:])


@pytest.fixture(scope="module")
def study():
    return Study(network(), dataset(), name="net")


@pytest.fixture(scope="module")
def found(study):
    return koopview.compare(study, Study(network(1), dataset(), name="other"), layer="2", **SETTINGS)


def rights(study, layer):
    """Whether original and hybrid are right on each test sample, computed by themselves."""
    fit, x, y = (
        study.fitted(study.settings(layer, **SETTINGS)),
        torch.as_tensor(study.dataset.x_test),
        study.dataset.y_test,
    )
    run = lambda batch: study.network.run(batch, {layer: fit.module()})  # noqa: E731
    return [predictions(in_batches(one, x)) == y for one in (study.network.run, run)]


def test_differences_on_the_same_samples_are_paired(found):
    other = Study(network(1), dataset(), name="other")
    a, b = rights(Study(network(), dataset()), "2"), rights(other, "2")

    assert found.paired
    assert [row.name for row in found.rows] == list(ROWS)
    for name, one, two in zip(("original", "hybrid"), a, b, strict=True):
        row = next(row for row in found.rows if row.name == name)
        won, lost, n = (two & ~one).sum() + 0.5, (one & ~two).sum() + 0.5, len(one) + 2
        assert row.scores == pytest.approx((one.mean(), two.mean()))
        assert row.difference[0] == pytest.approx(two.mean() - one.mean())
        assert row.difference[1] == pytest.approx(np.sqrt(((won + lost) / n - ((won - lost) / n) ** 2) / n))


def test_other_test_samples_make_the_errors_unpaired_and_that_is_told(study):
    found = koopview.compare(study, Study(network(), dataset(seed=9)), layer="2", draws=1, **SETTINGS)
    original = found.rows[0]
    (p, q), n = original.scores, 100

    assert not found.paired
    assert any("not the same" in one for one in found.cautions)
    assert original.difference[0] == pytest.approx(q - p)
    assert original.difference[1] == pytest.approx(np.sqrt((p * (1 - p) + q * (1 - q)) / n), rel=0.05)


def test_unpaired_errors_are_those_of_simulated_samples():
    rng = np.random.default_rng(0)
    shares = rng.binomial(400, 0.9, 20_000) / 400 - rng.binomial(100, 0.7, 20_000) / 100
    assert unpaired_difference(0.9, 400, 0.7, 100)[1] == pytest.approx(shares.std(), rel=0.05)
    assert unpaired_difference(1.0, 5, 1.0, 5)[1] > 0
    assert unpaired_difference(1.0, 0, 1.0, 5) is None

    one, other = rng.exponential(0.2, 50), rng.exponential(0.5, 80)
    expected = np.sqrt(one.var(ddof=1) / 50 + other.var(ddof=1) / 80)
    assert unpaired_r2_difference(one, other) == pytest.approx((other.mean() - one.mean(), expected))
    assert unpaired_r2_difference(one[:1], other) is None


def test_the_distance_is_that_of_the_spectra_on_screen_per_step_and_per_layer(study, found):
    results = [side.result for side in found.sides]
    assert results[0].eigenvalues == pytest.approx(study.fitted(study.settings("2", **SETTINGS)).eigenvalues)
    for unit, power in (("step", 1), ("layer", 6)):
        expected = spectral_transport(*(one.eigenvalues**power for one in results)).distance
        assert found.distances[unit].transport.distance == pytest.approx(expected)
        assert found.distances[unit].from_one[1] == pytest.approx(np.abs(results[1].eigenvalues ** power - 1).mean())


def test_the_yardstick_is_made_of_the_fits_of_other_draws(study, found):
    draws = [study.fitted(study.settings("2", draw=draw, **SETTINGS)).eigenvalues for draw in range(3)]
    apart = [spectral_transport(*pair).distance / np.sqrt(1 - 80 / 200) for pair in combinations(draws, 2)]
    told = found.distances["step"].yardsticks[0]

    assert (told.draws, told.mean, told.largest) == pytest.approx((3, np.mean(apart), max(apart)))
    assert study.results == (), "the study must not remember the fits of a comparison"


def test_the_verdict_reads_the_distance_by_the_larger_yardstick(found):
    near = Side(found.one.result, draws=(found.one.result.eigenvalues + 0.1,))
    same = Comparison(near, replace(near, draws=(found.one.result.eigenvalues + 0.2,)))

    assert same.distances["step"].ratio == 0
    assert "no more than two draws" in verdict(same.distances["step"])
    assert yardstick(near).mean == pytest.approx(0.1)
    moved = replace(found.one.result, eigenvalues=found.one.result.eigenvalues + 0.4)
    far = Comparison(near, replace(near, result=moved, draws=()))
    assert far.distances["step"].ratio == pytest.approx(4)
    assert "0.4, 4 times as much" in verdict(far.distances["step"])
    alone = Comparison(Side(found.one.result), Side(found.other.result))
    assert "no other draw" in verdict(alone.distances["step"])


def test_saved_results_alone_can_be_compared(found):
    saved = Comparison(Side(found.one.result), Side(found.other.result))

    assert not saved.paired
    assert saved.rows[0].difference[0] == pytest.approx(found.rows[0].difference[0])
    assert saved.distances["step"].transport.distance == found.distances["step"].transport.distance


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"steps": 8}, "N = 6 and 8"),
        ({"delays": 3}, "h = 2 and 3"),
        ({"schedule": "uniform"}, "schedules differ"),
        ({"rank": 4}, "r = 6 and 4"),
        ({"scaling": "linear", "rank": 2}, "scalings differ"),
        ({"pad": 0.0}, "appended entries differ"),
        ({"observables": "polynomial", "delays": 1, "rank": 6}, "other coordinates"),
    ],
)
def test_settings_that_differ_are_told_in_a_sentence(study, changed, said):
    one, other = study.fitted(study.settings("2", **SETTINGS)), study.fitted(study.settings("2", **SETTINGS | changed))

    assert not any(said in sentence for sentence in koopview.compare(one, one, draws=1).cautions)
    assert any(said in sentence for sentence in koopview.compare(one, other, draws=1).cautions)


def test_eigenvalues_that_move_easily_and_edits_are_told():
    study = Study(network(), dataset())
    fit = study.fitted(study.settings("2", **SETTINGS))
    result = replace(fit.result, condition_numbers=np.array([1.0, 1e4, 2e3, 1.0, 1.0, 1.0]))
    edited = koopview.compare(fit, fit.edit(scale={0: 0.999}), draws=1)

    assert any("100 move easily (2 of 6 in A" in one for one in Comparison(Side(result), Side(fit.result)).cautions)
    assert any("eigenvalues of B are edited" in one for one in edited.cautions)


def test_too_many_fitting_samples_leave_no_yardstick_and_that_is_told(study):
    found = koopview.compare(study, study, layer="0", layer_b="2", **SETTINGS | {"samples": 200})

    assert found.distances["step"].yardsticks == (None, None)
    assert any("A is fitted to 100 % of its training samples" in one for one in found.cautions)
    few = koopview.compare(study, study, layer="0", layer_b="2", draws=1, **SETTINGS)
    assert not any("training samples" in one for one in few.cautions), "no draws were asked for"


def test_scores_of_two_measures_have_no_difference(study):
    real = Study(network(outputs=1), dataset(targets=lambda x: x[:, :1] * 1.5))
    found = koopview.compare(study, real, layer="2", draws=1, **SETTINGS)
    both = koopview.compare(real, real, layer="2", layer_b="0", draws=1, **SETTINGS)

    assert found.measure is None
    assert found.rows[0].difference is None
    assert any("accuracy and r2" in one for one in found.cautions)
    assert both.measure == "r2"
    assert both.rows[0].difference[0] == pytest.approx(0)
    errors = [side.each["hybrid"] for side in both.sides]
    expected = errors[0] - errors[1]
    assert both.rows[2].difference == pytest.approx((expected.mean(), expected.std(ddof=1) / 10))


def test_a_study_goes_on_from_its_last_settings_and_the_other_takes_them():
    one, other = Study(network(), dataset()), Study(network(1), dataset())
    one.fit("2", **SETTINGS)
    found = koopview.compare(one, other, draws=1)

    assert found.one.result.settings == one.results[-1].settings
    assert found.other.result.settings == one.results[-1].settings
    assert len(one.results) == 1
    changed = koopview.compare(one, other, draws=1, layer_b="0", delays=3)
    assert [side.result.settings.delays for side in changed.sides] == [3, 3]
    assert [side.result.settings.layer for side in changed.sides] == ["2", "0"]


def test_what_cannot_be_compared_is_refused_in_a_sentence(study):
    fit = study.fitted(study.settings("2", **SETTINGS))

    with pytest.raises(InputError, match="no layer of Sequential is named, expected one of 0, 2, 4"):
        koopview.compare(Study(network(), dataset()), study)
    with pytest.raises(InputError, match="delays is given for a fit that is made already"):
        koopview.compare(fit, fit, delays=3)
    with pytest.raises(InputError, match="layer is given for a fit"):
        koopview.compare(fit, study, layer="2")
    with pytest.raises(InputError, match="draws is 0, expected a whole number of 1 or more"):
        koopview.compare(fit, fit, draws=0)


def test_a_comparison_can_be_stopped(study):
    def stop(fraction, text):
        if fraction > 0.7:
            raise Cancelled

    with pytest.raises(Cancelled):
        koopview.compare(study, study, layer="0", progress=stop, **SETTINGS)


def test_numbers_for_other_programs_are_those_shown(found):
    told, rows = found.summary(), comparison_rows(found)

    assert json.loads(json.dumps(told)) == told
    assert told["paired"] is True
    assert told["difference"]["hybrid"] == list(found.rows[2].difference)
    assert told["spectral_distance"]["per_step"]["distance"] == found.distances["step"].transport.distance
    assert "order 1" in told["spectral_distance"]["definition"]
    named = {row[0]: row for row in rows}
    assert named["model"][1:3] == ("net", "other")
    assert named["original"][1:4] == (*found.rows[0].scores, found.rows[0].difference[0])
    assert {len(row) for row in rows} == {6}
