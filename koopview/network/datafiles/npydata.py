"""Samples in one file an array: ``X_train.npy``, and beside it ``y_train.npy``, ``X_test.npy`` and ``y_test.npy``."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from koopview.errors import FileError
from koopview.network.datafiles.choice import Chosen, role_of
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, opened_at
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.npyheader import npy_head
from koopview.network.datafiles.parts import Parts, parts_of_arrays
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file of inputs and of the files of labels and test samples beside it."""
    with whole_file(path, asked, "NPY file, expected one that numpy.save wrote"):
        arrays, taken, remarks = _beside(path, asked)
        found = samples_of(arrays, asked, path.name, taken)
        return found._replace(remarks=(*remarks, *found.remarks))


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file of inputs and of those beside it."""
    with whole_file(path, asked, "NPY file, expected one that numpy.save wrote"):
        arrays, taken, remarks = _beside(path, asked)
        found = head_of(arrays, asked, path.name, "NPY", taken)
        return replace(found, remarks=(*remarks, *found.remarks))


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a file of inputs, some samples at a time; no file beside it is read."""
    with whole_file(path, asked, "NPY file, expected one that numpy.save wrote"):
        own = _held(path, asked)
        return parts_of_arrays(path, {own.name: own}, asked)


def _beside(path: Path, asked: Asked) -> tuple[dict[str, HeldArray], Chosen, tuple[str, ...]]:
    """Return the arrays of a file and of those that belong to it by their names, which is which, and a remark."""
    role, part = role_of(path.stem)
    own = _held(path, asked)
    if role != "inputs":
        return {own.name: own}, Chosen((own.name,)), (f"{path.name} is read as inputs without labels",)
    there = [one for one in sorted(path.parent.glob("*.npy")) if one.is_file() and one != path]
    wanted = {"labels": ("labels", part)}
    if part == "train" and asked.part == "train":
        wanted |= {"test inputs": ("inputs", "test"), "test labels": ("labels", "test")}
    found = {key: [one for one in there if role_of(one.stem) == value] for key, value in wanted.items()}
    files = {key: paths[0] for key, paths in found.items() if len(paths) == 1}
    if "test inputs" not in files:
        files.pop("test labels", None)
    arrays = {own.name: own} | {one.stem: _held(one, asked) for one in files.values()}
    names = [(files[key].stem,) if key in files else () for key in ("labels", "test inputs", "test labels")]
    told = (f"{', '.join(one.name for one in files.values())} beside it belong to it",) if files else ()
    return arrays, Chosen((own.name,), *names), told or (f"{path.name} is read as inputs without labels",)


def _held(path: Path, asked: Asked) -> HeldArray:
    """Return the array of a file; raises ValueError if its head does not fit its size."""
    with path.open("rb") as file:
        shape, columnwise, dtype, start = npy_head(file)
    if dtype.hasobject:
        raise FileError(
            f"{asked.what} {path} holds Python objects, which could run code when read; expected numbers or text alone"
        )
    found = HeldArray(path.stem, shape, dtype, partial(opened_at, path, start), columnwise)
    if found.size != path.stat().st_size - start:
        raise ValueError(f"an array of shape {shape} in {path.stat().st_size:,} bytes")
    return found
