"""A module's forward pass as a graph: traced by names where it can be, exported by PyTorch where it looks at data."""

import copy
import inspect
import io
import logging
import operator
import warnings
from contextlib import redirect_stderr, suppress
from typing import Any

import torch
from torch import fx, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils import parametrize
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm
from torch.utils import _pytree as pytree

from koopview.errors import InputError
from koopview.network.forward.encoders import open_encoders
from koopview.network.forward.scripted import ScriptedGraph
from koopview.network.forward.wholes import has_wholes, traced

EXAMPLES = 7
"""Samples of an example: a number that no layer is likely to have as its width."""


_CONVOLUTIONS = tuple(f"conv{kind}{axes}d" for kind in ("", "_transpose") for axes in (1, 2, 3))
_PRODUCTS = ("linear", "bilinear", "matmul", "mm", "bmm", "addmm", "baddbmm", "einsum", "tensordot", *_CONVOLUTIONS)
"""Functions that multiply by matrices."""

_OF_WEIGHTS = (WeightNorm, SpectralNorm, BasePruningMethod)
"""Hooks that compute a layer's weights, the same ones each time at rest."""


def own_copy(module: nn.Module, name: str, *, shared: bool = False) -> nn.Module:
    """Return a copy of a module at rest, on the CPU, in float32; raises InputError for one that was never run.

    Its weights are `shared` with the module, not copied, if nobody is going to change them.
    """
    module = unwrapped(module)
    if any(is_lazy(one) for one in (*module.parameters(), *module.buffers())):
        raise InputError(f"{name} has lazy layers whose sizes are not known, expected a module that was run once")
    kept = [one for part in module.modules() for one in vars(part).values() if isinstance(one, torch.Tensor)]
    results = {id(one): one.detach().clone() for one in kept if not one.is_leaf}  # as hooks keep them
    held = [one for one in module.parameters() if type(one) is nn.Parameter] if shared else []
    results |= {id(one): nn.Parameter(one.detach(), requires_grad=False) for one in held}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of modules in forms that PyTorch is about to leave
            copied = copy.deepcopy(module, results).cpu().float()
    except Exception as error:  # anything may be an attribute of a module
        raise InputError(
            f"{name} cannot be copied ({one_line(error)}), expected a module of tensors and plain values"
        ) from error
    with suppress(NotImplementedError):  # exported modules are as they were exported
        copied.eval()
    if not isinstance(copied, torch.jit.ScriptModule):
        _simplify(copied)
        open_encoders(copied)
    if isinstance(copied, fx.GraphModule):
        _in_float32(copied)
    return copied


