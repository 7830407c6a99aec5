"""A lecture played by keys: every number that it says is held against the result on screen."""

import re
from dataclasses import replace

import pytest

from koopview.gui import lecture
from koopview.gui.present.step import figures
from koopview.gui.present.stories import YINYANG


@pytest.fixture(scope="session")
def shown(make):
    return make.result(replace(make.settings, delays=6, rank=12))


def found(text, result):
    return lecture.untrue(text, result.summary(), (result.layer_inputs, result.layer_outputs))


@pytest.mark.parametrize("step", YINYANG.steps, ids=lambda step: step.title)
def test_what_a_story_says_is_found_true_and_each_of_its_numbers_would_be_missed_if_it_were_another(step, shown):
    said = step.text.format_map(figures(shown))
    assert found(said, shown) == []
    for number in re.finditer(r"\d[\d,]*(?:\.\d+)?", said):
        other = f"{said[: number.start()]}7777{said[number.end() :]}"
        assert len(found(other, shown)) == 1, number.group()


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Seven delays see it", ["Seven"]),
        ("Six delays see it", []),
        ("it keeps 12.3 %", ["12.3 %"]),
        ("it keeps –", ["a dash"]),
        ("6 of 8", []),
    ],
)
def test_words_dashes_and_shares_are_held_against_it_too(shown, text, faults):
    assert found(text, shown) == faults


def test_without_a_result_nothing_is_true():
    assert lecture.untrue("6", {}, ()) == ["no result on screen"]


@pytest.mark.slow
def test_the_yin_yang_story_is_played_by_keys_and_true(tmp_path):
    assert lecture.play("yinyang", "light", tmp_path, lambda line: None) == []
    assert len(list(tmp_path.glob("*.png"))) == 1 + len(YINYANG.steps) + 4
