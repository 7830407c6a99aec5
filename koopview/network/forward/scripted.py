"""The graph of a scripted module (TorchScript): its operators, where no choice depends on the numbers that it takes."""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import fx

from koopview.errors import InputError

KINDS = "koopview_kinds"
"""The key in a graph module's meta under which the classes of a scripted module's parts stand, by their paths."""

_PYTHON: dict[str, Callable[..., Any]] = {
    "aten::__is__": operator.is_,
    "aten::__isnot__": operator.is_not,
    "aten::__not__": operator.not_,
    "aten::__getitem__": operator.getitem,
    "aten::len": len,
    "aten::__contains__": lambda several, one: one in several,
    **{f"aten::{name}": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul")},
    **{f"aten::{name}": getattr(operator, name) for name in ("floordiv", "neg", "pow")},
    "aten::div": operator.truediv,
    "aten::floor_divide": operator.floordiv,
    "aten::Float": float,
    "aten::Bool": bool,
    "aten::__and__": operator.and_,
    "aten::__or__": operator.or_,
    "aten::ceil": math.ceil,
    "aten::floor": math.floor,
    "aten::format": lambda text, *values: text,
}
"""Operators on numbers, words and lists, which no tensor takes part in."""

_OF_ALL = ("aten::__is__", "aten::__isnot__")
"""Operators that tell nothing of a tensor's numbers."""

_PASSED_ON = ("prim::unchecked_cast", "prim::NumToTensor", "aten::Int", "aten::IntImplicit", "prim::data")
_TYPES = {4: torch.int64, 6: torch.float32, 7: torch.float64, 11: torch.bool}
"""Types of numbers by their codes in a script."""

_COUNTS = (7, 5)
"""Samples of two examples: a length that differs between them depends on the number of samples."""


class ScriptedGraph:
    """Goes through a scripted module in order, on two examples of different numbers of samples.

    A value is a constant of Python, a list of values, or a node of the new graph; `shown` holds what a node gives on
    both examples.
    """

    def __init__(self, module: torch.jit.ScriptModule, name: str, example: torch.Tensor) -> None:
        self.module, self.name, self.graph = module, name, fx.Graph()
        self.values: dict[str, Any] = {}
        self.shown: dict[fx.Node, tuple[Any, Any]] = {}
        self.tensors: dict[str, torch.Tensor] = {}
        self.examples = tuple(example[:1].repeat(count, *[1] * (example.ndim - 1)) for count in _COUNTS)

    def converted(self) -> fx.GraphModule:
        """Return the module of the new graph; raises InputError where a choice depends on the input."""
        scripted = self.module.inlined_graph
        own, first, *others = scripted.inputs()
        self.values[own.debugName()] = self.module, ""
        given = self.graph.placeholder("x")
        self.shown[given] = self.examples[0], self.examples[1]
        self.values[first.debugName()] = given
        forward: Any = self.module.forward
        for one, said in zip(others, forward.schema.arguments[2:], strict=True):
            self.values[one.debugName()] = self._constant(said.default_value if said.has_default_value() else None)
        with torch.no_grad():
            self._run(scripted)
        results = [self.values[one.debugName()] for one in scripted.outputs()]
        self.graph.output(results[0])
        made = fx.GraphModule(self.tensors, self.graph)
        made.meta[KINDS] = {path: part.original_name for path, part in self.module.named_modules() if path}
        return made

    def _run(self, block: Any) -> None:
        for node in block.nodes():
            if node.kind() == "prim::If":
                self._choose(node)
                continue
            results = [one.debugName() for one in node.outputs()]
            value = self._value(node)
            several = [value] if len(results) == 1 else self._unpacked(value, len(results))
            self.values.update(zip(results, several, strict=True))

    def _choose(self, node: Any) -> None:
        """Run the block of a choice that depends on no input."""
        (condition,) = self._inputs(node)
        if isinstance(condition, fx.Node):
            raise self._refusal("a choice that depends on its input")
        taken = list(node.blocks())[0 if condition else 1]
        self._run(taken)
        for one, inner in zip(node.outputs(), taken.outputs(), strict=True):
            self.values[one.debugName()] = self.values[inner.debugName()]

    def _inputs(self, node: Any) -> list[Any]:
        return [self.values[one.debugName()] for one in node.inputs()]

    def _value(self, node: Any) -> Any:
        """Return the value that a node of the scripted graph gives; several as a list."""
        kind = node.kind()
        if kind == "prim::Constant":
            is_function = node.output().type().kind() == "FunctionType"
            return self._constant(None if is_function else node.output().toIValue())
        given = self._inputs(node)
        if kind == "prim::GetAttr":
            return self._attribute(given[0], node.s("name"))
        if kind in ("prim::ListConstruct", "prim::TupleConstruct"):
            return given
        if kind == "prim::DictConstruct":
            return dict(zip(given[::2], given[1::2], strict=True))
        if kind in ("prim::ListUnpack", "prim::TupleUnpack"):
            return given[0]
        return self._computed(node, kind, given)

    def _computed(self, node: Any, kind: str, given: list[Any]) -> Any:
        """Return the result of an operator."""
        if kind == "aten::dim":
            return self._of_shape(given[0], lambda tensor: tensor.dim())
        if kind == "aten::len" and isinstance(given[0], fx.Node):
            return self._length(given[0], 0)
        if kind == "aten::size":
            rank = self._of_shape(given[0], lambda tensor: tensor.dim())
            lengths = [self._length(given[0], axis) for axis in range(rank)]
            return lengths if len(given) == 1 else lengths[given[1]]
        if kind in _PASSED_ON:
            return int(given[0]) if isinstance(given[0], float) else given[0]
        if kind in ("prim::dtype", "prim::device"):
            return getattr(self.shown[given[0]][0], kind.removeprefix("prim::"))
        if kind == "prim::TupleIndex":
            return self._unpacked(given[0], given[1] + 1)[given[1]]
        if kind in _PYTHON and (kind in _OF_ALL or not any(isinstance(one, fx.Node) for one in given)):
            return _PYTHON[kind](*given[: 2 if kind != "aten::format" else None])
        if not kind.startswith("aten::"):
            raise self._refusal(kind.removeprefix("prim::"))
        return self._call(node, given)

    def _call(self, node: Any, given: Sequence[Any]) -> fx.Node:
        """Return a new node that calls an operator of PyTorch."""
        full, _, _ = node.schema().partition("(")
        name, _, overload = full.removeprefix("aten::").partition(".")
        function = getattr(getattr(torch.ops.aten, name), overload or "default")
        said = function._schema.arguments
        args = tuple(value for one, value in zip(said, given, strict=True) if not one.kwarg_only)
        kwargs = {one.name: value for one, value in zip(said, given, strict=True) if one.kwarg_only}
        if isinstance(kwargs.get("dtype"), int):
            kwargs["dtype"] = _TYPES.get(kwargs["dtype"], kwargs["dtype"])
        called = self.graph.call_function(function, args, kwargs)
        self._show(called, function)
        return called

    def _show(self, called: fx.Node, function: Callable[..., Any]) -> None:
        """Keep what a new node gives on both examples."""
        first, second = (self._result(called, function, example) for example in (0, 1))
        self.shown[called] = first, second

    def _result(self, called: fx.Node, function: Callable[..., Any], example: int) -> Any:
        args, kwargs = fx.node.map_arg((called.args, called.kwargs), lambda node: self.shown[node][example])
        return function(*args, **kwargs)

    def _of_shape(self, value: Any, read: Callable[[torch.Tensor], int]) -> Any:
        return read(self.shown[value][0])

    def _length(self, value: fx.Node, axis: int) -> Any:
        """Return the length of an axis, a number, or a node if it depends on the number of samples."""
        first, second = (one.shape[axis] for one in self.shown[value])
        if first == second:
            return first
        read = self.graph.call_function(torch.ops.aten.sym_size.int, (value, axis))
        self.shown[read] = first, second
        return read

    def _attribute(self, owner: tuple[Any, str], name: str) -> Any:
        """Return an attribute of a scripted module: a module with its path, a node of a tensor, or a constant."""
        module, path = owner
        value, path = getattr(module, name), f"{path}.{name}".lstrip(".")
        if isinstance(value, torch.nn.Module):
            return value, path
        return self._held(path, value) if isinstance(value, torch.Tensor) else value

    def _constant(self, value: Any) -> Any:
        """Return a value of Python, a tensor as a node that holds it."""
        return self._held(f"constant_{len(self.values)}", value) if isinstance(value, torch.Tensor) else value

    def _held(self, path: str, tensor: torch.Tensor) -> fx.Node:
        self.tensors[path] = tensor if tensor.is_leaf else torch.nn.Parameter(tensor.detach(), requires_grad=False)
        node = self.graph.get_attr(path)
        self.shown[node] = tensor, tensor
        return node

    def _unpacked(self, value: Any, count: int) -> Sequence[Any]:
        """Return the entries of a value that holds several."""
        if not isinstance(value, fx.Node):
            return value if count else []
        found = []
        for index in range(count):
            item = self.graph.call_function(operator.getitem, (value, index))
            self._show(item, operator.getitem)
            found.append(item)
        return found

    def _refusal(self, what: str) -> InputError:
        return InputError(
            f"{self.name} is a scripted module with {what}, expected one whose operators follow each other; "
            "open the module that it was scripted from"
        )
