"""Forward passes traced by the names of their calls; modules inside that cannot be traced stay whole, as one call."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

DROPOUT_FUNCTIONS = {functional.dropout, functional.alpha_dropout, functional.feature_alpha_dropout}
"""Functions that are left out of the layers."""


def is_hooked(operation: nn.Module) -> bool:
    """Return whether a hook, or a forward pass put in its place, may change a module's input or output."""
    usual = isinstance(operation, (fx.GraphModule, torch.jit.ScriptModule))  # have it as an attribute anyway
    changed = not usual and "forward" in vars(operation)
    return bool(changed or operation._forward_hooks or operation._forward_pre_hooks)


class WithoutDropout(TorchFunctionMode):
    """Leaves out dropout functions in a forward pass, as the layers do."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Return what a function gives, or its input."""
        named = kwargs or {}
        if func in DROPOUT_FUNCTIONS:
            return args[0] if args else named["input"]
        return func(*args, **named)


class Whole(nn.Module):
    """A module whose forward pass asks for more than the names of its calls tell, so that it stays one operation."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.kind = module, type(module).__name__

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the module gives, without dropout."""
        with WithoutDropout():
            return self.module(*args, **kwargs)


class Tracer(fx.Tracer):
    """Traces a forward pass by the names of the modules that it calls; scripted ones and `whole` stay whole."""

    def __init__(self, whole: tuple[type, ...] = ()) -> None:
        super().__init__()
        self.whole = whole

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Return whether a module stays one operation."""
        scripted = isinstance(m, torch.jit.ScriptModule)
        return scripted or type(m) in self.whole or super().is_leaf_module(m, module_qualified_name)


def traced(module: nn.Module, defaults: dict[str, Any] | None) -> fx.GraphModule:
    """Return the graph of a forward pass by the names of its calls; may raise any exception.

    Where tracing fails inside one of its modules, those of that class stay whole, unless such a module is itself a
    stack of others, which an export may tell apart.
    """
    whole: tuple[type, ...] = ()
    while True:
        try:
            graph = fx.GraphModule(module, Tracer(whole).trace(module, defaults))
        except Exception as error:  # tracing runs the user's forward: anything may be raised
            failed = next(_failed(error.__traceback__, module), None)
            if failed is None or type(failed) in whole or _is_stack(failed):
                raise
            whole = (*whole, type(failed))
        else:
            return _with_wholes(graph, whole)


def has_wholes(graph: fx.GraphModule) -> bool:
    """Return whether modules stayed whole in a graph, which an export may take apart."""
    return any(isinstance(one, Whole) for one in graph.modules())


def _failed(trace: TracebackType | None, root: nn.Module) -> Iterator[nn.Module]:
    """Yield the modules of `root` in whose forward pass an exception was raised, the innermost first."""
    inside = {id(one) for one in root.modules()} - {id(root)}
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame.f_locals.get("self"))
        trace = trace.tb_next
    yield from (one for one in reversed(frames) if isinstance(one, nn.Module) and id(one) in inside)


def _is_stack(module: nn.Module) -> bool:
    """Return whether a module holds several of one class that is not PyTorch's, as an encoder holds its layers."""
    own = [type(one) for one in module.modules() if not type(one).__module__.startswith("torch.nn.")]
    return len(set(own)) < len(own)


def _with_wholes(graph: fx.GraphModule, whole: tuple[type, ...]) -> fx.GraphModule:
    """Return a graph with the modules that stayed whole as such."""
    for target in {str(node.target) for node in graph.graph.nodes if node.op == "call_module"}:
        called = graph.get_submodule(target)
        if type(called) in whole:
            graph.set_submodule(target, Whole(called))
    return graph
