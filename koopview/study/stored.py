"""What a ``.koopview`` file holds besides results: the network and the data, or where they are.

A plain chain of Linear layers is inside the file, its weights as safetensors; a built-in network or data set is named;
any other network is a path, any other data a path, or, where they were made in memory, arrays. A file never says that
code may be run: that is the person's to say when it is opened.
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.errors import FileError
from koopview.network.data import Dataset
from koopview.network.fingerprint import network_fingerprint
from koopview.network.network import Network
from koopview.study.archive import Archive, npy_array, npy_bytes, reading
from koopview.study.chains import chain, chain_structure, chain_weights
from koopview.study.origin import BUILT_IN, is_demo, origin_of, resolved
from koopview.study.result import StudyState
from koopview.study.saved import load_state, save_state
from koopview.study.source import Source, open_dataset, open_network

if TYPE_CHECKING:
    from koopview.study.study import Study

DATA_LIMIT = 256 * 2**20
"""Bytes of the largest data made in memory that a study file holds."""

PARTS = ("x_train", "y_train", "x_test", "y_test")


def save_study(study: "Study", path: Path, state: StudyState | None = None) -> None:
    """Write a study, whole or not at all; raises FileError.

    Parameters
    ----------
    state : StudyState, optional
        What is drawn when it is opened, the study's own results by default.
    """
    source, members = study.source or Source(), {}
    structure = None if is_demo(source.model) else chain_structure(study.network)
    if structure is not None:
        members["network.safetensors"] = chain_weights(study.network)
    data = None if data_name(source) else held_data(study.dataset)
    if data is not None:
        members |= data_members(study.dataset)
    origin = {
        "source": plain_source(source, structure is not None),
        "network": structure,
        "data": data,
        "network_fingerprint": network_fingerprint(study.network),
        "data_fingerprint": data_fingerprint(study.dataset),
    }
    save_state(state or study.state, path, origin, members)


def open_stored(
    path: Path, *, model: Any = None, dataset: Dataset | None = None, device: str = "auto", trust: bool = False
) -> "Study":
    """Open a study file: its results, and network and data to go on.

    Parameters
    ----------
    path : path
    model : nn.Module, optional
        In the place of the file's.
    dataset : Dataset, optional
        In the place of the file's.
    device : "auto", "cpu" or "cuda"
    trust : bool
        The person agrees that opening the model may run code that the file names.

    Raises
    ------
    FileError
        If the file, or one that it names, is missing, broken, changed or not trusted.
    InputError
        If model and data do not fit each other.
    """
    from koopview.study.study import Study

    state, source = load_state(path), Source(study=str(path), trust=trust)
    known = resolved(source)
    if model is not None or (dataset is not None and is_demo(known.model)):
        known = replace(known, model=None, factory=None, activation=None)
    if dataset is not None:
        known = replace(known, data=None, test_data=None, keys=None, normalize="none")
    network = open_network(source) if model is None else model
    data = open_dataset(source) if dataset is None else dataset
    study = Study(network, data, name=state.model, device=device, source=known)
    study.history.restore(state, same=model is None and dataset is None)
    return study


def take_up(study: "Study", source: Source) -> None:
    """Give a study the results of its study file, unless model or data are others than it was saved with."""
    if source.study is None:
        return
    path = Path(source.study)
    with reading(path) as archive:
        origin = archive.text["origin"]
    others = (source.model is not None and network_fingerprint(study.network) != origin["network_fingerprint"]) or (
        source.data is not None and data_fingerprint(study.dataset) != origin["data_fingerprint"]
    )
    if not others:
        study.history.restore(load_state(path), same=True)


def stored_network(path: Path, trust: bool = False) -> Network:
    """Open the network of a study file; raises FileError if it is not there, has changed or is not trusted."""
    with reading(path) as archive:
        origin, name = archive.text["origin"], archive.text["model"]
        source = origin_of(origin, path)
        held = None
        if origin["network"] is not None:
            held = chain(name, origin["network"], archive.member("network.safetensors"))
    if held is None and source.model is None:
        raise FileError(
            f"study {path} holds no network, as {name} is no plain chain of layers; expected its file", "--model FILE"
        )
    if source.factory and not trust:
        raise FileError(
            f"study {path} names the code {source.factory} to make its network, "
            "expected your trust in it if you know where it comes from",
            "--trust",
        )
    if held is not None:
        return held
    network = open_network(replace(source, trust=trust))
    _check_unchanged(f"model {source.model}", network_fingerprint(network), origin["network_fingerprint"], path)
    return network


def stored_dataset(path: Path) -> Dataset:
    """Open the data of a study file; raises FileError if they are not there or have changed."""
    with reading(path) as archive:
        origin = archive.text["origin"]
        source = origin_of(origin, path)
        held = None if origin["data"] is None else _dataset(archive)
    if held is not None:
        return held
    if source.data is None:
        raise FileError(
            f"study {path} holds no data, as {archive.text['data']} were made in memory and too large; "
            "expected a file of them",
            "--data FILE",
        )
    if source.data not in BUILT_IN and not os.path.exists(source.data):
        raise FileError(
            f"the data of study {path} are no longer at {source.data}, "
            "expected them there, beside the study, or opened from where they are now",
            "--data FILE",
        )
    dataset = open_dataset(source)
    _check_unchanged(f"data {source.data}", data_fingerprint(dataset), origin["data_fingerprint"], path)
    return dataset


def data_name(source: Source) -> str | None:
    """Return the file or name of a source's data, None where they were made in memory."""
    return source.data or ((source.model or "").removeprefix("demo:") if is_demo(source.model) else None)


