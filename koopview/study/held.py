"""The network and the data of a study file: stored in it, or opened from the place that it names.

A plain chain of Linear layers is stored in the file, its weights as safetensors. A built-in network or data set is
named. Any other network or data is a path; data made in memory are stored as arrays. A file never permits code to be
run: only the person who opens it can.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch

from koopview.errors import FileError, InputError
from koopview.network.data import PARTS, Dataset
from koopview.network.datafiles.load import load_dataset
from koopview.network.demos import DATA_NAMES, DEMO_MODELS, is_demo
from koopview.network.fingerprint import data_fingerprint, network_fingerprint
from koopview.network.modelfiles.factory import FACTORY
from koopview.network.modelfiles.load import load_network
from koopview.network.modules import with_shapes
from koopview.network.network import Network
from koopview.progress import Progress, silent
from koopview.study.archive import broken, npy_array, npy_bytes
from koopview.study.chains import chain, chain_structure, chain_weights
from koopview.study.choosing import chooser
from koopview.study.origin import HeldData, Origin, data_name, factory_hash, place_of
from koopview.study.result import StudyState
from koopview.study.setup import CHECKED, Setup
from koopview.study.source import Source
from koopview.study.study_file import StudyFile, write_study_file

DATA_LIMIT = 256 * 2**20
"""Most bytes of data made in memory that a study file stores."""

_WEIGHTS = "network.safetensors"

Part = TypeVar("Part")


def save_study(setup: Setup, source: Source | None, state: StudyState, path: Path) -> None:
    """Write a study, completely or not at all; raises FileError.

    Parameters
    ----------
    source : Source or None
        Origin of model and data; None if they were made in memory.
    state : StudyState
        The content to draw when it is opened.
    """
    named, members = source or Source(), {}
    structure = None if is_demo(named.model) else chain_structure(setup.network)
    if structure is not None:
        members[_WEIGHTS] = chain_weights(setup.network)
    data = None if data_name(named) else held_data(setup.dataset)
    if data is not None:
        members |= data_members(setup.dataset)
    origin = Origin(
        place_of(named, structure is not None),
        structure,
        data,
        network_fingerprint(setup.network),
        data_fingerprint(setup.dataset),
    )
    write_study_file(path, state, origin, members)


def open_network(
    source: Source, file: StudyFile | None = None, dataset: Callable[[], Dataset] | None = None
) -> Network:
    """Open the model of a source, or of its study `file` if it names none.

    `dataset` returns the source's data (by default they are opened); it is called only if they must say what weights
    alone do not: the order of layers or their activation.

    Raises
    ------
    FileError, InputError
        If the model cannot be opened.
    """
    if source.model is None and file is not None:
        return _stored_network(file, source.trust, dataset or partial(open_dataset, source, file))
    if source.model is None:
        raise InputError(f"no model is named, expected a file or {DEMO_MODELS}", "--model M")
    named = data_name(source) is not None or file is not None
    return load_network(
        source.model,
        activation_name=source.activation,
        factory=source.factory,
        factory_args=source.factory_args,
        trust=source.trust,
        weights=source.weights,
        choose=chooser(dataset or partial(open_dataset, source, file)) if named else None,
    )


def open_dataset(
    source: Source, file: StudyFile | None = None, progress: Progress = silent, budget: int | None = None
) -> Dataset:
    """Open the data of a source; default: a built-in model's own, or a study file's; raises FileError, InputError.

    Of more bytes of samples than a `budget`, some samples are drawn.
    """
    data = data_name(source)
    if data is None and file is not None:
        return _stored_dataset(file, progress)
    if data is None:
        raise InputError(f"no data are named, expected a file, {' or '.join(DATA_NAMES)}", "--data D")
    return load_dataset(
        data,
        test_data=source.test_data,
        keys=source.keys,
        normalize=source.normalize,
        channels=source.channels,
        seed=source.seed,
        budget=budget,
        progress=progress,
    )


def same_as_saved(setup: Setup, source: Source, file: StudyFile) -> bool:
    """Return whether the model and data that a source names equal those of its study file."""
    origin = file.known_origin
    same_network = source.model is None or network_fingerprint(setup.network) == origin.network_fingerprint
    return same_network and (source.data is None or data_fingerprint(setup.dataset) == origin.data_fingerprint)


def _stored_network(file: StudyFile, trust: bool, dataset: Callable[[], Dataset]) -> Network:
    """Open the network of a study file; raises FileError if it is not there, has changed or is not trusted."""
    origin, source, path, structure = file.known_origin, file.source, file.path, file.known_origin.network
    if structure is not None:
        weights = file.archive.member(_WEIGHTS)
        return _whole(file, lambda: chain(file.state.model, structure, weights))
    if source.model is None:
        raise FileError(
            f"study {path} holds no network, as {file.state.model} is no plain chain of layers; expected its file",
            "--model FILE",
        )
    if source.factory and not trust:
        raise FileError(
            f"study {path} names the code {source.factory} to make its network, "
            "expected your trust in it if you know where it comes from",
            "--trust",
        )
    if source.factory and origin.source.factory_hash not in (None, factory_hash(source.factory)):
        raise FileError(
            f"the code {source.factory} has changed since study {path} was saved, so trust in that does not hold for "
            "it; expected the same code, or the model opened again with it",
            "--model FILE",
            FACTORY,
        )
    network = open_network(replace(source, trust=trust))
    if network.module is not None:  # its stages have the shapes that the data give them, as when it was saved
        network = with_shapes(network, torch.as_tensor(dataset().x_test[:CHECKED]))
    _check_unchanged(f"model {source.model}", network_fingerprint(network), origin.network_fingerprint, path)
    return network


def _stored_dataset(file: StudyFile, progress: Progress) -> Dataset:
    """Open the data of a study file; raises FileError if they are not there or have changed."""
    origin, source, path, held = file.known_origin, file.source, file.path, file.known_origin.data
    if held is not None:
        return _whole(file, lambda: _held_dataset(file, held))
    if source.data is None:
        raise FileError(
            f"study {path} holds no data, as {file.state.data} were made in memory and too large; "
            "expected a file of them",
            "--data FILE",
        )
    if source.data not in DATA_NAMES and not os.path.exists(source.data):
        raise FileError(
            f"the data of study {path} are no longer at {source.data}, "
            "expected them there, beside the study, or opened from where they are now",
            "--data FILE",
        )
    dataset = open_dataset(source, progress=progress)
    _check_unchanged(f"data {source.data}", data_fingerprint(dataset), origin.data_fingerprint, path)
    return dataset


def held_data(dataset: Dataset) -> HeldData | None:
    """Return the HeldData that describes data stored in a file, None if they are too large for it."""
    arrays = [getattr(dataset, part) for part in PARTS]
    if sum(array.nbytes for array in arrays if array is not None) > DATA_LIMIT:
        return None
    return HeldData(dataset.name, dataset.class_names, dataset.picture)


def data_members(dataset: Dataset) -> dict[str, bytes]:
    """Return the file members that hold the data, bytes by name."""
    arrays = {part: getattr(dataset, part) for part in PARTS}
    return {f"data/{part}.npy": npy_bytes(array) for part, array in arrays.items() if array is not None}


def _held_dataset(file: StudyFile, held: HeldData) -> Dataset:
    names = [f"data/{part}.npy" for part in PARTS]
    arrays = [npy_array(file.archive.member(name)) if name in file.archive.names else None for name in names]
    return Dataset(*arrays, name=held.name, class_names=held.class_names, picture=held.picture)


def _whole(file: StudyFile, make: Callable[[], Part]) -> Part:
    """Return the result of `make`, which reads a file's members; any error in it raises FileError."""
    try:
        return make()
    except FileError:
        raise
    except Exception as error:  # torch, safetensors and numpy raise many types for a broken member
        raise broken(file.path) from error


def _check_unchanged(what: str, found: str, saved: str | None, path: Path) -> None:
    if saved is not None and found != saved:
        raise FileError(f"{what} is not what it was when study {path} was saved, expected the same or a new study")
