"""``koopview --self-test``: a line a check as it is taken, or the whole report as JSON."""

import sys
from argparse import Namespace
from contextlib import redirect_stdout
from typing import Any

from koopview.cli.commands import check_output, put
from koopview.files import json_text
from koopview.selftest.checks import Check
from koopview.selftest.running import self_test
from koopview.terminal import deliver, printable, quiet

_NAME, _FOUND = 22, 50
"""Columns that the name of a check and what it found take."""


def prove(options: Namespace) -> int:
    """Run the self-test; returns the exit status: 0 where all is well, 1 where a check has failed.

    A program without a terminal (Windows) writes its report alone.
    """
    check_output(options.json, "--json")
    told, stdout = options.json != "-" and (sys.stdout is not None or options.json is None), sys.stdout

    def tell(text: str) -> None:
        if told:
            with redirect_stdout(stdout):
                deliver(f"{text}\n")

    with quiet():
        report = self_test(lambda check: tell(line(check)))
    tell(end(report))
    if options.json is not None:
        put(json_text(report), options.json, "--json")
    return 0 if report["ok"] else 1


def line(check: Check) -> str:
    """Return a check as a line: how it ended, its name, what was found, seconds; of a failed one what was expected."""
    found = check.found if check.ok else f"{check.found}; expected {check.expected}"
    return printable(f"{'ok' if check.ok else 'FAILED':6} {check.name:{_NAME}} {found:{_FOUND}} {check.seconds:6.1f} s")


def end(report: dict[str, Any]) -> str:
    """Return how many checks passed, and of what installation."""
    checks, versions = report["checks"], report["versions"]
    passed = sum(check["ok"] for check in checks)
    told = f"{passed} of {len(checks)} checks passed in {report['seconds']:.0f} s"
    names = ", ".join(f"{name} {versions[name]}" for name in ("koopview", "python", "torch", "PySide6-Essentials"))
    return printable(f"{told}: {names}, {report['installation']} on {report['platform']}")
