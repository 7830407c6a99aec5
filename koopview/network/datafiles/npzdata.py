"""Samples in an NPZ file, by the names of its arrays; one that could run code is refused."""

import zipfile
from functools import partial
from pathlib import Path
from typing import IO

from koopview.errors import FileError
from koopview.network.datafiles.claims import check_unpacked
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.npyheader import npy_head
from koopview.network.datafiles.parts import Parts, parts_of_arrays
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown

_MEMBERS = 10_000
"""Most arrays in a file."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    with whole_file(path, asked, "NPZ file, expected one that numpy.savez wrote"):
        return samples_of(npz_arrays(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file."""
    with whole_file(path, asked, "NPZ file, expected one that numpy.savez wrote"):
        return head_of(npz_arrays(path, asked), asked, path.name, "NPZ")


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a file: its inputs, some samples at a time."""
    with whole_file(path, asked, "NPZ file, expected one that numpy.savez wrote"):
        return parts_of_arrays(path, npz_arrays(path, asked), asked)


def npz_arrays(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the arrays of an NPZ file by name; of their numbers none is read. Objects (a pickle) are refused there."""
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".npz":
            raise ValueError("no zip archive")
        raise FileError(f"{asked.what} {path} is no data file, expected {asked.expected}")
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        if any(one.filename.endswith("/data.pkl") for one in members):  # as torch.save writes them
            raise FileError(f"{asked.what} {path} is a PyTorch file, expected its ending .pt")
        if len(members) > _MEMBERS:
            raise FileError(f"{asked.what} {path} holds {len(members):,} members, expected at most {_MEMBERS:,}")
        named = [one for one in members if one.filename.endswith(".npy")]
        if members and not named:
            raise FileError(
                f"{asked.what} {path} is an archive without arrays (it holds {shown(members[0].filename, 40)}), "
                f"expected it unpacked: {asked.expected}"
            )
        if {"indptr.npy", "indices.npy", "format.npy"} <= {one.filename for one in named}:
            raise FileError(
                f"{asked.what} {path} is a sparse matrix of scipy, expected numpy.savez(FILE, x=X.toarray(), y=Y)"
            )
        return {one.name: one for one in (_held(path, file, member, asked) for member in named)}


def _held(path: Path, file: zipfile.ZipFile, member: zipfile.ZipInfo, asked: Asked) -> HeldArray:
    """Return the array of a member; raises ValueError if its head does not fit its size."""
    name = member.filename.removesuffix(".npy")
    with file.open(member) as stream:
        shape, columnwise, dtype, start = npy_head(stream)
    found = HeldArray(name, shape, dtype, partial(_opened, path, member.filename, start, asked), columnwise)
    if dtype.hasobject:
        return HeldArray(name, shape, dtype, partial(_refused, path, name, asked))
    if found.size != member.file_size - start:
        raise ValueError(f"array {name} of shape {shape} is in {member.file_size:,} bytes")
    check_unpacked(path, member.file_size, asked, f"array {shown(name, 40)}")
    return found


def _opened(path: Path, member: str, start: int, asked: Asked) -> Stream:
    """Return a stream of a member's numbers."""
    file = zipfile.ZipFile(path)
    try:
        stream = file.open(member)
        stream.read(start)
    except BaseException:
        file.close()
        raise
    return _Member(file, stream)


def _refused(path: Path, name: str, asked: Asked) -> Stream:
    raise FileError(
        f"{asked.what} {path} holds Python objects ({shown(name, 40)}), which could run code when read; "
        "expected arrays of numbers or text alone"
    )


class _Member:
    """The stream of a member, closed with its archive."""

    def __init__(self, file: zipfile.ZipFile, stream: IO[bytes]) -> None:
        self._file, self._stream = file, stream
        self.read, self.seek = stream.read, stream.seek

    def close(self) -> None:
        self._stream.close()
        self._file.close()
