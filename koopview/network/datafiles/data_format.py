"""The definition of a format of data files."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # listing the formats does not import numpy
    from koopview.network.datafiles.parts import PartsReader
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
        Whether it is a folder: of a name with one of `endings`, of any name without any.
    named : bool
        Whether inputs and labels are chosen by name.
    table : bool
        Whether the names are those of columns, one number a sample each.
    streams : bool
        Whether its module reads some samples at a time (:class:`.parts.PartsReader`).
    """

    name: str
    home: str
    endings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    folder: bool = False
    named: bool = False
    table: bool = False
    streams: bool = False

    def fits(self, path: Path) -> bool:
        """Return whether a path looks like one of this format."""
        name = path.name.lower()
        if path.is_dir():
            return self.folder and (not self.endings or name.endswith(self.endings))
        if self.folder:
            return False
        return name.endswith(self.endings) or any(part in name for part in self.parts)

    def parts_reader(self) -> "PartsReader":
        """Return the module that reads some samples at a time."""
        return cast("PartsReader", import_module(f"{__package__}.{self.home}"))

    def reader(self) -> "Reader":
        """Return the module that reads it."""
        return cast("Reader", import_module(f"{__package__}.{self.home}"))
