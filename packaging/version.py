"""The version's one place is koopview/__init__.py; this reads it without importing anything.

python3 packaging/version.py            prints it
python3 packaging/version.py TAG        prints it if TAG, e.g. v0.1.0, releases it; else exit 2 with what is amiss
python3 packaging/version.py --notes    prints what CHANGELOG.md says of its newest version
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version(root: Path = ROOT) -> str:
    """Return the version of the program in a checkout, e.g. ``"0.1.0"``."""
    source = (root / "koopview" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if not found:
        raise ValueError('koopview/__init__.py has no line __version__ = "..."')
    return found[1]


def cited_version(root: Path = ROOT) -> str:
    """Return the version that CITATION.cff names, empty where it names none."""
    found = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def headings(root: Path = ROOT) -> list[str]:
    """Return the headings of CHANGELOG.md's versions, the newest first, e.g. ``["Unreleased", "0.1.0"]``."""
    return re.findall(r"^## \[?([^\]\s]+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def notes(root: Path = ROOT) -> str:
    """Return the text below the first heading of a version in CHANGELOG.md, up to the next one."""
    parts = re.split(r"^## .*$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return "".join(parts[1:2]).strip()


def faults(tag: str, root: Path = ROOT) -> list[str]:
    """Return what speaks against releasing the checkout as `tag`, a sentence each; empty where nothing does."""
    here = version(root)
    newest = (headings(root) or ["nothing"])[0]
    found = []
    if tag != f"v{here}":
        found.append(f"the tag is {tag}, expected v{here}: koopview/__init__.py has {here}.")
    if cited_version(root) != here:
        found.append(f"CITATION.cff has version {cited_version(root) or 'none'}, expected {here}.")
    if newest != here:
        found.append(f"CHANGELOG.md begins with {newest}, expected {here}: give its newest part the version.")
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the version, or its notes; 2 where a tag is given that does not release it."""
    if arguments[:1] == ["--notes"]:
        print(notes())
        return 0
    wrong = faults(arguments[0]) if arguments else []
    for sentence in wrong:
        sys.stderr.write(f"version.py: {sentence}\n")
    if not wrong:
        print(version())
    return 2 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
