"""An opened study file, a value that is passed on instead of its path; no torch, and no code is run."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from koopview.errors import FileError
from koopview.study.archive import FORMAT, Archive, Pool, broken, read_archive, write_archive
from koopview.study.checking import Array, Unfit, inside, require, typed
from koopview.study.origin import Origin, origin_of, plain_origin, source_beside, without_demo
from koopview.study.plain import plain_state, state_of
from koopview.study.result import StudyState
from koopview.study.source import Source

_ASKED = "source.json"
"""Member of a recovery file: the source that was open, as the person had named it."""


@dataclass(frozen=True, eq=False)
class StudyFile:
    """An opened study file, checked completely.

    Attributes
    ----------
    path : Path
    state : StudyState
        The data to draw.
    origin : Origin or None
        The places of network and data; None for a file that holds only results.
    archive : Archive
        Its members, read on first use.
    """

    path: Path
    state: StudyState
    origin: Origin | None
    archive: Archive

    @property
    def known_origin(self) -> Origin:
        """The origin; raises FileError if the file holds only results."""
        if self.origin is None:
            raise FileError(f"study {self.path} holds results alone, expected one with its network and data to go on")
        return self.origin

    @property
    def source(self) -> Source:
        """The Source of the parts that the file does not store."""
        return source_beside(self.known_origin, self.path)

    def asked_source(self) -> Source:
        """Return the Source that a recovery file names as open; raises FileError if it names none.

        It is without trust: only a person, never a file, can permit code to be run.
        """
        try:
            source: Source = typed(Source, json.loads(self.archive.member(_ASKED)))
        except (Unfit, ValueError) as error:
            raise broken(self.path) from error
        return replace(source, trust=False)


def read_study_file(path: Path) -> StudyFile:
    """Return an opened StudyFile; raises FileError with one sentence if it is missing, broken or has a wrong value.

    The archive is opened and its text parsed once: pass on the returned value, not the path.
    """
    archive = read_archive(path)
    try:
        text, array = _today(archive)
        state = state_of(text, array)
        with inside("origin"):
            origin = origin_of(text.get("origin"))
        _check_network(state, origin)
    except Unfit as unfit:
        raise FileError(f"study {path} has a wrong value: {unfit}") from unfit
    if archive.text["format"] < 4 and origin is not None:
        origin = replace(origin, network_fingerprint=None, data_fingerprint=None)
    return StudyFile(path, state, origin, archive)


def _today(archive: Archive) -> tuple[dict[str, Any], Array]:
    """Return the text of a file in today's format, and the function that finds its arrays."""
    if archive.text["format"] == FORMAT:
        return archive.text, archive.array
    from koopview.study.earlier_formats import as_today  # not needed for a file of today's format

    return as_today(archive.text, archive.names, archive.array)


def write_study_file(
    path: Path,
    state: StudyState,
    origin: Origin | None = None,
    members: Mapping[str, bytes] | None = None,
    asked: Source | None = None,
) -> None:
    """Write a study file, completely or not at all; raises FileError.

    Parameters
    ----------
    members : mapping from name to bytes, optional
        The contents that `origin` describes as stored in the file.
    asked : Source, optional
        For a recovery file: the source that was open, as the person had named it.
    """
    pool = Pool()
    text: dict[str, Any] = plain_state(state, pool.add)
    text["origin"] = None if origin is None else plain_origin(origin)
    own = {} if asked is None else {_ASKED: json.dumps(asdict(asked)).encode()}
    write_archive(path, text, {**pool.members(), **(members or {}), **own})


def resolved(source: Source, file: StudyFile | None) -> Source:
    """Return a Source completed by the places of model and data in its study file, where it names none itself."""
    if file is None:
        return source
    inside = file.source
    if source.model is None:
        source = source.with_model_of(inside)
    return source.with_data_of(inside) if source.data is None else source


def with_data_that_are_open(model: Source, opened: Source, file: StudyFile | None) -> Source:
    """Return a Source of another `model` with the data of the `opened` one: named, or in its study file.

    A built-in model's own data are not used for another model.
    """
    known = without_demo(resolved(opened, file))
    return replace(model.with_data_of(known), study=known.study if known.data is None else None)


def file_of(source: Source) -> StudyFile | None:
    """Open the study file that a source names, if it names one; raises FileError."""
    return None if source.study is None else read_study_file(Path(source.study))


def _check_network(state: StudyState, origin: Origin | None) -> None:
    """Raise Unfit unless the layers stored in a file match those in its state."""
    held = None if origin is None else origin.network
    if held is not None:
        names = [layer.name for layer in held]
        expected = "the layers that the file lists"
        require(names == [layer.name for layer in state.layers], names, expected, "origin", "network")
