"""The one training loop: one-cycle AdamW over shuffled batches; the best epoch by validation samples is kept."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import torch
from torch import Tensor

from koopview.progress import Progress

Samples = tuple[Tensor, Tensor]
"""Inputs (samples, features) and labels (samples,)."""
Weights = dict[str, Tensor]
"""A state dict: float32 tensors, and whole numbers that batch norms count, by name."""

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


class Learner(Protocol):
    """What is trained: one network, or several at once."""

    def parameters(self) -> Iterable[Tensor]:
        """Return the tensors that the optimizer changes."""

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss, one number, of inputs (samples, features) and labels (samples,)."""

    def stepped(self) -> None:
        """Take note that the optimizer has changed the parameters."""

    def best(self, validation: Samples) -> tuple[Weights, float]:
        """Return a copy of its best weights so far by samples, and the share that they classify correctly."""


def best_weights(
    learner: Learner,
    schedule: Schedule,
    samples: Samples,
    validation: Samples,
    generator: torch.Generator,
    changed: Callable[[Tensor], Tensor],
    progress: Progress,
) -> tuple[Weights, float]:
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
    weights, best, step = learner.best(validation)[0], 0.0, 0
    for epoch in range(1, schedule.epochs + 1):
        for x, y in _batches(samples, schedule.batch, generator):
            if step % _STEPS_BETWEEN_REPORTS == 0:
                progress(step / steps, f"epoch {epoch} of {schedule.epochs}, validation accuracy {best:.1%}")
            optimizer.zero_grad()
            learner.loss(changed(x), y).backward()
            optimizer.step()
            rate.step()
            learner.stepped()
            step += 1
        found, accuracy = learner.best(validation)
        if accuracy > best:
            weights, best = found, accuracy
    progress(1.0, f"{schedule.epochs} epochs, validation accuracy {best:.1%}")
    return weights, best


def _batches(samples: Samples, size: int, generator: torch.Generator) -> Iterator[Samples]:
    """Yield the samples once, in random order, a batch at a time."""
    x, y = samples
    for indices in torch.randperm(len(x), generator=generator).split(size):
        yield x[indices], y[indices]
