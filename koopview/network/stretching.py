"""A stage's operations as one graph, and the same graph with each nonlinear operation blended with the identity.

METHOD section 7: a block's path is ``x(s) = (1-s) x0 + s f_s(x0)``, where f_s is the block with its activations blended
with the identity by s. Attention has no activation of single numbers, so that its path would be a straight line, which
two delays predict whatever the attention does. Here softmax is tempered too, ``softmax(s z)``: at s = 0 each token
attends to all tokens alike. Norms (LayerNorm and others) are blended like activations, those written out with
``rsqrt`` too.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn
from torch.func import functional_call
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from koopview.network.activations import activation_name
from koopview.network.forward.aten_weights import operator_of
from koopview.network.forward.calls import Call
from koopview.network.forward.wholes import Whole

NORMS = (
    nn.LayerNorm,
    nn.GroupNorm,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
    nn.LocalResponseNorm,
    *((nn.RMSNorm,) if hasattr(nn, "RMSNorm") else ()),
)
_NORM_CALLS = ("layer_norm", "group_norm", "instance_norm", "rms_norm")
_WAVES = ("sin", "cos")
_SOFTMAX = (nn.Softmax, nn.LogSoftmax, nn.Softmin, nn.Softmax2d)
_SOFTMAX_CALLS = ("softmax", "log_softmax", "_softmax", "_log_softmax")
_ATTENTION = ("scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu")
_WHOLE = (nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerEncoder)


def blend(x: torch.Tensor, y: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """Return the tensor ``(1-s) x + s y``."""
    return torch.lerp(x, y, s)


def temper(x: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """Return the tensor ``s x``."""
    return x * s


class Tempered(nn.Module):
    """A module with attention inside whose queries are multiplied by the share of the path, its first argument."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, s: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        """Return the module's result with ``softmax(s z)`` for each softmax of attention."""
        tempered = {
            name: _with_queries(name, one, s)
            for name, one in self.module.named_parameters()
            if name.rpartition(".")[2] in ("in_proj_weight", "in_proj_bias", "q_proj_weight")
        }
        return functional_call(self.module, tempered, args, kwargs)


class Blended(nn.Module):
    """A module that stayed whole, each nonlinear function that it calls blended by the share, its first argument."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, s: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        """Return the module's result at a share s of the path."""
        with Blending(s):
            return self.module(*args, **kwargs)


class Blending(TorchFunctionMode):
    """Blends the nonlinear functions that are called inside it with the identity by a share, as in a graph."""

    def __init__(self, share: torch.Tensor) -> None:
        super().__init__()
        self.share = share

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Return what a function gives, blended."""
        name, named = str(getattr(func, "__name__", "")), dict(kwargs or {})
        given: Any = args[0] if args else named.get("input", named.get("query"))
        if name in _SOFTMAX_CALLS or name in _ATTENTION:
            tempered = temper(given, self.share)
            return func(tempered, *args[1:], **named) if args else func(**{**named, _first(named): tempered})
        if func is functional.multi_head_attention_forward:
            return func(*_with_tempered_queries(args, self.share), **named)
        if not _is_known(func, name):
            return func(*args, **named)
        before = given.clone()  # an activation may overwrite it
        return blend(before, func(*args, **named), self.share)


def _first(named: dict[str, Any]) -> str:
    return "query" if "query" in named else "input"


def _with_tempered_queries(args: tuple[Any, ...], s: torch.Tensor) -> tuple[Any, ...]:
    """Return the arguments of PyTorch's attention, the weights of its queries multiplied by s."""
    weights = (None if one is None else _with_queries("in_proj", one, s) for one in args[5:7])
    return (*args[:5], *weights, *args[7:])


