"""A layer replaced by its linear operator, as a torch module (METHOD section 5)."""

import copy
from typing import Any

import torch
from torch import nn

from koopview.hybrid.carried import apart, beside
from koopview.koopman import Dmd
from koopview.koopman.observables.delay import state_alone
from koopview.koopman.observables.kind import Observables
from koopview.network.precision import in_precision
from koopview.trajectory.scaled_layer import ScaledLayer


class LinearizedLayer(nn.Module):
    """Scale the first h - 1 steps, lift to z[0], apply ``A_r^(N-h+1)``, take the newest state, drop the padding.

    For observables other than delays alone the last step is the exact operator, ``Z' V_r S_r^-1`` instead of
    ``U_r A_r``. With functions of one state, a single step may leave the span of the inputs. (The rim of a picture is
    constant; the projected operator would keep the outputs in its place constant too.)

    Applying the operator and taking the newest state are one matrix, `readout` (outputs, rank): a change of rank
    replaces only this matrix. With several rows of states a sample it gives the entries of a row.

    What goes past a stage inside a block goes past the operator too, behind the coordinates and then the outputs.

    Parameters
    ----------
    scaled : ScaledLayer
        In the precision in which trajectories are computed.
    observables : Observables
        The functions of each state that the operator acts on.
    dmd : Dmd
        Fitted to the observables of this scaled layer's paths.
    """

    basis: torch.Tensor
    readout: torch.Tensor

    def __init__(self, scaled: ScaledLayer, observables: Observables, dmd: Dmd) -> None:
        super().__init__()
        self.scaled, self.observables, self.dmd = scaled, observables, dmd
        self.register_buffer("basis", torch.as_tensor(dmd.basis))
        exact = observables is not state_alone
        matrix = readout(dmd, scaled.entries[2], scaled.steps, exact)
        if scaled.rows == 1:
            matrix = scaled.assembled(matrix.T[:, None]).T if scaled.reading is not None else matrix
        self.register_buffer("readout", matrix)

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return the delay vector z[0] of inputs (samples, inputs) in the basis, (samples, rank).

        Where a sample has several rows of states: (samples, rows, rank). What goes past the layer follows, see
        :func:`koopview.hybrid.carried.beside`.
        """
        return beside(self._coordinates(x), self.scaled.layer.past(x).to(self.basis.dtype))

    def outputs(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs (samples, outputs), and what goes past it, from :meth:`coordinates`.

        The coordinates may have more columns than `rank`.
        """
        own, past = apart(coordinates, self.scaled.layer.carried)
        return beside(self._outputs(own), past)

    def _coordinates(self, x: torch.Tensor) -> torch.Tensor:
        own = self.scaled.layer.own(x).to(self.basis.dtype)
        made = lifted_state(self.scaled, self.observables, self.dmd.delays, own) @ self.basis
        return made if self.scaled.rows == 1 else made.unflatten(0, (-1, self.scaled.rows))

    def _outputs(self, coordinates: torch.Tensor) -> torch.Tensor:
        made = coordinates[..., : self.readout.shape[1]] @ self.readout.T.to(coordinates.dtype)
        return made if self.scaled.rows == 1 else self.scaled.assembled(made)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (samples, outputs) in the precision of `x` (samples, inputs)."""
        return self._outputs(self._coordinates(x)).to(x.dtype)


def lifted_state(scaled: ScaledLayer, observables: Observables, delays: int, x: torch.Tensor) -> torch.Tensor:
    """Return z[0] (samples x rows, features) of inputs (samples, inputs): the observables of a path's first states."""
    return observables(scaled(x, delays - 1)).flatten(1)


class LiftedState:
    """The function from a layer's inputs to z[0] (samples, features), in the precision of the inputs.

    A scaled layer's paths are float64; for float32 inputs it keeps a copy of the layer in float32.
    """

    def __init__(self, scaled: ScaledLayer, observables: Observables, delays: int) -> None:
        single = in_precision(copy.deepcopy(scaled), torch.float32)
        self.scaled: dict[torch.dtype, Any] = {torch.float64: scaled, torch.float32: single}
        self.observables, self.delays = observables, delays

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return z[0] (samples x rows, features) of inputs (samples, inputs), float32 or float64."""
        return lifted_state(self.scaled[x.dtype], self.observables, self.delays, x)

    def with_delays(self, delays: int) -> "LiftedState":
        """Return the function to z[0] of another number of delays, of the same layers."""
        made = copy.copy(self)
        made.delays = delays
        return made

    def states(self, x: torch.Tensor, count: int) -> torch.Tensor:
        """Return the observables (samples x rows, count, features) of the first `count` states of the paths of x."""
        states: torch.Tensor = self.observables(self.scaled[x.dtype](x, count - 1))
        return states


def readout(dmd: Dmd, outputs: int, steps: int, exact: bool = False) -> torch.Tensor:
    """Return the matrix (outputs, rank) that maps coordinates of z[0] to the layer's output.

    The observables of the newest state are the last block of a delay vector, and begin with the state itself.
    The last step is projected onto the basis, unless `exact`.
    """
    block = dmd.basis.shape[0] // dmd.delays
    images: Any = dmd.propagated_basis if exact else dmd.basis
    newest = images[(dmd.delays - 1) * block :][:outputs]
    return torch.as_tensor(newest @ dmd.power(steps - dmd.delays + 1, int(exact)))
