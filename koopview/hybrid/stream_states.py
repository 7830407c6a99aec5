"""What a state of a residual stream is: a register of ways to write flattened states as rows of coordinates."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import torch

from koopview.errors import InputError
from koopview.hybrid.ridge import identity
from koopview.hybrid.stream_words import LARGE, USUAL_COMPONENTS, checked_states
from koopview.network.network import Function
from koopview.trajectory.states import FLAT, PCA, TOKENS

WHOLE = 700
"""Entries, or states, up to which all principal components are computed, and not just the leading ones."""

PASSES = 4
"""Power passes of the randomised range finder (Halko, Martinsson and Tropp 2011)."""


@dataclass(frozen=True, eq=False)
class StreamStates:
    """How flattened states (samples, entries of a sample) are written as rows, and rows as states again.

    Attributes
    ----------
    name : str
        "flat", "tokens" or "pca:K".
    rows : int
        Rows of a sample.
    entries : int
        Coordinates of a row.
    written : Function
        States (samples, entries of a sample) to rows (samples * rows, entries), those of a sample side by side.
    states : Function
        Rows to states: the inverse of `written`, or what principal components keep of it.
    lifted : Function
        Rows (samples * rows, entries) with further observables behind them: the mean token.
    lossless : bool
        Whether `states` gives back what was written.
    """

    name: str
    rows: int
    entries: int
    written: Function
    states: Function
    lifted: Function
    lossless: bool


Maker = Callable[[tuple[int, ...], list[torch.Tensor], int | None, int], StreamStates]
"""Of the shape of a sample's state, the fitting samples' states at each position, a number asked for, and a seed."""


def stream_states(word: str, shape: tuple[int, ...], seen: list[torch.Tensor], seed: int = 0) -> StreamStates:
    """Return the StreamStates that a word names ("flat", "tokens", "pca" or "pca:K").

    Flat states of more than LARGE entries are written as their principal components.

    Parameters
    ----------
    shape : tuple of int
        Of one sample's state.
    seen : list of tensors (samples, entries)
        The states of the fitting samples, one tensor per position in the stream.

    Raises
    ------
    InputError
        For an unknown word, or tokens of states that have none.
    """
    kind, count = checked_states(word)
    return MAKERS[PCA if kind == FLAT and prod(shape) > LARGE else kind](shape, seen, count, seed)


def _flat(shape: tuple[int, ...], seen: list[torch.Tensor], count: int | None, seed: int) -> StreamStates:
    return StreamStates(FLAT, 1, prod(shape), identity, identity, identity, lossless=True)


def _tokens(shape: tuple[int, ...], seen: list[torch.Tensor], count: int | None, seed: int) -> StreamStates:
    if len(shape) != 2:
        raise InputError(f"states is 'tokens', and a state has the shape {shape}, expected (tokens, width), or flat")
    number, width = shape
    return StreamStates(
        TOKENS,
        number,
        width,
        written=lambda states: states.reshape(-1, width),
        states=lambda rows: rows.reshape(-1, number * width),
        lifted=lambda rows: torch.cat([rows, means_of_samples(rows, number)], 1),
        lossless=True,
    )


def means_of_samples(rows: torch.Tensor, number: int) -> torch.Tensor:
    """Return for each row the mean of the `number` rows of its sample, rows of a sample side by side."""
    means = rows.reshape(-1, number, rows.shape[1]).mean(1, keepdim=True)
    return means.expand(-1, number, -1).reshape(rows.shape)


def _components(shape: tuple[int, ...], seen: list[torch.Tensor], count: int | None, seed: int) -> StreamStates:
    pooled = torch.cat(seen)
    mean = pooled.mean(0)
    kept = min(count or USUAL_COMPONENTS, len(pooled) - 1, prod(shape))
    basis = leading_components(pooled - mean, kept, seed)
    return StreamStates(
        f"{PCA}:{kept}",
        1,
        kept,
        written=lambda states: (states - mean.to(states)) @ basis.to(states),
        states=lambda rows: rows @ basis.to(rows).T + mean.to(rows),
        lifted=identity,
        lossless=kept == prod(shape),
    )


def leading_components(centred: torch.Tensor, count: int, seed: int) -> torch.Tensor:
    """Return the `count` leading principal directions of centred states as columns (entries, count), orthonormal."""
    if min(centred.shape) <= WHOLE:
        return torch.linalg.svd(centred.double(), full_matrices=False)[2][:count].T.to(centred)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        found = torch.svd_lowrank(centred, min(count + 10, *centred.shape), niter=PASSES)[2]
    return torch.linalg.qr(found[:, :count])[0]


MAKERS: dict[str, Maker] = {FLAT: _flat, TOKENS: _tokens, PCA: _components}
"""One maker for each of STREAM_STATES."""
