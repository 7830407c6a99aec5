"""What is said of the numbers on screen: true of each result, and never more than its paired error allows."""

from dataclasses import replace

import pytest

from koopview.gui.history import verdict
from koopview.gui.present.sentence import headline, sentence
from koopview.gui.present.step import figures
from koopview.study.comparison import Difference
from koopview.study.settings import FitSettings

CLAIMS = {"a finding": "are a finding", "add nothing": "add nothing", "no finding": "no finding"}


def compared(make, value, error=0.01, control="lift_affine", **settings):
    asked = replace(make.settings, **settings)
    return replace(make.result(asked), above_best_control=Difference(control, value, error))


def test_the_title_names_the_layer_and_its_sizes(make):
    assert headline(make.result(make.settings)) == "Layer 2, 8 → 6, as one linear operator"
    both = make.result(replace(make.settings, replaced=("0", "2", "4")))
    assert headline(both) == "Layers 0, 2 and 4, each as one linear operator"


@pytest.mark.parametrize(
    ("value", "words", "number"),
    [
        (0.03, "goes on better than the best affine map of the same states", "+3.0 ± 1.0 points"),
        (0.02, "goes on as well as the best affine map of the same states could", "+2.0 ± 1.0 points"),
        (-0.02, "goes on as well as the best affine map of the same states could", "−2.0 ± 1.0 points"),
        (-0.03, "falls behind the best affine map of the same states", "−3.0 ± 1.0 points"),
    ],
)
def test_what_it_claims_is_the_verdict_and_no_more(make, value, words, number):
    result = compared(make, value)
    said = sentence(result)
    assert words in said
    assert number in said
    claimed = [claim for claim in CLAIMS if f"dynamics {'are ' if 'finding' in claim else ''}{claim}" in said]
    assert [claim for claim in CLAIMS if CLAIMS[claim] in verdict(result)] == claimed


def test_the_control_is_named_by_what_it_is_given(make):
    assert "the best affine map of the layer's input" in sentence(compared(make, 0.0, control="affine"))


@pytest.mark.parametrize(
    ("delays", "said"),
    [
        (1, "One delay sees the layer's input alone."),
        (6, "Six delays see 25 % of the path."),
        (12, "Twelve delays see 55 % of the path."),
        (13, "13 delays see 60 % of the path."),
        (20, "20 delays see 95 % of the path."),
    ],
)
def test_how_much_of_the_path_is_seen_is_the_lift_fraction(make, delays, said):
    assert sentence(compared(make, 0.0, delays=delays)).startswith(said)  # a uniform path of 20 steps: (h - 1) / 20


@pytest.mark.parametrize(("kind", "words"), [("rbf", "lifted by radial functions"), ("polynomial", "by products")])
def test_observables_other_than_delays_are_named(make, kind, words):
    assert words in sentence(compared(make, 0.0, observables=kind, delays=1))


def test_a_straight_path_is_given_away_by_two_delays_whatever_the_score(make):
    result = compared(make, 0.05, scaling="linear", delays=2)
    said = sentence(result)
    assert said.startswith("Two delays of a straight line give its end away: hybrid ")
    assert "finding" not in said
    behind = compared(make, -0.17, scaling="linear", delays=2, rank=5)
    assert "give its end away, though not to an operator of rank 5: hybrid" in sentence(behind)
    assert "give its end away" not in sentence(compared(make, 0.0, scaling="linear", delays=1))


def test_of_a_smooth_path_of_a_block_no_finding_is_claimed(make):
    said = sentence(replace(compared(make, 0.05), smooth=True))
    assert "whatever the block does" in said
    assert "finding" not in said


def test_without_labels_it_says_how_often_the_answers_agree(make):
    result = replace(make.result(make.settings, labels=False), above_best_control=None)
    said = sentence(result)
    assert f"the original's answer on {100 * result.rows['hybrid']:.1f} % of 5,000 test samples" in said
    assert "finding" not in said


def test_a_regression_is_told_in_r2(make):
    result = replace(make.result(make.settings, task="regression"), above_best_control=Difference("affine", -0.1, 0.01))
    assert "−0.100 ± 0.010 in R²" in sentence(result)
    unknown = make.without_controls(result)
    assert f"keeps R² {result.rows['hybrid']:.3f} (the original has 0.990)" in sentence(unknown)


def test_before_the_controls_are_measured_nothing_is_compared(make):
    said = sentence(make.without_controls(make.result(make.settings)))
    assert "is not measured yet" in said
    assert "finding" not in said


@pytest.mark.parametrize("value", [-0.05, 0.05])
def test_of_edited_modes_and_of_a_preview_the_score_alone_is_told(make, value):
    edited = compared(make, value, edits=((0, 0j), (3, 0j)))
    assert sentence(edited).startswith("With 2 modes edited the hybrid keeps ")
    early = replace(compared(make, value), preview="first 500 test samples")
    assert sentence(early).startswith("A first look, at the first 500 test samples: ")
    for result in (edited, early):
        assert "finding" not in sentence(result)


def test_nothing_is_said_of_nothing():
    assert sentence(None) == ""
    assert "{hybrid} {above}".format_map(figures(None)) == "– –"


def test_figures_of_a_step_are_those_of_the_result(make):
    result = make.result(FitSettings("2", steps=20, delays=3, rank=8, schedule="uniform"))
    known = figures(result)
    changed = 5000 - round(result.agreement * 5000)
    assert known["changed"] == f"{changed:,} of 5,000"
    moduli = sorted(abs(result.eigenvalues))
    inside, outside = sum(one < 0.99 for one in moduli), sum(one > 1.01 for one in moduli)
    told = known["modes"].replace("none", "0")
    assert told == f"{inside} of 8 lie inside, {8 - inside - outside} on it (to within 0.01), {outside} outside"
    assert (known["taken"], known["share"], known["layer"]) == ("2", "10 %", "2")
    assert figures(replace(result, preview="128 components"))["hybrid"] == f"~{known['hybrid']}"


def test_an_operator_that_is_applied_once_is_told_to_be_an_affine_map(make):
    for value in (-0.05, 0.0, 0.05):
        result = compared(make, value, delays=make.settings.steps)
        assert "Applied once, a linear operator is an affine map too" in sentence(result)
        assert "are a finding" not in sentence(result)
        assert "says nothing of linear dynamics" in verdict(result)


def test_a_nearly_smooth_path_says_where_the_rank_does_not_follow_it(make):
    result = replace(compared(make, -0.17, rank=5), smooth=True)
    assert "though not to an operator of rank 5" in sentence(result)
