"""Train one network of an architecture: moved pictures, label smoothing, and averaged weights that are kept."""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from koopview.network.architectures import new_module
from koopview.network.training_loop import Samples, Trained, Weights, best_weights
from koopview.progress import Progress

_RUN_AT_ONCE = 1000


@dataclass(frozen=True)
class DeepRecipe:
    """How a network of an `architecture` is trained; the kept weights are an exponential average of those of all steps.

    Each picture of a batch is turned by up to `turn` degrees, zoomed by up to the share `zoom`, and moved by up to
    `shift` pixels in both directions.
    """

    architecture: str
    epochs: int
    learning_rate: float
    weight_decay: float = 0.05
    batch: int = 128
    smoothing: float = 0.05
    average: float = 0.998
    turn: float = 10
    zoom: float = 0.1
    shift: float = 2

    @property
    def run_by(self) -> dict[str, str]:
        """What a file of the weights says of how they are run."""
        return {"architecture": self.architecture}

    def trained(self, samples: Samples, validation: Samples, seed: int, progress: Progress) -> Trained:
        """Return the best averaged weights and their validation accuracy, see :func:`best_module`."""
        return best_module(self, samples, validation, seed, progress)

    def accuracy(self, weights: Weights, samples: Samples) -> float:
        """Return the share of samples that a network of these weights classifies correctly."""
        module = new_module(self.architecture)
        module.load_state_dict(weights)
        return module_accuracy(module, samples)


def best_module(recipe: DeepRecipe, samples: Samples, validation: Samples, seed: int, progress: Progress) -> Trained:
    """Train a module; return the averaged weights of the epoch with the best validation accuracy, and that.

    Raises
    ------
    Cancelled
        By `progress`.
    """
    module = new_module(recipe.architecture, seed)
    generator = torch.Generator().manual_seed(seed)
    moving = partial(moved, recipe=recipe, generator=generator)
    return best_weights(AveragedLearner(module, recipe), recipe, samples, validation, generator, moving, progress)


class AveragedLearner:
    """One module in training, and the exponential average of its weights; a Learner."""

    def __init__(self, module: nn.Module, recipe: DeepRecipe) -> None:
        self._module, self._smoothing = module, recipe.smoothing
        self._average = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(recipe.average), use_buffers=True)
        self.parameters = module.parameters

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the mean cross-entropy with smoothed labels."""
        return nn.functional.cross_entropy(self._module(x), y, label_smoothing=self._smoothing)

    def stepped(self) -> None:
        """Add the module's weights to the average."""
        self._average.update_parameters(self._module)

    def best(self, validation: Samples) -> Trained:
        """Return a copy of the average, and its share of correctly classified samples."""
        weights = {name: tensor.detach().clone() for name, tensor in self._average.module.state_dict().items()}
        return Trained(weights, module_accuracy(self._average.module, validation))


@torch.no_grad()
def module_accuracy(module: nn.Module, samples: Samples) -> float:
    """Return the share of samples that a module classifies correctly, as it is when it is used (``eval``)."""
    module.eval()
    parts = zip(*(one.split(_RUN_AT_ONCE) for one in samples), strict=True)
    right = sum(int((module(x).argmax(dim=1) == y).sum()) for x, y in parts)
    return right / len(samples[0])


def moved(rows: Tensor, recipe: DeepRecipe, generator: torch.Generator) -> Tensor:
    """Return square pictures, rows (samples, side * side), each turned, zoomed and moved at random; zeros outside."""
    side = math.isqrt(rows.shape[1])
    drawn = 2 * torch.rand(4, len(rows), generator=generator) - 1
    turn, zoom = math.radians(recipe.turn) * drawn[0], 1 + recipe.zoom * drawn[1]
    right, down = 2 * recipe.shift / side * drawn[2:]
    cos, sin = zoom * turn.cos(), zoom * turn.sin()
    affine = torch.stack([torch.stack([cos, -sin, right], 1), torch.stack([sin, cos, down], 1)], 1)
    grid = nn.functional.affine_grid(affine, [len(rows), 1, side, side], align_corners=False)
    pictures = nn.functional.grid_sample(rows.view(-1, 1, side, side), grid, align_corners=False)
    return pictures.flatten(1)
