"""What is remembered between two starts: theme, geometry, the places of the splitters."""

from typing import Any

from PySide6.QtCore import QByteArray, QSettings


def preferences() -> QSettings:
    """Return the store of this person's preferences."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "KoopView", "KoopView")


def recall_bytes(key: str) -> QByteArray:
    """Return remembered bytes, empty where nothing (or something else) is remembered."""
    value = preferences().value(key)
    return value if isinstance(value, QByteArray) else QByteArray()


def remember(values: dict[str, Any]) -> None:
    """Remember `values` by their keys."""
    store = preferences()
    for key, value in values.items():
        store.setValue(key, value)


def forget(prefix: str) -> None:
    """Forget all that is remembered below `prefix`."""
    preferences().remove(prefix)
