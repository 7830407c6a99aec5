"""Formats that are not read, each named for what it is, with the lines that convert it."""

from pathlib import Path
from typing import NoReturn

from koopview.errors import FileError
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.samples import Asked, Samples

CONVERTED = {
    (".arff",): (
        "an ARFF file",
        "pandas.DataFrame(scipy.io.arff.loadarff({name!r})[0]).to_csv('data.csv', index=False)",
    ),
    (".h5", ".hdf5", ".he5"): (
        "an HDF5 file",
        "file = h5py.File({name!r}); numpy.savez('data.npz', x=file['x'][:], y=file['y'][:])",
    ),
    (".xlsx", ".xls", ".xlsm", ".ods"): (
        "a spreadsheet",
        "pandas.read_excel({name!r}).to_csv('data.csv', index=False)",
    ),
    (".feather", ".arrow"): ("a Feather file", "pandas.read_feather({name!r}).to_csv('data.csv', index=False)"),
    (".orc",): ("an ORC file", "pandas.read_orc({name!r}).to_csv('data.csv', index=False)"),
    (".json", ".jsonl", ".ndjson"): ("JSON", "pandas.read_json({name!r}).to_csv('data.csv', index=False)"),
    (".dta",): ("a Stata file", "pandas.read_stata({name!r}).to_csv('data.csv', index=False)"),
    (".sav",): ("an SPSS file", "pandas.read_spss({name!r}).to_csv('data.csv', index=False)"),
    (".sas7bdat", ".xpt"): ("a SAS file", "pandas.read_sas({name!r}).to_csv('data.csv', index=False)"),
    (".rdata", ".rda", ".rds"): ("R's", "in R: write.csv(DATA, 'data.csv', row.names = FALSE)"),
    (".tfrecord", ".tfrecords"): (
        "a TFRecord file",
        "x, y = next(iter(DATASET.batch(100000))); numpy.savez('data.npz', x=x, y=y)",
    ),
}
"""Name and converting line by endings."""

PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
PACKED = (".gz", ".xz", ".bz2", ".zip", ".tar", ".tgz", ".7z")

_ENDINGS = frozenset(ending for endings in CONVERTED for ending in endings)


def read(path: Path, asked: Asked) -> Samples:
    """Raise FileError that names the format and how to convert the file."""
    _refuse(path, asked)


def head(path: Path, asked: Asked) -> DataHead:
    """Raise FileError that names the format and how to convert the file."""
    _refuse(path, asked)


def _refuse(path: Path, asked: Asked) -> NoReturn:
    ending = path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(8)
    if ending in PICKLES or (ending not in _ENDINGS and start[:1] == b"\x80"):
        raise FileError(
            f"{asked.what} {path} is a pickle, which could run code when read, and is not read; expected another file "
            "from the program that wrote it: DATA.to_csv('data.csv', index=False) or numpy.savez('data.npz', x=X, y=Y)"
        )
    if ending in PACKED or (ending not in _ENDINGS and start[:2] == b"\x1f\x8b"):
        raise FileError(f"{asked.what} {path} is packed, expected it unpacked: {asked.expected}")
    known = ending if ending in _ENDINGS else ".h5"
    name, line = next(value for endings, value in CONVERTED.items() if known in endings)
    raise FileError(
        f"{asked.what} {path} is {name}, which is not read, expected {asked.expected}; this converts it: "
        f"{line.format(name=path.name)}"
    )
