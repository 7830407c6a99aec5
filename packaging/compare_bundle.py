"""Compare the bundle with the checkout: the same numbers on the built-in studies, and the first picture no later.

.venv/bin/python packaging/compare_bundle.py numbers
.venv/bin/python packaging/compare_bundle.py start       needs Xvfb
"""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bundle import BUNDLE, program
from environment import ROOT, say

Command = list[str]
TOLERANCE = 1e-6
ROUNDS = 7
NOT_COMPARED = ("seconds", "versions")
"""What says how long it took and with which libraries."""

SOURCE: Command = [sys.executable, "-m", "koopview"]
BUNDLED: Command = [str(program(BUNDLE))]
SCREEN, DEPTH_BYTES = (1440, 900), 4
ACCENT = (0xB2, 0x72, 0x00)
"""Blue, green and red of the hybrid's colour, in which the eigenvalues are drawn: none is there before the plot is."""


# --- Numbers ---------------------------------------------------------------------------------------------------


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each place where two JSON values differ: numbers by more than 1e-6 of their size, or of 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in NOT_COMPARED:
                yield from differences(one.get(key), other.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{place}[{index}]")
    elif not _equal(one, other):
        yield f"{place}: {one} and {other}"


def _equal(one: Any, other: Any) -> bool:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other))
    if numbers:
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(one) is type(other) and bool(one == other)


def answer(command: Command, words: Sequence[str]) -> Any:
    """Return what the program prints as JSON."""
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


def compare_numbers() -> int:
    """Fit every layer of the built-in networks with both; 1 where a number differs."""
    found = []
    for demo in ("yinyang", "mnist"):
        layers = [
            layer["name"]
            for layer in answer(SOURCE, ["layers", "--model", f"demo:{demo}", "--json"])
            if layer["supported"]
        ]
        for layer in layers:
            words = ["fit", "--model", f"demo:{demo}", "--layer", layer, "--json", "-"]
            lines = list(differences(answer(SOURCE, words), answer(BUNDLED, words)))
            say(f"{demo} {layer}: {'equal' if not lines else '; '.join(lines[:3])}")
            found += lines
    return 1 if found else 0


# --- The first picture -----------------------------------------------------------------------------------------


def seconds_to_picture(command: Command, folder: Path) -> float:
    """Return how long the program takes to write the built-in study's picture, from its start to its end."""
    started = time.perf_counter()
    words = ["--demo", "yinyang", "--screenshot", str(folder / "picture.png")]
    subprocess.run([*command, *words], check=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, cwd=ROOT)
    return time.perf_counter() - started


def accents(screen: bytes) -> int:
    """Return how many points of a screen's memory have the hybrid's colour."""
    return screen.count(bytes(ACCENT))


def seconds_to_frame(command: Command, folder: Path, display: str) -> float:
    """Return how long it takes from the program's start until the eigenvalues stand on the screen of Xvfb."""
    memory = folder / "Xvfb_screen0"
    started = time.perf_counter()
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": str(folder)}
    process = subprocess.Popen(
        [*command, "--demo", "yinyang", "--size", "{}x{}".format(*SCREEN)], env=env, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        while accents(memory.read_bytes()) < 50:
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError(f"{command[0]} showed no window")
            time.sleep(0.005)
        return time.perf_counter() - started
    finally:
        process.kill()
        process.wait()
        time.sleep(0.5)  # the screen is cleared


def compare_start() -> int:
    """Start both in turn and print the medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = "{}x{}x24".format(*SCREEN)
        server = subprocess.Popen(["Xvfb", ":97", "-screen", "0", size, "-fbdir", name], stderr=subprocess.DEVNULL)
        time.sleep(2)
        try:
            tell("picture in a file", lambda command: seconds_to_picture(command, folder))
            tell("window's first frame", lambda command: seconds_to_frame(command, folder, ":97"))
        finally:
            server.terminate()
            server.wait()
    return 0


def tell(what: str, measure: Any) -> None:
    """Print the medians of both, measured in turn after each was started once."""
    taken: dict[str, list[float]] = {"checkout": [], "bundle": []}
    for attempt in range(ROUNDS + 1):
        for name, command in (("checkout", SOURCE), ("bundle", BUNDLED)):
            seconds = measure(command)
            if attempt:
                taken[name].append(seconds)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    say(f"{what}: checkout {medians['checkout']:.2f} s, bundle {medians['bundle']:.2f} s (medians of {ROUNDS})")


def main(arguments: Sequence[str]) -> int:
    """Compare what is named."""
    commands = {"numbers": compare_numbers, "start": compare_start}
    if list(arguments[1:]) or not arguments or arguments[0] not in commands:
        say(f"compare_bundle.py: expected one of {', '.join(commands)}, got {' '.join(arguments) or 'nothing'}.")
        return 2
    return commands[arguments[0]]()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
