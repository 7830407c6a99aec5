"""What a ``.koopview`` file's study continues with: its network and data, or others in their place."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from koopview.network.data import Dataset
from koopview.network.demos import is_demo
from koopview.study.held import open_dataset, open_network
from koopview.study.source import Source
from koopview.study.study_file import StudyFile, read_study_file, resolved


def reopened(path: Path, model: Any, dataset: Dataset | None, trust: bool) -> tuple[StudyFile, Source, Any, Dataset]:
    """Return a study's file, the Source of its parts, its network and its data; those given take their place.

    Raises
    ------
    FileError, InputError
        As :meth:`koopview.study.study.Study.open`.
    """
    file = read_study_file(path)
    named = Source(study=str(path), trust=trust)
    source = _without_others(resolved(named, file), model is not None, dataset is not None)
    data = cache(lambda: open_dataset(named, file) if dataset is None else dataset)
    return file, source, open_network(named, file, data) if model is None else model, data()


def _without_others(known: Source, other_model: bool, other_data: bool) -> Source:
    """Return the Source of a study's parts, without those that were passed in memory."""
    if other_model or (other_data and is_demo(known.model)):
        known = known.with_model_of(Source())
    return (
        replace(known, data=None, test_data=None, keys=None, normalize="none", channels="first")
        if other_data
        else known
    )
