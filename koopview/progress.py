"""Progress callbacks: long work reports its progress to its caller, who can stop it."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a text for the current work; may raise :class:`koopview.errors.Cancelled`."""


def silent(fraction: float, text: str) -> None:
    """Ignore progress: the default."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a Progress callback that covers the range from `start` to `stop` of another one."""
    return lambda fraction, text: progress(start + (stop - start) * fraction, text)
