"""Dynamic mode decomposition and residuals from moments: no sample is looked at again (METHOD section 4)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, arrays_of, as_numpy, beside
from koopview.koopman.decomposition import EPS, GRAM_FLOOR, GRAM_GUARD, SMALL
from koopview.koopman.dmd import FLOAT32_ROUNDING, Dmd, checked_rank, dmd_of
from koopview.koopman.gram import mirrored
from koopview.koopman.hankel import Tick
from koopview.koopman.krylov import Leading, krylov_columns, leading_eigenvectors
from koopview.koopman.moments import Moments
from koopview.koopman.moments_modes import Windows, mixed, windows_of
from koopview.koopman.refinement import Triplets, triplets_of_squares
from koopview.koopman.residuals import HeldOut, PairProducts
from koopview.koopman.spectrum import Wanted
from koopview.progress import Progress, silent

SINGLE_EPS = float(np.finfo(np.float32).eps)

SUMS = "sums"
"""Name of this decomposition in results."""


class DigitsShort(InputError):  # noqa: N818 - said of sums, as MemoryShort is of work
    """A rank whose singular values are too small for the digits that sums of products hold."""


def fit_moments(
    moments: Moments,
    delays: int,
    rank: int | None = None,
    *,
    cutoff: float = 0.0,
    left_out: float = 0.0,
    progress: Progress = silent,
) -> Dmd:
    """Return the Dmd of the trajectories whose moments these are, as :func:`koopview.koopman.fit_dmd` does.

    Eigenvalues agree with its to 1e-7; those of moments in components are of the states that the components keep.

    Parameters
    ----------
    moments : Moments
    delays : int
        h, from 1 to `steps`.
    rank : int or None
        Lowered to the numerical rank if that is smaller; None takes the optimal hard threshold's rank.
    cutoff : float
        Singular values below this share of the largest are not used.
    left_out : float
        For moments with `modes`: share of the sum of ``|x|^2`` over windows of h + 1 states that may be left out.
    progress : callback

    Raises
    ------
    InputError
        If settings do not fit, or no sample has been added, or the states are all zero.
    DigitsShort
        If the rank takes singular values of which squares in this precision have too few digits: `fit_dmd` has them.
    """
    delays = _checked_delays(moments, delays)
    windows, features = moments.steps - delays + 1, delays * moments.kept
    cutoff = max(cutoff, FLOAT32_ROUNDING if moments.of_float32 else 0.0)
    wanted = Wanted((features, moments.count * windows), None if rank is None else checked_rank(rank), cutoff)
    tick: Tick = lambda share: progress(0.2 + 0.8 * share, "eigenvectors")  # noqa: E731
    progress(0.0, "Gram matrix")
    if moments.modes is None:
        triplets, rough = _of_steps(moments, delays, wanted, tick)
    else:
        triplets, rough = _of_combinations(moments, windows_of(moments, delays, left_out), wanted, tick)
    found = wanted.spectrum(_of_states(triplets, moments, delays), rough, GRAM_FLOOR, SUMS, triplets.residual)
    return dmd_of(found, delays)


def least_share(moments: Moments) -> float:
    """Return the share of the largest singular value down to which moments have digits enough, a float.

    Squares in float64 cost a singular vector an error of 2e-8 there at worst; in float32 it is the rounding of the
    products without their means, of which sums over samples leave about a tenth, that must stay below 1e-6.
    """
    if not moments.single:
        return GRAM_GUARD
    return max(GRAM_GUARD, (single_rounding(moments) / 1e-6) ** 0.5)


def single_rounding(moments: Moments) -> float:
    """Return the rounding of products in float32 without their means, a share of the sum of all squares.

    Sums over samples leave about a tenth of that of each product.
    """
    xp = arrays_of(moments.sums)
    means = float(xp.sum(_mean_energies(moments)))
    return 0.1 * SINGLE_EPS * max(1 - means / max(float(xp.sum(moments.energies)), EPS), 0.0)


def _mean_energies(moments: Moments) -> Array:
    """Return ``count |mean of x_i|^2`` of each step (steps + 1,)."""
    return arrays_of(moments.sums).sum(moments.sums**2, 1) / max(moments.count, 1)


def _checked_delays(moments: Moments, delays: int) -> int:
    """Return `delays` as int; raises InputError if they do not fit the moments, or these are of no samples."""
    if moments.count == 0:
        raise InputError("the moments are of no samples, expected at least one chunk added to them")
    if isinstance(delays, bool) or not isinstance(delays, (int, np.integer)) or not 1 <= delays <= moments.steps:
        raise InputError(f"delays is {delays!r}, expected a whole number of 1 to {moments.steps} (the number of steps)")
    return int(delays)


def window_gram(moments: Moments, delays: int) -> Array:
    """Return the Gram matrix ((h + 1) kept, (h + 1) kept) of the windows of h + 1 states, as `block_gram` does.

    Block (i, j) is the sum over the windows k of the products of x[k + i] and x[k + j].
    """
    d, windows, xp = moments.kept, moments.steps - delays + 1, arrays_of(moments.sums)
    gram = xp.zeros((delays + 1) * d, (delays + 1) * d)
    for i in range(delays + 1):
        row: Any = gram[i * d : (i + 1) * d, i * d :]
        for k in range(i, i + windows):
            row += moments.panel(k)[:, : row.shape[1]]
    return mirrored(gram, d)


def _of_steps(moments: Moments, delays: int, wanted: Wanted, tick: Tick) -> tuple[Triplets, np.ndarray]:
    """Return the Triplets of the delay vectors (delays * kept,), and all singular values known."""
    gram, features = window_gram(moments, delays), delays * moments.kept
    multiply = lambda block: (block.T @ gram[:features]).T  # noqa: E731 - by rows, with the next block
    found, rough = _eigenvectors(gram[:features, :features], multiply, wanted, least_share(moments), tick)
    return triplets_of_squares(found.vectors, rough[: found.vectors.shape[1]], found.products, moments.kept), rough


def _of_combinations(moments: Moments, windows: Windows, wanted: Wanted, tick: Tick) -> tuple[Triplets, np.ndarray]:
    """Return the Triplets of the delay vectors (delays * kept,) of moments with modes, and the singular values."""
    crossed = mixed(windows.now, windows.gram)  # z y^T
    gram = mixed(windows.now, crossed.T)
    multiply = lambda block: (block.T @ gram).T  # noqa: E731
    found, rough = _eigenvectors(gram, multiply, wanted, least_share(moments), tick)
    s = beside(rough[: found.vectors.shape[1]] ** 2, found.vectors)
    propagated = mixed(windows.later, crossed.T @ found.vectors) / s
    left = arrays_of(gram).norm(found.products / s - found.vectors, 0)
    bases = [mixed(windows.basis, basis) for basis in (found.vectors, propagated)]
    residual = arrays_of(gram).max(left)
    return Triplets(bases[0], rough[: found.vectors.shape[1]], bases[1], residual), rough


def _eigenvectors(
    gram: Array, multiply: Callable[[Array], Array], wanted: Wanted, least: float, tick: Tick
) -> tuple[Leading, np.ndarray]:
    """Return the leading eigenvectors of a Gram matrix that are wanted, and the singular values known.

    `multiply` returns the matrix's product with a block, which may have further rows. Raises DigitsShort.
    """
    features, rank, xp = int(gram.shape[0]), wanted.rank, arrays_of(gram)
    if rank is None or features <= SMALL or krylov_columns(rank) >= features:
        squares, vectors = xp.eigh(gram)
        squares, vectors = as_numpy(squares)[::-1], xp.flip(vectors, 1)
        products = None
    else:
        found = leading_eigenvectors(lambda block, _: multiply(block), features, rank, xp, tick)
        squares, vectors, products = found.values, found.vectors, found.products
    rough = np.sqrt(np.maximum(squares[: min(wanted.shape)], 0.0))
    kept = wanted.needed(rough, GRAM_FLOOR)
    if rough[kept - 1] < least * rough[0]:
        raise _digits_short(rough, kept, least)
    vectors = vectors[:, :kept]
    return Leading(vectors, squares[:kept], multiply(vectors) if products is None else products[:, :kept]), rough


def _digits_short(rough: np.ndarray, kept: int, least: float) -> DigitsShort:
    """Return the DigitsShort of a rank `kept`."""
    told = int(np.count_nonzero(rough >= least * rough[0]))
    return DigitsShort(
        f"rank {kept} takes singular values down to {rough[kept - 1] / rough[0]:.0e} of the largest, and sums of "
        f"products have digits enough down to {least:.0e}: expected a rank of at most {told}, or a fit of the samples "
        "themselves"
    )


def _of_states(found: Triplets, moments: Moments, delays: int) -> Triplets:
    """Return triplets in components as those of states, with bases (delays * states, rank)."""
    bases = [lifted(basis, moments, delays) for basis in (found.basis, found.propagated_basis)]
    return Triplets(bases[0], found.singular_values, bases[1], found.residual)


def lifted(basis: Array, moments: Moments, delays: int) -> Array:
    """Return a matrix of delay vectors in components (delays * kept, columns) in states (delays * states, columns)."""
    if moments.components is None:
        return basis
    blocks = basis.reshape((delays, moments.kept, basis.shape[1]))
    return arrays_of(basis).matmul(moments.components, blocks).reshape((-1, basis.shape[1]))


def lowered(basis: Array, moments: Moments, delays: int) -> Array:
    """Return a matrix of delay vectors of states (delays * states, columns) in components (delays * kept, columns)."""
    if moments.components is None:
        return basis
    blocks = basis.reshape((delays, moments.states, basis.shape[1]))
    return arrays_of(basis).matmul(moments.components.T, blocks).reshape((-1, basis.shape[1]))


def held_out_of(dmd: Dmd, moments: Moments) -> HeldOut:
    """Return the HeldOut products of the trajectories whose moments these are, which took no part in the fit.

    As :func:`koopview.koopman.residuals.held_out_products` does; operator and moments have the same components. Raises
    InputError for moments with `modes`: these have no products of single steps.
    """
    if moments.modes is not None:
        raise InputError("the moments are those of combinations of steps, expected those of all steps for residuals")
    h, d, gram = dmd.delays, moments.kept, window_gram(moments, dmd.delays)
    basis, xp = lowered(dmd.basis, moments, h), arrays_of(gram)
    steps = _pair_products(gram[: h * d, : h * d], gram[d:, : h * d], gram[d:, d:], basis)
    last = moments.steps - h + 1
    first, end = _square(moments, 0, h), _square(moments, last, h)
    across = _block(moments, last, 0, h)
    return HeldOut(
        steps=steps,
        ends=_pair_products(first, across, end, basis),
        square=float(xp.sum(moments.energies[last:])),
        image_square=dmd.basis.T @ dmd.basis,
        image_cross=basis.T @ across @ basis,
    )


def _pair_products(now: Array, cross: Array, later: Array, basis: Array) -> PairProducts:
    """Return the PairProducts of moments of delay vectors, in a basis."""
    return PairProducts(basis.T @ now @ basis, basis.T @ cross @ basis, basis.T @ later @ basis)


def _square(moments: Moments, step: int, delays: int) -> Array:
    """Return the moments (delays * kept, delays * kept) of the delay vectors that begin at a step."""
    return _block(moments, step, step, delays)


def _block(moments: Moments, step: int, other: int, delays: int) -> Array:
    """Return the products of the delay vectors that begin at `step` with those that begin at `other`."""
    rows = [
        arrays_of(moments.sums).concat([_pair(moments, step + i, other + j) for j in range(delays)], 1)
        for i in range(delays)
    ]
    return arrays_of(moments.sums).concat(rows, 0)


def _pair(moments: Moments, i: int, j: int) -> Array:
    """Return the sum of ``x_i x_j^T`` (kept, kept)."""
    if i > j:
        return _pair(moments, j, i).T
    start = (j - i) * moments.kept
    return moments.panel(i)[:, start : start + moments.kept]
