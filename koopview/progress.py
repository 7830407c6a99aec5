"""How long work tells its caller where it stands, and how the caller stops it."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done; may raise :class:`koopview.errors.Cancelled`."""


def silent(fraction: float, text: str) -> None:
    """Ignore progress: the default where nobody watches."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a progress callback that fills `start` to `stop` of another one."""
    return lambda fraction, text: progress(start + (stop - start) * fraction, text)
