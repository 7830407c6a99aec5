"""Code samples of a page of the guide: found, run in order in one folder, held against the output that the page shows.

A fenced block of ``python`` or ``shell``, or of ``console`` (lines after ``$`` are commands, those below them what they
print), is a sample; a ``text`` block right after one of Python is what it prints. ``...`` stands for anything, also for
whole lines. A comment of the source right before a block says what is special about it (in the README, which others
than Sphinx show too, as ``<!-- ... -->``):

    % not run: REASON         nobody could run it here
    % slow: REASON            only with the slow tests
    % own process: REASON     Python that needs a process of its own
    % about: REASON           numbers may differ by a tenth, or by 3; ``...`` stands behind all of them
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^(?:(?:%|<!--) (?P<how>not run|slow|own process|about): (?P<why>[^\n]+?)(?: -->)?\n)?"
    r"```(?P<kind>python|console|shell|bash|sh)\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<shown>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?![\w])")


@dataclass(frozen=True)
class Sample:
    """One block: its language, code, what the page shows of its output, and how it is to be run."""

    kind: str
    code: str
    shown: str | None
    how: str
    why: str
    line: int


def samples_of(text):
    """Return the samples of a page in order."""
    return [
        Sample(
            found["kind"], found["code"], found["shown"], found["how"] or "", found["why"] or "", line_of(text, found)
        )
        for found in BLOCK.finditer(text)
    ]


def line_of(text, found):
    return text.count("\n", 0, found.start("code")) + 1


def matches(shown, printed):
    """Say whether an output is what a page shows, where ``...`` stands for anything."""
    pattern = re.escape("\n".join(line.rstrip() for line in shown.strip("\n").split("\n")))
    pattern = pattern.replace(re.escape("..."), ".*?")
    text = "\n".join(line.rstrip() for line in printed.strip("\n").split("\n"))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def nearly_matches(shown, printed):
    """Say the same where numbers may differ by a tenth, or by 3: those of a network that is trained anew everywhere."""
    pairs = [(NUMBER.sub("#", text), NUMBER.findall(text)) for text in (shown, printed)]
    (words, wanted), (said, found) = ((" ".join(text.split()), numbers) for text, numbers in pairs)
    near = (abs(float(a) - float(b)) <= max(3.0, 0.1 * abs(float(a))) for a, b in zip(wanted, found, strict=False))
    return matches(words, said) and all(near)


def commands_of(sample):
    """Return the commands of a shell's sample, each with what the page shows below it (None: nothing is said)."""
    if sample.kind != "console":
        return [(line, None) for line in sample.code.splitlines() if line.strip() and not line.startswith("#")]
    parts = re.split(r"^\$ ", sample.code, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


class Page:
    """Runs the samples of one page after another: Python in one namespace, all in the folder that is current."""

    def __init__(self):
        self.names = {"__name__": "__main__"}

    def run(self, sample):
        """Run a sample; raises AssertionError with what it printed where that is not what the page shows."""
        if sample.kind == "python":
            printed = in_own_process(sample.code) if sample.how == "own process" else self.python(sample.code)
            assert sample.shown is None or matches(sample.shown, printed), printed
            return
        for command, shown in commands_of(sample):
            code, printed = koopview(shlex.split(command, comments=True))
            same = nearly_matches if sample.how == "about" else matches
            assert shown is None or same(shown, printed), f"{command}\n{printed}"
            assert code == 0 or (shown or "").startswith("koopview: "), f"{command}\n{printed}"

    def python(self, code):
        """Run Python and return what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "sample", "exec"), self.names)
        return printed.getvalue()


def in_own_process(code):
    """Run Python in a new process and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def koopview(words):
    """Run a command, which must be koopview, in this process; returns its exit status and all that it writes."""
    from koopview.cli import main

    assert words[0] == "koopview", f"{words[0]} cannot be run here: say so in the page's source"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(words[1:])
    return code, printed.getvalue()
