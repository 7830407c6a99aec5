"""The tensors of a PyTorch file, from their heads: the numbers are read where they stand, and no code is run."""

import torch

from koopview.memory import check_memory
from koopview.network.modelfiles.contents import Weights
from koopview.network.modelfiles.pickled import NUMBERS, ArrayData, StorageHead, StrangeTensor, TensorHead, Unreadable
from koopview.network.modelfiles.pytorch_archive import Archive, broken, check_claims, decompressed, storage_bytes


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
    storages = {one: _storage(archive, one) for one in needed}
    try:
        return {
            name: _tensor(storages[one.storage], one) if isinstance(one, TensorHead) else _array(one)
            for name, one in weights.items()
            if not isinstance(one, StrangeTensor)
        }
    except (Unreadable, RuntimeError, ValueError, TypeError) as error:
        raise broken(archive.path) from error


def _storage(archive: Archive, storage: StorageHead) -> torch.Tensor:
    """Return all numbers of a storage, one after the other, in this machine's order."""
    place, dtype = storage_bytes(archive, storage), getattr(torch, storage.dtype)
    if not place.length:
        return torch.empty(0, dtype=dtype)
    if place.member:
        content = bytearray(decompressed(archive, place))
    else:
        content = bytearray(place.length)
        with archive.path.open("rb") as file:
            file.seek(place.start)
            if file.readinto(content) != place.length:
                raise broken(archive.path)
    if not archive.little:
        content = _turned(content, NUMBERS[storage.dtype])
    return torch.frombuffer(content, dtype=dtype)


def _turned(content: bytearray, size: int) -> bytearray:
    """Return numbers of `size` bytes each with their bytes in reverse order."""
    turned = bytearray(len(content))
    for byte in range(size):
        turned[byte::size] = content[size - 1 - byte :: size]
    return turned


def _tensor(storage: torch.Tensor, head: TensorHead) -> torch.Tensor:
    typed = storage if head.dtype == head.storage.dtype else storage.view(getattr(torch, head.dtype))
    return typed.as_strided(head.shape, head.strides, head.offset)


def _array(data: ArrayData) -> torch.Tensor:
    array = data.array()
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
