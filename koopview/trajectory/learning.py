"""How learned scalings learn: Adam on shuffled batches, judged by validation samples."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from koopview.progress import Progress

VALIDATION_SHARE = 0.2
"""Share of the fitting samples that no training step uses: they decide when to stop."""

LEAST_TO_SPLIT = 10
"""With fewer samples, all of them are both trained on and judged by."""

_DECAYS = (0.9, 0.999)
_TINY = 1e-8

Function = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn.

    `updates` of `batch` samples each, spread over passes through the training samples. The learning rate falls evenly
    from `rate` to 0; `patience` passes without a new best validation error end learning early.
    """

    updates: int
    batch: int
    rate: float
    patience: int


def learn(
    parameters: Sequence[torch.Tensor],
    function: Function,
    x: torch.Tensor,
    y: torch.Tensor,
    schedule: Schedule,
    generator: torch.Generator,
    progress: Progress,
) -> None:
    """Train `parameters` in place until ``function(x)`` gets no nearer to y on validation samples; keep the best.

    The starting parameters count too, so the validation error never ends above where it began.

    Parameters
    ----------
    parameters : leaf tensors that require gradients
    function : callable
        Of inputs (samples, ...), returns outputs of the shape of y; it depends on `parameters`.
    x, y : tensors (samples, ...)
    generator : torch.Generator
        Draws the validation samples and the order of the others; of the CPU.
    progress : Progress
        Called before every update, so that it can stop the work within one.

    Raises
    ------
    Cancelled
        By `progress`.
    """
    spread = float((y - y.mean(0)).square().sum()) / len(y) or 1.0
    train, held = split(len(x), generator)
    passes = math.ceil(schedule.updates * schedule.batch / len(train))
    adam, best, waited, kept = Adam(parameters), math.inf, 0, [p.detach().clone() for p in parameters]
    for done in range(passes + 1):
        with torch.no_grad():
            error = math.sqrt(float(mean_square(function(x[held]), y[held])) / spread)
        waited = 0 if error < 0.999 * best else waited + 1
        if error < best:
            best, kept = error, [p.detach().clone() for p in parameters]
        if waited >= schedule.patience or done == passes:
            break
        batches = train[torch.randperm(len(train), generator=generator)].split(schedule.batch)
        for index, batch in enumerate(batches):
            share = (done + index / len(batches)) / passes
            progress(share, f"learning, pass {done + 1} of at most {passes}, error {best:.2g}")
            with torch.enable_grad():
                loss = mean_square(function(x[batch]), y[batch]) / spread
            adam.step((1 - share) * schedule.rate, torch.autograd.grad(loss, parameters))
    put(kept, parameters)


def mean_square(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean over samples of the squared distance."""
    return (x - y).square().sum() / len(y)


def split(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return indices of training and of validation samples, disjoint unless there are very few."""
    order = torch.randperm(count, generator=generator)
    if count < LEAST_TO_SPLIT:
        return order, order
    held = round(VALIDATION_SHARE * count)
    return order[held:], order[:held]


@torch.no_grad()
def put(values: Sequence[torch.Tensor], parameters: Sequence[torch.Tensor]) -> None:
    """Write `values` into `parameters`."""
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)


class Adam:
    """Our own short Adam (Kingma and Ba 2015).

    The first ``torch.optim.Adam`` of a process imports 800 modules, which hold the interpreter's lock while a window
    waits.
    """

    def __init__(self, parameters: Sequence[torch.Tensor]) -> None:
        self.parameters, self.steps = parameters, 0
        self.means = [torch.zeros_like(p) for p in parameters]
        self.squares = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self, rate: float, gradients: Sequence[torch.Tensor]) -> None:
        """Move every parameter against its gradient, in place."""
        self.steps += 1
        first, second = (1 - decay**self.steps for decay in _DECAYS)
        for parameter, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean.lerp_(gradient, 1 - _DECAYS[0])
            square.mul_(_DECAYS[1]).addcmul_(gradient, gradient, value=1 - _DECAYS[1])
            one = rate * min(1.0, 8 / parameter.shape[-1]) if parameter.ndim > 1 else rate
            parameter.addcdiv_(mean, (square / second).sqrt_().add_(_TINY), value=-one / first)
