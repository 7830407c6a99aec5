"""The places of a ``.koopview`` file's network and data, as the file names them; nothing is opened here; no torch."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from koopview.network.demos import DATA_NAMES, DEMOS, PREFIX, demo_of, is_demo
from koopview.network.modelfiles.factory import factory_file
from koopview.network.normalization import CHANNELS, NORMALIZATIONS
from koopview.study.checking import LARGEST_WHOLE, require, typed
from koopview.study.source import Source


@dataclass(frozen=True)
class ActivationParts:
    """An activation of a plain chain: its name and arguments."""

    name: str
    parameters: dict[str, bool | int | float | str]


@dataclass(frozen=True)
class LayerParts:
    """A layer of a plain chain: the activation after its affine map, and whether a picture is flattened before it."""

    name: str
    bias: bool
    flatten: bool
    activation: str
    activations: tuple[ActivationParts, ...]


@dataclass(frozen=True)
class HeldData:
    """A file's description of the data stored in it."""

    name: str
    class_names: tuple[str, ...]
    picture: tuple[int, int] | None


@dataclass(frozen=True)
class Place:
    """The place of the parts that a file does not store: a :class:`Source` without trust, which is not passed on.

    `factory_hash` is that of the Python file that `factory` names, as it was when the study was saved.
    """

    model: str | None
    factory: str | None
    activation: str | None
    data: str | None
    test_data: str | None
    keys: tuple[str, str] | None
    normalize: str
    seed: int
    channels: str = "first"  # earlier files have none of these
    weights: str | None = None
    factory_args: str | None = None
    factory_hash: str | None = None


@dataclass(frozen=True)
class Origin:
    """The places of a study's network and data.

    Attributes
    ----------
    source : Place
    network : tuple of LayerParts, or None
        The plain chain stored in the file.
    data : HeldData or None
        The data stored in the file.
    network_fingerprint, data_fingerprint : str or None
        Of the network and data it was saved with; None if an earlier version computed it differently.
    """

    source: Place
    network: tuple[LayerParts, ...] | None
    data: HeldData | None
    network_fingerprint: str | None
    data_fingerprint: str | None


def origin_of(plain: Any) -> Origin | None:
    """Return the Origin of a JSON value, None if a file holds only results; raises Unfit."""
    if plain is None:
        return None
    origin: Origin = typed(Origin, plain)
    normalize, seed = origin.source.normalize, origin.source.seed
    require(normalize in NORMALIZATIONS, normalize, f"one of {', '.join(NORMALIZATIONS)}", "source", "normalize")
    require(0 <= seed < LARGEST_WHOLE, seed, "a number of 0 or more", "source", "seed")
    channels = origin.source.channels
    require(channels in CHANNELS, channels, f"one of {', '.join(CHANNELS)}", "source", "channels")
    picture = None if origin.data is None else origin.data.picture
    require(picture is None or min(picture) >= 1, picture, "rows and columns", "data", "picture")
    return origin


def plain_origin(origin: Origin) -> dict[str, Any]:
    """Return an origin as a JSON object."""
    return asdict(origin)


def source_beside(origin: Origin, path: Path) -> Source:
    """Return the Source of the parts that a study file at `path` does not store; files moved beside it are found."""
    place = origin.source
    return Source(
        model=_beside(place.model, path),
        weights=place.weights,
        factory=_with_file(place.factory, lambda file: _beside(file, path)),
        factory_args=_beside(place.factory_args, path),
        activation=place.activation,
        data=_beside(place.data, path),
        test_data=_beside(place.test_data, path),
        keys=place.keys,
        normalize=place.normalize,
        channels=place.channels,
        seed=place.seed,
    )


def place_of(source: Source, holds_network: bool) -> Place:
    """Return the Place of the parts that a file does not store, with absolute paths."""
    factory = None if holds_network else source.factory
    model = source.model if is_demo(source.model) else _absolute(source.model)
    data = data_name(source)
    return Place(
        model=None if holds_network else model,
        weights=None if holds_network else source.weights,
        factory=_with_file(factory, os.path.abspath),
        factory_args=None if holds_network else _absolute(source.factory_args),
        factory_hash=factory_hash(factory),
        activation=None if holds_network else source.activation,
        data=data if data in DATA_NAMES else _absolute(data),
        test_data=_absolute(source.test_data),
        keys=source.keys,
        normalize=source.normalize,
        channels=source.channels,
        seed=source.seed,
    )


def data_name(source: Source) -> str | None:
    """Return the file or name of a source's data, None if they were made in memory."""
    return source.data or (demo_of(source.model or "").data if is_demo(source.model) else None)


def without_demo(source: Source) -> Source:
    """Return a source without its built-in model, and without its data if they are that model's own."""
    if not is_demo(source.model):
        return source
    own = source.data in (None, *(demo.data for demo in DEMOS if source.model == f"{PREFIX}{demo.name}"))
    return replace(Source() if own else source, model=None, study=None)


def factory_hash(factory: str | None) -> str | None:
    """Return the hash of the Python file that a factory names, None if it names none that is there."""
    file = None if factory is None else factory_file(factory)
    if file is None or not file.is_file():
        return None
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _with_file(factory: str | None, place: Callable[[str], str | None]) -> str | None:
    """Return a factory with another place of its file; one of an installed module stays."""
    file, _, function = (factory or "").rpartition(":")
    return f"{place(file)}:{function}" if factory and factory_file(factory) else factory


def _absolute(path: str | None) -> str | None:
    return None if path is None else os.path.abspath(path)


def _beside(name: str | None, path: Path) -> str | None:
    """Return a file's path, or, if it is no longer there, that of a file of its name beside the study."""
    if name is None or os.path.exists(name) or is_demo(name):
        return name
    here = path.parent / Path(name).name
    return str(here) if here.exists() else name
