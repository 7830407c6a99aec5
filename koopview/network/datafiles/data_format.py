"""The definition of a format of data files."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # listing the formats does not import numpy
    from koopview.network.datafiles.samples import Reader


@dataclass(frozen=True)
class DataFormat:
    """A format of data files.

    Attributes
    ----------
    name : str
        As in a sentence: "an NPZ, CSV or idx file".
    home : str
        The module of this package that reads it (:class:`.samples.Reader`), imported on first use.
    endings : tuple of str
        Endings of its file names, in small letters.
    parts : tuple of str
        Text found inside its file names.
    folder : bool
        Whether it is a folder.
    named : bool
        Whether inputs and labels are chosen by name.
    table : bool
        Whether the names are those of columns, one number a sample each.
    """

    name: str
    home: str
    endings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    folder: bool = False
    named: bool = False
    table: bool = False

    def fits(self, path: Path) -> bool:
        """Return whether a path looks like one of this format."""
        if path.is_dir():
            return self.folder
        name = path.name.lower()
        return name.endswith(self.endings) or any(part in name for part in self.parts)

    def reader(self) -> "Reader":
        """Return the module that reads it."""
        return cast("Reader", import_module(f"{__package__}.{self.home}"))
