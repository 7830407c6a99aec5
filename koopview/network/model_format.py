"""What a format of model files is, and what is read from one."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast


class ModelContent(NamedTuple):
    """What a model file holds: a module or (wrapped) weights by name, and what it says of them.

    `in_order` says whether the order of the weights is that in which the layers were defined.
    """

    content: Any
    metadata: dict[str, str]
    in_order: bool


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, trust: bool) -> ModelContent:
        """Return what a file holds, without running code unless trusted; raises FileError."""


@dataclass(frozen=True)
class ModelFormat:
    """A format of model files: as sentences call it, the module that reads it (:class:`Reader`), and its endings."""

    name: str
    home: str
    endings: tuple[str, ...]

    def reader(self) -> Reader:
        """Return the module that reads it."""
        return cast(Reader, import_module(self.home))
