"""From what a person names (a model and data, or a study file) to a study; shared by the two faces."""

from pathlib import Path
from typing import TYPE_CHECKING

from koopview.study.source import Source, open_dataset, open_network

if TYPE_CHECKING:  # torch is imported where a study is opened, not where one is named
    from koopview.study.study import Study

__all__ = ["open_dataset", "open_network", "open_study"]


def open_study(source: Source, device: str = "auto") -> "Study":
    """Open the model and the data of a source as a study; raises FileError or InputError."""
    from koopview.study.stored import open_stored, resolved
    from koopview.study.study import Study

    if source.study is not None and source.model is None and source.data is None:
        return open_stored(Path(source.study), device=device, trust=source.trust)
    network = open_network(source)
    return Study(network, open_dataset(source), device=device, source=resolved(source))
