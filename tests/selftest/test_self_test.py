"""The self-test fails where a number, a picture or a file is not as it was."""

import json
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage

from koopview.cli import main
from koopview.gui import picturing
from koopview.selftest import formats, looks, numbers, pictures, run
from koopview.selftest.check import Check, Unexpected, outcome
from koopview.selftest.numbers import FITS, compared, numbers_of


@pytest.fixture
def only(monkeypatch):
    """Let the self-test consist of the checks that are given."""
    return lambda *checks: monkeypatch.setattr(run, "all_checks", lambda folder: iter(checks))


def test_one_that_fails_is_told_with_what_was_expected_and_the_others_still_run(only, capsys):
    only(Check("first", "a finding", lambda: 1 / 0), Check("second", "nothing", lambda: "well"))
    assert main(["--self-test"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("FAIL")
    assert lines[0].endswith("first                          ZeroDivisionError: division by zero; expected: a finding")
    assert lines[1].startswith("ok")
    assert lines[2].startswith("1 of 2 passed")


def test_an_error_in_what_qt_calls_is_a_check_that_failed(qtbot):
    def run():
        QTimer.singleShot(0, lambda: {}["nothing"])
        qtbot.wait(20)
        return "well"

    found = outcome(Check("window", "no error", run))
    assert (found.passed, found.found) == (False, "KeyError: 'nothing'")


def test_the_report_on_stdout_is_json_alone(only, capsys):
    only(Check("first", "a finding", lambda: "well"))
    assert main(["--self-test", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["checks"][0]["found"] == "well"


def test_a_report_that_cannot_be_written_is_told_before_anything_is_checked(only, capsys, tmp_path):
    only(Check("first", "a finding", pytest.fail))
    assert main(["--self-test", "--json", str(tmp_path / "no folder" / "report.json")]) == 2
    assert "--json" in capsys.readouterr().err


def test_a_report_belongs_to_the_self_test(capsys):
    assert main(["--json", "-"]) == 2
    assert "--self-test" in capsys.readouterr().err


def test_what_the_self_test_would_not_look_at_is_refused(only, capsys):
    only(Check("first", "a finding", pytest.fail))
    assert main(["--self-test", "--demo", "mnist"]) == 2
    assert "--self-test" in capsys.readouterr().err


def test_the_report_says_how_it_was_drawn_and_of_which_installation(only, capsys, qapp, monkeypatch):
    only(Check("first", "a finding", lambda: "well"))
    monkeypatch.setenv("DISPLAY", ":77")
    assert main(["--self-test", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["installation"] == "checkout"
    assert told["display"]["DISPLAY"] == ":77"
    assert told["display"]["drawn"]["platform"] == qapp.platformName()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert run.installation() == "bundle"


@pytest.fixture(scope="module")
def studies():
    return {}


@pytest.mark.parametrize("change", [("accuracy", 3 / 5000), ("eigenvalue", 2e-6)])
def test_numbers_further_away_than_rounding_are_found(monkeypatch, studies, tmp_path, change):
    name, (kind, off) = "layer 2", change
    stored = json.loads(numbers.resource_path(numbers.STORED).read_text())
    assert compared(studies, "yinyang", name)
    if kind == "accuracy":
        stored["yinyang"][name]["accuracy"]["hybrid"] += off
    else:
        stored["yinyang"][name]["eigenvalues"][0][1] += off
    (tmp_path / numbers.STORED).write_text(json.dumps(stored))
    monkeypatch.setattr(numbers, "resource_path", lambda file: tmp_path / file)
    with pytest.raises(Unexpected):
        compared(studies, "yinyang", name)


def test_the_largest_eigenvalues_are_stored_one_of_each_pair(studies):
    result = numbers.fitted(numbers.opened(studies, "yinyang"), FITS["yinyang"]["layer 2"])
    found = [complex(*pair) for pair in numbers_of(result)["eigenvalues"]]
    assert abs(found[0]) == pytest.approx(np.abs(result.eigenvalues).max())
    assert all(value.imag >= 0 for value in found)


def test_a_missing_resource_is_a_check_that_failed(monkeypatch, studies, tmp_path):
    monkeypatch.setattr(numbers, "resource_path", lambda file: tmp_path / file)
    found = outcome(Check("fit", "numbers", lambda: compared(studies, "yinyang", "layer 2")))
    assert not found.passed
    assert numbers.STORED in found.found


def test_samples_that_are_not_those_written_are_found():
    from koopview.network.data import Dataset

    pixels = np.arange(40, dtype=np.uint8).reshape(10, 4)
    dataset = Dataset(pixels[::-1].astype(np.float32), np.arange(10) % 2)
    formats.check_samples(dataset, "data", pixels)
    with pytest.raises(Unexpected):
        formats.check_samples(dataset, "data", pixels[[*range(9), 0]])


def test_a_blank_figure_has_one_colour_and_is_found(qtbot, monkeypatch):
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    assert pictures.colours(image) == 1
    for step in range(20):
        image.setPixelColor(3 * step, 30, QColor(step, 0, 0))
    assert pictures.colours(image) >= pictures.LEAST_COLOURS


@pytest.mark.parametrize("name", ["fonts/Inter-Bold.otf", "icons/tick-dark.svg"])
def test_a_font_or_an_icon_that_is_cut_off_is_named(monkeypatch, tmp_path, name):
    whole = {file: numbers.resource_path(file) for file in looks.NEEDED}
    check = Check("Qt, fonts, icons", looks.EXPECTED, partial(looks.loaded, tmp_path))
    assert outcome(check).passed
    cut = tmp_path / Path(name).name
    cut.write_bytes(whole[name].read_bytes()[:100])
    monkeypatch.setattr(looks, "resource_path", lambda file: cut if file == name else whole[file])
    found = outcome(check)
    assert not found.passed
    assert str(cut) in found.found


def window_with(result, busy=False):
    return SimpleNamespace(shown_result=lambda: result, is_busy=lambda: busy)


@pytest.mark.parametrize(
    ("window", "told", "said"),
    [
        (window_with("a result"), ["model.pt is empty"], "is empty"),
        (window_with(None), [], "came to rest"),
        (window_with("a result", busy=True), [], "came to rest"),
    ],
)
def test_a_window_that_tells_of_a_failure_or_shows_nothing_has_failed(monkeypatch, window, told, said):
    monkeypatch.setattr(picturing, "settle", lambda window: None)
    assert pictures.settled(window_with("a result"), []) == "a result"
    with pytest.raises(Unexpected, match=said):
        pictures.settled(window, told)


def fit_of(eigenvalue, hybrid):
    return SimpleNamespace(eigenvalues=np.array([eigenvalue]), hybrid=hybrid, test_samples=5000)


@pytest.mark.parametrize("fresh", [None, fit_of(0.9 + 2e-6j + 2e-6, 0.8), fit_of(0.9, 0.8 + 3 / 5000)])
def test_a_fit_in_the_window_meets_the_saved_numbers(monkeypatch, fresh):
    saved, window = fit_of(0.9, 0.8), SimpleNamespace(session=SimpleNamespace(fit_now=lambda: None))
    shown = [fit_of(0.9, 0.8), saved]
    monkeypatch.setattr(pictures, "settled", lambda window, told: shown.pop())
    pictures.refit(window, [])
    shown[:] = [fresh or saved, saved]  # None: nothing was fitted, and the saved result is still there
    with pytest.raises(Unexpected):
        pictures.refit(window, [])
