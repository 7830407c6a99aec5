"""The register of formats of data files: one line each; command line, window and Python read it from here."""

import zipfile
from pathlib import Path

from koopview.network.datafiles.content import home_by_content
from koopview.network.datafiles.data_format import DataFormat

FOREIGN_ENDINGS = (
    *(
        ".arff",
        ".h5",
        ".hdf5",
        ".he5",
        ".xlsx",
        ".xls",
        ".xlsm",
        ".ods",
        ".feather",
        ".arrow",
        ".orc",
        ".json",
        ".jsonl",
    ),
    *(".ndjson", ".dta", ".sav", ".sas7bdat", ".xpt", ".rdata", ".rda", ".rds", ".tfrecord", ".tfrecords"),
    *(".pkl", ".pickle", ".joblib", ".dill", ".gz", ".xz", ".bz2", ".zip", ".tar", ".tgz", ".7z"),
)

DATA_FORMATS = (
    DataFormat("a Zarr folder", "zarrdata", (".zarr",), folder=True, named=True, streams=True),
    DataFormat("a folder of pictures by class", "picturedata", folder=True),
    DataFormat("CSV", "textdata", (".csv", ".tsv"), named=True, table=True),
    DataFormat("idx", "idxdata", (".idx", "-ubyte", ".ubyte", ".idx.gz", "-ubyte.gz"), ("-idx",)),
    DataFormat("Parquet", "parquetdata", (".parquet", ".pq"), named=True, table=True, streams=True),
    DataFormat("NPY", "npydata", (".npy",), streams=True),
    DataFormat("MATLAB", "matdata", (".mat",), named=True),
    DataFormat("PyTorch", "torchdata", (".pt", ".pth"), named=True, streams=True),
    DataFormat("safetensors", "safetensorsdata", (".safetensors",), named=True, streams=True),
    DataFormat("NPZ", "npzdata", (".npz",), named=True, streams=True),
)
"""A file that fits no format is tried as the last one, by its content."""

FOREIGN = DataFormat("a format that is not read", "foreigndata", FOREIGN_ENDINGS)
"""Named for what it is, with the lines that convert it."""

_TOLD = sorted((DATA_FORMATS[-1], *DATA_FORMATS[:-1]), key=lambda one: one.folder)
_FILES = [one.name for one in _TOLD if not one.folder]
_FOLDERS = [one.name for one in reversed(DATA_FORMATS) if one.folder]

KINDS = " or ".join([f"an {', '.join(_FILES[:-1])} or {_FILES[-1]} file", *_FOLDERS])
"""All formats in words, for the errors that say what was expected."""

_NAMED = [one.name for one in _TOLD if one.named]

NAMED = f"{', '.join(_NAMED[:-1])} or {_NAMED[-1]}"
"""The formats, in words, whose inputs and labels are chosen by name."""

_STREAMED = ", ".join(one.name for one in _TOLD if one.streams and not one.folder)

STREAMED = f"an {_STREAMED} file, a Zarr folder, or a folder of such files"
"""The formats, in words, of which some samples can be read at a time."""

DATA_ENDINGS = tuple(ending for one in DATA_FORMATS for ending in one.endings)


def format_of(path: Path) -> DataFormat:
    """Return the DataFormat that a path looks like, by its content if not by its name, or the last one."""
    named = next((one for one in (*DATA_FORMATS, FOREIGN) if one.fits(path)), None)
    if named is not None or not path.is_file():
        return named or DATA_FORMATS[-1]
    try:
        home = home_by_content(path)
    except (OSError, ValueError, zipfile.BadZipFile):  # what is wrong with it appears when it is read
        home = ""
    return next((one for one in (*DATA_FORMATS, FOREIGN) if one.home == home), DATA_FORMATS[-1])
