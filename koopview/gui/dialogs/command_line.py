"""The page of the command line, made of its parsers."""

import argparse
from collections.abc import Iterator
from functools import partial

from koopview.arguments import COMMANDS, command_parser, window_parser

_WIDTH = 84
"""Columns of a usage: what a page of the built guide shows without a scroll bar."""

_INTRODUCTION = """# Command line

`koopview` opens the window; with one of the words {commands} it does its work without one. Results go to standard
output, progress and notes to standard error. The exit status is 0 where all went well, and 2 where the words or a file
do not fit: one line on standard error then says which, and what was expected.
"""


def command_line_page() -> str:
    """Return every command with its options, as Markdown."""
    (choice,) = (one for one in command_parser()._actions if isinstance(one, argparse._SubParsersAction))
    purposes = {one.dest: one.help or "" for one in choice._choices_actions}  # a command's own parser does not know it
    told = [_section(f"koopview {name}", parser, purposes[name]) for name, parser in choice.choices.items()]
    introduction = _INTRODUCTION.format(commands=", ".join(f"`{name}`" for name in COMMANDS))
    return "\n".join([introduction, _section("koopview", window_parser(), "open the window"), *told])


def _section(name: str, parser: argparse.ArgumentParser, purpose: str) -> str:
    parser.formatter_class = partial(argparse.HelpFormatter, width=_WIDTH)  # not the width of a terminal
    usage = parser.format_usage().replace("\n" + " " * len("usage: "), "\n").removeprefix("usage: ")
    rows = [f"| {_words(action)} | {_help(action)} |" for action in _options(parser)]
    table = "\n".join(["| Option | What it says |", "|---|---|", *rows])
    return f"## {name}\n\n```text\n{usage.rstrip()}\n```\n\n{purpose[:1].upper()}{purpose[1:]}.\n\n{table}\n"


def _options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    return (action for action in parser._actions if action.dest != "help")


def _words(action: argparse.Action) -> str:
    choices = f"{{{','.join(map(str, action.choices or ()))}}}"
    value = action.metavar or ("" if action.nargs == 0 else choices)
    return f"`{' '.join([*action.option_strings, str(value)]).strip()}`".replace("|", "\\|")


def _help(action: argparse.Action) -> str:
    text = (action.help or "").replace("show program's version number and exit", "print the version")
    return text.replace("|", "\\|")
