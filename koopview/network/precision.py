"""Modules in float64, graphs with numbers of their own among them."""

from typing import Any

import torch
from torch import fx, nn
from torch.utils import _pytree as pytree

DOUBLED: dict[Any, Any] = {torch.float32: torch.float64, "float": "double"}
"""What stands in a graph for float32, and in its place for float64."""


def in_double(module: nn.Module) -> nn.Module:
    """Return a module after it was turned to float64, in place, with the numbers that its graphs make."""
    for part in module.double().modules():
        if isinstance(part, fx.GraphModule):
            for node in part.graph.nodes:
                node.args, node.kwargs = pytree.tree_map(_doubled, (node.args, node.kwargs))
                if node.op == "call_method":
                    node.target = DOUBLED.get(node.target, node.target)
            part.recompile()
    return module


def _doubled(value: Any) -> Any:
    """Return float64 for float32, and any other value as it is."""
    return torch.float64 if value is torch.float32 else value
