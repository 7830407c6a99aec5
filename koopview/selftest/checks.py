"""One check: what is looked at, what was found, what was expected, and how long it took."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from koopview.errors import KoopViewError


@dataclass(frozen=True)
class Finding:
    """What a look found, and what was expected; `ok` says whether that is well."""

    found: str
    expected: str = ""
    ok: bool = True


@dataclass(frozen=True)
class Check:
    """A look that was taken: its name, what came of it, and the seconds that it took."""

    name: str
    ok: bool
    found: str
    expected: str
    seconds: float


Look = Callable[[], Finding]


def checked(name: str, look: Look) -> Check:
    """Return the check of a look; one that raises, or lets Qt swallow what was raised, has failed with its sentence."""
    started = time.monotonic()
    try:
        with swallowed() as errors:
            finding = look()
        if errors:
            finding = Finding(errors[0], "no error", ok=False)
    except Exception as error:
        finding = Finding(sentence(error), "no error", ok=False)
    return Check(name, finding.ok, finding.found, finding.expected, round(time.monotonic() - started, 2))


@contextmanager
def swallowed() -> Iterator[list[str]]:
    """Give the sentences of errors that are raised in what Qt calls, and go no further than its event loop."""
    errors: list[str] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        errors.append(sentence(error))

    before, sys.excepthook = sys.excepthook, note
    try:
        yield errors
    finally:
        sys.excepthook = before


def sentence(error: BaseException) -> str:
    """Return what an error says as one line; one that was not written for a person says its kind first."""
    text = " ".join(str(error).split())
    return text if isinstance(error, KoopViewError) else f"{type(error).__name__}: {text}"
