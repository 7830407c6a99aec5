"""Try what a model file does not say on the data that are named, off the window's thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from koopview.errors import InputError
from koopview.gui.session.torch_import import import_torch
from koopview.progress import Progress
from koopview.study.source import Source

if TYPE_CHECKING:
    from koopview.study.proposals import Proposal  # which imports torch

LARGEST = 512 * 2**20
"""Most bytes of a model file that is read for a proposal: a larger one would be read twice for long."""


def propose(source: Source, progress: Progress) -> "Proposal | None":
    """Return the Proposal for the model and data of a source, None without one; raises FileError; for a worker."""
    if Path(source.model or "").stat().st_size > LARGEST:
        return None
    progress(0.0, "starting the engine")
    import_torch()
    from koopview.study.proposals import Proposal, proposed_activation

    try:
        return proposed_activation(source, progress)
    except InputError as error:  # the weights are of no chain, or the data do not fit: said where it was asked
        return Proposal("", str(error))
