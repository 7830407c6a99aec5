"""A home of its own for the self-test: a person's preferences, recent files and recovery files stay untouched."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TORCHINDUCTOR_CACHE_DIR")
"""Where Qt, the system's fonts and torch would write."""


@contextmanager
def folder_apart() -> Iterator[Path]:
    """Give a temporary folder, and let all that is written for a person go there; Qt draws into pictures meanwhile.

    To be entered before Qt is loaded, which looks but once.
    """
    with tempfile.TemporaryDirectory(prefix="koopview-self-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        homes = {variable: folder / "home" / variable.lower() for variable in HOMES}
        for home in homes.values():
            home.mkdir(parents=True)
        with _environment({**{name: str(home) for name, home in homes.items()}, "QT_QPA_PLATFORM": "offscreen"}):
            yield folder


def keep_preferences_in(folder: Path) -> None:
    """Let Qt keep preferences in a folder, also on systems whose place for them no variable names."""
    from PySide6.QtCore import QSettings

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "home" / "xdg_config_home"))


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