def plain_source(source: Source, holds_network: bool) -> dict[str, Any]:
    """Return where the parts are that a file does not hold, as a JSON object; trust is not passed on."""
    file, _, function = (source.factory or "").rpartition(":")
    model = source.model if is_demo(source.model) else _absolute(source.model)
    data = data_name(source)
    return {
        "model": None if holds_network else model,
        "factory": None if holds_network or not file else f"{os.path.abspath(file)}:{function}",
        "activation": None if holds_network else source.activation,
        "data": data if data in BUILT_IN else _absolute(data),
        "test_data": _absolute(source.test_data),
        "keys": source.keys,
        "normalize": source.normalize,
        "seed": source.seed,
    }


def held_data(dataset: Dataset) -> dict[str, Any] | None:
    """Return what a file says of the data that it holds, None where they are too large for it."""
    arrays = [getattr(dataset, part) for part in PARTS]
    if sum(array.nbytes for array in arrays if array is not None) > DATA_LIMIT:
        return None
    return {"name": dataset.name, "class_names": list(dataset.class_names), "picture": dataset.picture}


def data_members(dataset: Dataset) -> dict[str, bytes]:
    """Return the members that hold the data."""
    arrays = {part: getattr(dataset, part) for part in PARTS}
    return {f"data/{part}.npy": npy_bytes(array) for part, array in arrays.items() if array is not None}


def data_fingerprint(dataset: Dataset) -> str:
    """Return a text that differs for other data."""
    digest = hashlib.blake2b(digest_size=16)
    for part in PARTS:
        array = getattr(dataset, part)
        digest.update(repr((part, None if array is None else (array.dtype, array.shape))).encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _dataset(archive: Archive) -> Dataset:
    """Return the data that a study file holds."""
    held, names = archive.text["origin"]["data"], archive.names
    arrays = [npy_array(archive.member(f"data/{part}.npy")) if f"data/{part}.npy" in names else None for part in PARTS]
    picture = held["picture"] and tuple(held["picture"])
    return Dataset(*arrays, name=held["name"], class_names=held["class_names"], picture=picture)


def _absolute(path: str | None) -> str | None:
    return None if path is None else os.path.abspath(path)


def _check_unchanged(what: str, found: str, saved: str, path: Path) -> None:
    if found != saved:
        raise FileError(f"{what} is not what it was when study {path} was saved, expected the same or a new study")
