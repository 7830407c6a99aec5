"""A cache of computed values by the settings they depend on, within a bound of memory."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

LIMIT_BYTES = 1 << 29
"""Most bytes of the values that are kept: some 25 fits of MNIST's first layer, as many as its curve has."""

MOST = 1000
"""Most values kept, however small they are."""


class Cache(Generic[Value]):
    """A cache that drops the least recently used values above its bound; the newest always stays."""

    def __init__(self, limit_bytes: int | None = None) -> None:
        self._limit = LIMIT_BYTES if limit_bytes is None else limit_bytes
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return the value kept for `key`, or None."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key][0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep `value`, which takes `size` bytes."""
        self._entries[key] = (value, size)
        self._entries.move_to_end(key)
        while self._too_much():
            self._entries.popitem(last=False)

    def _too_much(self) -> bool:
        """Return whether values besides the newest exceed the bounds."""
        count = len(self._entries)
        return count > MOST or (count > 1 and sum(size for _, size in self._entries.values()) > self._limit)
