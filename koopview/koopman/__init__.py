"""Delay embedding, the decomposition, ranks, residuals, modes: arrays in, arrays out; knows nothing of networks.

Its names are imported on first use: a saved study is drawn without the decomposition.
"""

from typing import TYPE_CHECKING

from koopview.lazy import imported_from

if TYPE_CHECKING:
    from koopview.koopman.dmd import Dmd, fit_dmd
    from koopview.koopman.trajectories import Chunks

__getattr__ = imported_from(
    __name__,
    {
        "Chunks": "koopview.koopman.trajectories",
        "Dmd": "koopview.koopman.dmd",
        "fit_dmd": "koopview.koopman.dmd",
    },
)
__all__ = ["Chunks", "Dmd", "fit_dmd"]
