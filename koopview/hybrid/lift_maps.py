"""The affine maps of the lift for several numbers of delays: their Gram matrices grow with the delays, step by step.

The features z[0] of h delays are the first h states of a path, so that scalar products of samples for h + 1 delays are
those for h plus the products of one more state. The maps are those of :func:`koopview.hybrid.ridge.ridge_map`, fitted
to and judged by the same samples; their weights, a number for each feature, are never formed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import Samples, add_upper
from koopview.hybrid.ridge import COARSE, SLOW, Judged, chosen_ridge
from koopview.hybrid.straight import others_and_shares
from koopview.progress import Progress, part, silent

MOST_BYTES = 1 << 29
"""Most bytes of the fitting samples' states."""


@dataclass(frozen=True, eq=False)
class LiftMap:
    """The affine map of z[0] with some number of delays, of scalar products with the fitting samples' centred z[0].

    Attributes
    ----------
    shares : float64 tensor (samples, outputs)
    offset : float64 tensor (outputs,)
    judged : Judged
        Of the map fitted to four fifths of the samples.
    """

    shares: torch.Tensor
    offset: torch.Tensor
    judged: Judged


@dataclass(frozen=True, eq=False)
class LiftMaps:
    """The LiftMap of each of several numbers of delays.

    Attributes
    ----------
    lifted : LiftedState
        Returns the states at the start of a path.
    paths : Paths
        Those of the fitting samples, for the most delays.
    means : float64 tensor (steps, states)
    by_delays : dict
    """

    lifted: LiftedState
    paths: "Paths"
    means: torch.Tensor
    by_delays: dict[int, LiftMap]

    def products(self, x: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield delays, rising, with the scalar products (inputs, samples) of inputs' and samples' centred z[0].

        They are float64, and the same tensor each time. Inputs are (inputs, layer inputs).
        """
        states = self.lifted.states(x.double(), len(self.means)) - self.means
        of_straight = states[:, 0, self.paths.entries :] @ self.paths.straight.T
        total = states.new_zeros(of_straight.shape)
        for step, of_samples in enumerate(self.paths.states):
            total.addmm_(states[:, step, : self.paths.entries], of_samples.T)
            total.add_(of_straight, alpha=float(self.paths.shares[step]) ** 2)
            if step + 1 in self.by_delays:
                yield step + 1, total


@dataclass(frozen=True, eq=False)
class Paths:
    """Centred paths of samples, whose appended entries may be straight.

    Attributes
    ----------
    states : float64 tensor (steps, samples, entries)
        Those of the other entries, or of all.
    straight : float64 tensor (samples, appended entries)
        Those of the appended entries at the first step, none if they are among the others.
    shares : float64 tensor (steps,)
        What they are multiplied with at each step.
    """

    states: torch.Tensor
    straight: torch.Tensor
    shares: torch.Tensor

    @property
    def entries(self) -> int:
        """Entries that are no multiples."""
        return int(self.states.shape[2])


def paths_of(states: torch.Tensor, outputs: int) -> Paths:
    """Return the Paths of centred states (steps, samples, states) of a layer with so many outputs."""
    count, shares = others_and_shares(states, outputs)
    return Paths(states[:, :, :count], states[0, :, count:], shares)


def served_delays(delays: Sequence[int], samples: int, states: int) -> list[int]:
    """Return those numbers of delays, rising, whose maps have more features than samples; none if memory is short."""
    served = sorted(h for h in delays if h * states > samples)
    return served if served and 8 * samples * served[-1] * states <= MOST_BYTES else []


def lift_maps(
    lifted: LiftedState, x: torch.Tensor, y: torch.Tensor, delays: Sequence[int], progress: Progress = silent
) -> LiftMaps:
    """Return the LiftMaps of a layer's inputs x (samples, inputs) to its outputs y (samples, outputs).

    Raises
    ------
    InputError
        If the outputs are not finite for any ridge.
    """
    with torch.inference_mode():
        states = _states_of(lifted, x, max(delays))
        means, features = states.mean(1), states.shape[2]
        states -= means[:, None]
        paths = paths_of(states, y.shape[1])
        parts, found = [indices.to(x.device) for indices in fifth(len(x))], {}
        of_straight = paths.straight @ paths.straight.T
        half = torch.zeros_like(of_straight)
        for step, of_step in enumerate(paths.states):
            add_upper(half, of_step.T)
            half.add_(of_straight, alpha=float(paths.shares[step]) ** 2)
            if step + 1 in delays:
                within = part(progress, step / len(means), (step + 1) / len(means))
                gram = half.triu() + half.triu(1).T
                found[step + 1] = _map_of(gram, y, (step + 1) * features, parts, within)
        return LiftMaps(lifted, paths, means, found)


def _states_of(lifted: LiftedState, x: torch.Tensor, count: int) -> torch.Tensor:
    """Return the first states (count, samples, states) of the paths of inputs, float64."""
    first = lifted.states(x[:1].double(), count)
    states = first.new_empty(count, len(x), first.shape[2])
    for start in range(0, len(x), PATHS_BATCH):
        batch = lifted.states(x[start : start + PATHS_BATCH].double(), count)
        states[:, start : start + PATHS_BATCH] = batch.transpose(0, 1)
    return states


def _map_of(
    gram: torch.Tensor, y: torch.Tensor, features: int, parts: Sequence[torch.Tensor], progress: Progress
) -> LiftMap:
    """Return the LiftMap of samples with a Gram matrix of so many features."""
    fitting, judging = parts
    form = Samples(gram, y, features, fitting, judging)
    stride = 1 if len(gram) <= SLOW else COARSE
    ridge, outputs = chosen_ridge(form.judged, y[judging].double(), stride, progress)
    return LiftMap(form.whole(ridge), form.y_mean, Judged(judging.cpu(), outputs))
