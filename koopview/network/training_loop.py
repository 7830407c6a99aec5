"""The one training loop: one-cycle AdamW over shuffled batches; the best epoch by validation samples is kept."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from koopview.progress import Progress

Samples = tuple[Tensor, Tensor]
"""Inputs (samples, features) and labels (samples,)."""
Weights = dict[str, Tensor]
"""A state dict: float32 tensors, and whole numbers that batch norms count, by name."""


class Trained(NamedTuple):
    """The weights of a network, and the share of the validation samples that it classifies correctly."""

    weights: Weights
    validation_accuracy: float


class TrainingSamples(NamedTuple):
    """The samples to train on, to choose the network by and to test it on."""

    training: Samples
    validation: Samples
    test: Samples


_STEPS_BETWEEN_REPORTS = 20


class Schedule(Protocol):
    """How long, by how many samples and how fast is learned: the learning rate rises to `learning_rate` and falls."""

    @property
    def epochs(self) -> int: ...  # noqa: D102

    @property
    def batch(self) -> int: ...  # noqa: D102

    @property
    def learning_rate(self) -> float: ...  # noqa: D102

    @property
    def weight_decay(self) -> float: ...  # noqa: D102


class Recipe(Schedule, Protocol):
    """A schedule, and the kind of network that is trained by it."""

    @property
    def run_by(self) -> dict[str, str]:
        """What a file of the weights says of how they are run: its ``activation`` or its ``architecture``."""

    def trained(self, samples: Samples, validation: Samples, seed: int, progress: Progress) -> Trained:
        """Train, and return the weights that the validation samples choose; raises Cancelled by `progress`."""

    def accuracy(self, weights: Weights, samples: Samples) -> float:
        """Return the share of samples that a network of these weights classifies correctly."""


class Learner(Protocol):
    """What is trained: one network, or several at once."""

    def parameters(self) -> Iterable[Tensor]:
        """Return the tensors that the optimizer changes."""

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss, one number, of inputs (samples, features) and labels (samples,)."""

    def stepped(self) -> None:
        """Take note that the optimizer has changed the parameters."""

    def best(self, validation: Samples) -> Trained:
        """Return a copy of its best weights now, by the validation samples."""


def best_weights(
    learner: Learner,
    schedule: Schedule,
    samples: Samples,
    validation: Samples,
    generator: torch.Generator,
    changed: Callable[[Tensor], Tensor],
    progress: Progress,
) -> Trained:
    """Train a learner; return the weights of the epoch with the best validation accuracy, and that.

    `changed` is applied to the inputs of each batch (samples, features); `generator` draws the order of the samples.

    Raises
    ------
    Cancelled
        By `progress`.
    """
    optimizer = torch.optim.AdamW(
        learner.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, fused=True
    )
    steps = schedule.epochs * math.ceil(len(samples[0]) / schedule.batch)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, schedule.learning_rate, total_steps=steps)
    best, step = Trained({}, 0.0), 0
    for epoch in range(1, schedule.epochs + 1):
        for x, y in _batches(samples, schedule.batch, generator):
            if step % _STEPS_BETWEEN_REPORTS == 0:
                progress(step / steps, f"epoch {epoch} of {schedule.epochs}, {_told(best)}")
            optimizer.zero_grad()
            learner.loss(changed(x), y).backward()
            optimizer.step()
            rate.step()
            learner.stepped()
            step += 1
        found = learner.best(validation)
        if epoch == 1 or found.validation_accuracy > best.validation_accuracy:
            best = found
    progress(1.0, f"{schedule.epochs} epochs, {_told(best)}")
    return best


def _told(best: Trained) -> str:
    return f"validation accuracy {best.validation_accuracy:.1%}"


def _batches(samples: Samples, size: int, generator: torch.Generator) -> Iterator[Samples]:
    """Yield the samples once, in random order, a batch at a time."""
    x, y = samples
    for indices in torch.randperm(len(x), generator=generator).split(size):
        yield x[indices], y[indices]
