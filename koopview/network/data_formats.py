"""The register of formats of data files: one line each, its module beside it; every face reads it from here."""

from pathlib import Path
from typing import TYPE_CHECKING

from koopview.network.data_format import DataFormat

if TYPE_CHECKING:
    from koopview.network.samples import DataNames

DATA_FORMATS = (
    DataFormat("a folder of pictures by class", "koopview.network.picturedata", folder=True),
    DataFormat("CSV", "koopview.network.textdata", (".csv", ".tsv"), named=True),
    DataFormat("idx", "koopview.network.idxdata", (".idx", "-ubyte", ".ubyte", ".idx.gz", "-ubyte.gz"), ("-idx",)),
    DataFormat("NPZ", "koopview.network.npzdata", (".npz",), named=True),
)
"""A file that fits none is tried as the last, by its content."""

_FILES = [one.name for one in (DATA_FORMATS[-1], *DATA_FORMATS[:-1]) if not one.folder]
_FOLDERS = [one.name for one in DATA_FORMATS if one.folder]

KINDS = " or ".join([f"an {', '.join(_FILES[:-1])} or {_FILES[-1]} file", *_FOLDERS])
"""What a sentence expects where there is none of them."""

NAMED = " or ".join(one.name for one in (DATA_FORMATS[-1], *DATA_FORMATS[:-1]) if one.named)
"""Those whose inputs and labels are picked by names."""

DATA_ENDINGS = tuple(ending for one in DATA_FORMATS for ending in one.endings)


def format_of(path: Path) -> DataFormat:
    """Return the format that a path looks like, the last for one that looks like none."""
    return next((one for one in DATA_FORMATS if one.fits(path)), DATA_FORMATS[-1])


def names_in(path: Path) -> "DataNames":
    """Return what a file offers as `keys` of :func:`koopview.network.datafiles.load_dataset`; it never raises."""
    from koopview.network.samples import DataNames  # with numpy, once a file is looked at

    try:
        return format_of(path).reader().names(path) if path.is_file() else DataNames()
    except Exception:  # whatever a broken file, or half a path, leads to is told when it is opened
        return DataNames()
