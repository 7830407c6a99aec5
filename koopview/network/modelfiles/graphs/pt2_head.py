"""The head of an exported network: its operators with weights, in the order in which they run."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from koopview.network.activation_names import ACTIVATION_CLASSES
from koopview.network.info import UNSIZED
from koopview.network.modelfiles.graphs.pt2_program import Program
from koopview.network.modelfiles.head import LayerHead, ModelHead

_CONVOLUTIONS = {
    f"{name}{axes}d": f"{kind}{axes}d"
    for name, kind in (("conv", "Conv"), ("conv_transpose", "ConvTranspose"))
    for axes in (1, 2, 3)
}
_KINDS = {"linear": "Linear", "addmm": "Linear", **_CONVOLUTIONS}
_OTHERS = {"batch_norm": "BatchNorm", "layer_norm": "LayerNorm", "embedding": "Embedding", "group_norm": "GroupNorm"}


def head_of(program: Program) -> ModelHead:
    """Return the ModelHead of a program; a broken description may raise any exception."""
    layers = tuple(_layers(program))
    sizes = [math.prod(one.shape) for one in program.tensors.values()]
    dtypes = sorted({one.dtype for one in program.tensors.values()} - {"int64"})
    return ModelHead("torch.export graph", layers, sum(sizes), ", ".join(dtypes))


def _layers(program: Program) -> Iterator[LayerHead]:
    """Yield the operators that hold weights, each with the activation that takes its result."""
    names = dict(_stored_names(program))
    nodes, affine = program.graph["nodes"], set[str]()
    for index, node in enumerate(nodes):
        operator = _operator(node)
        held = [names[used] for used in _tensors_of(node) if used in names]
        folded = operator == "batch_norm" and not affine.isdisjoint(_tensors_of(node))
        if folded or operator not in _KINDS | _OTHERS or not held or held[0] not in program.tensors:
            continue
        shape = program.tensors[held[0]].shape
        kind = _KINDS.get(operator) or _OTHERS[operator]
        linear = kind == "Linear" and len(shape) == 2
        affine |= {_result(node)} if operator in _KINDS else set()
        yield LayerHead(
            name=held[0].rpartition(".")[0] or held[0],
            kind=kind,
            shape=shape,
            inputs=shape[1] if linear else 0,
            outputs=shape[0] if linear else 0,
            activation=_activation(nodes[index + 1 :], node),
            certainty="known",
            parameters=sum(math.prod(program.tensors[one].shape) for one in held if one in program.tensors),
            reason="" if linear else UNSIZED,
        )


def _stored_names(program: Program) -> Iterator[tuple[str, str]]:
    """Yield (name in the graph, name in the network) of each stored tensor."""
    for spec in program.signature["input_specs"]:
        (_, said), *_ = spec.items()
        stored = [value for key, value in said.items() if key.endswith("_name")]
        if stored:
            yield said["arg"]["name"], stored[0]


def _tensors_of(node: Mapping[str, Any]) -> list[str]:
    return [one["arg"]["as_tensor"]["name"] for one in node["inputs"] if "as_tensor" in one["arg"]]


def _activation(following: list[Mapping[str, Any]], node: Mapping[str, Any]) -> str:
    """Return the activation after a node, past operators that do nothing at rest; "identity" if there is none."""
    result = _result(node)
    for one in following:
        if result not in _tensors_of(one):
            continue
        name = _operator(one).rstrip("_")
        if name in ACTIVATION_CLASSES:
            return name
        if name not in ("batch_norm", "dropout"):
            break
        result = _result(one)
    return "identity"


def _operator(node: Mapping[str, Any]) -> str:
    return str(node["target"]).removeprefix("torch.ops.aten.").partition(".")[0]


def _result(node: Mapping[str, Any]) -> str:
    return str(node["outputs"][0].get("as_tensor", {}).get("name"))
