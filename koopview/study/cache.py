"""Keep what was computed by the settings it depends on, within a bound of memory."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

LIMIT_BYTES = 1 << 30
MOST = 1000
"""Values that are kept at most, however small they are."""


class Cache(Generic[Value]):
    """Least recently used values go first when the bound is passed; the newest always stays."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
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
        """Whether values beside the newest are more than the bounds allow."""
        count = len(self._entries)
        return count > MOST or (count > 1 and sum(size for _, size in self._entries.values()) > self._limit)
