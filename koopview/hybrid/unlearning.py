"""Class unlearning: few mode edits, found by gradient, that lower one class's accuracy most (METHOD section 6).

Aswani, Jabari, Shafique (2025, arXiv 2505.12809) edit the modes of a learned Koopman autoencoder; here they are the
replaced layer's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from koopview.hybrid.layer_fit import LayerFit
from koopview.koopman.delays import as_numpy
from koopview.koopman.edits import edited_eigenvalues
from koopview.koopman.eigenvalues import conjugate_places
from koopview.progress import Progress, part
from koopview.trajectory.learning import Adam

MARGIN = 1.0
"""How far below the largest other logit the class's own is pushed."""

PRICE = 3.0
"""What a point of the others' accuracy weighs against a point of the class's, where one edit is chosen of several."""

BALANCES = (0.3, 1.0, 3.0)
"""Weights of the class's loss against the others', of which validation samples choose."""

KEPT_SHARE = 0.6
"""Share of the modes that a round of pruning leaves."""

SEARCH_STEPS, LAST_STEPS = 90, 150
SEARCH_RATE, LAST_RATE = 0.05, 0.03

Rest = Callable[[torch.Tensor], torch.Tensor]
"""The network after the layer: its outputs (samples, outputs) to logits (samples, classes), with gradients."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What comes in to be judged: z[0] of the layer in the operator's basis, and labels.

    Attributes
    ----------
    coordinates : float32 tensor (samples, rank)
    labels : int64 tensor (samples,)
    """

    coordinates: torch.Tensor
    labels: torch.Tensor


@dataclass(frozen=True, eq=False)
class ModeGains:
    """A layer's output as a linear function of what its modes are multiplied with, one row a mode or conjugate pair.

    A mode whose eigenvalue is edited from l to l' counts ``(l'/l)^p`` times as much in the output. The output is
    ``c R^T + sum of 2 Re[(g - 1) (v c) (R w)]`` over pairs, and half of that over real modes: R takes coordinates c to
    the output, w and v are right and left eigenvectors.

    Attributes
    ----------
    readout : tensor (outputs, rank)
        R.
    left : complex tensor (modes, rank)
    images : complex tensor (modes, outputs)
        ``R w``, twice that of a pair.
    places : int array (modes,)
        The lower place of each.
    paired : bool tensor (modes,)
    least : float
        Lower bound of a real mode's gain.
    """

    readout: torch.Tensor
    left: torch.Tensor
    images: torch.Tensor
    places: np.ndarray
    paired: torch.Tensor
    least: float

    def at(self, modes: torch.Tensor) -> "ModeGains":
        """Return those of some modes."""
        chosen = (self.left[modes], self.images[modes], self.places[as_numpy(modes)], self.paired[modes])
        return ModeGains(self.readout, *chosen, self.least)

    def outputs(self, coordinates: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs) where gains are 1 + `change`, a real tensor (modes, 2)."""
        seen = coordinates.to(self.left.dtype) @ self.left.T
        weighted = seen * torch.view_as_complex(change)
        moved = weighted.real @ self.images.real - weighted.imag @ self.images.imag
        return coordinates @ self.readout.T + moved

    def allowed(self, change: torch.Tensor) -> torch.Tensor:
        """Return the nearest change that eigenvalues can have: those of real modes stay real."""
        real, imaginary = change.unbind(1)
        return torch.stack([torch.where(self.paired, real, real.clamp(min=self.least - 1)), imaginary * self.paired], 1)

    def sizes(self, coordinates: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Return the root mean square of what each mode's change adds to the outputs, (modes,), per eigenvalue."""
        seen = (coordinates.to(self.left.dtype) @ self.left.T).abs().square().mean(0).sqrt()
        return change.norm(dim=1) * seen * self.images.abs().square().sum(1).sqrt() / self.counts().sqrt()

    def counts(self) -> torch.Tensor:
        """Return how many eigenvalues each mode has, (modes,)."""
        return 1.0 + self.paired


def mode_gains(fit: LayerFit) -> ModeGains:
    """Return the gains of a layer's modes, beside the edits that it has."""
    dmd, readout = fit.dmd, fit.module().readout
    partners = conjugate_places(dmd.eigenvalues)
    present = edited_eigenvalues(dmd.eigenvalues, dmd.edits)
    places = np.flatnonzero((partners >= np.arange(dmd.rank)) & (present != 0))  # what is 0 cannot be multiplied away
    paired = torch.as_tensor(partners[places] != places, device=readout.device)
    right, left = (torch.as_tensor(vectors, device=readout.device) for vectors in (dmd.pairs.right, dmd.pairs.left))
    images = (readout.to(right.dtype) @ right[:, places]).T * (1 + paired.double())[:, None]
    return ModeGains(
        readout=readout.float(),
        left=left[places].to(torch.complex64),
        images=images.to(torch.complex64),
        places=places,
        paired=paired,
        least=0.0 if steps_of(fit) % 2 == 0 else -np.inf,  # no real eigenvalue has a negative even power
    )


def steps_of(fit: LayerFit) -> int:
    """Return p, the power in which eigenvalues count."""
    return fit.scaled.steps - fit.lift.delays + 1


