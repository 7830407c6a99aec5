"""Spoil honest files and open them, each in a process that is watched: a seeded, bounded fuzzer over every reader."""

import collections
import json
import queue
import random
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from fuzzing.seeds import BESIDE
from PIL import Image

SECONDS, BYTES = 2.0, 200 * 2**20
"""Most that a small spoilt file may take, of a processor and of memory."""

PATIENCE = 30.0
"""Seconds after which a process that has not answered is ended."""


@dataclass(frozen=True)
class Found:
    """A file that did what no file may: its seed's name, its number, what happened."""

    name: str
    number: int
    what: str


class Trials:
    """A process that opens files, made anew when it has died."""

    def __init__(self):
        self._process = None

    def open(self, kind, path):
        """Return what the process told of a file; its death is an outcome too."""
        if self._process is None:
            self._begin()
        self._process.stdin.write(f"{kind}\t{path}\n")
        self._process.stdin.flush()
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            line = ""
        if line:
            return json.loads(line)
        self.close()
        return {"outcome": "hangs, or ended the process", "seconds": PATIENCE, "bytes": 0, "acts": []}

    def close(self):
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _begin(self):
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, str(Path(__file__).with_name("trial.py"))]
        self._process = subprocess.Popen(command, text=True, **streams)
        self._lines = queue.Queue()
        threading.Thread(target=self._read, args=(self._process.stdout, self._lines), daemon=True).start()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.put(line)
        lines.put("")


def campaign(seeds, count, seed, folder, spoilt, told=lambda done, outcomes: None):
    """Open `count` spoilt files; returns the outcomes by how often they came, and what was Found.

    File number i of a seed is the same in every run: its random numbers are drawn from (seed, i).
    """
    outcomes, found, trials = collections.Counter(), [], Trials()
    _lay_out(folder)
    try:
        for number in range(count):
            name, kind, content = seeds[number % len(seeds)]
            path = folder / "pictures" / "a" / name if kind == "picture" else folder / name
            spoilt_content = spoilt(content, random.Random(f"{seed} {number}"))
            path.write_bytes(spoilt_content)
            result = trials.open(kind, path)
            outcomes[(name, result["outcome"] if result["outcome"] in ("opened", "refused") else "other")] += 1
            wrong = verdict(result, len(spoilt_content))
            if wrong:
                found.append(Found(name, number, wrong))
                (folder / f"found-{number}-{name}").write_bytes(spoilt_content)
            path.unlink()
            told(number + 1, outcomes)
    finally:
        trials.close()
    return outcomes, found


def _lay_out(folder):
    """Write the files that stand beside the spoilt ones."""
    for name in "ab":
        (folder / "pictures" / name).mkdir(parents=True, exist_ok=True)
    for index in range(2):
        Image.new("L", (6, 6), 40 * index).save(folder / "pictures" / "b" / f"{index}.png")
    for name, content in BESIDE.items():
        (folder / name).write_bytes(content)


def verdict(result, size):
    """Return what is wrong with a file's outcome, a str; empty if nothing is."""
    if result["outcome"] not in ("opened", "refused"):
        return result["outcome"]
    if result["acts"]:
        return f"did {result['acts'][0]}"
    if result["seconds"] > SECONDS:
        return f"took {result['seconds']:.1f} s"
    if result["bytes"] > BYTES + size:
        return f"took {result['bytes'] / 2**20:.0f} MiB"
    return ""
