"""The lab sheets: every number of a solution is what its command gives, and every question has its solution."""

import contextlib
import io
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from koopview.arguments import command_parser
from koopview.cli import main

LABS = Path(__file__).parent.parent / "resources" / "docs" / "labs"
SHEETS = ("straight-line", "taking-modes-out")
SLOW = ("demo:mnist",)
"""Commands with these words take seconds each: their numbers are checked by ``--slow``."""

ROW = re.compile(r"^\| (?P<what>.+?) \| `(?P<where>.+?)` \| (?P<value>.+?) \|$")
COMMAND = re.compile(r"^koopview (?P<words>.+)$")


@dataclass(frozen=True)
class Number:
    """A number of a page: the command that gives it, where it stands in its JSON, and how it is printed."""

    command: str
    where: str
    value: str


def numbers_of(sheet):
    """Return every number in the tables of a sheet's solutions."""
    found, command = [], ""
    for line in (LABS / f"{sheet}-solutions.md").read_text(encoding="utf-8").splitlines():
        if said := COMMAND.match(line):
            command = said["words"]
        elif row := ROW.match(line):
            found.append(Number(command, row["where"], row["value"]))
    return found


def commands_of(sheet, slow):
    found = dict.fromkeys(number.command for number in numbers_of(sheet))
    return [(sheet, command) for command in found if any(word in command for word in SLOW) == slow]


@cache
def output_of(command):
    """Return the JSON of a command; equal commands of all pages run once."""
    return json.loads(_printed(command))


def _printed(command):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        assert main(command.split()) == 0
    out.flush()
    return out.buffer.getvalue().decode()


def measured(number):
    """Return what the program gives where a page has `number`."""
    given = output_of(number.command)
    names = {"layers": {row["name"]: row for row in given}} if isinstance(given, list) else given
    return eval(number.where, dict(names))  # an expression of our own page


def agrees(value, told):
    """Return whether a measured value is the one that is printed, to one and a half of its last digit."""
    if told in ("yes", "no"):
        return value is (told == "yes")
    scale = 100 if told.endswith(("%", "points")) else 1
    digits = told.split()[0].replace("−", "-").replace(",", "")
    if isinstance(value, int) and "." not in digits:
        return value == int(digits)
    step = 10.0 ** -len(digits.partition(".")[2])
    return abs(scale * value - float(digits)) <= 1.5 * step


def check(sheet, command):
    for number in numbers_of(sheet):
        if number.command == command:
            assert agrees(measured(number), number.value), (number.where, measured(number), number.value)


@pytest.mark.parametrize(("sheet", "command"), [pair for sheet in SHEETS for pair in commands_of(sheet, slow=False)])
def test_every_number_of_a_solution_is_what_its_command_gives(sheet, command):
    check(sheet, command)


@pytest.mark.slow
@pytest.mark.parametrize(("sheet", "command"), [pair for sheet in SHEETS for pair in commands_of(sheet, slow=True)])
def test_every_number_of_a_slow_solution_too(sheet, command):
    check(sheet, command)


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_number_in_the_words_of_a_solution_stands_in_one_of_its_tables(sheet):
    page = (LABS / f"{sheet}-solutions.md").read_text(encoding="utf-8")
    told = {number.value.split()[0] for number in numbers_of(sheet)}
    words = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    words = "\n".join(line for line in words.splitlines() if not line.startswith("|"))
    decimals = set(re.findall(r"(?<![\d.])\d+\.\d+(?!\d)", words)) | set(re.findall(r"(?<![\d.])(\d+) %", words))
    assert decimals <= {value.lstrip("−") for value in told}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_question_has_a_solution(sheet):
    asked = (LABS / f"{sheet}.md").read_text(encoding="utf-8")
    solved = (LABS / f"{sheet}-solutions.md").read_text(encoding="utf-8")
    questions = [int(number) for number in re.findall(r"\*\*Question (\d+)\.\*\*", asked)]
    heads = re.findall(r"^## Questions? (\d+)(?: and (\d+))?$", solved, flags=re.MULTILINE)
    assert questions == list(range(1, len(questions) + 1))
    assert sorted(int(number) for pair in heads for number in pair if number) == questions


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_command_of_a_page_is_one_that_the_program_takes(sheet):
    for number in numbers_of(sheet):
        assert command_parser().parse_args(number.command.split())


def test_a_wrong_number_is_found():
    assert agrees(0.9492, "94.9 %")
    assert not agrees(0.9512, "94.9 %")
    assert agrees(-0.1412, "−14.1 points")
    assert not agrees(19, "18")
    assert not agrees(True, "no")
