"""The command line: from words to a window or to one of the commands."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from koopview.arguments import COMMANDS, SELF_TEST, command_parser, self_test_parser, window_options
from koopview.cli import commands
from koopview.errors import KoopViewError
from koopview.terminal import complain, deliver, ended_by_interrupt, quiet

Parsed = TypeVar("Parsed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run KoopView; returns the exit status: 0 done, 2 wrong use or bad input (told in one line on stderr).

    1 says that the self-test found something wrong.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in COMMANDS:
            return run_command(words)
        return run_self_test(words) if SELF_TEST in words else open_window(words)
    except KoopViewError as error:
        complain(error)
        return 2
    except BrokenPipeError:
        return 0


def open_window(words: list[str]) -> int:
    """Open the window, or render it into a file."""
    parsed(window_options, words)  # wrong words are told before Qt starts
    from koopview.gui import run

    with quiet():
        return run(words)


def run_command(words: list[str]) -> int:
    """Run one of the commands."""
    options = parsed(command_parser().parse_args, words)
    with ended_by_interrupt():
        getattr(commands, options.command)(options)
    return 0


def run_self_test(words: list[str]) -> int:
    """Prove that this installation works; returns the exit status."""
    options = parsed(self_test_parser().parse_args, words)
    from koopview.cli.self_test import prove

    with ended_by_interrupt():
        return prove(options)


def parsed(parse: Callable[[list[str]], Parsed], words: list[str]) -> Parsed:
    """Return what `parse` makes of the words; ends the program where that was all they asked (--help, --version)."""
    try:
        return parse(words)
    except SystemExit:
        deliver("")  # what was printed reaches its reader, or fails, while it can be told
        raise
    except OSError as error:  # on Python 3.10 already where help is printed
        if not isinstance(error, KoopViewError):
            deliver("")
        raise
