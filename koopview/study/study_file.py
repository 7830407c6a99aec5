"""A study file that was opened: one value, which travels instead of its path; no torch, and no code is run."""

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
"""Member of a recovery file: what was open, as a person had named it."""


@dataclass(frozen=True, eq=False)
class StudyFile:
    """An opened study file, checked whole.

    Attributes
    ----------
    path : Path
    state : StudyState
        What is drawn.
    origin : Origin or None
        Where network and data are; None of a file that holds results alone.
    archive : Archive
        Its members, read when they are first wanted.
    """

    path: Path
    state: StudyState
    origin: Origin | None
    archive: Archive

    @property
    def known_origin(self) -> Origin:
        """The origin; raises FileError where the file holds results alone."""
        if self.origin is None:
            raise FileError(f"study {self.path} holds results alone, expected one with its network and data to go on")
        return self.origin

    @property
    def source(self) -> Source:
        """Where the parts are that the file does not hold."""
        return source_beside(self.known_origin, self.path)

    def asked_source(self) -> Source:
        """Return what a recovery file says was open; raises FileError where it does not say.

        Without trust: code is run where a person says so, never where a file does.
        """
        try:
            source: Source = typed(Source, json.loads(self.archive.member(_ASKED)))
        except (Unfit, ValueError) as error:
            raise broken(self.path) from error
        return replace(source, trust=False)


def read_study_file(path: Path) -> StudyFile:
    """Open a study file; raises FileError with one sentence for one that is missing, broken or has a wrong value.

    The archive is opened and its text parsed once: hand on what is returned, not the path.
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
    """Return the text of a file as today's format has it, and what finds its arrays."""
    if archive.text["format"] == FORMAT:
        return archive.text, archive.array
    from koopview.study.earlier_formats import as_today  # a start with today's file need not wait for it

    return as_today(archive.text, archive.names, archive.array)


def write_study_file(
    path: Path,
    state: StudyState,
    origin: Origin | None = None,
    members: Mapping[str, bytes] | None = None,
    asked: Source | None = None,
) -> None:
    """Write a study file, whole or not at all; raises FileError.

    Parameters
    ----------
    members : mapping from name to bytes, optional
        What `origin` says is inside the file.
    asked : Source, optional
        Of a recovery file: what was open, as a person had named it.
    """
    pool = Pool()
    text: dict[str, Any] = plain_state(state, pool.add)
    text["origin"] = None if origin is None else plain_origin(origin)
    own = {} if asked is None else {_ASKED: json.dumps(asdict(asked)).encode()}
    write_archive(path, text, {**pool.members(), **(members or {}), **own})


def resolved(source: Source, file: StudyFile | None) -> Source:
    """Return a source with what its study file says of the places of model and data, where nobody named others."""
    if file is None:
        return source
    inside = file.source
    if source.model is None:
        source = replace(source, model=inside.model, factory=inside.factory, activation=inside.activation)
    return source.with_data_of(inside) if source.data is None else source


def with_data_that_are_open(model: Source, opened: Source, file: StudyFile | None) -> Source:
    """Return a source of another `model`, its data those of what is open: named ones, or those in its study file.

    A built-in model's own data are not taken for those of another.
    """
    known = without_demo(resolved(opened, file))
    return replace(model.with_data_of(known), study=known.study if known.data is None else None)


def file_of(source: Source) -> StudyFile | None:
    """Open the study file that a source names, if it names one; raises FileError."""
    return None if source.study is None else read_study_file(Path(source.study))


def _check_network(state: StudyState, origin: Origin | None) -> None:
    """Raise Unfit unless the layers that a file holds are those that it speaks of."""
    held = None if origin is None else origin.network
    if held is not None:
        names = [layer.name for layer in held]
        expected = "the layers that the file lists"
        require(names == [layer.name for layer in state.layers], names, expected, "origin", "network")
