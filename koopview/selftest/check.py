"""One check of an installation: a function that returns a sentence of what it found, or raises."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from koopview.errors import KoopViewError


@dataclass(frozen=True)
class Check:
    """A check to run: its name, what is expected in words, and the function that returns what was found."""

    name: str
    expected: str
    run: Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    """What came of a check: whether it passed, what was found, and the seconds that it took."""

    name: str
    expected: str
    passed: bool
    found: str
    seconds: float


class Unexpected(Exception):  # noqa: N818 - its text is a finding, told in a table
    """What a check found instead of what it expected."""


def outcome(check: Check) -> Outcome:
    """Run a check and return its Outcome; one that raises has failed, also where Qt's event loop would hide it."""
    started = time.perf_counter()
    try:
        with hidden_errors() as errors:
            passed, found = True, check.run()
        if errors:
            passed, found = False, sentence(errors[0])
    except (Exception, SystemExit) as error:
        passed, found = False, sentence(error)
    return Outcome(check.name, check.expected, passed, found, time.perf_counter() - started)


@contextmanager
def hidden_errors() -> Iterator[list[BaseException]]:
    """Yield a list of the errors that functions called by Qt raise: its event loop passes them to sys.excepthook."""
    errors: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        errors.append(error)

    before, sys.excepthook = sys.excepthook, note
    try:
        yield errors
    finally:
        sys.excepthook = before


def sentence(error: BaseException) -> str:
    """Return an error as one line, with its class where it was not written for a person."""
    text = " ".join(str(error).split())
    return text if isinstance(error, Unexpected | KoopViewError) else f"{type(error).__name__}: {text}"
