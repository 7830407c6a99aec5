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
    commands = ", ".join(f"`{name}`" for name in COMMANDS)
    parsers = {"koopview": window_parser(), **_commands()}
    told = [_section(name, *pair) for name, pair in _with_help(parsers).items()]
    return "\n".join([_INTRODUCTION.format(commands=commands), *told])


def _commands() -> dict[str, argparse.ArgumentParser]:
    (choice,) = (one for one in command_parser()._actions if isinstance(one, argparse._SubParsersAction))
    return {f"koopview {name}": parser for name, parser in choice.choices.items()}


def _with_help(parsers: dict[str, argparse.ArgumentParser]) -> dict[str, tuple[argparse.ArgumentParser, str]]:
    """Return each parser with what it is for, which those of commands leave to the list that they stand in."""
    (choice,) = (one for one in command_parser()._actions if isinstance(one, argparse._SubParsersAction))
    helps = {f"koopview {one.dest}": one.help or "" for one in choice._choices_actions}
    return {name: (parser, helps.get(name, "open the window")) for name, parser in parsers.items()}


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
