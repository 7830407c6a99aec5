"""Samples in a Zarr folder, by the names of its arrays; needs zarr, which is no part of every installation."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.held_memory import in_memory
from koopview.network.datafiles.held_rows import held_by_rows
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.parts import Parts, parts_of_arrays
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown

_MOST = 1000
"""Most arrays that are looked at."""

_NUMBERS_AND_TEXT = "fiubUS"


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a folder, with its test samples if it has them.

    Raises
    ------
    FileError
        If it is broken, or zarr is not installed.
    """
    with whole_file(path, asked, "Zarr folder"):
        return samples_of(_arrays(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a folder."""
    with whole_file(path, asked, "Zarr folder"):
        return head_of(_arrays(path, asked), asked, path.name, "Zarr")


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a folder: its inputs, some samples at a time."""
    with whole_file(path, asked, "Zarr folder"):
        return parts_of_arrays(path, _arrays(path, asked), asked)


def _arrays(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the arrays of a folder by their dotted names; of their numbers none is read."""
    if find_spec("zarr") is None:
        raise FileError(
            f"{asked.what} {path} is a Zarr folder, which takes zarr to read: pip install zarr, or convert it where "
            f"you have zarr: numpy.savez('data.npz', **{{name: array[:] for name, array in "
            f"zarr.open_group({path.name!r}).arrays()}})"
        )
    named = dict(_named(_opened(path), ""))
    if not named:
        raise FileError(f"{asked.what} {path} holds no arrays, expected samples: an array x, and y of labels")
    return {name: _held(path, name, one, asked) for name, one in named.items()}


def _opened(path: Path) -> Any:
    import zarr

    return zarr.open(str(path), mode="r")


def _named(node: Any, within: str) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in a node by their dotted names, at most so many."""
    if not hasattr(node, "arrays"):
        yield within or "x", node
        return
    members = [*node.arrays(), *(node.groups() if within.count(".") < 3 else ())]
    for name, one in members[:_MOST]:
        yield from _named(one, f"{within}.{name}" if within else name)


def _held(path: Path, name: str, array: Any, asked: Asked) -> HeldArray:
    """Return an array, whose numbers are read when they are needed; one number is read now, objects never."""
    kind = getattr(array.dtype, "kind", "O")
    if kind not in _NUMBERS_AND_TEXT:
        return HeldArray(name, tuple(array.shape), np.dtype(object), partial(_refused, path, name, array.dtype, asked))
    if not array.shape:
        return in_memory(name, np.asarray(array[()]))
    return held_by_rows(name, array, array.chunks[0], partial(_opened_array, path, name))


def _opened_array(path: Path, name: str) -> Any:
    """Return an array of a folder, opened again."""
    node = _opened(path)
    return node["/".join(name.split("."))] if hasattr(node, "arrays") else node


def _refused(path: Path, name: str, kind: Any, asked: Asked) -> Stream:
    raise FileError(
        f"{asked.what} {path} holds {shown(name, 40)} as {shown(str(kind), 40)}, expected float32 or another usual "
        "kind of numbers"
    )
