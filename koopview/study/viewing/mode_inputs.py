"""Eigenfunctions as functions of the network's inputs: their gradients, and the samples at which they are largest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from koopview.hybrid.linearized import lifted_state
from koopview.koopman.arrays import as_numpy
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.viewing.boundary import extent_of, grid_points
from koopview.study.views import ModeInputs

AVERAGED = 128
"""Test samples over which gradients are averaged."""

EXCITING = 5
"""Samples at which a mode is largest, and as many at which it is smallest."""

PLANE = 64
"""Points along each side of a plane of inputs over which eigenfunctions are drawn."""

FARTHEST = 0.06
"""Distance from the nearest training sample, as a share of the plane's side, beyond which nothing is drawn."""

AT_ONCE = 2**24
"""Numbers of gradients that are held at once (128 MiB)."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of the coordinates of z[0] with respect to the network's inputs, over some samples.

    Attributes
    ----------
    mean : array (features, rank)
    products : array (rank, rank)
        Mean over samples of ``J D^2 J^T``, with a sample's gradients as rows of J and the inputs' spreads on the
        diagonal of D.
    """

    mean: np.ndarray
    products: np.ndarray


def coordinate_gradients(fitted: Fitted, spreads: np.ndarray, progress: Progress) -> Gradients | None:
    """Return the Gradients over the first AVERAGED test samples, None if the stages before have no gradients.

    They are exact for each sample, by automatic differentiation in float64 (float32 in the layers before).

    Parameters
    ----------
    spreads : array (features,)
        Standard deviation of each input.
    """
    x, rank = fitted.setup.tensor(fitted.setup.dataset.x_test[:AVERAGED]).float(), fitted.own.dmd.rank
    mean, products = np.zeros((spreads.size, rank)), np.zeros((rank, rank))
    size = max(1, AT_ONCE // (rank * spreads.size))
    run = coordinates_of_inputs(fitted)
    for start in range(0, len(x), size):
        batch = x[start : start + size].clone().requires_grad_()
        within = part(progress, start / len(x), (start + len(batch)) / len(x))
        found = _gradients(run(batch), batch, within)
        if found is None:
            return None
        mean += found.sum(axis=1).T
        weighted = (found * spreads).transpose(1, 0, 2)
        products += (weighted @ weighted.transpose(0, 2, 1)).sum(axis=0)
    return Gradients(mean / len(x), products / len(x))


def _gradients(coordinates: torch.Tensor, x: torch.Tensor, progress: Progress) -> np.ndarray | None:
    """Return the gradients (rank, samples, features) of coordinates (samples, rank), None if they have none."""
    if not coordinates.requires_grad:
        return None
    rank, made = coordinates.shape[1], []
    for k in range(rank):
        progress(k / rank, "gradients")
        (one,) = torch.autograd.grad(coordinates[:, k].sum(), x, retain_graph=k < rank - 1)
        made.append(as_numpy(one.double().flatten(1)))
    return np.stack(made)


def coordinates_of_inputs(fitted: Fitted) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the function from network inputs (samples, ...) to coordinates of z[0] (samples, rank), with gradients.

    Of several rows of states a sample, the mean. The inputs of the layer come from the hybrids before it.
    """
    network, layer, own = fitted.setup.network, fitted.settings.layer, fitted.own
    basis: Any = torch.as_tensor(own.dmd.basis).clone()  # a plain tensor, of which gradients can be taken

    def run(x: torch.Tensor) -> torch.Tensor:
        inputs = network.run(x, fitted.before, before=layer, gradients=True)
        z = lifted_state(own.scaled, own.observables, own.dmd.delays, own.layer.own(inputs).to(basis.dtype))
        found: torch.Tensor = (z @ basis).unflatten(0, (-1, own.scaled.rows)).mean(1)
        return found

    return run


def phases_of(gradients: Gradients | None, spreads: np.ndarray, left: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the factors of modulus 1 (rank,) that make the real part of each eigenfunction's gradient largest.

    Gradients count by the inputs' spreads; without them the eigenfunctions' values (samples, rank) on samples do. The
    largest entry is positive.
    """
    seen = values - values.mean(axis=0)
    if gradients is not None:
        seen = spreads[:, None] * (gradients.mean @ left.T)
    turn = np.exp(-0.5j * np.angle((seen**2).sum(axis=0)))
    turned = (seen * turn).real
    largest = np.take_along_axis(turned, np.abs(turned).argmax(axis=0)[None], axis=0)[0]
    return np.asarray(np.where(largest < 0, -turn, turn))


def common_shares(gradients: Gradients, spreads: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return, for each eigenfunction, the norm of its mean gradient as a share of the root mean square one, (rank,).

    1: the gradient is the same at all samples, as that of an affine map; near 0: the mean says little of any of them.
    """
    mean = np.linalg.norm(spreads[:, None] * (gradients.mean @ left.T), axis=0)
    squares = np.einsum("ij,jk,ik->i", left.conj(), gradients.products, left).real
    return np.asarray(np.minimum(1.0, mean / np.sqrt(np.maximum(squares, 1e-300))))


def mode_inputs(
    fitted: Fitted, gradients: Gradients | None, spreads: np.ndarray, left: np.ndarray, functions: np.ndarray
) -> ModeInputs:
    """Return the ModeInputs of eigenfunctions.

    Parameters
    ----------
    left : complex array (rank, rank)
        Rows: the functionals of the coordinates of z[0] that the eigenfunctions are.
    functions : complex array (samples, rank)
        Their values at the first test samples.
    """
    data = fitted.setup.dataset
    seen = data.x_test[: len(functions)].reshape(len(functions), -1)
    most, least = exciting(functions.real)
    samples = np.unique(np.concatenate([most.ravel(), least.ravel()]))
    centred = functions - functions.mean(axis=0)
    patterns = (seen - seen.mean(axis=0)).T @ centred / np.maximum(len(seen) * centred.std(axis=0), 1e-300)
    plane, extent = over_plane(fitted, left)
    return ModeInputs(
        gradients=None if gradients is None else (gradients.mean @ left.T).astype(np.complex64),
        common=None if gradients is None else common_shares(gradients, spreads, left),
        averaged=0 if gradients is None else min(AVERAGED, len(data.x_test)),
        patterns=patterns.astype(np.complex64),
        spreads=spreads,
        picture=input_picture(data.picture, data.x_test.shape[1:]),
        most=most,
        least=least,
        samples=samples,
        inputs=seen[samples],
        plane=plane,
        extent=extent,
    )


def exciting(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the samples at which real values (samples, rank) are largest and smallest.

    Two int arrays (rank, EXCITING or fewer), the extreme sample first.
    """
    order, count = np.argsort(values, axis=0, kind="stable"), min(EXCITING, len(values) // 2)
    return order[::-1][:count].T.copy(), order[:count].T.copy()


def over_plane(fitted: Fitted, left: np.ndarray) -> tuple[np.ndarray | None, tuple[float, ...]]:
    """Return the eigenfunctions over the plane of inputs, complex64 (PLANE, PLANE, rank), and its extent.

    None for inputs that are no plane. Rows begin at the lowest y; far from all training samples values are NaN.
    """
    data = fitted.setup.dataset
    if data.plane is None:
        return None, ()
    extent = extent_of(np.concatenate([data.x_train[:, :2], data.x_test[:, :2]]))
    points = grid_points(extent, PLANE)
    run = coordinates_of_inputs(fitted)
    with torch.no_grad():
        coordinates = as_numpy(run(fitted.setup.tensor(data.plane(points)).float()))
    values = (coordinates @ left.T).astype(np.complex64)
    values[~near(points, data.x_train[:, :2], FARTHEST * (extent[1] - extent[0]))] = np.nan
    return values.reshape(PLANE, PLANE, -1), extent


def near(points: np.ndarray, samples: np.ndarray, reach: float) -> np.ndarray:
    """Return which points (points, 2) have a sample (samples, 2) within `reach`, bool (points,)."""
    found = np.zeros(len(points), dtype=bool)
    for start in range(0, len(samples), 500):
        gaps = np.abs(points[:, None] - samples[None, start : start + 500])
        found |= (np.hypot(gaps[..., 0], gaps[..., 1]) <= reach).any(axis=1)
    return found


def input_picture(picture: tuple[int, int] | None, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape in which an input is a picture: (rows, columns), (channels, rows, columns), or None."""
    return shape if picture is None and len(shape) == 3 else picture
