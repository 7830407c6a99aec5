"""Delay embedding, the decomposition, ranks, residuals, modes: arrays in, arrays out; knows nothing of networks."""

from koopview.koopman.dmd import Dmd, fit_dmd

__all__ = ["Dmd", "fit_dmd"]
