"""The parts of a PyTorch file: its pickle as plain data, and where the numbers of its tensors stand. No torch here."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from koopview.errors import FileError
from koopview.network.modelfiles.contents import tensors_in
from koopview.network.modelfiles.pickled import NUMBERS, NoPickle, StorageHead, StrangeTensor, TensorHead, Unreadable
from koopview.network.modelfiles.pickles import Bounded, Budget, unpickled

PICKLE_LIMIT = 32 * 2**20
"""Most bytes of a pickle inside a zip file; the numbers of tensors stand beside it."""

_MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle of a file of the format before PyTorch 1.6."""


@dataclass(frozen=True)
class Numbers:
    """The place of a storage's numbers: the first byte and the length, or a compressed member's name."""

    start: int
    length: int
    member: str = ""


@dataclass(frozen=True)
class Archive:
    """A PyTorch file: its content as plain data, its numbers by storage key, the order of their bytes.

    `scripted` says that it is a TorchScript archive.
    """

    path: Path
    value: Any
    numbers: Mapping[str, Numbers]
    little: bool = True
    scripted: bool = False


def archive_of(path: Path) -> Archive:
    """Return the Archive of a file; raises FileError if it is no whole PyTorch file or pickle."""
    try:
        return _zipped(path) if zipfile.is_zipfile(path) else _streamed(path)
    except NoPickle as error:
        raise broken(path) from error
    except Unreadable as error:
        raise FileError(f"model {path} holds {error}, expected named weights (a state dict)") from error
    except FileError:
        raise
    except Exception as error:  # zipfile and struct raise many types for a broken file
        raise broken(path) from error


def broken(path: Path) -> FileError:
    """Return the FileError for a file that is not whole."""
    return FileError(f"model {path} cannot be read, expected a whole safetensors or PyTorch file")


def check_claims(archive: Archive, weights: Mapping[str, Any]) -> None:
    """Raise FileError unless all of these tensors are real numbers, and the file holds as many as it says."""
    for name, one in weights.items():
        if isinstance(one, StrangeTensor):
            raise FileError(f"model {archive.path} holds {one.what} in {name!r}, expected real numbers")
        if isinstance(one, TensorHead):
            storage_bytes(archive, one.storage)


def storage_bytes(archive: Archive, storage: StorageHead) -> Numbers:
    """Return the place of a storage's numbers; raises FileError unless the file holds exactly as many."""
    found = archive.numbers.get(storage.key)
    if found is None or found.length != storage.count * NUMBERS[storage.dtype]:
        held = "nothing" if found is None else f"{found.length:,} bytes"
        raise FileError(
            f"model {archive.path} says that it holds {storage.count:,} numbers ({storage.dtype}) in its part "
            f"{storage.key!r}, and holds {held}; expected a whole file"
        )
    return found


def _zipped(path: Path) -> Archive:
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        pickles = [name for name in names if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise broken(path)
        folder = pickles[0].removesuffix("data.pkl")
        content = _bounded(file, pickles[0], path)
        value = unpickled(Bounded(io.BytesIO(content), len(content)), Budget())
        order = f"{folder}byteorder"
        little = order not in names or _bounded(file, order, path).strip() != b"big"
        within = f"{folder}data/"
        numbers = {
            one.filename.removeprefix(within): _place(file, one)
            for one in file.infolist()
            if one.filename.startswith(within)
        }
        return Archive(path, value, numbers, little, f"{folder}constants.pkl" in names)


def _bounded(file: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Return a member of bounded size, whatever it says of itself."""
    large = FileError(
        f"model {path} holds more than {PICKLE_LIMIT:,} bytes beside its numbers, expected a file of weights alone"
    )
    if file.getinfo(name).file_size > PICKLE_LIMIT:
        raise large
    with file.open(name) as member:
        content = member.read(PICKLE_LIMIT + 1)
    if len(content) > PICKLE_LIMIT:
        raise large
    return content


def _place(file: zipfile.ZipFile, one: zipfile.ZipInfo) -> Numbers:
    """Return where a member's bytes stand in the file; a compressed one is named."""
    if one.compress_type != zipfile.ZIP_STORED:
        return Numbers(0, one.file_size, one.filename)
    if one.flag_bits & 1 or one.compress_size != one.file_size or file.fp is None:
        raise zipfile.BadZipFile("encrypted or broken member")
    file.fp.seek(one.header_offset)
    header = file.fp.read(30)
    name, extra = struct.unpack("<2H", header[26:30])
    if header[:4] != b"PK\3\4":
        raise zipfile.BadZipFile("no member where one is said to be")
    return Numbers(one.header_offset + 30 + name + extra, one.file_size)


def _streamed(path: Path) -> Archive:
    """Return the Archive of a file that is a pickle, or several and numbers after them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        stream, budget = Bounded(file, size), Budget(copied=Budget.copied + size)
        first = unpickled(stream, budget)
        if type(first) is not int or first != _MAGIC:
            return Archive(path, first, {})
        unpickled(stream, budget)  # the protocol, and then the sizes of numbers on the machine that wrote it
        unpickled(stream, budget)
        value = unpickled(stream, budget)
        keys = unpickled(stream, budget)
        sizes = _storages(value)
        return Archive(path, value, dict(_numbers_after(file, keys, sizes, path)))


def _storages(value: Any) -> dict[str, StorageHead]:
    """Return the storages of all tensors in a value by their keys."""
    return {one.storage.key: one.storage for one in tensors_in(value)}


def _numbers_after(file: IO[bytes], keys: Any, sizes: Mapping[str, StorageHead], path: Path) -> Any:
    """Yield (key, Numbers) of the storages that stand behind the pickles."""
    end = path.stat().st_size
    for key in keys if isinstance(keys, list) else ():
        storage = sizes.get(str(key))
        (count,) = struct.unpack("<q", file.read(8))
        if storage is None or count != storage.count:
            raise broken(path)
        length = count * NUMBERS[storage.dtype]
        start = file.tell()
        if not 0 <= length <= end - start:
            raise broken(path)
        yield str(key), Numbers(start, length)
        file.seek(start + length)


def decompressed(archive: Archive, place: Numbers) -> bytes:
    """Return a compressed member's bytes, not more than it says; raises FileError."""
    try:
        with zipfile.ZipFile(archive.path) as file, file.open(place.member) as member:
            content = member.read(place.length + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken(archive.path) from error
    if len(content) != place.length:
        raise broken(archive.path)
    return content
