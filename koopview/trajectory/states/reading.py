"""How states are read of a stage's input and output, and put together to its output again."""

from importlib import import_module

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.trajectory.states import FLAT, KINDS, kind_of, number_of


class Reading(nn.Module):
    """The states of a stage, one or several rows a sample.

    Attributes
    ----------
    rows : int
        Trajectories of each sample: its tokens, or its positions.
    inputs, outputs : int
        Entries of a row's state at the start and at the end of the path.
    read : int
        The first entries at the end that the stage's output is put together from.
    exact : bool
        Whether the output that is put together is the stage's own: nothing of it is discarded.
    """

    def __init__(self, rows: int, inputs: int, outputs: int, read: int, exact: bool) -> None:
        super().__init__()
        self.rows, self.inputs, self.outputs, self.read, self.exact = rows, inputs, outputs, read, exact

    @property
    def entries(self) -> int:
        """Entries of a state."""
        return max(self.inputs, self.outputs)

    def starts(self, x: torch.Tensor) -> torch.Tensor:
        """Return the states (samples, rows, inputs) of a stage's inputs (samples, inputs of the stage)."""
        raise NotImplementedError

    def ends(self, y: torch.Tensor) -> torch.Tensor:
        """Return the states (samples, rows, outputs), linear in a stage's outputs (samples, outputs of the stage)."""
        raise NotImplementedError

    def assembled(self, rows: torch.Tensor) -> torch.Tensor:
        """Return a stage's outputs (samples, outputs of the stage) of the entries (samples, rows, read) at the end."""
        raise NotImplementedError


def reading(states: str, layer: Layer, inputs: torch.Tensor) -> Reading | None:
    """Return the Reading of a kind of states for a stage, learned from its inputs (samples, inputs) where it learns.

    None for flat states, and where the kind has nothing to say: more principal components than entries.

    Raises
    ------
    InputError
        If the stage has no tokens or positions of the kind.
    """
    kind, known = kind_of(states), layer.info()
    if kind == FLAT:
        return None
    if not KINDS[kind].fits(known):
        raise InputError(
            f"states are {kind}, but stage {layer.name} maps {told(known.in_shape, known.inputs)} to "
            f"{told(known.out_shape, known.outputs)}, expected {KINDS[kind].needs}; flat or pca fit any stage",
            "--states",
        )
    made: Reading | None = getattr(import_module(f"koopview.trajectory.states.{kind}"), kind)(
        layer, inputs, number_of(states)
    )
    return made


def told(shape: tuple[int, ...], count: int) -> str:
    """Return a shape as people write it, "(49, 32)" or "8"."""
    return f"({', '.join(map(str, shape))})" if len(shape) > 1 else str(count)