def _in_float32(module: fx.GraphModule) -> None:
    """Let a graph compute in float32 as its weights do, where it turns to float64, as exported hybrids do."""
    for node in module.graph.nodes:
        turned = pytree.tree_map(lambda one: torch.float32 if one is torch.float64 else one, (node.args, node.kwargs))
        node.args, node.kwargs = turned
    module.recompile()


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the module inside those of ``torch.compile`` and of training on several devices."""
    while True:
        if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            module = module.module
        elif isinstance(inner := getattr(module, "_orig_mod", None), nn.Module):
            module = inner
        else:
            return module


def _simplify(module: nn.Module) -> None:
    """Take off what changes a layer's weights in training alone, and keep activations from changing their inputs."""
    for part in list(module.modules()):
        for key, inner in part.named_children():
            part._modules[key] = unwrapped(inner)
    for part in module.modules():
        if getattr(part, "inplace", False) is True and type(part).__module__.startswith("torch.nn."):
            part.inplace = False  # type: ignore[assignment]  # an activation's input is a state, needed afterwards
        if parametrize.is_parametrized(part):
            kind = type(part)  # which the original shares, and which loses a property here
            own = {key: one for key, one in vars(kind).items() if key not in ("__dict__", "__weakref__")}
            part.__class__ = type(kind.__name__, kind.__bases__, own)
            for weight in list(part.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(part, weight, leave_parametrized=True)
        hooks: dict[int, Any] = dict(part._forward_pre_hooks)
        for number, hook in hooks.items():
            if isinstance(hook, _OF_WEIGHTS):
                hook.remove(part)
                del part._forward_pre_hooks[number]


def graph_of(module: nn.Module, name: str, example: torch.Tensor | None) -> fx.GraphModule:
    """Return the graph of a module's forward pass on `example`, a few samples; raises InputError if there is none.

    Where the names of the calls do not tell the graph, as in a forward pass that asks for the shape of its input, it
    is what PyTorch exports for any number of samples of the example's kind.
    """
    if isinstance(module, fx.GraphModule):
        return fx.GraphModule(module, copy.deepcopy(module.graph))  # layers are put into it, other ones with other data
    shown = guessed_example(module) if example is None else example
    if isinstance(module, torch.jit.ScriptModule):
        return _scripted(module, name, shown)
    graph = None
    try:
        if not _is_named(module):
            raise ValueError("its input has no name of its own")
        graph = traced(module, _defaults(module) or None)
        if not _changes_in_place(graph) and not _holds_weights(graph) and not has_wholes(graph):
            return graph
        error: Exception = ValueError("it changes tensors in place, or looks at the numbers in them")
    except Exception as raised:  # tracing runs the user's forward: anything may be raised
        error = raised
    try:
        return exported(module, shown)
    except Exception as raised:
        if graph is not None and not _changes_in_place(graph):
            return graph
        raise InputError(
            f"{name} cannot be read as a chain of layers ({one_line(raised if example is not None else error)}), "
            "expected a forward pass like nn.Sequential's"
        ) from raised


def _scripted(module: torch.jit.ScriptModule, name: str, example: torch.Tensor) -> fx.GraphModule:
    """Return the graph of a scripted module; raises InputError if it cannot be read."""
    try:
        return ScriptedGraph(module, name, example).converted()
    except InputError:
        raise
    except Exception as error:  # a scripted graph may hold any operator
        raise InputError(
            f"{name} is a scripted module that cannot be read ({one_line(error)}), expected the module it was made from"
        ) from error


def exported(module: nn.Module, example: torch.Tensor) -> fx.GraphModule:
    """Return the graph that PyTorch exports for any number of samples; may raise any exception."""
    given = {0: torch.export.Dim("samples")}
    samples = (given,) if _is_named(module) else ((given,),)
    plain = module.register_forward_hook(_plain_results)
    logging.disable(logging.CRITICAL)  # of what is told in a sentence
    try:
        with warnings.catch_warnings(), torch.no_grad(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            program = torch.export.export(module, (example,), dynamic_shapes=samples, strict=False)
            if _changes_in_place(program.graph_module):
                program = program.run_decompositions({})
            return program.module()
    finally:
        logging.disable(logging.NOTSET)
        plain.remove()


def _plain_results(module: nn.Module, given: Any, result: Any) -> Any:
    """Return results by name as a plain dict, which an export knows."""
    return dict(result.items()) if hasattr(result, "keys") and hasattr(result, "items") else result


def guessed_example(module: nn.Module) -> torch.Tensor:
    """Return a few samples of zeros, as many features as the first Linear layer takes."""
    features = next((part.in_features for part in module.modules() if isinstance(part, nn.Linear)), 0)
    if not features:  # scripted modules keep the weights alone
        features = next((one.shape[1] for one in module.parameters() if one.ndim == 2), 1)
    return torch.zeros(EXAMPLES, features)


def fitting(example: torch.Tensor | None, module: fx.GraphModule) -> torch.Tensor:
    """Return an example of the inputs of a graph, as many samples as it was exported for if that number is fixed."""
    value = next((node.meta.get("val") for node in module.graph.nodes if node.op == "placeholder"), None)
    known = [length if isinstance(length, int) else EXAMPLES for length in getattr(value, "shape", ())]
    if example is None:
        return torch.zeros(known) if known else guessed_example(module)
    return of_count(example, known[0]) if known else example


def of_count(example: torch.Tensor, count: int) -> torch.Tensor:
    """Return `count` samples of an example, which are those of the example, again and again if it has fewer."""
    return example.repeat(-(-count // len(example)), *[1] * (example.ndim - 1))[:count]


def one_line(error: Exception) -> str:
    """Return the first line of an error's message, a str of at most 150 characters."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:150]


def _defaults(module: nn.Module) -> dict[str, Any]:
    """Return the values of a forward pass's optional arguments by name."""
    _, *others = inspect.signature(module.forward).parameters.values()
    return {one.name: one.default for one in others if one.default is not inspect.Parameter.empty}


def _is_named(module: nn.Module) -> bool:
    """Return whether a forward pass's input has a name, unlike in ``forward(self, *inputs)``."""
    first = next(iter(inspect.signature(module.forward).parameters.values()), None)
    return first is None or first.kind is not inspect.Parameter.VAR_POSITIONAL


def _changes_in_place(module: fx.GraphModule) -> bool:
    """Return whether a graph changes a tensor that is used later under its earlier name."""
    return any(not node.users and _is_in_place(node) for node in module.graph.nodes)


def _holds_weights(module: fx.GraphModule) -> bool:
    """Return whether a graph multiplies by matrices of its own, whose layers an export tells."""
    waiting = [node for node in module.graph.nodes if node.op == "get_attr" and _is_matrix(module, node)]
    constant = set(waiting)
    while waiting:
        for user in waiting.pop().users:
            if constant.issuperset(user.all_input_nodes):
                waiting += [user] if user not in constant else []
                constant.add(user)
            elif str(getattr(user.target, "__name__", user.target)) in _PRODUCTS:
                return True
    return False


def _is_matrix(module: fx.GraphModule, node: fx.Node) -> bool:
    held = operator.attrgetter(str(node.target))(module)
    return isinstance(held, torch.Tensor) and held.ndim > 1


def _is_in_place(node: fx.Node) -> bool:
    if node.op == "call_method":
        return str(node.target).endswith("_") and not str(node.target).endswith("__")
    schema = getattr(node.target, "_schema", None)
    return node.op == "call_function" and schema is not None and schema.is_mutable


def returned(module: fx.GraphModule, name: str) -> tuple[fx.Node, str]:
    """Return the node of the tensor that a graph returns, and a remark if it returns others beside it, else ""."""
    output = next(node for node in reversed(module.graph.nodes) if node.op == "output")
    given, info = output.args[0], getattr(module.graph._codegen, "pytree_info", None)
    if info is not None and info.out_spec is not None and isinstance(given, (list, tuple)):
        given = pytree.tree_unflatten(list(given), info.out_spec)
    found, told = chosen(given, fx.Node)
    if not isinstance(found, fx.Node):
        raise InputError(f"{name} returns no tensor, expected a module that returns its outputs")
    remark = f"{name} returns several results, of which {told} is taken as its outputs" if told else ""
    return found, remark


def chosen(given: Any, kind: type) -> tuple[Any, str]:
    """Return the first `kind` in a forward pass's result, ``logits`` before others, and which one it is, a str."""
    if isinstance(given, kind):
        return given, ""
    several = (
        dict(given) if hasattr(given, "keys") else dict(enumerate(given)) if isinstance(given, (list, tuple)) else {}
    )
    for key in sorted(several, key=lambda key: key != "logits"):
        found, inner = chosen(several[key], kind)
        if found is not None:
            alone = len(several) == 1 and key == 0
            return found, inner if alone else f"the entry {key!r}" if isinstance(key, str) else "the first tensor"
    return None, ""


class Observer(fx.Interpreter):
    """Runs a graph on an example and keeps what each node gives: a tensor without numbers, or anything else."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module, garbage_collect_values=True)
        self.seen: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        """Return a node's result, which is kept."""
        result = super().run_node(n)
        self.seen[n] = result.detach().to("meta") if isinstance(result, torch.Tensor) else result
        return result


def observed(module: fx.GraphModule, example: torch.Tensor) -> dict[fx.Node, Any]:
    """Return what each node gives on an example, tensors without their numbers; nothing of nodes that cannot run."""
    observer = Observer(module)
    try:
        with torch.no_grad():
            observer.run(example, enable_io_processing=False)
    except Exception:  # whether the network runs on the data is seen when it runs
        pass
    return observer.seen
