"""The rank that a decomposition is made for, from the rank or word that is asked for."""

from collections.abc import Sequence

from koopview.hybrid.automatic_rank import AUTO_RANKS
from koopview.hybrid.layer_inputs import Lift
from koopview.koopman.decomposition import SMALL
from koopview.koopman.rank import AUTO, NUMERICAL

KEPT_RANK = 100
"""Least rank that a large decomposition keeps, so that the rank can be raised without decomposing again."""

LARGE = 1 << 30
"""Numbers of all delay vectors above which that is too dear: 60,000 samples of MNIST's first layer have 5e9."""


def rank_to_keep(rank: int | str, lift: Lift, features: int, snapshots: int) -> int | None:
    """Return the rank to decompose for, None for the optimal hard threshold's rank of a large problem.

    It is the whole rank of a small problem; for a large one, some more than asked for, as long as that is cheap.
    """
    rows = lift.delays * features
    size = min(rows, snapshots)
    if size <= SMALL or rank == NUMERICAL or (rank == AUTO and lift.exact):
        return size
    if isinstance(rank, int):
        return rank if rows * snapshots > LARGE else max(rank, KEPT_RANK)
    return max(AUTO_RANKS) if rank == AUTO else None


def largest_rank(ranks: Sequence[int | str]) -> int | None:
    """Return the largest rank that a large problem is decomposed for if all these are asked for, None if not known."""
    known = [max(AUTO_RANKS) if rank == AUTO else rank for rank in ranks]
    numbers = [rank for rank in known if isinstance(rank, int)]
    return max(numbers) if len(numbers) == len(known) else None
