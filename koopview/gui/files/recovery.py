"""A recovery file per running window, so that nothing is lost in a crash.

The file of a running window is locked; a file that can be locked was left by a crash. Closing a window deletes its
file, so that it is not offered later, with any number of windows running.
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
    """Return the folder of this user's recovery files."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "recovery"


class Recovery:
    """One window's recovery file in `folder`; if it cannot be written, nothing is kept and nothing fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / f"{uuid.uuid4().hex}.koopview"
        self._lock: QLockFile | None = None

    def write(self, state: StudyState, source: Source) -> bool:
        """Write the session, completely or not at all; return whether it was written."""
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
        """Delete the file: its window was closed, or its content is saved."""
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
        """Unlock the file and leave it, for another window or the next start."""
        self.lock.unlock()

    def drop(self) -> None:
        """Delete the file: its content was declined, saved, or is in another file."""
        drop(self.path)
        self.lock.unlock()


def left_by_crashes(folder: Path) -> list[Left]:
    """Return the recovery files of no running window, locked, the newest first."""
    paths = folder.glob("*.koopview") if folder.is_dir() else ()
    left = [Left(path, lock) for path in paths if (lock := locked(path)) is not None]
    return sorted(left, key=lambda one: one.written, reverse=True)


def drop(path: Path) -> None:
    """Delete a recovery file if it is there and can be deleted."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def locked(path: Path) -> QLockFile | None:
    """Return the lock of a recovery file, None if another running window holds it."""
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock if lock.tryLock(0) else None
