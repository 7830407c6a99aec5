"""The description of an exported network (.pt2): its graph in JSON, and where its tensors stand. No torch here."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koopview.errors import FileError

TEXT_LIMIT = 32 * 2**20
"""Most bytes of a description that are read: one of a thousand layers takes 2 MiB."""

NUMBERS = {
    1: ("uint8", 1),
    2: ("int8", 1),
    3: ("int16", 2),
    4: ("int32", 4),
    5: ("int64", 8),
    6: ("float16", 2),
    7: ("float32", 4),
    8: ("float64", 8),
    12: ("bool", 1),
    13: ("bfloat16", 2),
}
"""Types of numbers and their bytes, by the file's numbers for them."""


@dataclass(frozen=True)
class StoredTensor:
    """A tensor of the file: the member that holds it, its type, shape, strides, and offset in numbers."""

    member: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class Program:
    """An exported network: the description of its graph, and its tensors by name."""

    graph: Mapping[str, Any]
    signature: Mapping[str, Any]
    tensors: Mapping[str, StoredTensor]


def is_exported(names: list[str]) -> bool:
    """Return whether the members of a zip file are those of an exported network."""
    return any(name == _EARLIER or _is_model(name) for name in names)


def broken(path: Path) -> FileError:
    """Return the FileError for a file that is not whole."""
    return FileError(f"model {path} is no whole torch.export file, expected one that torch.export.save wrote")


def program_in(file: zipfile.ZipFile, path: Path) -> Program:
    """Return the Program in an open file; raises FileError, or any exception if the file is broken."""
    names = file.namelist()
    if _EARLIER in names:
        raise FileError(
            f"model {path} was exported by PyTorch before 2.8, expected it exported again: "
            "torch.export.save(torch.export.load(FILE), NEW) with a PyTorch that you have it from"
        )
    models = sorted(name for name in names if _is_model(name))
    if not models:
        raise broken(path)
    described = _json(file, models[0], path)["graph_module"]
    folder, _, model = models[0].rpartition("models/")
    tensors: dict[str, StoredTensor] = {}
    for kind in ("weights", "constants"):
        config = f"{folder}data/{kind}/{model.removesuffix('.json')}_{kind}_config.json"
        if config in names:
            tensors |= _stored(_json(file, config, path)["config"], f"{folder}data/{kind}/", path)
    return Program(described["graph"], described["signature"], tensors)


_EARLIER = "serialized_exported_program.json"


def _is_model(name: str) -> bool:
    return name.endswith(".json") and name.rpartition("/")[0].split("/")[-1] == "models"


def _json(file: zipfile.ZipFile, name: str, path: Path) -> Any:
    """Return the JSON value of a member of bounded size."""
    size = file.getinfo(name).file_size
    if size > TEXT_LIMIT:
        raise FileError(f"model {path} describes its graph in {size:,} bytes, expected {TEXT_LIMIT:,} at most")
    with file.open(name) as member:
        return json.loads(member.read(TEXT_LIMIT + 1))


def _stored(config: Mapping[str, Any], folder: str, path: Path) -> dict[str, StoredTensor]:
    """Return the StoredTensors of a description by name; numbers stored as a pickle are refused."""
    found = {}
    for name, one in config.items():
        meta = one["tensor_meta"]
        if one["use_pickle"] or meta is None:
            raise FileError(
                f"model {path} holds {name!r} in a form that could run code when it is read, "
                "expected tensors of numbers: clone() its parameters before torch.export"
            )
        if meta["dtype"] not in NUMBERS or meta["layout"] != _STRIDED:
            raise FileError(f"model {path} holds {name!r} as numbers of an unusual kind, expected real numbers")
        shape, strides = (tuple(int(length["as_int"]) for length in meta[key]) for key in ("sizes", "strides"))
        offset = int(meta["storage_offset"]["as_int"])
        found[name] = StoredTensor(f"{folder}{one['path_name']}", NUMBERS[meta["dtype"]][0], shape, strides, offset)
    return found


_STRIDED = 7
