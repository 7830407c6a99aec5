"""The register of formats of data files: one line each; command line, window and Python read it from here."""

from pathlib import Path

from koopview.network.datafiles.data_format import DataFormat

DATA_FORMATS = (
    DataFormat("a folder of pictures by class", "picturedata", folder=True),
    DataFormat("CSV", "textdata", (".csv", ".tsv"), named=True, table=True),
    DataFormat("idx", "idxdata", (".idx", "-ubyte", ".ubyte", ".idx.gz", "-ubyte.gz"), ("-idx",)),
    DataFormat("NPZ", "npzdata", (".npz",), named=True),
)
"""A file that fits no format is tried as the last one, by its content."""

_FILES = [one.name for one in (DATA_FORMATS[-1], *DATA_FORMATS[:-1]) if not one.folder]
_FOLDERS = [one.name for one in DATA_FORMATS if one.folder]

KINDS = " or ".join([f"an {', '.join(_FILES[:-1])} or {_FILES[-1]} file", *_FOLDERS])
"""All formats in words, for the errors that say what was expected."""

NAMED = " or ".join(one.name for one in (DATA_FORMATS[-1], *DATA_FORMATS[:-1]) if one.named)
"""The formats, in words, whose inputs and labels are chosen by name."""

DATA_ENDINGS = tuple(ending for one in DATA_FORMATS for ending in one.endings)


def format_of(path: Path) -> DataFormat:
    """Return the DataFormat that a path looks like, or the last one if it looks like none."""
    return next((one for one in DATA_FORMATS if one.fits(path)), DATA_FORMATS[-1])
