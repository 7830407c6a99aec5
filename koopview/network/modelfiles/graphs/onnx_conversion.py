"""An ONNX graph on its way to a graph of PyTorch's operators."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import fx

from koopview.errors import FileError

if TYPE_CHECKING:
    from onnx import NodeProto

Value = Any
"""A node of the graph, a constant (array), or a list of lengths, each a number or a node."""


class Conversion:
    """An ONNX graph on its way to a PyTorch graph: the values so far by their names in the file.

    Attributes
    ----------
    graph : fx.Graph
    values : dict of str to Value
    tensors : dict of str to tensor
        Weights that the graph names.
    """

    def __init__(self, file: str) -> None:
        self.graph, self.file = fx.Graph(), file
        self.values: dict[str, Value] = {"": None}
        self.tensors: dict[str, torch.Tensor] = {}

    def call(self, operator: Any, *args: Any, **kwargs: Any) -> fx.Node:
        """Add a call of a PyTorch operator."""
        return self.graph.call_function(operator, args, kwargs)

    def node(self, value: Value, name: str = "constant") -> Any:
        """Return a value as a node; a constant becomes a tensor that the graph names."""
        if not isinstance(value, np.ndarray):
            return value
        while name in self.tensors:
            name += "_"
        self.tensors[name] = torch.from_numpy(np.array(value))
        return self.graph.get_attr(name)

    def number(self, value: Value) -> Any:
        """Return a constant as numbers: one, or a list."""
        if isinstance(value, np.ndarray):
            return value.tolist()
        if value is None or isinstance(value, list):
            return value
        raise self.refusal("a setting that is computed while it runs")

    def refusal(self, what: str) -> FileError:
        """Return the FileError for something that is not converted."""
        return FileError(
            f"model {self.file} uses {what}, which KoopView does not read in ONNX; expected the network as "
            "torch.export.save wrote it, or its weights with a factory"
        )


Convert = Callable[[Conversion, "NodeProto", Sequence[Value], Mapping[str, Any]], Any]
"""Adds a node: the graph, the node, its inputs and its settings; returns its result, or a tuple of several."""
