"""The hybrid network as a ``torch.export`` file, which runs with PyTorch alone, without KoopView."""

import copy
import io
from collections.abc import Mapping

import torch
from torch import nn

from koopview.errors import InputError
from koopview.hybrid.linearized import LinearizedLayer
from koopview.network.network import Layer, Network, alongside

EXAMPLES = 3
"""Samples that the network is traced on; the file takes any number."""


class Chain(nn.Module):
    """A network's layers in order, some of them replaced, as one module of (samples, ...) to (samples, outputs)."""

    def __init__(self, network: Network, replacements: Mapping[str, nn.Module]) -> None:
        super().__init__()
        parts = [part for layer in network.layers for part in _parts(layer, replacements.get(layer.name))]
        self.parts = nn.Sequential(*parts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (samples, outputs) in the precision of the inputs (samples, ...)."""
        return self.parts(x)


class Alongside(nn.Module):
    """A module of the first numbers of each row, past which the other numbers go."""

    def __init__(self, module: nn.Module, inputs: int) -> None:
        super().__init__()
        self.module, self.inputs = module, inputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the module's outputs, followed by the other numbers, of x (samples, inputs and others)."""
        return alongside(self.module, self.inputs, x)


def exported_bytes(module: nn.Module, shape: tuple[int, ...]) -> bytes:
    """Return a module as the bytes of a ``torch.export`` file, for any number of samples.

    ``torch.export.load(path).module()`` makes it again.

    Parameters
    ----------
    module : nn.Module
        Of float32 (samples, *shape).
    shape : tuple of int
        Of one sample.

    Raises
    ------
    InputError
        If the module does something that ``torch.export`` cannot save.
    """
    example, samples, content = torch.zeros(EXAMPLES, *shape), {0: torch.export.Dim("samples")}, io.BytesIO()
    try:
        with torch.no_grad():
            program = torch.export.export(own_copy(module), (example,), dynamic_shapes=(samples,))
            program = program.run_decompositions({})  # no tensor is changed in place: a graph that anyone can cut
        torch.export.save(program, content)
    except Exception as error:  # a user's layer may do anything
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the hybrid network cannot be exported ({reason}), expected layers that can") from error
    return content.getvalue()


def own_copy(module: nn.Module) -> nn.Module:
    """Return a copy on the CPU whose buffers are whole tensors: a view of a larger tensor is not saved well."""
    operators = [part.dmd for part in module.modules() if isinstance(part, LinearizedLayer)]
    copied = copy.deepcopy(module, {id(operator): operator for operator in operators}).cpu().eval()
    for part in copied.modules():
        for name, buffer in list(part.named_buffers(recurse=False)):
            setattr(part, name, buffer.clone(memory_format=torch.contiguous_format))
    return copied


def _parts(layer: Layer, replacement: nn.Module | None) -> list[nn.Module]:
    """Return a layer's modules in order, with `replacement`, if given, for its operation and activation."""
    own = [layer.affine, layer.activation] if replacement is None else [replacement]
    return [layer.arrange, *([Alongside(nn.Sequential(*own), layer.inputs)] if layer.carried else own)]
