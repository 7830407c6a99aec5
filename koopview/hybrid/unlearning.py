"""Class unlearning: few mode edits, found by gradient, that lower one class's accuracy most (METHOD section 6).

Aswani, Jabari, Shafique (2025, arXiv 2505.12809) edit the modes of a learned Koopman autoencoder; here they are the
replaced layer's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from koopview.hybrid.carried import beside
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.promise import cost, keeps_promise
from koopview.koopman.arrays import as_numpy
from koopview.koopman.edits import composed_edits, edited_eigenvalues
from koopview.koopman.eigenvalues import can_turn
from koopview.progress import Progress, part
from koopview.trajectory.learning import Adam

MARGIN = 1.0
"""Distance below the largest other logit to which the class's own logit is pushed."""

BALANCES = (0.1, 0.3, 1.0, 3.0)
"""Weights of the class's loss against the others'; one is chosen on validation samples."""

SHARES = (0.35, 0.5, 0.75, 1.0, 1.25)
"""Multiples of a found change that are tried too: less may spare the others, more may lower the class enough."""

KEPT_SHARE = 0.6
"""Share of the modes that a round of pruning keeps."""

SEARCH_STEPS, LAST_STEPS = 90, 150
SEARCH_RATE, LAST_RATE = 0.05, 0.03

Rest = Callable[[torch.Tensor], torch.Tensor]
"""The network after the layer: maps its outputs (samples, outputs) to logits (samples, classes), with gradients."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples: z[0] of the layer in the operator's basis, and labels.

    Attributes
    ----------
    coordinates : float32 tensor (samples, rank)
    labels : int64 tensor (samples,)
    past : tensor (samples, carried)
        What goes past the layer.
    """

    coordinates: torch.Tensor
    labels: torch.Tensor
    past: torch.Tensor


@dataclass(frozen=True, eq=False)
class ModeGains:
    """A layer's output as a linear function of the gains of its groups of modes.

    A group whose eigenvalues are multiplied by f has the gain ``g = f^p`` in the output. The output is
    ``c R^T + sum of Re[(g - 1) (v c) (R w)]`` over columns. R maps coordinates c to the output; w and v are the
    columns and rows of the groups' bases. A pair of conjugates has one complex column, counted twice; all other
    columns are real.

    Attributes
    ----------
    readout : tensor (outputs, rank)
        R.
    left : complex tensor (columns, rank)
    images : complex tensor (columns, outputs)
        ``R w``, doubled for a pair.
    member : int64 tensor (columns,)
        The index of each column's group.
    groups : int array (groups,)
        The least index of each group.
    sizes : int64 tensor (groups,)
        Eigenvalues of each.
    paired : bool tensor (groups,)
        Whether each group is a pair of conjugates, whose gain may be complex.
    least : float
        Lower bound of a real gain.
    """

    readout: torch.Tensor
    left: torch.Tensor
    images: torch.Tensor
    member: torch.Tensor
    groups: np.ndarray
    sizes: torch.Tensor
    paired: torch.Tensor
    least: float

    def at(self, chosen: torch.Tensor) -> "ModeGains":
        """Return the ModeGains of some groups."""
        columns = torch.isin(self.member, chosen)
        renamed = torch.searchsorted(chosen, self.member[columns])
        of_groups = (self.groups[as_numpy(chosen)], self.sizes[chosen], self.paired[chosen], self.least)
        return ModeGains(self.readout, self.left[columns], self.images[columns], renamed, *of_groups)

    def outputs(self, coordinates: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs) with gains 1 + `change`, a real tensor (groups, 2)."""
        seen = coordinates.to(self.left.dtype) @ self.left.T
        weighted = seen * torch.view_as_complex(change)[self.member]
        moved = weighted.real @ self.images.real - weighted.imag @ self.images.imag
        return coordinates @ self.readout.T + moved

    def allowed(self, change: torch.Tensor) -> torch.Tensor:
        """Return the nearest allowed change (groups, 2): groups other than pairs have real gains."""
        real, imaginary = change.unbind(1)
        return torch.stack([torch.where(self.paired, real, real.clamp(min=self.least - 1)), imaginary * self.paired], 1)

    def effects(self, coordinates: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Return the root mean square of what each group's change adds to the outputs, (groups,), per eigenvalue."""
        seen = coordinates.to(self.left.dtype) @ self.left.T
        added = []
        for group in range(len(self.groups)):
            own = self.member == group
            added.append((seen[:, own] @ self.images[own]).abs().square().mean().sqrt())
        return change.norm(dim=1) * torch.stack(added) / self.sizes.sqrt()


