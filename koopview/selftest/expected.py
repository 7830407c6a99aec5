"""What is expected: the files that belong to the program and the numbers of its studies, as `packaging/` stored them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.errors import FileError
from koopview.resources import resource_path
from koopview.selftest.checks import Finding

if TYPE_CHECKING:
    from koopview.study.result import FitResult

STORED = "self-test.json"
HASHED = ("data/*.xz", "fonts/*.otf", "models/*.safetensors", "studies/*.koopview")
"""Binary files, which are the same in every installation, byte by byte."""

PRESENT = ("icons/*.svg", "docs/*.md")
"""Texts, whose line ends a checkout may change."""

LEADING = 8
"""Eigenvalues that are compared, those of largest modulus."""

WITHIN_SAMPLES = 2
WITHIN = 1e-6


@dataclass(frozen=True)
class StudyNumbers:
    """The numbers of a built-in study's fit: its scores by row, and its leading eigenvalues as pairs of parts."""

    rank: int
    test_samples: int
    scores: dict[str, float]
    eigenvalues: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, result: "FitResult") -> "StudyNumbers":
        """Return those of a fit."""
        leading = sorted(result.eigenvalues.tolist(), key=abs, reverse=True)[:LEADING]
        scores = {name: score for name, score in result.rows.items() if score is not None}
        return cls(result.rank, result.test_samples, scores, tuple((value.real, value.imag) for value in leading))

    @classmethod
    def stored(cls, demo: str) -> "StudyNumbers":
        """Return what is stored of a built-in study; raises FileError."""
        value = stored("studies", demo)
        pairs = tuple((real, imaginary) for real, imaginary in value["eigenvalues"])
        return cls(value["rank"], value["test_samples"], value["scores"], pairs)

    def plain(self) -> dict[str, Any]:
        """Return them as JSON has them."""
        return asdict(self)


def compared(found: StudyNumbers, expected: StudyNumbers) -> Finding:
    """Say how far numbers are from those expected: scores in test samples, leading eigenvalues in the plane."""
    asked = f"within {WITHIN_SAMPLES} samples and {WITHIN:.0e} of those stored"
    of_what = [(one.rank, one.test_samples, sorted(one.scores)) for one in (found, expected)]
    if of_what[0] != of_what[1]:
        return Finding(f"rank, test samples and rows are {of_what[0]}", f"{of_what[1]}", ok=False)
    away = {row: found.test_samples * abs(found.scores[row] - score) for row, score in expected.scores.items()}
    row = max(away, key=lambda name: away[name])
    there = [complex(*pair) for pair in found.eigenvalues]
    gap = max(min(abs(value - complex(*pair)) for value in there) for pair in expected.eigenvalues)
    told = f"{row} {away[row]:.0f} samples, eigenvalues {gap:.0e} away"
    return Finding(told, asked, ok=away[row] < WITHIN_SAMPLES + 0.5 and gap <= WITHIN)


def files_found() -> Finding:
    """Say whether every file of the program is there, and is what it was when it was stored; raises FileError."""
    hashes, names = stored("files"), stored("texts")
    for name in names:
        if not _content(name):
            raise FileError(f"{resource_path(name)} is empty, {INSTALL_AGAIN}")
    for name, expected in hashes.items():
        if digest(_content(name)) != expected:
            raise FileError(f"{resource_path(name)} is damaged or of another version, {INSTALL_AGAIN}")
    return Finding(f"{len(hashes) + len(names)} files", "as they were made")


INSTALL_AGAIN = "expected the file that comes with KoopView; install it again"


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def stored(*keys: str) -> Any:
    """Return what is stored under `keys`, one in the other; raises FileError where the file is missing or damaged."""
    path = resource_path(STORED)
    try:
        value = json.loads(_content(STORED))
        for key in keys:
            value = value[key]
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged, {INSTALL_AGAIN}") from error
    return value


def to_store(numbers: dict[str, StudyNumbers]) -> dict[str, Any]:
    """Return what is to be stored beside the files that lie in `resources/` now."""
    return {
        "files": {name: digest(_content(name)) for name in names_of(HASHED)},
        "texts": names_of(PRESENT),
        "studies": {demo: one.plain() for demo, one in numbers.items()},
    }


def names_of(patterns: tuple[str, ...]) -> list[str]:
    """Return the files of `resources/` that fit one of the patterns, by their names below it."""
    root = resource_path("")
    return sorted(path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern))


def _content(name: str) -> bytes:
    path = resource_path(name)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path} is missing or cannot be read, {INSTALL_AGAIN}") from error
