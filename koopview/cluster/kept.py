"""What a worker keeps of an object that was sent to it: made once, though several threads may carry out its tasks."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """A value that the first thread which asks for it makes, while the others wait."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: list[Value] = []

    def get(self) -> Value:
        """Return the value."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class PerThread(Generic[Value]):
    """A value of each thread, the one that it asked for last."""

    def __init__(self) -> None:
        self._own: Any = threading.local()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return this thread's value of a key, made now unless it was the last one."""
        if getattr(self._own, "key", None) != key:
            self._own.value, self._own.key = make(), key
        value: Value = self._own.value
        return value
