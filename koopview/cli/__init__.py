"""The command line: open the window or run a command, by the arguments given."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from koopview.arguments import COMMANDS, SELF_TEST, command_parser, self_test_parser, window_options
from koopview.cli import commands
from koopview.errors import KoopViewError
from koopview.terminal import complain, deliver, ended_by_interrupt, quiet
from koopview.threads import let_idle_threads_sleep

Parsed = TypeVar("Parsed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run KoopView; return the exit status: 0 for success, 2 for wrong use or bad input (one line on stderr).

    1 says that the self-test found something wrong.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    let_idle_threads_sleep()
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
    parsed(window_options, words)  # wrong arguments are reported before Qt starts
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
    """Return the result of `parse` for the words; --help and --version end the program here."""
    try:
        return parse(words)
    except SystemExit:
        deliver("")  # flush stdout while a failure can still be reported
        raise
    except OSError as error:  # Python 3.10 raises it while printing help
        if not isinstance(error, KoopViewError):
            deliver("")
        raise
