"""A graph of PyTorch's own operators (ATen), made from their names: a file that names them runs no other code."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import fx

from koopview.errors import FileError
from koopview.memory import check_memory

CREATED = frozenset({"arange", "eye", "full", "linspace", "ones", "scalar_tensor", "zeros"})
"""Operators that need no tensor."""

PRIVATE = frozenset(
    {
        "_adaptive_avg_pool2d",
        "_log_softmax",
        "_native_batch_norm_legit_no_training",
        "_softmax",
        "_to_copy",
        "_unsafe_view",
        "_weight_norm",
    }
)
"""Operators with a private name that are safe for any arguments; others of that kind may skip their checks."""

REFUSED = frozenset({"from_file", "resize_", "resize_as_", "set_", "set_data"})
"""Operators that touch files or the memory under a tensor."""

Operator = torch._ops.OpOverload


def operator_named(name: str, overload: str, file: str) -> Operator:
    """Return an ATen operator by its name and overload ("relu", "default"); raises FileError for one that is unsafe.

    Only operators that compute tensors from tensors are taken, or make tensors of numbers.
    """
    packet = getattr(torch.ops.aten, name, None) if name.isidentifier() else None
    found = getattr(packet, overload, None) if packet is not None and overload in packet.overloads() else None
    if not isinstance(found, Operator):
        raise FileError(f"model {file} uses the operator {name}.{overload}, which this PyTorch does not have")
    if name in REFUSED or (name.startswith("_") and name not in PRIVATE) or not _computes(found):
        raise FileError(f"model {file} uses the operator {name}.{overload}, expected a network's operators alone")
    return found


def _computes(operator: Operator) -> bool:
    """Return whether an operator computes from tensors, or makes one of numbers."""
    name = operator._schema.name.removeprefix("aten::")
    return name in CREATED or any("Tensor" in str(argument.type) for argument in operator._schema.arguments)


def graph_module(
    graph: fx.Graph, tensors: Mapping[str, torch.Tensor], shapes: Sequence[Any], file: str
) -> fx.GraphModule:
    """Return a module that runs a graph, whose ``get_attr`` nodes name `tensors`; raises FileError or InputError.

    `shapes` are those of its inputs, where they are known: with them, every intermediate result is checked against
    the free memory before anything is computed.
    """
    try:
        graph.lint()
        module = fx.GraphModule(dict(tensors), graph)
    except Exception as error:  # fx raises many types for nodes that do not fit each other
        raise FileError(f"model {file} holds a graph that does not fit together, expected a whole one") from error
    if all(shape is not None for shape in shapes):
        _check_sizes(module, shapes, file)
    return module


class _Sizes(fx.Interpreter):
    """Runs a graph on tensors without numbers, and adds up the bytes that their numbers would take."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.needed = 0

    def run_node(self, n: fx.Node) -> Any:
        """Return a node's result, with its size counted; more than all memory ends the run."""
        result = super().run_node(n)
        for one in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(one, torch.Tensor) and n.op == "call_function":
                self.needed = max(self.needed, one.numel() * one.element_size())
        return result

    def get_attr(self, target: Any, args: Any, kwargs: Any) -> Any:
        """Return a stored tensor without its numbers."""
        found = super().get_attr(target, args, kwargs)
        return found.to("meta") if isinstance(found, torch.Tensor) else found


def _check_sizes(module: fx.GraphModule, shapes: Sequence[Sequence[int]], file: str) -> None:
    """Raise InputError if one intermediate result takes more memory than is free."""
    sizes = _Sizes(module)
    try:
        with torch.no_grad():
            sizes.run(*(torch.empty(tuple(shape), device="meta") for shape in shapes))
    except Exception:  # an operator that needs the numbers; whether the graph runs at all is seen when it runs
        pass
    check_memory(2 * sizes.needed, f"model {file}", "a smaller network")
