"""Well-known architectures written out in plain torch: small, with random weights, of the true topology.

They judge how networks are read, so they share no code with the package and are written as their best-known
implementations are: shared activations, in-place sums, shapes read off tensors, functions beside modules.
"""

import torch
from reference.architectures.mixers import MIXERS
from reference.architectures.mobile import MOBILE
from reference.architectures.perceptrons import PERCEPTRONS
from reference.architectures.plain_convolutional import PLAIN_CONVOLUTIONAL
from reference.architectures.residual_convolutional import RESIDUAL_CONVOLUTIONAL
from reference.architectures.sequences import SEQUENCES
from reference.architectures.transformers import TRANSFORMERS
from torch import nn

ARCHITECTURES = {
    **PLAIN_CONVOLUTIONAL,
    **RESIDUAL_CONVOLUTIONAL,
    **MOBILE,
    **TRANSFORMERS,
    **MIXERS,
    **SEQUENCES,
    **PERCEPTRONS,
}
"""Name to (function that makes the module, shape of one sample)."""


def made(name, seed=0):
    """Return an architecture at rest, its norms with statistics and weights that are not trivial."""
    make, shape = ARCHITECTURES[name]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        module = make()
        for parameter in module.parameters():
            if parameter.ndim == 1:  # biases, and the weights of norms, which start as zeros and ones
                parameter.add_(0.1 * torch.randn_like(parameter))
            else:  # larger than PyTorch's, so that outputs differ from sample to sample
                parameter.mul_(2.0)
        module.train()
        for _ in range(12):  # statistics of batch norms
            module(0.5 + 1.5 * torch.randn(16, *shape))
    return module.eval()


def samples(name, count, seed=1):
    """Return random inputs (count, ...) of an architecture, float32."""
    generator = torch.Generator().manual_seed(seed)
    return 0.5 + 1.5 * torch.randn(count, *ARCHITECTURES[name][1], generator=generator)


def own(module, x):
    """Return a module's outputs (samples, ...) on x, the first of several."""
    with torch.no_grad():
        given = module(x)
    return given[0] if isinstance(given, tuple) else given


def outputs_are_rows(module: nn.Module, x: torch.Tensor) -> bool:
    """Return whether the module gives one row of numbers a sample."""
    return own(module, x[:2]).ndim == 2
