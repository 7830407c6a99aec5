"""A lecture played by real keys: each story of a built-in study, step by step, as pictures whose sentences are checked.

Every number that a step says is read from the screen again and held against the summary of the result on screen.
"""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from koopview.files import write_whole
from koopview.gui.displays import draw_without_display
from koopview.gui.files.export import png
from koopview.gui.picturing import PRESENT_SIZE, drawn, opened, rest, settle
from koopview.gui.window import MainWindow
from koopview.network.demos import DEMO_NAMES

THEMES = ("light", "dark")
_NUMBER = re.compile(r"([−-]?\d[\d,]*(?:\.\d+)?)( %)?")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DELAYS = re.compile(rf"\b({'|'.join(_WORDS)}) delays?\b", re.IGNORECASE)
_MOST_STEPS = 30
_SWEPT_MS = 2600
"""Time for which a slider is let move by itself: five steps."""

Say = Callable[[str], None]
Key = Qt.Key


def untrue(text: str, summary: dict[str, Any], sizes: Sequence[int]) -> list[str]:
    """Return the numbers of a text that are none of the result on screen.

    Parameters
    ----------
    text : str
    summary : dict
        The JSON object of ``koopview fit``; empty while none is on screen.
    sizes : sequence of int
        Inputs and outputs of the layer.
    """
    if not summary:
        return ["no result on screen"]
    shares, others = _shares(summary), _others(summary, sizes)
    found = []
    for number, percent in _NUMBER.findall(text):
        value = float(number.replace("−", "-").replace(",", ""))
        digits = len(number.partition(".")[2])
        expected = shares if percent else others
        if not any(abs(round(one, digits) - value) < 1e-9 for one in expected):
            found.append(number + percent)
    delays = [word for word in _DELAYS.findall(text) if _WORDS.index(word.lower()) + 1 != summary["delays"]]
    return found + delays + (["a dash"] if "–" in text else [])


def _shares(summary: dict[str, Any]) -> list[float]:
    """Return what may stand before a per cent sign: the scores, and the lift fraction."""
    scores = [*summary["accuracy"].values(), *summary["agreements"].values(), summary["agreement"]]
    return [100 * share for share in (*scores, summary["lift_fraction"]) if share is not None]


def _others(summary: dict[str, Any], sizes: Sequence[int]) -> list[float]:
    """Return every other number of a result that a sentence may name."""
    samples, agreement = summary["test_samples"], summary["agreement"]
    changed = [] if agreement is None else [samples - round(agreement * samples)]
    gained = [] if summary["above_best_control"] is None else [100 * part for part in summary["above_best_control"]]
    moduli = [abs(complex(*pair)) for pair in summary["eigenvalues"]]
    inside, outside = sum(one < 0.99 for one in moduli), sum(one > 1.01 for one in moduli)
    modes = [inside, outside, len(moduli) - inside - outside, 0.01]
    layer = [float(summary["layer"])] if summary["layer"].isdecimal() else []
    settings = [summary["delays"], summary["delays"] - 1, summary["rank"], summary["steps"], summary["lift_fraction"]]
    return [*sizes, samples, *changed, *gained, *modes, *layer, *settings]


def play(study: str, theme: str, folder: Path, say: Say = print) -> list[str]:
    """Play the story of a built-in study by keys, with a PNG of each step in `folder`; return what was untrue in it.

    Raises
    ------
    FileError
        If a picture cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    window = opened(study, theme)
    faults = []
    for name, told in _scenes(window):
        path = folder / f"lecture-{study}-{theme}-{name}.png"
        write_whole(path, png(drawn(window, 1.0)), "picture")
        wrong = untrue(told, window.shown_summary(), _sizes(window))
        faults += [f"{path.name}: {fault}: {told}" for fault in wrong]
        say(f"{path}: {told}{'   UNTRUE: ' + ', '.join(wrong) if wrong else ''}")
    window.close()
    return faults


def _scenes(window: MainWindow) -> Iterator[tuple[str, str]]:
    """Go through present mode by keys alone; yield a name for each scene, and the sentences that it says."""
    _press(window, Key.Key_F11)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*PRESENT_SIZE)
    rest()
    page = window.presenting.page
    assert page is not None
    yield "0-free", page.sentence.text()
    for number in range(1, _MOST_STEPS):
        _press(window, Key.Key_PageDown)
        if page.title.text().split(" ")[0] != str(number):  # the story is over
            break
        yield f"{number}-step", page.sentence.text()
    _press(window, Key.Key_H)
    rest(_SWEPT_MS)
    _press(window, Key.Key_Space)
    yield "delays-swept", page.sentence.text()
    _press(window, Key.Key_Right)
    yield "next-layer", page.sentence.text()
    _press(window, Key.Key_P)
    _point(window, page.bars)
    yield "pointer", page.sentence.text()
    for key in (Key.Key_P, Key.Key_L, Key.Key_K):
        _press(window, key)
    yield "other-light-no-keys", page.sentence.text()
    _press(window, Key.Key_L)
    _press(window, Key.Key_Escape)


def _press(window: MainWindow, key: Qt.Key) -> None:
    """Press a key as a person does, and wait for what it asks for."""
    from PySide6.QtTest import QTest

    QTest.keyClick(window.focusWidget() or window, key)
    settle(window)


def _point(window: MainWindow, part: QWidget) -> None:
    """Move the mouse to the middle of a part of the page."""
    from PySide6.QtTest import QTest

    QTest.mouseMove(window.windowHandle(), part.mapTo(window, part.rect().center()))
    rest()


def _sizes(window: MainWindow) -> list[int]:
    result = window.shown_result()
    return [] if result is None else [result.layer_inputs, result.layer_outputs]


def main(arguments: Sequence[str]) -> int:
    """Play the stories into the folder given; return 1 if a sentence was untrue."""
    parser = ArgumentParser("python -m koopview.gui.lecture", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder that all pictures go into")
    parser.add_argument("--study", action="append", choices=DEMO_NAMES, help="play this built-in study alone")
    parser.add_argument("--theme", action="append", choices=THEMES, help="play in this theme alone")
    options = parser.parse_args(arguments)
    draw_without_display()
    faults = [
        fault
        for study in options.study or DEMO_NAMES
        for theme in options.theme or THEMES
        for fault in play(study, theme, options.folder)
    ]
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
