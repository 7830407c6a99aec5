"""States in principal components of a stage's flattened input and output."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.states.reading import Reading


class Components(Reading):
    """Principal components, of directions that span the most of inputs and outputs about zero."""

    before: torch.Tensor
    after: torch.Tensor

    def __init__(self, before: torch.Tensor, after: torch.Tensor) -> None:
        count, exact = after.shape[1], after.shape[0] == after.shape[1]
        super().__init__(1, before.shape[1], count, count, exact)
        self.register_buffer("before", before)
        self.register_buffer("after", after)

    def starts(self, x: torch.Tensor) -> torch.Tensor:
        """Return the components (samples, 1, inputs) of a stage's inputs."""
        return (x @ self.before.to(x.dtype))[:, None]

    def ends(self, y: torch.Tensor) -> torch.Tensor:
        """Return the components (samples, 1, outputs) of a stage's outputs."""
        return (y @ self.after.to(y.dtype))[:, None]

    def assembled(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs of the stage) that have these components."""
        return rows[:, 0] @ self.after.T.to(rows.dtype)


def pca(layer: Layer, inputs: torch.Tensor, count: int) -> Components | None:
    """Return the `count` leading components of a stage's inputs and outputs, None for a stage with fewer entries.

    A stage that keeps the shape of its tensor has one set of directions for both, so that a residual sum stays a sum.
    The mean is not taken off: the first direction is near it, and the state stays linear in the tensor.
    """
    if layer.states <= count:
        return None
    with torch.no_grad():
        double = layer.in_precision(torch.float64)
        x = inputs.double()
        y = torch.cat([double(one) for one in x.split(max(1, layer.most_samples // 2))])
    if layer.in_shape == layer.out_shape and layer.inputs == layer.outputs:
        both = leading_directions(torch.cat([x, y]), count)
        return Components(both, both)
    return Components(leading_directions(x, count), leading_directions(y, count))


def leading_directions(x: torch.Tensor, count: int) -> torch.Tensor:
    """Return the directions (entries, at most `count`) in which rows (samples, entries) are largest, orthonormal.

    From the smaller of the two Gram matrices; directions below rounding are left out.
    """
    samples, entries = x.shape
    gram = x.T @ x if entries <= samples else x @ x.T
    values, vectors = torch.linalg.eigh(gram)
    kept = (values > values[-1] * 1e-12).nonzero()[:, 0].flip(0)[:count]
    directions = vectors[:, kept]
    if entries > samples:
        directions, _ = torch.linalg.qr(x.T @ directions)
    return directions if len(kept) else x.new_zeros(entries, 1)
