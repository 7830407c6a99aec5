"""Numbers as words."""

import pytest

from koopview.gui import text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0812, "0.081"),
        (12.345, "12.35"),
        (386.2, "386"),
        (3444.4, "3,444"),
        (-0.5, "−0.500"),
        (1.1e-5, "1.1e−5"),
        (float("nan"), "–"),
    ],
)
def test_short_numbers(value, written):
    assert text.short(value) == written


def test_percent_keeps_one_decimal_and_a_dash_for_what_is_not_known():
    assert text.percent(0.9551) == "95.5 %"
    assert text.percent(None) == "–"
    assert text.percent_figure(1.0) == "100.0"


@pytest.mark.parametrize(
    ("value", "measure", "score", "figure", "told"),
    [
        (0.9551, "accuracy", "95.5 %", "95.5", "95.5 %"),
        (0.9551, "r2", "0.955", "0.955", "R² 0.955"),
        (-5.21, "r2", "−5.210", "−5.210", "R² −5.210"),
        (-1234.5, "r2", "−1,234", "−1,234", "R² −1,234"),
        (None, "agreement", "–", "–", "–"),
    ],
)
def test_scores_are_written_as_their_measure_is(value, measure, score, figure, told):
    assert text.score(value, measure) == score
    assert text.score_figure(value, measure) == figure
    assert text.told_score(value, measure) == told


def test_differences_bear_their_sign():
    assert text.gain(-0.025, 0.003, "accuracy") == "−2.5 ± 0.3 points"
    assert text.gain(0.013, 0.0041, "r2") == "+0.013 ± 0.004"
    assert text.change(0.019, "accuracy") == "+1.9 points"


@pytest.mark.parametrize(("value", "written"), [(0.063, "0.06 s"), (12.34, "12.3 s"), (125.4, "2 min 05 s")])
def test_durations(value, written):
    assert text.seconds(value) == written


def test_time_left_is_silent_where_it_is_not_known():
    assert text.time_left(float("nan")) == ""
    assert text.time_left(12.4) == "about 12 s left"
    assert text.time_left(90) == "about 1 min 30 s left"


@pytest.mark.parametrize(
    ("fraction", "words"),
    [(0.0, "input alone"), (0.35, "35 % of the layer"), (0.5, "about half"), (0.7, "over half"), (0.95, "says little")],
)
def test_lift_sentence_gives_the_number_and_what_it_means(fraction, words):
    sentence = text.lift_sentence(fraction)
    assert f"{fraction:.2f}" in sentence
    assert words in sentence


def test_eigenvalues_in_words():
    assert text.eigenvalue(0.5, 0.0) == "0.5000"
    assert text.eigenvalue(-0.5, -0.25) == "−0.5000 − 0.2500 i"
    assert text.eigenvalue(0.98, 0.2, pair=True) == "0.9800 ± 0.2000 i"


def test_names_of_classes():
    assert [text.class_name(("yin", "yang"), index) for index in (1, 2)] == ["yang", "class 2"]
    named = [("yin", "yang"), ("0", "1"), ()]
    assert [text.spoken_class(names, 1) for names in named] == ["yang", "class 1", "class 1"]
