"""The list of files that were opened or saved last, newest first."""

from pathlib import Path

from koopview.gui.preferences import preferences, remember

MOST = 10
_KEY = "recent"


def recent_files() -> list[Path]:
    """Return the stored paths; a person or an older version may have stored other values, which are ignored."""
    value = preferences().value(_KEY)
    names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [Path(name) for name in names if isinstance(name, str) and name]


def note_recent(path: str | Path) -> None:
    """Add a file as the newest."""
    newest = Path(path).absolute()
    paths = [newest, *(other for other in recent_files() if other != newest)]
    remember({_KEY: [str(other) for other in paths[:MOST]]})


def forget_recent(path: str | Path) -> None:
    """Remove a file."""
    remember({_KEY: [str(other) for other in recent_files() if other != Path(path).absolute()]})
