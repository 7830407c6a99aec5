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
