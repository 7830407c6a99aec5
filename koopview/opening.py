"""Open a study from a model and data, or from a study file; shared by command line and window."""

import warnings
from collections.abc import Callable
from functools import cache, partial

from koopview.network.data import Dataset
from koopview.study.doubts import DoubtWarning, doubts
from koopview.study.held import open_dataset, open_network, same_as_saved
from koopview.study.source import Source
from koopview.study.study import Study
from koopview.study.study_file import StudyFile, file_of, resolved

__all__ = ["open_dataset", "open_network", "open_study", "study_of"]


def open_study(source: Source, device: str = "auto", tell: Callable[[str], object] | None = None) -> Study:
    """Open the model and the data of a source as a study; raises FileError or InputError.

    Doubts about model and data are passed to `tell`, by default as a warning
    (:class:`koopview.study.doubts.DoubtWarning`).
    """
    file = file_of(source)
    dataset = cache(partial(open_dataset, source, file))  # opened once, sooner if the model needs it
    study = study_of(open_network(source, file, dataset), source, file, device, dataset)
    for doubt in doubts(study.setup, source):
        if tell is None:
            warnings.warn(doubt.sentence, DoubtWarning, stacklevel=2)
        else:
            tell(doubt.sentence)
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
