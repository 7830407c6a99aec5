"""Take every check, tell each as it comes, and say in the end whether all is well."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.network.demos import DEMOS
from koopview.selftest.apart import folder_apart, keep_preferences_in
from koopview.selftest.checks import Check, Finding, Look, checked
from koopview.selftest.expected import files_found
from koopview.selftest.machine import about, drawing

if TYPE_CHECKING:
    from koopview.selftest.scene import Scene

STEPS = {
    "opens": "open",
    "numbers": "fit",
    "panels": "draw",
    "exports": "export",
    "hybrid file": "run_hybrid",
    "reopens": "reopen",
}
"""What is done with each study: the name of the check, and what of :class:`koopview.selftest.scene.Scene` does it."""


def self_test(tell: Callable[[Check], object] = lambda check: None) -> dict[str, Any]:
    """Take all checks and return the report; `tell` gets each check when it was taken.

    What is drawn is drawn into pictures, what is written goes into a folder that is deleted in the end.
    """
    begun, machine, checks = time.monotonic(), about(), []
    with folder_apart() as folder:
        for check in all_checks(folder):
            checks.append(check)
            tell(check)
        machine["display"] |= drawing()
    seconds = round(time.monotonic() - begun, 2)
    return {**machine, "ok": all(check.ok for check in checks), "seconds": seconds, "checks": [*map(vars, checks)]}


def all_checks(folder: Path) -> Iterator[Check]:
    """Take one check after the other, writing into `folder`."""
    yield checked("files", files_found)
    yield checked("Qt", lambda: qt_draws(folder))
    for demo in DEMOS:
        yield from study_checks(demo.name, demo.title, folder)


def qt_draws(folder: Path) -> Finding:
    """Start Qt without a screen, with the program's own font."""
    keep_preferences_in(folder)
    from koopview.gui.application import application
    from koopview.gui.looks.theme import FAMILY

    application()
    found = drawing()
    ok = found == {"qt_platform": "offscreen", "font": FAMILY}
    return Finding(", ".join(found.values()), f"offscreen, {FAMILY}", ok=ok)


def study_checks(demo: str, title: str, folder: Path) -> Iterator[Check]:
    """Take the checks of one built-in study, in one window."""
    made: list[Scene] = []

    def look(step: str) -> Look:
        def take() -> Finding:
            from koopview.selftest.scene import Scene

            made[:] = made or [Scene(demo, folder)]
            finding: Finding = getattr(made[0], step)()
            return finding

        return take

    for name, step in STEPS.items():
        yield checked(f"{title}: {name}", look(step))
    for scene in made:
        scene.close()
