"""Make the application that runs without Python, in build/bundle/koopview, on and for the machine that this runs on.

`python3 packaging/bootstrap.py bundle` calls it with `.venv`'s Python; with --check it looks through what was made,
with --again it makes it a second time elsewhere and tells what differs.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import bundle_checks
import bundle_sizes
from environment import ROOT, say

SPEC = ROOT / "packaging" / "koopview.spec"
HOME = ROOT / "build" / "bundle"
AGAIN = ROOT / "build" / "bundle-again"
BUNDLE = HOME / "koopview"
CONTENTS = HOME / "contents.json"
SIZES = HOME / "sizes.txt"
LOG = ROOT / "build" / "bundle-work" / "log.txt"
LONG_AGO = "1704067200"
"""1 January 2024, as the time of all that asks for one: a bundle made again is the same."""


def program(bundle: Path) -> Path:
    """Return the path of a bundle's program."""
    return bundle / ("koopview.exe" if sys.platform == "win32" else "koopview")


def build(target: Path) -> int:
    """Let PyInstaller make the bundle in the folder `target`; its exit code. What it says goes into a file."""
    work = ROOT / "build" / "bundle-work"
    work.mkdir(parents=True, exist_ok=True)
    fixed = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", LONG_AGO)}
    words = [
        "--noconfirm",
        "--clean",
        "--log-level",
        "INFO",
        "--distpath",
        str(target),
        "--workpath",
        str(work / "builder"),
    ]
    say(f"Making the application in {target} (some minutes; {LOG} tells the steps) ...")
    with LOG.open("w", encoding="utf-8") as log:
        return subprocess.run(
            [sys.executable, "-m", "PyInstaller", *words, str(SPEC)],
            env={**os.environ, **fixed, "QT_QPA_PLATFORM": "offscreen"},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode


def made(target: Path) -> int:
    """Make the bundle in `target`; say the last lines of the builder where it fails."""
    code = build(target)
    if code:
        say("\n".join(LOG.read_text(encoding="utf-8").splitlines()[-15:]))
        say(f"The builder failed (exit {code}); all that it said is in {LOG}")
    return code


def tell_sizes() -> None:
    """Write the table of sizes and print it."""
    parts = bundle_sizes.read_contents(CONTENTS)["parts"]
    found = bundle_sizes.sizes(BUNDLE, program(BUNDLE), parts)
    SIZES.write_text(bundle_sizes.report(found, bundle_sizes.largest_files(BUNDLE)), encoding="utf-8")
    say(SIZES.read_text(encoding="utf-8"))


def check() -> int:
    """Look through the bundle; 1 where a check fails, with a sentence for each fault."""
    if not program(BUNDLE).is_file():
        say(f"No bundle is in {BUNDLE}: run python3 packaging/bootstrap.py bundle first.")
        return 2
    faults = bundle_checks.faults(BUNDLE, program(BUNDLE), bundle_sizes.read_contents(CONTENTS))
    for sentence in faults:
        say(sentence)
    say(f"{BUNDLE}: {len(faults)} faults" if faults else f"{BUNDLE}: nothing is amiss")
    return 1 if faults else 0


def again() -> int:
    """Make the bundle once more elsewhere and tell what differs from the first; 1 where its list of files does."""
    first_contents = CONTENTS.read_bytes()
    code = made(AGAIN)
    CONTENTS.write_bytes(first_contents)
    if code:
        return code
    first, second = bundle_checks.digests(BUNDLE), bundle_checks.digests(AGAIN / "koopview")
    only = sorted(first.keys() ^ second.keys())
    changed = sorted(place for place in first.keys() & second.keys() if first[place] != second[place])
    say(f"{len(first)} files, {len(only)} in one of the two alone, {len(changed)} of other content")
    for place in [*only, *changed]:
        say(f"  {place}")
    return 1 if only else 0


def main(arguments: Sequence[str]) -> int:
    """Make, check or make again; the exit code."""
    if arguments == ["--check"]:
        return check()
    if arguments == ["--again"]:
        return again()
    if arguments:
        say(f"bundle takes --check or --again after it, got {' '.join(arguments)}.")
        return 2
    code = made(HOME)
    if code:
        return code
    tell_sizes()
    return check()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
