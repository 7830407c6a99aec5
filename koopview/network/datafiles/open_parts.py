"""Open inputs that are read some samples at a time: a file, a Zarr folder, or a folder of files one after another."""

from dataclasses import replace
from pathlib import Path

from koopview.errors import InputError
from koopview.files import existing_file
from koopview.network.datafiles.data_formats import NAMED, STREAMED, format_of
from koopview.network.datafiles.parts import Parts, joined_parts
from koopview.network.datafiles.samples import Asked
from koopview.network.normalization import CHANNELS


def open_parts(path: str | Path, keys: tuple[str, str] | None = None, channels: str = "first") -> Parts:
    """Return the Parts of a file or folder; of its samples none is read but the first.

    Parameters
    ----------
    path : str or path
        Of a folder all files are read in the order of their names; those whose names begin with a dot or an underscore
        are left out.
    keys : (str, str), optional
        Names of inputs and labels, as :func:`.load.load_dataset` takes them; labels are not read.
    channels : "first" or "last"
        "last" turns pictures (samples, rows, columns, channels) into (samples, channels, rows, columns).

    Raises
    ------
    FileError
        For a file that is missing, broken or could run code, or whose library is not installed.
    InputError
        If samples of its format cannot be read some at a time, or their shapes differ from file to file.
    """
    place = Path(path)
    if channels not in CHANNELS:
        raise InputError(f"channels is {channels!r}, expected one of {', '.join(CHANNELS)}")
    asked = Asked(keys, what="stream", expected=STREAMED)
    if place.is_dir() and not format_of(place).streams:
        found = joined_parts(place.name, [_of_file(one, asked) for one in _files(place)])
    else:
        found = _of_file(place, asked)
    if channels == "last":
        if len(found.shape) != 4:
            raise InputError(f"channels are said to be last, but {found.name} has samples of shape {found.shape[1:]}")
        found = replace(found, channels=channels, shape=(found.shape[0], found.shape[3], *found.shape[1:3]))
    return found


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder in the order of their names; raises InputError without any."""
    found = [one for one in sorted(folder.iterdir()) if not one.name.startswith((".", "_"))]
    if not found:
        raise InputError(f"stream {folder} is an empty folder, expected {STREAMED}")
    return found


def _of_file(path: Path, asked: Asked) -> Parts:
    """Return the Parts of one file or Zarr folder."""
    kind = format_of(path)
    if not (path.is_dir() and kind.streams):
        existing_file(path, asked.what, asked.expected)
    if not kind.streams:
        raise InputError(f"stream {path} is no file of which some samples can be read at a time, expected {STREAMED}")
    if asked.keys is not None and not kind.named:
        raise InputError(f"array names are given with stream {path}, expected with {NAMED} alone", "--stream-keys")
    return kind.parts_reader().parts(path, asked)
