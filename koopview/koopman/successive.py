"""Operators of several numbers of delays, each found from the one before in a few products with principal paths.

The right singular vectors of delay vectors of h states, a number for each delay vector of a path, are nearly those of
h + 1 states: each of these lies between two of those. From there one round of subspace iteration (Halko, Martinsson,
Tropp 2011) in float32 is enough, where a decomposition of its own takes some ten products in float64. Steps of a path
differ little: the h states of a delay vector, and the N - h + 1 delay vectors of a path, are replaced by few
orthonormal combinations of them, which leave ``Z Z^T`` and ``Z' Z^T`` what they are but for what the others hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy, beside
from koopview.koopman.dmd import Dmd, dmd_of
from koopview.koopman.krylov import EPS
from koopview.koopman.moments_fit import DigitsShort
from koopview.koopman.principal_paths import PrincipalPaths
from koopview.koopman.products import Scratch
from koopview.koopman.refinement import Triplets
from koopview.koopman.spectrum import Wanted
from koopview.progress import Progress, silent

STATES_LEFT, WINDOWS_LEFT = 0.007, 0.1
"""Largest energy of a combination of states, and of delay vectors, that is left out, as a share of that of the
principal path whose number is the rank."""

MORE = 34
"""Columns of the iterated block besides those wanted."""

TURNED, TURNED_FROM_NEAR, MOST_ROUNDS = 0.03, 0.25, 12
"""Iteration ends when the wanted vectors turn by no more than this sine, or after so many rounds. From a random block
each turn is two thirds of the last; from the vectors of other delays it is 0.1 at first, and then a tenth of it."""

LEAST_SINGULAR = 1e-3
"""Singular values below this share of the largest have too few digits in float32."""

FLOOR = 10 * float(np.finfo(np.float32).eps)


@dataclass(frozen=True, eq=False)
class Combined:
    """Snapshots in combinations: ``R^T Z`` and ``R^T Z'`` of some number of delays.

    Attributes
    ----------
    mixing : float32 array (delays, p)
        R, orthonormal combinations of the states of a delay vector; all Z lie in them.
    among : array (delay vectors of a path, q)
        Orthonormal combinations of them.
    now, later : float32 arrays (p, q paths, states)
        Of each path q orthonormal combinations of its delay vectors, and the same of those a step later: a combination
        of states after the other.
    """

    mixing: Array
    among: np.ndarray
    now: Array
    later: Array

    def transposed_product(self, vectors: Array) -> Array:
        """Return the scalar products (q paths, columns) of snapshots and vectors (p states, columns)."""
        blocks = vectors.reshape((len(self.now), -1, vectors.shape[1]))
        total: Any = self.now[0] @ blocks[0]
        for states, block in zip(self.now[1:], blocks[1:], strict=True):
            total += states @ block
        return total

    def of_states(self, vectors: Array) -> Array:
        """Return vectors (p states, columns) in combinations as delay vectors (delays, states, columns)."""
        (delays, p), columns = self.mixing.shape, vectors.shape[1]
        return (beside(self.mixing, vectors) @ vectors.reshape((p, -1))).reshape((delays, -1, columns))


@dataclass(frozen=True, eq=False)
class Leading:
    """Leading singular triplets in combinations.

    Attributes
    ----------
    vectors : array (p states, rank)
        U.
    values : array (columns,)
        S, falling, with those of the iterated block's further columns.
    propagated : array (p states, rank)
        ``Z' V S^-1``.
    ahead : array (q paths, columns)
        V, with the further columns, turned on as far as it has turned from where iteration began: the vectors of one
        more state turn from these much alike, by a sine of 0.005 instead of 0.02 on MNIST's first layer.
    turned : float
        Largest sine between a wanted right vector and the space of the round before.
    """

    vectors: Array
    values: np.ndarray
    propagated: Array
    ahead: Array
    turned: float


def successive_fits(
    principal: PrincipalPaths,
    samples: int,
    delays: Sequence[int],
    rank: int,
    cutoff: float = 0.0,
    progress: Progress = silent,
) -> Iterator[Dmd]:
    """Yield the Dmd of the trajectories for each of some numbers of delays, nearly as `fit_dmd` finds it.

    Parameters
    ----------
    principal : PrincipalPaths
    samples : int
        Trajectories that they stand for.
    delays : sequence of int
        Rising, from 1 to the steps.
    rank : int
        Lowered to the numerical rank if that is smaller.
    cutoff : float
        Singular values below this share of the largest are not used.
    progress : callback

    Raises
    ------
    DigitsShort
        If the rank takes singular values of which float32 has too few digits.
    """
    known: tuple[Combined, Leading] | None = None
    memory = [Scratch(arrays_of(principal.paths).single()) for _ in range(2)]
    for i, h in enumerate(delays):
        progress(i / len(delays), f"operator of {h} delays")
        combined = combined_snapshots(principal, h, rank, memory)
        start = _random(combined, rank + MORE) if known is None else _continued(*known, combined)
        found = leading_vectors(combined, start, rank, TURNED if known is None else TURNED_FROM_NEAR)
        yield _dmd(found, combined, (samples, len(principal.paths) - 1), rank, cutoff)
        known = combined, found


def combined_snapshots(principal: PrincipalPaths, delays: int, rank: int, memory: Sequence[Scratch]) -> Combined:
    """Return the Combined snapshots of principal paths, in as many combinations as a rank needs.

    `now` and `later` are in the memory of two Scratch, and valid until these are used again.
    """
    paths, length = principal.paths, len(principal.paths)
    windows = length - delays
    unit = float(principal.energies[min(rank, len(principal.energies)) - 1])
    covariance = principal.of_steps
    mixing = _above(sum(covariance[k : k + delays, k : k + delays] for k in range(windows)), STATES_LEFT * unit)
    now, later = (np.zeros((windows, mixing.shape[1], length)) for _ in range(2))
    for k in range(windows):
        now[k, :, k : k + delays] = later[k, :, k + 1 : k + 1 + delays] = mixing.T
    products = np.einsum("kpi,ij,lpj->kl", now, covariance, now, optimize=True)
    among = _above(products, WINDOWS_LEFT * unit)  # (windows, q)
    weights = [np.einsum("kq,kpi->pqi", among, one) for one in (now, later)]
    mixed = [_mixed(paths, one, scratch) for one, scratch in zip(weights, memory, strict=True)]
    return Combined(beside(mixing.copy(), paths), among, *mixed)


def _above(covariance: Any, least: float) -> np.ndarray:
    """Return the eigenvectors of a covariance with values above `least` as columns, the largest first; at least one."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors[:, ::-1][:, : max(1, int(np.count_nonzero(values > least)))]


