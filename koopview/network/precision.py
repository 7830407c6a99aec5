"""Modules in another precision, graphs with numbers of their own among them."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import fx, nn
from torch.utils import _pytree as pytree

_METHODS = {"float": torch.float32, "double": torch.float64}
"""Tensor methods that turn a tensor to a precision."""


_HALF = (torch.float16, torch.bfloat16)


def half_remark(weights: Iterable[torch.Tensor], name: str) -> str:
    """Return the remark about a network called `name` with weights in half precision, "" if it has none."""
    found = dict.fromkeys(str(one.dtype).removeprefix("torch.") for one in weights if one.dtype in _HALF)
    return f"{name} holds weights in {' and '.join(found)}; it is computed in float32" if found else ""


def in_precision(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Return a module after it was turned to float32 or float64, in place, with the numbers that its graphs make."""
    method = next(name for name, known in _METHODS.items() if known is dtype)

    def turned(value: Any) -> Any:
        return dtype if value in _METHODS.values() else value

    for part in module.to(dtype).modules():
        if isinstance(part, fx.GraphModule):
            for node in part.graph.nodes:
                node.args, node.kwargs = pytree.tree_map(turned, (node.args, node.kwargs))
                if node.op == "call_method" and node.target in _METHODS:
                    node.target = method
            part.recompile()
    return module
