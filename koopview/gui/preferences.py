"""Preferences stored between two starts: theme, geometry, positions of the splitters."""

from typing import Any

from PySide6.QtCore import QByteArray, QSettings


def preferences() -> QSettings:
    """Return the QSettings of this user's preferences."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "KoopView", "KoopView")


def recall_bytes(key: str) -> QByteArray:
    """Return stored bytes, empty if nothing (or another type) is stored."""
    value = preferences().value(key)
    return value if isinstance(value, QByteArray) else QByteArray()


def remember(values: dict[str, Any]) -> None:
    """Store `values` by their keys."""
    store = preferences()
    for key, value in values.items():
        store.setValue(key, value)


def forget(prefix: str) -> None:
    """Delete everything stored below `prefix`."""
    preferences().remove(prefix)