def unlearned(
    fit: LayerFit, rest: Rest, fitting: Samples, validation: Samples, target: int, most: int, progress: Progress
) -> dict[int, complex]:
    """Return new eigenvalues, by place, that lower the accuracy of class `target` most at the least cost to the others.

    The gains of all modes are moved along the gradient of a loss, and those that add least to the output are left out
    in rounds until `most` eigenvalues are edited, conjugates counted. The loss is the others' cross-entropy and what
    the class's logit lacks to be `MARGIN` below the largest other.

    Parameters
    ----------
    fit : LayerFit
    rest : callable
    fitting, validation : Samples
        Those that gradients are taken of, and those that choose among several weights of the loss; neither may be the
        test samples.
    target : int
    most : int

    Raises
    ------
    Cancelled
        By `progress`.
    """
    gains = mode_gains(fit)
    modes = torch.arange(len(gains.places))
    change = torch.zeros(len(modes), 2, device=gains.images.device)
    rounds = pruning_rounds(int(gains.counts().sum()), most)
    for i, left in enumerate(rounds):
        within = part(progress, 0.6 * i / len(rounds), 0.6 * (i + 1) / len(rounds))
        change = moved_along(gains.at(modes), change, rest, fitting, target, 1.0, SEARCH_STEPS, SEARCH_RATE, within)
        kept = largest(gains.at(modes), fitting.coordinates, change, left)
        modes, change = modes[kept], change[kept]
    if not len(modes):  # a pair is more than may be edited
        return {}
    few, found = gains.at(modes), []
    for i, balance in enumerate(BALANCES):
        within = part(progress, 0.6 + 0.4 * i / len(BALANCES), 0.6 + 0.4 * (i + 1) / len(BALANCES))
        found.append(moved_along(few, change, rest, fitting, target, balance, LAST_STEPS, LAST_RATE, within))
    best = min(found, key=lambda one: cost(few, one, rest, validation, target))
    return new_eigenvalues(fit, few, best)


def pruning_rounds(eigenvalues: int, most: int) -> list[int]:
    """Return how many eigenvalues may stay edited after each round, the last `most`."""
    rounds = []
    while (eigenvalues := int(eigenvalues * KEPT_SHARE)) > most:
        rounds.append(eigenvalues)
    return [*rounds, most]


def largest(gains: ModeGains, coordinates: torch.Tensor, change: torch.Tensor, most: int) -> torch.Tensor:
    """Return the places among `gains` of those whose change adds most to the outputs, `most` eigenvalues at most."""
    counts = gains.counts()
    kept: list[int] = []
    for mode in gains.sizes(coordinates, change).argsort(descending=True).tolist():
        if int(counts[[*kept, mode]].sum()) <= most:
            kept.append(mode)
    return torch.tensor(sorted(kept), dtype=torch.long)


def moved_along(
    gains: ModeGains,
    change: torch.Tensor,
    rest: Rest,
    samples: Samples,
    target: int,
    balance: float,
    steps: int,
    rate: float,
    progress: Progress,
) -> torch.Tensor:
    """Return `change` after some steps of Adam along the loss."""
    change = change.clone().requires_grad_()
    adam = Adam([change])
    for step in range(steps):
        progress(step / steps, f"unlearning class {target} by {int(gains.counts().sum())} modes")
        logits = rest(gains.outputs(samples.coordinates, gains.allowed(change)))
        adam.step(rate, torch.autograd.grad(loss(logits, samples.labels, target, balance), [change]))
    with torch.no_grad():
        return gains.allowed(change)


def loss(logits: torch.Tensor, labels: torch.Tensor, target: int, balance: float) -> torch.Tensor:
    """Return the others' cross-entropy plus `balance` times the class's mean distance from being unlearned."""
    of_class = labels == target
    others = torch.cat([logits[of_class, :target], logits[of_class, target + 1 :]], dim=1)
    above = logits[of_class, target] - others.amax(1)
    kept = torch.nn.functional.cross_entropy(logits[~of_class], labels[~of_class])
    return kept + balance * torch.relu(above + MARGIN).mean()


@torch.no_grad()
def cost(gains: ModeGains, change: torch.Tensor, rest: Rest, samples: Samples, target: int) -> float:
    """Return the class's accuracy less `PRICE` times the mean accuracy of the other classes."""
    right = (rest(gains.outputs(samples.coordinates, change)).argmax(1) == samples.labels).double()
    shares = {int(c): float(right[samples.labels == c].mean()) for c in samples.labels.unique()}
    own = shares.pop(target, 0.0)
    return own - PRICE * float(np.mean(list(shares.values())))


def new_eigenvalues(fit: LayerFit, gains: ModeGains, change: torch.Tensor) -> dict[int, complex]:
    """Return the eigenvalues, by place, that have those gains: of the p-th roots those nearest to the present ones."""
    present, p = edited_eigenvalues(fit.dmd.eigenvalues, fit.dmd.edits), steps_of(fit)
    found = {}
    for place, paired, one in zip(gains.places, gains.paired.tolist(), change.double().tolist(), strict=True):
        gain = complex(1 + one[0], one[1])
        root = gain ** (1 / p) if paired else np.sign(gain.real) * abs(gain.real) ** (1 / p)
        found[int(place)] = complex(present[place] * root)
    return found
