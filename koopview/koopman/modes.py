"""Mode shapes and eigenfunctions (METHOD section 6)."""

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.dmd import Dmd


def mode_shapes(dmd: Dmd, states: int, vectors: np.ndarray | None = None) -> np.ndarray:
    """Return the newest state's part of the exact modes as columns (states, rank), each of norm 1.

    Exact modes: Tu et al. (2014). A mode is defined up to a complex factor; here its largest entry is real and
    positive. A mode that does not reach the newest state is zero.

    Parameters
    ----------
    dmd : Dmd
    states : int
        Entries of the state: the first observables of a step.
    vectors : complex array (rank, modes), optional
        Vectors in the operator's basis, in the place of its right eigenvectors.
    """
    vectors = as_numpy(dmd.pairs.right) if vectors is None else vectors
    block = dmd.basis.shape[0] // dmd.delays
    newest = as_numpy(dmd.propagated_basis[(dmd.delays - 1) * block :][:states]) @ vectors
    largest = np.take_along_axis(newest, np.abs(newest).argmax(axis=0)[None], axis=0)[0]
    size = np.linalg.norm(newest, axis=0)
    factor = np.where(size > 0, np.abs(largest) / np.where(size > 0, largest * size, 1), 0)
    return newest * factor


def eigenfunctions(dmd: Dmd, coordinates: Array) -> np.ndarray:
    """Return the eigenfunctions' values (samples, rank): each mode's left eigenvector times the coordinates of z[0].

    Left eigenvectors are biorthogonal to the right ones, which have norm 1: what the operator predicts after p steps
    has the coordinates ``sum of w_i lambda_i^p`` times these values.

    Parameters
    ----------
    dmd : Dmd
    coordinates : real array (samples, rank or more), of the operator's library and device
        Of z[0] in the operator's basis.
    """
    left = dmd.pairs.left
    xp = arrays_of(left)
    return as_numpy(xp.complex128(coordinates[:, : dmd.rank]) @ left.T)
