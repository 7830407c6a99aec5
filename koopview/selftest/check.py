"""One check of an installation: a function that returns a sentence of what it found, or raises."""

import time
from collections.abc import Callable
from dataclasses import dataclass


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
    """Run a check and return its Outcome; whatever it raises is a check that failed."""
    started = time.perf_counter()
    try:
        passed, found = True, check.run()
    except Unexpected as unexpected:
        passed, found = False, str(unexpected)
    except (Exception, SystemExit) as error:
        passed, found = False, " ".join(f"{type(error).__name__}: {error}".split())
    return Outcome(check.name, check.expected, passed, found, time.perf_counter() - started)
