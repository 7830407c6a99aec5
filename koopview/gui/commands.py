"""The commands that the search finds: every action of the window, its tabs and layers, and settings in words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QTabWidget, QToolButton

from koopview.errors import InputError
from koopview.gui.session.port import FitPort
from koopview.gui.widgets.segmented import Segmented
from koopview.koopman.observables import OBSERVABLES
from koopview.koopman.rank import RANKS
from koopview.study.settings import FitSettings
from koopview.trajectory import SCALINGS
from koopview.trajectory.schedule import DEFAULT, UNIFORM

SCHEDULES = (UNIFORM, DEFAULT)
_NUMBERS = {"delays": "delays h", "rank": "rank r", "steps": "steps N", "samples": "samples B", "centres": "centres"}
_LETTERS = {"h": "delays", "r": "rank", "n": "steps", "b": "samples"}
_CHOICES = {"scaling": SCALINGS, "schedule": SCHEDULES, "observables": OBSERVABLES}
_WORDS = {"rank": RANKS, "samples": ("all",), "centres": ("auto",)}
_KINDS = {"demo": "Demo: ", "preset": "Projector: "}
"""What stands before the words of actions whose object names begin so."""

_EXAMPLES = ("delays 12", "rank 30", *(f"rank {word}" for word in RANKS), "steps 20", "samples all")


@dataclass(frozen=True)
class Command:
    """A command: its text, its keys, and the function that runs it."""

    text: str
    keys: str
    run: Callable[[], object]
    tip: str = ""


@dataclass(frozen=True)
class CommandPort:
    """The sources of commands: the window's actions and views, its tabs, its session, and its messages."""

    window: QMainWindow
    tabs: QTabWidget
    session: FitPort
    tell: Callable[[str], object]


def commands_of(port: CommandPort) -> list[Command]:
    """Return all Commands that can be run now, without settings that take a number."""
    session = port.session
    return [
        *_actions(port.window),
        *_tabs(port.tabs),
        *_views(port.window),
        *_layers(session),
        *_choices(session, port.tell),
    ]


def setting_command(text: str, session: FitPort, tell: Callable[[str], object]) -> Command | None:
    """Return the Command for a text like "delays 12", "rank auto" or "layer 4"; None for any other text."""
    found = re.fullmatch(r"(\w+)\s*=?\s+(\S+)|([hrnbHRNB])\s*=\s*(\S+)", text.strip())
    settings = session.settings
    if found is None or settings is None:
        return None
    word, value = (found[1], found[2]) if found[1] else (found[3], found[4])
    word = _LETTERS.get(word.lower(), word.lower())
    names = [name for name in (*_NUMBERS, "layer") if name.startswith(word)] if word else []
    if not names:
        return None
    return _setting(names[0], value, settings, session, tell)


def _setting(
    name: str, value: str, settings: FitSettings, session: FitPort, tell: Callable[[str], object]
) -> Command | None:
    """Return the Command that sets one setting, or None for a value that it cannot have."""
    if name == "layer":
        return next((command for command in _layers(session) if command.text == f"layer {value}"), None)
    if value not in _WORDS.get(name, ()) and not value.isdigit():
        return None
    try:
        wanted = with_value(settings, name, int(value) if value.isdigit() else value)
    except InputError as error:
        return Command(f"{_NUMBERS[name]} {value}", "", partial(tell, str(error)), str(error))
    return Command(f"{_NUMBERS[name]} {value}", "", partial(session.request, wanted))


def with_value(settings: FitSettings, name: str, value: int | str) -> FitSettings:
    """Return `settings` with one of them changed; if steps become fewer than delays, the delays are lowered too."""
    if name == "rank":
        return settings.with_rank(value)
    if name == "scaling":
        return settings.with_scaling(str(value))
    if name == "centres" and value == "auto":
        return replace(settings, centres=None)
    changes: dict[str, object] = {name: value}
    if name == "steps" and isinstance(value, int):
        changes["delays"] = max(1, min(settings.delays, value))
    return replace(settings, **changes)  # type: ignore[arg-type]


def matches(query: str, commands: list[Command]) -> list[Command]:
    """Return the commands whose text contains the letters of `query` in this order, the closest first."""
    scored = [(score, index) for index, command in enumerate(commands) if (score := closeness(query, command.text))]
    return [commands[index] for score, index in sorted(scored, key=lambda pair: (-pair[0], pair[1]))]


def closeness(query: str, text: str) -> float:
    """Return how well `query` fits `text`, a float: 0 not at all, more for adjacent letters and starts of words."""
    letters, words = query.lower().replace(" ", ""), text.lower()
    if not letters:
        return 1.0
    start = words.replace(" ", "").find(letters)
    if start >= 0:
        begins = re.search(r"\b" + re.escape(query.lower().strip()), words)
        return 100.0 + (50.0 if begins else 0.0) - 0.1 * len(words) - start
    at, score, before = 0, 0.0, -2
    for letter in letters:
        found = words.find(letter, at)
        if found < 0:
            return 0.0
        score += 3.0 if found == before + 1 else 2.0 if found == 0 or words[found - 1] == " " else 0.5
        before, at = found, found + 1
    return score / len(letters)


def _actions(window: QMainWindow) -> Iterator[Command]:
    for action in window.actions():
        if action.objectName().endswith("Action") and action.isEnabled() and action.objectName() != "commandsAction":
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            yield Command(_plain(action), keys, action.trigger, action.toolTip())


def _plain(action: QAction) -> str:
    """Return an action's words without marks; a theme, a demo and a projector's preset say what they are."""
    text = action.text().replace("&", "").rstrip("…")
    name = action.objectName()
    if name.endswith("ThemeAction"):
        return f"Theme: {text}"
    kind = next((kind for begin, kind in _KINDS.items() if name.startswith(begin)), "")
    return f"{kind}{text}"


def _tabs(tabs: QTabWidget) -> Iterator[Command]:
    for index in range(tabs.count()):
        if tabs.isTabVisible(index) and tabs.isTabEnabled(index):
            yield Command(
                f"Show {tabs.tabText(index)}",
                "",
                partial(tabs.setCurrentIndex, index),
                tabs.tabToolTip(index),
            )


def _views(window: QMainWindow) -> Iterator[Command]:
    for views in window.findChildren(Segmented):
        if views.isVisible():
            for index, button in enumerate(views.findChildren(QToolButton)):
                text = f"{views.accessibleName()}: {button.text()}"
                yield Command(text, "", partial(views.choose, index), button.toolTip())


def _layers(session: FitPort) -> Iterator[Command]:
    if session.state is None or session.settings is None:
        return
    for layer in session.state.layers:
        if layer.supported:
            wanted = session.settings.of_layer(layer).with_edits(())
            yield Command(f"layer {layer.name}", "", partial(session.request, wanted), layer.kind)


def _choices(session: FitPort, tell: Callable[[str], object]) -> Iterator[Command]:
    if session.settings is None:
        return
    for name, values in _CHOICES.items():
        for value in values if name != "schedule" or session.settings.schedule is not None else ():
            wanted = with_value(session.settings, name, value)
            yield Command(f"{name} {value}", "", partial(session.request, wanted))
    for text in _EXAMPLES:
        command = setting_command(text, session, tell)
        if command is not None:
            yield command
