"""Parsers for the values of command-line options; an error is one sentence that says what was expected."""

from argparse import ArgumentTypeError
from typing import Any

from koopview.cluster.opening import local_workers
from koopview.errors import InputError
from koopview.figures import wanted_figures
from koopview.hybrid.stream_words import checked_states as checked_stream
from koopview.koopman.rank import RANKS
from koopview.print_widths import LEAST_MM, MOST_MM, NAMED_WIDTHS
from koopview.trajectory.schedule import checked_schedule
from koopview.trajectory.states import checked_states

LEAST_SIZE = (960, 540)
"""Width and height of the smallest window, in logical pixels."""

FIRST_SIZE = (1280, 800)
"""Those of a window that is opened for the first time."""

LONGEST_SECONDS = 86_400
"""A day."""


def positive(text: str) -> int:
    """Return a whole number of 1 or more."""
    return _whole(text, 1)


def seed(text: str) -> int:
    """Return a whole number of 0 or more."""
    return _whole(text, 0)


def cluster(text: str) -> str:
    """Return the name of a cluster: local, local:N or an address."""
    try:
        local_workers(text)
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error
    return text


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value < 2**31:
        raise ArgumentTypeError(f"{_shown(text)} does not fit, expected a whole number of {least} to 2147483647")
    return value


def positive_or(word: str) -> Any:
    """Return a parser of a positive number, or None for `word`."""

    def parse(text: str) -> int | None:
        if text == word:
            return None
        try:
            return positive(text)
        except ArgumentTypeError as error:
            raise ArgumentTypeError(f"{error}, or {word}") from error

    return parse


def number(text: str) -> float:
    """Return a number of a size that float32 can hold."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if abs(value) < 1e30:
        return value
    raise ArgumentTypeError(f"{_shown(text)} does not fit, expected a number between -1e30 and 1e30")


def seconds(text: str) -> float:
    """Return a duration of more than 0 seconds, a day at most."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if 0 < value <= LONGEST_SECONDS:
        return value
    raise ArgumentTypeError(f"{_shown(text)} is no time, expected seconds above 0, {LONGEST_SECONDS} at most")


def names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated text."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ArgumentTypeError(f"{_shown(text)} holds no name, expected names with commas between them")
    return names


def figures(text: str) -> tuple[str, ...]:
    """Return the figures in a comma-separated text."""
    try:
        return wanted_figures(names(text))
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error


def width(text: str) -> float:
    """Return a width in mm, by its name in a paper or as a number."""
    found = NAMED_WIDTHS.get(text)
    if found is None:
        try:
            found = float(text)
        except ValueError:
            found = 0.0
    if LEAST_MM <= found <= MOST_MM:
        return found
    ends = f"{LEAST_MM:g} to {MOST_MM:g} mm"
    raise ArgumentTypeError(f"{_shown(text)} is no width, expected {', '.join(NAMED_WIDTHS)} or {ends}")


def keys(text: str) -> tuple[str, str]:
    """Return a pair of names: an empty first one is the usual inputs, an empty second one no labels."""
    pair = [name.strip() for name in text.split(",")]
    if len(pair) != 2:
        raise ArgumentTypeError(
            f"{_shown(text)} is no pair of names, expected X,Y; 'X,' without labels, ',Y' with the usual inputs"
        )
    return pair[0], pair[1]


def size(text: str) -> tuple[int, int]:
    """Return the size of a window, in logical pixels."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) <= 16000 for part in parts):
        raise ArgumentTypeError(f"{_shown(text)} is no size, expected WxH, each 16000 at most, e.g. 1280x800")
    width, height = int(parts[0]), int(parts[1])
    if width < LEAST_SIZE[0] or height < LEAST_SIZE[1]:
        least = "x".join(map(str, LEAST_SIZE))
        raise ArgumentTypeError(f"{_shown(text)} is too small for the window, expected at least {least}")
    return width, height


def counts(text: str) -> tuple[int, ...]:
    """Return the whole numbers of 1 or more in a comma-separated text."""
    return tuple(positive(name) for name in names(text))


def indices(text: str) -> tuple[int, ...]:
    """Return the whole numbers of 0 or more in a comma-separated text."""
    return tuple(seed(name) for name in names(text))


def rank(text: str) -> int | str:
    """Return a rank: a positive number or one of the words for it."""
    if text in RANKS:
        return text
    try:
        return positive(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}, or {', '.join(RANKS)}") from error


def ranks(text: str) -> tuple[int | str, ...]:
    """Return the ranks in a comma-separated text."""
    return tuple(rank(name) for name in names(text))


def schedule(text: str) -> str:
    """Return the spelling of a schedule, "uniform" or "geometric:RHO"."""
    try:
        return checked_schedule(text)
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error


def states(text: str) -> str:
    """Return the spelling of what a state is, "flat" or "pca:100"."""
    try:
        return checked_states(text)
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error


def stream_states(text: str) -> str:
    """Return the word for the states of a stream: "flat", "tokens", "pca" or "pca:K"."""
    try:
        checked_stream(text)
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error
    return text


def factors(text: str) -> dict[int, float]:
    """Return the factors by index of mode, from a text such as "3=0.5,7=2"."""
    pairs = [name.partition("=") for name in names(text)]
    if not all(middle for _, middle, _ in pairs):
        raise ArgumentTypeError(f"{_shown(text)} does not fit, expected I=FACTOR with commas between them, e.g. 0=0.5")
    return {seed(index.strip()): number(factor.strip()) for index, _, factor in pairs}


def _shown(text: str) -> str:
    """Return a word in quotes, shortened if it is long."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
