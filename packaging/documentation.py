"""Build the guide as HTML: `resources/docs`, what the program itself adds to it, and pictures that the program draws.

    python packaging/documentation.py          into build/docs/html; any warning of Sphinx is an error

Run from an environment that holds KoopView and its extra `docs` (`bootstrap.py docs` makes one).
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES, CONFIGURATION = ROOT / "resources" / "docs", ROOT / "packaging" / "docs"
BUILD = ROOT / "build" / "docs"
REPOSITORY_PAGES = {"CONTRIBUTING.md": "contributing.md"}
"""Pages that stand at the top of the repository, and under which names they are part of the guide."""

_LOADED = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=\"((?:https?:)?//[^\"]+)", re.IGNORECASE
)
_LOADED_BY_STYLE = re.compile(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\"')]+)", re.IGNORECASE)


def lay_out(source: Path) -> None:
    """Put all pages into the folder `source`, made anew: those of the repository, and those that the program makes."""
    from koopview.arguments import WindowOptions
    from koopview.gui.application import quiet_window
    from koopview.gui.dialogs.pages import made_pages

    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(PAGES, source, ignore=shutil.ignore_patterns("html"))
    for name, page in REPOSITORY_PAGES.items():
        shutil.copyfile(ROOT / name, source / page)
    menus = quiet_window(WindowOptions()).menuBar()
    for name, make in made_pages(menus).items():
        (source / name).write_text(make(), encoding="utf-8")


def sphinx(source: Path, html: Path) -> int:
    """Run Sphinx, every warning an error and every reference looked up; returns its exit code."""
    options = [
        "-W",
        "--keep-going",
        "-n",
        "-q",
        "-E",
        "-b",
        "html",
        "-c",
        str(CONFIGURATION),
        "-d",
        str(BUILD / "trees"),
    ]
    return subprocess.run([sys.executable, "-m", "sphinx", *options, str(source), str(html)]).returncode


def loaded_from_network(html: Path) -> Iterator[str]:
    """Return what pages and styles below a folder would load from the network, each with its file."""
    for path in sorted(html.rglob("*")):
        pattern = {".html": _LOADED, ".css": _LOADED_BY_STYLE}.get(path.suffix)
        if pattern is not None:
            for address in pattern.findall(path.read_text(encoding="utf-8")):
                yield f"{path.relative_to(html)}: {address}"


def build(source: Path, html: Path) -> int:
    """Build the pages laid out in `source` into the folder `html`; returns an exit code."""
    shutil.rmtree(html, ignore_errors=True)
    code = sphinx(source, html)
    loaded = list(loaded_from_network(html))
    for line in loaded:
        print(
            f"documentation.py: {line} is loaded from the network, expected a file of the guide's own", file=sys.stderr
        )
    return code or int(bool(loaded))


def main() -> int:
    """Lay out the pages, draw their pictures and build them."""
    from docs_pictures import draw

    source, html = BUILD / "source", BUILD / "html"
    print("Laying out the pages ...", flush=True)
    lay_out(source)
    print("Drawing the pictures ...", flush=True)
    draw(source / "pictures")
    print("Building the HTML ...", flush=True)
    code = build(source, html)
    print(f"The guide is in {html / 'index.html'}" if code == 0 else "The guide has mistakes: see the lines above.")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
