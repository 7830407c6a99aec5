"""Install the wheel of build/dist into an empty environment, as a person would, and let the program test itself.

    python3 packaging/try_distributions.py [--python PYTHON]    with that Python, and the newest of all that it needs
    python3 packaging/try_distributions.py --lowest             with the oldest versions that pyproject.toml allows

torch is the version in constraints.txt, or the oldest; on Linux its CPU build where that is to be had. The environment
is removed at the end, unless `--keep FOLDER` says where it is to stand.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from email import message_from_bytes
from pathlib import Path

from environment import CONSTRAINTS, ROOT, Refusal, torch_pin, torch_sources, venv_python

DIST = ROOT / "build" / "dist"
PROGRAM = "import sys; from koopview.cli import main; sys.argv[0] = 'koopview'; sys.exit(main())"
CHECKS = (["--version"], ["--self-test"])
"""What the installed program is asked; each must end with 0."""


def the_wheel(folder: Path) -> Path:
    """Return the wheel in a folder; raises Refusal where there is not exactly one."""
    found = sorted(folder.glob("*.whl"))
    if len(found) != 1:
        raise Refusal(f"{folder} holds {len(found)} wheels, expected one: run python3 packaging/bootstrap.py wheel.")
    return found[0]


def requirements(wheel: Path) -> list[str]:
    """Return what a wheel asks for to run, without its extras, e.g. ``["numpy>=2.0"]``."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        asked = message_from_bytes(archive.read(name)).get_all("Requires-Dist", [])
    return [str(line) for line in asked if "extra ==" not in line]


def lowest(asked: Sequence[str]) -> dict[str, str]:
    """Return the oldest versions that requirements allow, by name: ``["numpy>=2.0"]`` gives ``{"numpy": "2.0"}``."""
    found = {}
    for line in asked:
        name, bound = re.match(r"[\w.-]+", line), re.search(r">=\s*([\w.]+)", line)
        if not name or not bound:
            raise Refusal(f"{line} has no lower bound (>=), expected one in pyproject.toml.")
        found[name[0]] = bound[1]
    return found


def run(*command: str | Path, cwd: Path | None = None) -> int:
    """Run a program where nothing of the checkout is found, and return its exit code."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run([*map(str, command)], cwd=cwd, env=env).returncode


def install(python: Path, wheel: Path, oldest: bool) -> None:
    """Install torch, then the wheel and what else it asks for; raises Refusal where pip cannot."""
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    versions = lowest(requirements(wheel)) if oldest else {"torch": torch_pin(CONSTRAINTS.read_text(encoding="utf-8"))}
    any(run(*pip, *source) == 0 for source in torch_sources(versions["torch"], sys.platform))
    wanted = [f"{name}=={version}" for name, version in versions.items()]
    if run(*pip, wheel, *wanted):
        raise Refusal(f"pip could not install {wheel.name}: its lines are above.")


def try_in(folder: Path, base: str, oldest: bool) -> int:
    """Make an environment in `folder`, install the wheel and let it test itself; return the first code that is not 0.

    The program is called from an empty folder: nothing of the checkout is beside it.
    """
    if run(base, "-m", "venv", "--clear", folder / "environment"):
        raise Refusal(f"{base} could not make an environment: its lines are above.")
    python, elsewhere = venv_python(folder / "environment"), folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    install(python, the_wheel(DIST), oldest)
    steps = [["-m", "pip", "check"], ["-m", "pip", "freeze"], *(["-c", PROGRAM, *asked] for asked in CHECKS)]
    codes = (run(python, *step, cwd=elsewhere) for step in steps)
    return next((code for code in codes if code), 0)


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line's `python`, `lowest` and `keep`."""
    text = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="try_distributions.py", description=text, allow_abbrev=False)
    parser.add_argument("--python", default=sys.executable, help="the Python to take; this one, if none is named")
    parser.add_argument("--lowest", action="store_true", help="the oldest versions that pyproject.toml allows")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the environment there")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Try the wheel; 0 where the installed program passed its test, 2 with one sentence where it cannot be tried."""
    asked = options(arguments)
    try:
        if asked.keep:
            return try_in(asked.keep.resolve(), asked.python, asked.lowest)
        with tempfile.TemporaryDirectory() as folder:
            return try_in(Path(folder), asked.python, asked.lowest)
    except Refusal as refusal:
        sys.stderr.write(f"try_distributions.py: {refusal}\n")
        return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