def _mixed(paths: Array, weights: np.ndarray, scratch: Scratch) -> Array:
    """Return combinations of steps, weights (p, q, steps + 1), of paths (steps + 1, paths, states)."""
    (length, count, states), rows = paths.shape, weights.reshape((-1, weights.shape[2]))
    mixed = scratch.array(len(rows), count * states)
    arrays_of(paths).matmul(beside(rows, paths), paths.reshape((length, -1)), out=mixed)
    return mixed.reshape((len(weights), -1, states))


def leading_vectors(combined: Combined, start: Array, rank: int, turned: float) -> Leading:
    """Return the Leading singular vectors of snapshots by subspace iteration.

    It begins with a block (q paths, columns) near their right singular vectors, and goes to and fro until the wanted
    ones turn by no more than `turned`, a sine; then once more to the left ones.
    """
    xp, began = arrays_of(start), _orthonormal(start)
    before = began
    for _ in range(MOST_ROUNDS):
        product = combined.transposed_product(_orthonormal(_product(combined.now, before)))
        rotation, lengths, values = _lengths(product)
        right = product @ rotation / lengths
        wanted = right[:, :rank]
        turn = xp.max(xp.norm(wanted - before @ (before.T @ wanted), 0))
        if turn <= turned:
            break
        before = right
    left = _product(combined.now, right)
    rotation, lengths, values = _lengths(left)
    right = right @ rotation
    propagated = _product(combined.later, right[:, :rank]) / lengths[:rank]
    ahead = 2 * right - began @ (began.T @ right)
    return Leading(left @ rotation[:, :rank] / lengths[:rank], values, propagated, ahead, turn)


