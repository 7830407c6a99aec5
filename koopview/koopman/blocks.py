"""Block diagonalisation with bounded condition: it tells which modes can be edited alone and which go together.

Source: Bavely and Stewart, "An algorithm for computing reducing subspaces by block diagonalization" (1979), on the real
Schur form. An eigenvalue whose eigenvector is nearly parallel to others means nothing alone; the invariant subspace
that these eigenvectors span does.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from koopview.koopman.eigenvalues import conjugate_indices
from koopview.processes import in_process_apart

BOUND = 130.0
"""Norm of a group's spectral projector above which the group is joined to another.

The effect of an edit can be amplified by this factor. In twelve fits (Yin-Yang layers 2, 4 and 6, MNIST's first;
uniform and default schedule), scaling any one mode by 0.9999 moves accuracy by at most 0.20 points with a bound of 130,
by 0.48 with 300. A higher bound lets more modes be edited alone.
"""

IN_PROCESS = 100
"""Rank up to which the blocks are found in this process: scipy.linalg holds the interpreter's lock."""

LOOSER = 10.0
"""A block grows while its coupling is larger than `BOUND` times this.

Blocks are then merged by the norms of their projectors (:func:`joined`). A tighter limit on couplings leaves fewer
groups (13 instead of 17 for Yin-Yang's layer `4` at h = 10). Couplings alone do not bound the projectors of later
blocks, whose bases are not orthogonal: a norm of 2,350 occurred where 130 was allowed.
"""


