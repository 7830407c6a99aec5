"""Open a study from a model and data, or from a study file; shared by command line and window."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from koopview.errors import InputError
from koopview.installation import own_file
from koopview.network.data import Dataset
from koopview.network.demos import STUDY_NAMES, demo_name, is_demo
from koopview.study.doubts import DoubtWarning, doubts
from koopview.study.held import open_dataset, open_network, same_as_saved
from koopview.study.origin import data_name
from koopview.study.source import STUDY_ENDING, Source
from koopview.study.study import Study
from koopview.study.study_file import StudyFile, file_of, read_study_file, resolved

__all__ = ["open_dataset", "open_network", "open_other", "open_sides", "open_study", "study_of"]


def open_study(
    source: Source, device: str = "auto", tell: Callable[[str], object] | None = None, training: int | None = None
) -> Study:
    """Open the model and the data of a source as a study; raises FileError or InputError.

    Doubts about model and data are passed to `tell`, by default as a warning
    (:class:`koopview.study.doubts.DoubtWarning`). Of the training samples the first `training` are kept, all for None:
    a fit to a stream needs few.
    """
    if not isinstance(source, Source):
        raise InputError(f"source is {source!r}, expected a koopview.Source; koopview.Study.open opens a study file")
    file = file_of(source)
    dataset = cache(partial(_with_few, source, file, training))  # opened once, sooner if the model needs it
    study = study_of(open_network(source, file, dataset), source, file, device, dataset)
    for doubt in doubts(study.setup, source):
        if tell is None:
            warnings.warn(doubt.sentence, DoubtWarning, stacklevel=2)
        else:
            tell(doubt.sentence)
    return study


def _with_few(source: Source, file: StudyFile | None, training: int | None) -> Dataset:
    """Return the data of a source, with its first training samples alone unless `training` is None."""
    found = open_dataset(source, file)
    return found if training is None else found.with_training(np.arange(min(training, len(found.x_train))))


def open_sides(
    names: tuple[str, str], given: Source, device: str = "auto", tell: Callable[[str], object] | None = None
) -> tuple[Study, Study]:
    """Open two studies to compare, each a study file, a built-in network or a model file; raises FileError, InputError.

    What `given` says of data holds for both, what it says of how a model is read for model files. A model file without
    data takes those of the other side.
    """
    sources = [_side(name, given) for name in names]
    for own, other in ((0, 1), (1, 0)):
        if sources[own].study is None and data_name(sources[own]) is None:
            sources[own] = _with_data_of(sources[own], sources[other])
    one, other_one = (_with_results(open_study(source, device, tell), source) for source in sources)
    return one, other_one


def open_other(name: str, one: Study) -> Study:
    """Return the Study of a study file, a built-in network, or a model file with the data of `one`, to compare with it.

    Raises
    ------
    FileError, InputError
        If it cannot be opened, or does not fit the data.
    """
    source = _side(name, Source())
    if source.study is not None or is_demo(source.model):
        return _with_results(open_study(source, tell=lambda sentence: None), source)
    known = _with_data_of(source, one.source) if one.source is not None and one.source != Source() else source
    return study_of(open_network(known, dataset=lambda: one.dataset), source, dataset=lambda: one.dataset)


def _side(name: str, given: Source) -> Source:
    """Return the Source of one side of a comparison."""
    if Path(name).suffix.lower() == STUDY_ENDING:
        return Source(study=name, trust=given.trust).with_data_of(given)
    return replace(Source().with_data_of(given) if is_demo(name) else given, model=name)


def _with_data_of(own: Source, other: Source) -> Source:
    """Return the Source of a model with the data of another side: named, a built-in network's, or in its study file."""
    known = resolved(other, file_of(other))
    data = data_name(known)
    return replace(own, study=other.study) if data is None else own.with_data_of(replace(known, data=data))


def _with_results(study: Study, source: Source) -> Study:
    """Return the study of a source, with the results that come with a built-in one on its own data."""
    name = demo_name(source.model or "") if is_demo(source.model) and source.data is None else ""
    if name not in STUDY_NAMES:
        return study
    with own_file(f"studies/{name}.koopview") as path:
        study.history.restore(read_study_file(path).state, same=True)
    return study


def study_of(
    network: object,
    source: Source,
    file: StudyFile | None = None,
    device: str = "auto",
    dataset: Callable[[], Dataset] | None = None,
) -> Study:
    """Return a Study of a network with the data of its source; raises FileError or InputError.

    `dataset` returns the data if they are open already. The study includes the results of the study `file`, unless
    model or data differ from those it was saved with.
    """
    data = open_dataset(source, file) if dataset is None else dataset()
    study = Study(network, data, device=device, source=resolved(source, file))
    if file is not None and same_as_saved(study.setup, source, file):
        study.history.restore(file.state, same=True)
    return study
