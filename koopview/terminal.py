"""The command line's two streams: results to stdout, whole or with an error; progress and complaints to stderr."""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout

from koopview.errors import FileError, KoopViewError
from koopview.progress import Progress, silent

WIDTH = 79
"""Columns that a progress bar may take: a longer line would wrap and stay."""


def deliver(text: str) -> None:
    """Write a result to stdout.

    Raises
    ------
    FileError
        If it is closed or cannot be written.
    BrokenPipeError
        If its reader has gone, as `head` does.
    """
    if sys.stdout is None:
        raise FileError("stdout is closed, expected a terminal, a pipe or a file for the result")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        _abandon_stdout()
        if isinstance(error, BrokenPipeError):
            raise
        raise FileError(f"stdout cannot be written: {error.strerror}") from error


def complain(error: KoopViewError) -> None:
    """Write an error's sentence to stderr as one line, with the options that mend it, in a progress bar's place."""
    if sys.stderr is not None:
        start = f"\r{'':{WIDTH}}\r" if sys.stderr.isatty() else ""
        mend = f" ({', '.join(error.options)})" if error.options else ""
        print(f"{start}koopview: {printable(' '.join(str(error).split()))}{mend}", file=sys.stderr)


@contextmanager
def remarks() -> Iterator[Callable[[str], None]]:
    """Give what takes sentences that a person should know, and write them to stderr once all went well, a line each.

    Where something fails, its one sentence stands alone.
    """
    told: list[str] = []
    yield told.append
    if sys.stderr is not None:
        for sentence in told:
            print(f"koopview: note: {printable(' '.join(sentence.split()))}", file=sys.stderr)


def printable(text: str) -> str:
    """Return `text` with what a terminal would obey (escape sequences, line breaks) written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep stdout for results: what a person's own code prints goes to stderr, what libraries warn of nowhere."""
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Let Ctrl+C end the process at once, even inside a long library call; files are written whole."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def terminal_progress() -> Progress:
    """Return a progress bar on a terminal's stderr, silence elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        return silent
    started = time.monotonic()

    def show(fraction: float, text: str) -> None:
        elapsed = time.monotonic() - started
        left = f"{elapsed * (1 - fraction) / fraction:.0f} s left" if fraction > 0.02 else ""
        line = f"[{'#' * round(20 * fraction):.<20}] {text[:42]:42} {left:>13}" if fraction < 1 else ""
        print(f"\r{line:{WIDTH}}\r", end="", file=sys.stderr, flush=True)

    return show


def _abandon_stdout() -> None:
    """Let what is left in stdout's buffer go nowhere: Python writes it once more when it ends, and would complain."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # not a file of the system's
        pass
