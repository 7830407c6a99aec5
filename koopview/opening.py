"""From what a person names (a model and data, or a study file) to a study; shared by the two faces."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from koopview.study.source import Source, open_dataset, open_network

if TYPE_CHECKING:  # torch is imported where a study is opened, not where one is named
    from koopview.network.network import Network
    from koopview.study.study import Study

__all__ = ["open_network", "open_study", "study_of"]


def open_study(source: Source, device: str = "auto", tell: Callable[[str], object] | None = None) -> "Study":
    """Open the model and the data of a source as a study; raises FileError or InputError.

    What a person should know of them before the numbers are believed goes to `tell`, by default as a warning
    (:class:`koopview.study.doubts.DoubtWarning`).
    """
    from koopview.study.doubts import DoubtWarning, doubts

    study = study_of(open_network(source), source, device)
    for doubt in doubts(study.network, study.dataset, study.scoring, source):
        if tell is None:
            warnings.warn(doubt.sentence, DoubtWarning, stacklevel=2)
        else:
            tell(doubt.sentence)
    return study


def study_of(network: "Network", source: Source, device: str = "auto") -> "Study":
    """Open the data of a source as a study of its network; raises FileError or InputError."""
    from koopview.study.origin import resolved
    from koopview.study.stored import take_up
    from koopview.study.study import Study

    study = Study(network, open_dataset(source), device=device, source=resolved(source))
    take_up(study, source)
    return study
