"""Delay embedding, the decomposition, ranks, residuals, modes: arrays in, arrays out; knows nothing of networks."""

from koopview.koopman.dmd import Dmd, fit_dmd
from koopview.koopman.trajectories import Chunks

__all__ = ["Chunks", "Dmd", "fit_dmd"]