def _lengths(columns: Array) -> tuple[Array, Array, np.ndarray]:
    """Return the rotation (columns, columns) that makes columns orthogonal, the longest first, and their lengths.

    Once for dividing by, which are not zero, and once as they are.
    """
    xp = arrays_of(columns)
    squares, rotation = xp.eigh(xp.float64(columns.T @ columns))
    values = np.sqrt(np.maximum(as_numpy(squares)[::-1], 0.0))
    return xp.float32(xp.flip(rotation, 1)), beside(np.maximum(values, FLOOR * values[0]), columns), values


def _product(snapshots: Array, columns: Array) -> Array:
    """Return the product (p states, columns) of snapshots (p, q paths, states) with columns (q paths, columns)."""
    return arrays_of(columns).concat([states.T @ columns for states in snapshots], 0)


def _orthonormal(block: Array) -> Array:
    """Return an orthonormal basis of a float32 block: found in float64, whose digits it needs, then of the result."""
    xp = arrays_of(block)
    exact = xp.float64(block)
    squares, vectors = xp.eigh(exact.T @ exact)
    kept = squares > EPS * float(squares[-1])
    found = xp.float32(exact @ (vectors[:, kept] / xp.sqrt(squares[kept])))
    squares, vectors = xp.eigh(xp.float64(found.T @ found))
    return found @ xp.float32(vectors / xp.sqrt(squares))


def _random(combined: Combined, columns: int) -> Array:
    """Return a random block (q paths, columns), the same at every call, of no more columns than snapshots have."""
    p, rows, states = combined.now.shape
    drawn = np.random.default_rng(0).standard_normal((rows, min(columns, rows, p * states)))
    return beside(drawn, combined.now)


def _continued(combined: Combined, found: Leading, further: Combined) -> Array:
    """Return a block (q paths, columns) for more delays: each delay vector has that of the fewer delays around it."""
    before, after = combined.among, further.among
    shifts = len(before) - len(after) + 1
    mean = sum(before[i : i + len(after)] for i in range(shifts)) / shifts
    blocks = found.ahead.reshape((before.shape[1], -1))
    return (beside(after.T @ mean, blocks) @ blocks).reshape((-1, found.ahead.shape[1]))


def _dmd(found: Leading, combined: Combined, size: tuple[int, int], rank: int, cutoff: float) -> Dmd:
    """Return the Dmd of leading vectors of so many (samples, steps); raises DigitsShort."""
    delays, (samples, steps) = combined.mixing.shape[0], size
    states = combined.now.shape[2]
    s, xp = found.values, arrays_of(found.vectors)
    wanted = Wanted((delays * states, samples * (steps - delays + 1)), rank, cutoff)
    kept = wanted.needed(s, FLOOR)
    if s[kept - 1] < LEAST_SINGULAR * s[0]:
        raise DigitsShort(f"rank {kept} takes singular values below {LEAST_SINGULAR:.0e} of the largest")
    bases = [
        xp.float64(combined.of_states(one[:, :kept])).reshape((delays * states, kept))
        for one in (found.vectors, found.propagated)
    ]
    triplets = Triplets(bases[0], s[:kept], bases[1], found.turned)
    return dmd_of(wanted.spectrum(triplets, s, FLOOR, "successive", found.turned), delays)
