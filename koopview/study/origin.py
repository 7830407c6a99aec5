"""Where a ``.koopview`` file says that its network and its data are; nothing of them is opened here, and no torch."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from koopview.errors import FileError
from koopview.study.archive import reading
from koopview.study.source import Source

BUILT_IN = ("yinyang", "mnist")


def resolved(source: Source) -> Source:
    """Return a source with what its study file says of the places of model and data, where nobody named others."""
    if source.study is None:
        return source
    path = Path(source.study)
    with reading(path) as archive:
        inside = origin_of(archive.text["origin"], path)
    if source.model is None:
        source = replace(source, model=inside.model, factory=inside.factory, activation=inside.activation)
    if source.data is None:
        source = source.with_data_of(inside)
    return source


def without_demo(source: Source) -> Source:
    """Return a source without a built-in model, and without its data where they are that model's own."""
    if not is_demo(source.model):
        return source
    own = source.data in (None, (source.model or "").removeprefix("demo:"))
    return replace(Source() if own else source, model=None, study=None)


def with_data_that_are_open(model: Source, opened: Source) -> Source:
    """Return a source of another `model`, its data those of what is open: named ones, or those in a study file.

    A built-in model's own data are not taken for those of another. Raises FileError for a study file that is broken.
    """
    known = without_demo(resolved(opened))
    return replace(model.with_data_of(known), study=known.study if known.data is None else None)


def is_demo(model: str | None) -> bool:
    """Whether a model is a built-in one."""
    return (model or "").startswith("demo:")


def origin_of(origin: dict[str, Any] | None, path: Path) -> Source:
    """Return where a study file says its parts are; a file that was moved beside it is found there."""
    if origin is None:
        raise FileError(f"study {path} holds results alone, expected one with its network and data to go on")
    plain = dict(origin["source"])
    for name in ("model", "data", "test_data"):
        plain[name] = _beside(plain[name], path)
    if plain["factory"]:
        file, _, function = plain["factory"].rpartition(":")
        plain["factory"] = f"{_beside(file, path)}:{function}"
    return Source(**{**plain, "keys": plain["keys"] and tuple(plain["keys"])})


def _beside(name: str | None, path: Path) -> str | None:
    """Return a file's path, or that of one of its name beside the study where it is no longer there."""
    if name is None or os.path.exists(name) or is_demo(name):
        return name
    here = path.parent / Path(name).name
    return str(here) if here.exists() else name
