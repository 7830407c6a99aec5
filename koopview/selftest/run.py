"""All checks of an installation, in a home of their own, and the report of them."""

import os
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from koopview import __version__
from koopview.files import json_text
from koopview.installation import NEEDED, check_resources
from koopview.resources import resource_path
from koopview.selftest import files, kinds, looks, numbers, pictures
from koopview.selftest.check import Check, Outcome, outcome

SCHEMA = 1
HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA")
"""Variables that say where a person's preferences, recovery files and caches are."""

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def self_test(tell: Callable[[str], object], as_json: bool) -> tuple[int, str]:
    """Run every check, and call `tell` with the line of each as soon as it has ended.

    Returns
    -------
    (exit status, text)
        0 where all passed, else 1; the whole report as JSON, or the table's closing line.
    """
    found: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="koopview-self-test-") as name,
        own_home(Path(name)),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for check in all_checks(Path(name)):
            found.append(outcome(check))
            tell(line(found[-1]))
    status = 0 if all(one.passed for one in found) else 1
    return status, json_text(report(found)) if as_json else closing_line(found)


def all_checks(folder: Path) -> Iterator[Check]:
    """Yield every check, the cheap ones first; files are written below `folder`."""
    studies: dict[str, Any] = {}
    yield Check("files of the program", "all there", resources_found)
    yield from looks.checks(folder)
    yield from numbers.checks(studies)
    yield from files.checks(studies, folder)
    yield from kinds.checks(studies, folder)
    yield from pictures.checks(folder)


def resources_found() -> str:
    """Return how many files come with the program; raises FileError, which names the first that is missing."""
    check_resources()
    return f"{len(NEEDED)} files"


@contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """Let Qt draw without a display, and keep a person's preferences, files and data sets out of the checks."""
    changed = {"QT_QPA_PLATFORM": "offscreen", "KOOPVIEW_DATA": str(folder / "no-data")}
    changed |= {name: str(folder / "home") for name in HOMES}
    before = {name: os.environ.get(name) for name in changed}
    (folder / "home").mkdir()
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, text in before.items():
            if text is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = text


def line(one: Outcome) -> str:
    """Return a check's line of the table."""
    wanted = "" if one.passed else f"; expected: {one.expected}"
    return f"{'ok  ' if one.passed else 'FAIL'} {one.seconds:5.1f} s  {one.name:<30} {one.found}{wanted}\n"


def closing_line(found: list[Outcome]) -> str:
    """Return the last line of the table: how many checks passed, of which program, where."""
    passed, seconds = sum(one.passed for one in found), sum(one.seconds for one in found)
    where = f"Python {platform.python_version()}, {platform.platform()}"
    return f"{passed} of {len(found)} passed in {seconds:.0f} s: KoopView {__version__}, {where}"


def report(found: list[Outcome]) -> dict[str, Any]:
    """Return the report as JSON's values: what the program is and stands on, and every check."""
    return {
        "schema": SCHEMA,
        "passed": all(one.passed for one in found),
        "koopview": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "installation": installation(),
        "display": {name: os.environ.get(name) for name in DISPLAYS} | {"drawn": looks.drawing()},
        "versions": library_versions(),
        "checks": [vars(one) for one in found],
    }


def installation() -> str:
    """Return which kind of installation this is: "bundle", "wheel" or "checkout"."""
    if getattr(sys, "frozen", False):
        return "bundle"
    return "wheel" if resource_path("").parent == Path(__file__).resolve().parents[1] else "checkout"


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that are loaded, by name."""
    named = ("numpy", "scipy", "torch", "PySide6", "pyqtgraph", "safetensors", "PIL")
    loaded = {name: sys.modules[name] for name in named if name in sys.modules}
    return {name: str(getattr(module, "__version__", "unknown")) for name, module in loaded.items()}
