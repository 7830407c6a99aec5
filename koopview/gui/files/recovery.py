"""The session of each running window in a file of its own, so that nothing is lost in a crash.

A file whose window still runs is locked; one whose lock can be had was left by a crash. A window that is closed takes
its file with it, so nobody is asked about it, however many windows run.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLockFile, QStandardPaths

from koopview.errors import FileError
from koopview.study.result import StudyState
from koopview.study.source import Source
from koopview.study.study_file import write_study_file


def recovery_folder() -> Path:
    """Return the folder of this person's recovery files."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "recovery"


class Recovery:
    """One window's recovery file in `folder`; where that cannot be written to, nothing is kept and nothing fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / f"{uuid.uuid4().hex}.koopview"
        self._lock: QLockFile | None = None

    def write(self, state: StudyState, source: Source) -> bool:
        """Write the session, whole or not at all; returns whether it is there."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = self._lock or locked(self.path)
            if self._lock is None:
                return False
            write_study_file(self.path, state, asked=source)
        except (FileError, OSError):
            self.drop()
            return False
        return True

    def drop(self) -> None:
        """Take the file away: its window was closed, or all of it is saved."""
        drop(self.path)
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None


@dataclass(frozen=True, eq=False)
class Left:
    """A recovery file that a crash left, locked for the window that asks about it."""

    path: Path
    lock: QLockFile

    @property
    def written(self) -> datetime:
        """When it was written."""
        with suppress(OSError):
            return datetime.fromtimestamp(self.path.stat().st_mtime)
        return datetime.fromtimestamp(0)

    def keep(self) -> None:
        """Leave it where it is, for another window or the next start."""
        self.lock.unlock()

    def drop(self) -> None:
        """Delete it: what it held was declined, saved, or is kept in another file."""
        drop(self.path)
        self.lock.unlock()


def left_by_crashes(folder: Path) -> list[Left]:
    """Return the files that no running window holds, the newest first."""
    paths = folder.glob("*.koopview") if folder.is_dir() else ()
    left = [Left(path, lock) for path in paths if (lock := locked(path)) is not None]
    return sorted(left, key=lambda one: one.written, reverse=True)


def drop(path: Path) -> None:
    """Delete a recovery file if it is there and can be deleted."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def locked(path: Path) -> QLockFile | None:
    """Return the lock of a recovery file, None where another running window holds it."""
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock if lock.tryLock(0) else None
