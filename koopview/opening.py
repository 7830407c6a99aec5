"""Open a study from a model and data, or from a study file; shared by command line and window."""

import warnings
from collections.abc import Callable

from koopview.progress import Progress, silent
from koopview.study.doubts import DoubtWarning, doubts
from koopview.study.held import open_dataset, open_network, same_as_saved
from koopview.study.source import Source
from koopview.study.study import Study
from koopview.study.study_file import StudyFile, file_of, resolved

__all__ = ["open_network", "open_study", "study_of"]


def open_study(source: Source, device: str = "auto", tell: Callable[[str], object] | None = None) -> Study:
    """Open the model and the data of a source as a study; raises FileError or InputError.

    Doubts about model and data are passed to `tell`, by default as a warning
    (:class:`koopview.study.doubts.DoubtWarning`).
    """
    file = file_of(source)
    study = study_of(open_network(source, file), source, file, device)
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
    progress: Progress = silent,
) -> Study:
    """Return a Study of a network with the data of its source; raises FileError or InputError.

    It includes the results of the study `file`, unless model or data differ from those it was saved with.
    """
    study = Study(network, open_dataset(source, file, progress), device=device, source=resolved(source, file))
    if file is not None and same_as_saved(study.setup, source, file):
        study.history.restore(file.state, same=True)
    return study
