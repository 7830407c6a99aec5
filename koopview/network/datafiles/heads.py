"""The heads of data files, and the names in them, found at once for files of any size; no torch here."""

from pathlib import Path

from koopview.errors import InputError
from koopview.files import existing_file
from koopview.network.datafiles.data_formats import KINDS, NAMED, format_of
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.samples import ALL_OTHERS, Asked, DataNames


def data_head(path: Path, keys: tuple[str, str] | None = None) -> DataHead:
    """Return the DataHead of a file or folder.

    Parameters
    ----------
    path : path
    keys : (str, str), optional
        As :func:`.load.load_dataset` takes them. Keys that do not fit the file are told in a remark.

    Raises
    ------
    FileError
        If it cannot be read as the format that its name says.
    InputError
        If it holds no samples, or its format has no names and keys are given.
    """
    found = format_of(path)
    if keys is not None and not found.named:
        raise InputError(f"array names are given with data {path}, expected with {NAMED} alone", "--keys")
    if not found.folder:
        existing_file(path, "data", KINDS)
    return found.reader().head(path, Asked(keys, expected=KINDS))


def names_in(path: Path) -> DataNames:
    """Return the DataNames of a file, for `keys` of :func:`.load.load_dataset`; never raises."""
    try:
        found = format_of(path)
        if not path.is_file() or not found.named:
            return DataNames()
        names = tuple(one.name for one in data_head(path).arrays)
        return DataNames((ALL_OTHERS,) if found.table else names, names)
    except Exception:  # errors of a broken file, or half a path, appear when it is opened
        return DataNames()