def mode_gains(fit: LayerFit) -> ModeGains:
    """Return the ModeGains of a layer's groups of modes, on top of its present edits."""
    dmd, readout = fit.dmd, fit.module().readout
    blocks, values = dmd.pairs.blocks, dmd.eigenvalues
    present = edited_eigenvalues(values, dmd.edits, blocks.labels)
    groups = np.unique(blocks.labels[present != 0])  # what is 0 cannot be multiplied away
    bases = [group_basis(fit, int(group)) for group in groups]
    paired = np.array([np.iscomplexobj(right) for right, _ in bases])
    right = torch.as_tensor(np.hstack([right.astype(complex) for right, _ in bases]), device=readout.device)
    left = torch.as_tensor(np.vstack([left.astype(complex) for _, left in bases]), device=readout.device)
    member = np.repeat(np.arange(len(groups)), [base.shape[1] for base, _ in bases])
    twice = torch.as_tensor(1.0 + paired[member], device=readout.device)[:, None]
    return ModeGains(
        readout=readout.float(),
        left=left.to(torch.complex64),
        images=((readout.to(right.dtype) @ right).T * twice).to(torch.complex64),
        member=torch.as_tensor(member, device=readout.device),
        groups=groups,
        sizes=torch.as_tensor([int((blocks.labels == group).sum()) for group in groups], device=readout.device),
        paired=torch.as_tensor(paired, device=readout.device),
        least=0.0 if fit.power % 2 == 0 else -np.inf,  # no real eigenvalue has a negative even power
    )


