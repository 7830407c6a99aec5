"""The definition of a format of model files, and of a model file's content."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast


class ModelContent(NamedTuple):
    """A model file's content: a module or (wrapped) weights by name, and its metadata.

    `in_order` says whether the weights are in the order in which the layers were defined; `remarks` are sentences
    about what was done with the file.
    """

    content: Any
    metadata: dict[str, str]
    in_order: bool
    remarks: tuple[str, ...] = ()


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, trust: bool, key: str | None = None) -> ModelContent:
        """Return a file's content, without running code unless trusted; raises FileError or InputError.

        `key` names one network of several in the file.
        """


@dataclass(frozen=True)
class ModelFormat:
    """A format of model files: its name in sentences, the module here (:class:`Reader`) and its endings."""

    name: str
    home: str
    endings: tuple[str, ...]
    shows: Callable[[Path], bool] | None = None
    """Whether a file's first bytes show this format, whatever its name."""
    several: bool = False
    """Whether a file may hold several networks, one of which is picked by its name."""

    def reader(self) -> Reader:
        """Return the module that reads it."""
        return cast(Reader, import_module(f"{__package__}.{self.home}"))