def _with_queries(name: str, parameter: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """Return the weights of an attention's input with those that make the queries multiplied by s."""
    rows = len(parameter) if name.endswith("q_proj_weight") else len(parameter) // 3
    return torch.cat([parameter[:rows] * s, parameter[rows:]])


def stage_graph(parts: Sequence[nn.Module]) -> fx.GraphModule:
    """Return operations that follow each other as one graph of one tensor; graphs among them are taken apart."""
    root, graph = nn.Module(), fx.Graph()
    value = graph.placeholder("x")
    for number, part in enumerate(parts):
        name = f"part{number}"
        root.add_module(name, part)
        if isinstance(part, fx.GraphModule):
            value = _inlined(graph, part, name, value)
        else:
            value = graph.call_module(name, (value,))
    graph.output(value)
    return fx.GraphModule(root, graph)


def _inlined(graph: fx.Graph, part: fx.GraphModule, name: str, value: fx.Node) -> fx.Node:
    """Copy the nodes of a graph of one input behind `value`; return the node of its result."""
    copies: dict[fx.Node, fx.Node] = {}
    for node in part.graph.nodes:
        if node.op == "placeholder":
            copies[node] = value
        elif node.op != "output":
            copies[node] = graph.node_copy(node, copies.__getitem__)
            if node.op in ("call_module", "get_attr"):
                copies[node].target = f"{name}.{node.target}"
    returned = next(node for node in part.graph.nodes if node.op == "output")
    return copies[returned.args[0]]


def blended_graph(module: fx.GraphModule, *, nothing: bool = False) -> fx.GraphModule:
    """Return a graph of one tensor as a graph of the tensor and a share s, its nonlinear operations blended by s.

    With `nothing`, none is blended: a stage may have no finite outputs when it is half blended.
    """
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    result = graph.graph_copy(module.graph, copies)
    given = next(node for node in graph.nodes if node.op == "placeholder")
    with graph.inserting_after(given):
        graph.placeholder("s")
    graph.output(result)
    stretched = fx.GraphModule(module, graph)
    share = _share_of(stretched)
    for node in [] if nothing else list(stretched.graph.nodes):
        _stretch(stretched, node, share)
    stretched.recompile()
    return stretched


def is_straight(module: fx.GraphModule, x: torch.Tensor) -> bool:
    """Return whether nothing in a blended graph was blended; of modules that stayed whole that is seen on inputs x."""
    users = _share_of(module).users
    called = [module.get_submodule(str(node.target)) if node.op == "call_module" else None for node in users]
    if not all(isinstance(one, Blended) for one in called):
        return False
    return not called or torch.equal(module(x, x.new_tensor(0.25)), module(x, x.new_tensor(1.0)))


def _share_of(module: fx.GraphModule) -> fx.Node:
    """Return the node of a blended graph's share."""
    return next(node for node in module.graph.nodes if node.op == "placeholder" and node.target == "s")


def _stretch(root: fx.GraphModule, node: fx.Node, share: fx.Node) -> None:
    """Blend one node of a graph by the share, if it is nonlinear in a way that is known."""
    graph = root.graph
    called = root.get_submodule(str(node.target)) if node.op == "call_module" else None
    name = _name_of(node, called)
    if isinstance(called, (*_WHOLE, Whole)):
        wrapped = f"{node.target}_blended".replace(".", "_")
        root.add_module(wrapped, Blended(called) if isinstance(called, Whole) else Tempered(called))
        node.target, node.args = wrapped, (share, *node.args)
    elif isinstance(called, _SOFTMAX) or name in _SOFTMAX_CALLS or name in _ATTENTION:
        with graph.inserting_before(node):
            first = graph.call_function(temper, (node.args[0], share))
        node.args = (first, *node.args[1:])
    elif name == "rsqrt":
        _blend_scale(graph, node, share)
    elif len(node.all_input_nodes) > 0 and _is_nonlinear(node, called, name):
        with graph.inserting_after(node):
            made = graph.call_function(blend, (node, node, share))
        node.replace_all_uses_with(made, delete_user_cb=lambda user: user is not made)
        made.args = (node.all_input_nodes[0], node, share)


def _blend_scale(graph: fx.Graph, node: fx.Node, share: fx.Node) -> None:
    """Blend the reciprocal of a norm with one: what is multiplied by it is then blended with itself."""
    with graph.inserting_after(node):
        one = graph.call_function(torch.ones_like, (node,))
    with graph.inserting_after(one):
        made = graph.call_function(blend, (one, node, share))
    node.replace_all_uses_with(made, delete_user_cb=lambda user: user not in (one, made))


def _name_of(node: fx.Node, called: nn.Module | None) -> str:
    """Return the name of what a node calls, as that of a function; "" for a module that is none."""
    if called is not None:
        return called.kind if isinstance(called, Call) else ""
    if node.op not in ("call_function", "call_method"):
        return ""
    return operator_of(node) or str(getattr(node.target, "__name__", node.target))


def _is_nonlinear(node: fx.Node, called: nn.Module | None, name: str) -> bool:
    """Return whether a node is an activation or a norm, which keeps the shape of its input."""
    if called is not None and not isinstance(called, Call):
        return activation_name(called) is not None or isinstance(called, NORMS)
    function: object = called.function if isinstance(called, Call) else node.target
    return _is_known(function, name)


def _is_known(function: object, name: str) -> bool:
    """Return whether a function, or a method of that name, is an activation or a norm that can be blended."""
    known = activation_name(function) or activation_name(name) or _function_called(name)
    return bool(known) or name in _NORM_CALLS or name in _WAVES


def _function_called(name: str) -> bool:
    """Return whether a name is that of an activation in torch.nn.functional."""
    return activation_name(getattr(functional, name.rstrip("_"), None)) is not None