@dataclass(frozen=True, eq=False)
class Blocks:
    """A real matrix as a sum over invariant subspaces, ``A = sum of P_g A`` with ``P_g = right_g left_g``.

    Attributes
    ----------
    labels : int array (rank,)
        The group of each eigenvalue, named by the least index among its members. Conjugates share a group.
    columns : int array (rank,)
        The group of each column of `right` and row of `left`.
    right, left : arrays (rank, rank)
        Bases of the subspaces as columns, and their dual basis as rows; ``left right`` is the identity.
    """

    labels: np.ndarray
    columns: np.ndarray
    right: np.ndarray
    left: np.ndarray

    def basis(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns (rank, size) and the rows (size, rank) of a group."""
        own = self.columns == group
        return self.right[:, own], self.left[own]

    @cached_property
    def norms(self) -> dict[int, float]:
        """Norm of each group's spectral projector, 1 if its subspace is orthogonal to the rest."""
        return {int(group): float(np.linalg.norm(np.dot(*self.basis(group)), 2)) for group in np.unique(self.labels)}


def blocks_of(matrix: np.ndarray, values: np.ndarray) -> Blocks:
    """Return the Blocks of a real matrix (rank, rank), labelled in the order of its eigenvalues `values`.

    Above rank 100 they are computed in a separate process.
    """
    if len(matrix) <= IN_PROCESS:
        found = block_diagonal(matrix)
    else:
        found = in_process_apart("koopview.koopman.blocks", "block_diagonal", matrix)
    return labelled(found, values)


def block_diagonal(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return `right`, `left`, the eigenvalues (rank,) of the columns and the number of each column's block."""
    from scipy.linalg import schur

    form, right = schur(matrix, output="real")
    left, number = right.T.copy(), np.zeros(len(matrix), dtype=int)
    start = block = 0
    while start < len(matrix):
        stop = start + unit_size(form, start)
        while stop < len(matrix):
            coupling = coupling_of(form, start, stop)
            if np.linalg.norm(coupling) <= LOOSER * BOUND:
                right[:, stop:] += right[:, start:stop] @ coupling
                left[start:stop] -= coupling @ left[stop:]
                form[start:stop, stop:] = 0
                break
            stop = grown(form, right, left, start, stop)
        number[start:stop] = block
        start, block = stop, block + 1
    values = quasi_triangular_eigenvalues(form)
    return {"right": right, "left": left, "values": values, "number": joined(right, left, number)}


def joined(right: np.ndarray, left: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the block number of each column (rank,), with blocks merged until no projector's norm is above `BOUND`.

    Let P be the projector of the largest norm and u the unit vector that it lengthens most. Its block is merged with
    the one whose projector cancels most of ``P u``. One of them does, since all projectors add up to the identity.
    """
    number = number.copy()
    longest = {int(block): longest_image(right, left, number == block) for block in np.unique(number)}
    while len(longest) > 1:
        block, (norm, u) = max(longest.items(), key=lambda item: item[1][0])
        if norm <= BOUND:
            break
        images, others = right * (left @ u), [other for other in longest if other != block]
        own = images[:, number == block].sum(axis=1)
        remains = [np.linalg.norm(own + images[:, number == other].sum(axis=1)) for other in others]
        other = others[int(np.argmin(remains))]
        number[number == other] = block
        del longest[other]
        longest[block] = longest_image(right, left, number == block)
    return number


def longest_image(right: np.ndarray, left: np.ndarray, own: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the norm of the projector onto some columns, and the unit vector (rank,) that it lengthens most."""
    across, onto = np.linalg.qr(left[own].T), np.linalg.qr(right[:, own], mode="r")
    _, norms, directions = np.linalg.svd(onto @ across.R.T)
    return float(norms[0]), across.Q @ directions[0]


def unit_size(form: np.ndarray, start: int) -> int:
    """Return 2 if a pair of conjugates is at `start` on the diagonal of a real Schur form, else 1."""
    return 2 if start + 1 < len(form) and form[start + 1, start] != 0 else 1


def coupling_of(form: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Return X with ``T11 X - X T22 = -T12``, which decouples a block from later ones; infinite if there is no X."""
    from scipy.linalg.lapack import dtrsyl

    first, second = form[start:stop, start:stop], form[stop:, stop:]
    solution, scale, info = dtrsyl(first, second, -form[start:stop, stop:], isgn=-1)
    return solution / scale if info == 0 and scale > 0 else np.full_like(solution, np.inf)


def grown(form: np.ndarray, right: np.ndarray, left: np.ndarray, start: int, stop: int) -> int:
    """Extend a block by the nearest of the later eigenvalues, reordering all in place, and return its new end.

    A small block grows by one eigenvalue, a large one by a quarter of its size.
    """
    from scipy.linalg.lapack import dtrexc

    wanted = stop + max(1, (stop - start) // 4)
    while stop < min(wanted, len(form)):
        values = quasi_triangular_eigenvalues(form[start:, start:])
        size = stop - start
        nearest = size + int(np.argmin(np.abs(values[size:] - values[:size].mean())))
        if nearest > size and form[start + nearest, start + nearest - 1] != 0:
            nearest -= 1  # the first of its pair
        moved = unit_size(form, start + nearest)
        if nearest > size:
            rest = np.asfortranarray(form[start:, start:])
            turned, turn, _ = dtrexc(rest, np.eye(len(rest), order="F"), nearest + 1, size + 1, wantq=1)
            form[start:, start:] = turned
            form[:start, start:] = 0
            right[:, start:] = right[:, start:] @ turn
            left[start:] = turn.T @ left[start:]
            moved = unit_size(form, stop)
        stop += moved
    return stop


def quasi_triangular_eigenvalues(form: np.ndarray) -> np.ndarray:
    """Return the eigenvalues (rank,) of a real Schur form, in the order of its diagonal."""
    values, index = form.diagonal().astype(complex), 0
    while index < len(form):
        size = unit_size(form, index)
        if size == 2:
            values[index : index + 2] = np.linalg.eigvals(form[index : index + 2, index : index + 2])
        index += size
    return values


def labelled(found: dict[str, np.ndarray], values: np.ndarray) -> Blocks:
    """Return the Blocks with each group named by the least index of its eigenvalues in `values` (rank,).

    Eigenvalues of two decompositions differ by rounding, by much if they are ill-conditioned, so that all are matched
    at once. Blocks that share a pair of conjugates are merged.
    """
    from scipy.optimize import linear_sum_assignment

    matched = linear_sum_assignment(np.abs(values[:, None] - found["values"]))[1]
    number, partner = found["number"], conjugate_indices(values)
    least = np.arange(len(values))
    for _ in range(len(values)):  # until nothing is merged any more: a few rounds
        before = least.copy()
        for block in np.unique(number):
            members = np.flatnonzero(number[matched] == block)
            least[members] = least[members].min()
        least = np.minimum(least, least[partner])
        if np.array_equal(before, least):
            break
    columns = np.empty(len(values), dtype=int)
    columns[matched] = least
    return Blocks(least, columns, found["right"], found["left"])
