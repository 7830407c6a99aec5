"""Delay embedding, the decomposition, ranks, residuals, modes: arrays in, arrays out; knows nothing of networks.

Its names are imported on first use: a saved study is drawn without the decomposition.
"""

from typing import TYPE_CHECKING

from koopview.lazy import imported_from

if TYPE_CHECKING:
    from koopview.koopman.dmd import Dmd, fit_dmd
    from koopview.koopman.moments import Moments, merged, moments_of, no_moments
    from koopview.koopman.moments_bases import principal_components
    from koopview.koopman.moments_file import read_moments, save_moments
    from koopview.koopman.moments_fit import fit_moments
    from koopview.koopman.trajectories import Chunks

__getattr__ = imported_from(
    __name__,
    {
        "Chunks": "koopview.koopman.trajectories",
        "Dmd": "koopview.koopman.dmd",
        "Moments": "koopview.koopman.moments",
        "fit_dmd": "koopview.koopman.dmd",
        "fit_moments": "koopview.koopman.moments_fit",
        "merged": "koopview.koopman.moments",
        "moments_of": "koopview.koopman.moments",
        "no_moments": "koopview.koopman.moments",
        "principal_components": "koopview.koopman.moments_bases",
        "read_moments": "koopview.koopman.moments_file",
        "save_moments": "koopview.koopman.moments_file",
    },
)
__all__ = [
    "Chunks",
    "Dmd",
    "Moments",
    "fit_dmd",
    "fit_moments",
    "merged",
    "moments_of",
    "no_moments",
    "principal_components",
    "read_moments",
    "save_moments",
]
