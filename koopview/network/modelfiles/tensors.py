"""The tensors of a PyTorch file, from their heads: the numbers are read where they stand, and no code is run."""

from typing import BinaryIO

import torch

from koopview.memory import check_memory
from koopview.network.modelfiles.contents import Weights
from koopview.network.modelfiles.pickled import NUMBERS, ArrayData, StorageHead, StrangeTensor, TensorHead, Unreadable
from koopview.network.modelfiles.pytorch_archive import Archive, broken, check_claims, decompressed, storage_bytes

_AT_ONCE = 1 << 28


def tensors_of(archive: Archive, weights: Weights) -> dict[str, torch.Tensor]:
    """Return the tensors of a mapping by name; storages that several share are read once.

    Raises
    ------
    FileError
        If the file does not hold the numbers that it says.
    InputError
        If they need more memory than is free.
    """
    check_claims(archive, weights)
    needed = {one.storage for one in weights.values() if isinstance(one, TensorHead)}
    check_memory(
        2 * sum(one.count * NUMBERS[one.dtype] for one in needed), f"model {archive.path}", "a smaller network"
    )
    try:
        storages = {one: _storage(archive, one) for one in needed}
        return {
            name: _tensor(storages[one.storage], one) if isinstance(one, TensorHead) else _array(one)
            for name, one in weights.items()
            if not isinstance(one, StrangeTensor)
        }
    except (Unreadable, RuntimeError, ValueError, TypeError, EOFError) as error:
        raise broken(archive.path) from error


def _storage(archive: Archive, storage: StorageHead) -> torch.Tensor:
    """Return all numbers of a storage, one after the other, in this machine's order."""
    place, dtype = storage_bytes(archive, storage), getattr(torch, storage.dtype)
    if not place.length:
        return torch.empty(0, dtype=dtype)
    if place.member:
        held = torch.frombuffer(bytearray(decompressed(archive, place)), dtype=torch.uint8)
    else:
        with archive.path.open("rb") as file:
            held = read_bytes(file, place.start, place.length)
    if not archive.little:
        held = held.reshape(-1, NUMBERS[storage.dtype]).flip(1).reshape(-1)
    return held.view(dtype)


def read_bytes(file: BinaryIO, start: int, length: int) -> torch.Tensor:
    """Return bytes of a file as a tensor, read into its memory at once; raises EOFError if they are fewer."""
    held = torch.empty(length, dtype=torch.uint8)
    view, done = held.numpy(), 0
    file.seek(start)
    while done < length:
        got = file.readinto(view[done : done + _AT_ONCE])  # type: ignore[attr-defined]
        if not got:
            raise EOFError("the file ends before its numbers")
        done += got
    return held


def _tensor(storage: torch.Tensor, head: TensorHead) -> torch.Tensor:
    typed = storage if head.dtype == head.storage.dtype else storage.view(getattr(torch, head.dtype))
    return typed.as_strided(head.shape, head.strides, head.offset)


def _array(data: ArrayData) -> torch.Tensor:
    array = data.array()
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
