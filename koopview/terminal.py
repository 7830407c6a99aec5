"""The command line's two streams: results to stdout, complete or with an error; progress and errors to stderr."""

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
"""Most columns of a progress bar: a longer line would wrap and could not be overwritten."""


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
    """Write an error's sentence to stderr as one line, with the options that solve it, over the progress bar."""
    if sys.stderr is not None:
        start = f"\r{'':{WIDTH}}\r" if sys.stderr.isatty() else ""
        mend = f" ({', '.join(error.options)})" if error.options else ""
        print(f"{start}koopview: {printable(' '.join(str(error).split()))}{mend}", file=sys.stderr)


@contextmanager
def remarks() -> Iterator[Callable[[str], None]]:
    """Yield a function that collects remarks, and print them to stderr at the end, one per line.

    After an error only the error's sentence is printed.
    """
    told: list[str] = []
    yield told.append
    if sys.stderr is not None:
        for sentence in told:
            print(f"koopview: note: {printable(' '.join(sentence.split()))}", file=sys.stderr)


def printable(text: str) -> str:
    """Return `text` with control characters (escape sequences, line breaks) escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep stdout for results: output of a user's own code goes to stderr, warnings of libraries are dropped."""
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Let Ctrl+C end the process at once, even inside a long library call; no file is left half written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def terminal_progress() -> Progress:
    """Return the Progress callback that draws a bar if stderr is a terminal, else `silent`."""
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
    """Discard what is left in stdout's buffer: Python would write it again at exit, and report an error."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # not a file of the operating system
        pass