def group_basis(fit: LayerFit, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the basis of a group's subspace (rank, columns) and its dual (columns, rank); for a pair one column."""
    pairs = fit.dmd.pairs
    right, left = pairs.blocks.basis(group)
    if right.shape[1] != 2 or not can_turn(pairs.values[group]):
        return right, left
    values, vectors = np.linalg.eig(left @ as_numpy(pairs.matrix) @ right)
    upper = int(np.argmax(values.imag))
    return right @ vectors[:, [upper]], np.linalg.inv(vectors)[[upper]] @ left


def unlearned(
    fit: LayerFit, rest: Rest, fitting: Samples, validation: Samples, target: int, most: int, progress: Progress
) -> dict[int, complex]:
    """Return new eigenvalues, by index, that lower the accuracy of class `target` and spare the other classes.

    The gains of all groups of modes follow the gradient of a loss. In rounds, groups that change the output least are
    dropped, until at most `most` eigenvalues, in whole groups, are edited. The loss is the others' cross-entropy plus
    the class's logit's excess over `MARGIN` below the largest other. Of several such edits, the best that keeps the
    promise on the validation samples (:func:`keeps_promise`) is returned; an empty dict if none does.

    Parameters
    ----------
    fit : LayerFit
    rest : callable
    fitting, validation : Samples
        Samples for the gradients, and samples that choose among the edits found; neither may be the test samples.
    target : int
    most : int

    Raises
    ------
    Cancelled
        By `progress`.
    """
    gains = mode_gains(fit)
    groups = torch.arange(len(gains.groups), device=gains.member.device)
    change = torch.zeros(len(groups), 2, device=gains.images.device)
    rounds = pruning_rounds(int(gains.sizes.sum()), most)
    for i, left in enumerate(rounds):
        within = part(progress, 0.6 * i / len(rounds), 0.6 * (i + 1) / len(rounds))
        change = moved_along(gains.at(groups), change, rest, fitting, target, 1.0, SEARCH_STEPS, SEARCH_RATE, within)
        kept = largest(gains.at(groups), fitting.coordinates, change, left)
        groups, change = groups[kept], change[kept]
        if not len(groups):  # even the smallest group has more than `most`
            return {}
    few, found = gains.at(groups), []
    for i, balance in enumerate(BALANCES):
        within = part(progress, 0.6 + 0.4 * i / len(BALANCES), 0.6 + 0.4 * (i + 1) / len(BALANCES))
        found.append(moved_along(few, change, rest, fitting, target, balance, LAST_STEPS, LAST_RATE, within))
    candidates = [few.allowed(share * one) for one in found for share in SHARES]
    before = right_of(gains, torch.zeros(len(gains.groups), 2, device=change.device), rest, validation)
    judged = [(one, right_of(few, one, rest, validation)) for one in candidates]
    kept_promise = [pair for pair in judged if keeps_promise(before, pair[1], validation.labels, target)]
    for change, _ in sorted(kept_promise, key=lambda pair: cost(pair[1], validation.labels, target)):
        wanted = new_eigenvalues(fit, few, change)
        after = right_with(fit, wanted, rest, validation)
        if keeps_promise(before, after, validation.labels, target):
            return wanted
    return {}


@torch.no_grad()
def right_with(fit: LayerFit, wanted: dict[int, complex], rest: Rest, samples: Samples) -> torch.Tensor:
    """Return which samples are right (samples,), bool, with the operator itself edited, as in the final network."""
    dmd = fit.dmd
    edits = composed_edits(dmd.eigenvalues, dmd.edits, wanted, dmd.pairs.blocks.labels)
    outputs = fit.edited(edits).module().outputs(beside(samples.coordinates, samples.past))
    return rest(outputs).argmax(1) == samples.labels


def pruning_rounds(eigenvalues: int, most: int) -> list[int]:
    """Return how many eigenvalues may stay edited after each round, a list that ends with `most`."""
    rounds = []
    while (eigenvalues := int(eigenvalues * KEPT_SHARE)) > most:
        rounds.append(eigenvalues)
    return [*rounds, most]


def largest(gains: ModeGains, coordinates: torch.Tensor, change: torch.Tensor, most: int) -> torch.Tensor:
    """Return the indices among `gains` of groups whose change adds most to the outputs, `most` eigenvalues at most."""
    kept: list[int] = []
    for group in gains.effects(coordinates, change).argsort(descending=True).tolist():
        if int(gains.sizes[[*kept, group]].sum()) <= most:
            kept.append(group)
    return torch.tensor(sorted(kept), dtype=torch.long, device=change.device)


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
        progress(step / steps, f"unlearning class {target} by {int(gains.sizes.sum())} modes")
        logits = rest(beside(gains.outputs(samples.coordinates, gains.allowed(change)), samples.past))
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
def right_of(gains: ModeGains, change: torch.Tensor, rest: Rest, samples: Samples) -> torch.Tensor:
    """Return which samples are right (samples,), bool, with these changes of gains."""
    return rest(beside(gains.outputs(samples.coordinates, change), samples.past)).argmax(1) == samples.labels


def new_eigenvalues(fit: LayerFit, gains: ModeGains, change: torch.Tensor) -> dict[int, complex]:
    """Return the eigenvalues, by index, with these gains: the p-th roots nearest to the present eigenvalues."""
    dmd, p = fit.dmd, fit.power
    present = edited_eigenvalues(dmd.eigenvalues, dmd.edits, dmd.pairs.blocks.labels)
    found = {}
    for group, paired, one in zip(gains.groups, gains.paired.tolist(), change.double().tolist(), strict=True):
        gain = complex(1 + one[0], one[1])
        root = gain ** (1 / p) if paired else np.sign(gain.real) * abs(gain.real) ** (1 / p)
        found[int(group)] = complex(present[group] * root)
    return found
