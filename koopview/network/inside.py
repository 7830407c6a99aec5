"""The stages inside a block: a block opened into layers, so that one of its operations is fitted where it stands.

A block has branches, so that not all data pass through an operation inside it. The block is cut before and after the
operation; what is still needed behind it, such as the block's skip, is carried past it in the same rows of numbers.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import fx, nn

from koopview.errors import InputError
from koopview.network.forward.aten_weights import NAME
from koopview.network.forward.branches import Part, copier
from koopview.network.forward.calls import is_sample_count, is_size
from koopview.network.forward.links import does_nothing, link_operation
from koopview.network.forward.tracing import EXAMPLES
from koopview.network.forward.wholes import is_hooked
from koopview.network.grouping import AFFINE, grouped
from koopview.network.network import Layer, Network
from koopview.network.sizing import OfRows, stage_of_rows

CLOSE = 1e-4
"""Largest difference of an opened block's outputs from the block's, relative to its largest output."""


@dataclass(frozen=True, eq=False)
class Inner:
    """A stage inside a block: its operations are the `nodes` of the block's graph, which take what `given` gives."""

    layer: Layer
    given: fx.Node
    nodes: tuple[fx.Node, ...]


class OpenBlock:
    """A block's graph, what its nodes give on an example, and the stages inside it."""

    def __init__(self, block: Layer, graph: fx.GraphModule) -> None:
        self.block, self.graph = block, graph
        self.values = _values(block, graph)
        self.given = next(node for node in graph.graph.nodes if node.op == "placeholder")
        self.returned: fx.Node = next(node for node in graph.graph.nodes if node.op == "output").args[0]
        self._dependent = _dependent(graph, self.given)
        self.stages = tuple(self._stages())

    def _stages(self) -> Iterator[Inner]:
        """Yield the block's stages in order; nothing if one of them is the whole block."""
        taken = set[fx.Node]()
        found = []
        for node in self.graph.graph.nodes:
            stage = None if node in taken else self._stage_from(node)
            if stage is not None:
                taken.update(stage.nodes)
                found.append(stage)
        if any(one.op not in ("placeholder", "output") and one.target != "clone" for one in self._others(found)):
            yield from found

    def _others(self, stages: Sequence[Inner]) -> list[fx.Node]:
        """Return the nodes that are in none of the stages, in order."""
        inside = {node for stage in stages for node in stage.nodes}
        return [node for node in self.graph.graph.nodes if node not in inside]

    def _stage_from(self, node: fx.Node) -> Inner | None:
        """Return the stage that begins with a node, None unless it is an affine operation of one tensor of samples."""
        given = node.args[0] if node.args and node.op == "call_module" else None
        if not isinstance(given, fx.Node) or not self.is_carriable(given) or not Part(given, (node,)).is_link:
            return None
        first = link_operation(self.graph, Part(given, (node,)), self.values)
        if not isinstance(first, (nn.Linear, *AFFINE)) or is_hooked(first):
            return None
        nodes, layer = self._followed(node, first)
        layer = replace(layer, name=_path(node) or f"{self.block.name}.{node.name}")
        before, made = self.values[given], self.values[nodes[-1]]
        sized = stage_of_rows(layer, tuple(before.shape[1:]), before, made)
        right = self.is_carriable(nodes[-1]) and _is_close(sized(before.flatten(1)), made.flatten(1))
        return Inner(sized, given, nodes) if right else None

    def _followed(self, node: fx.Node, first: nn.Module) -> tuple[tuple[fx.Node, ...], Layer]:
        """Return the nodes of the stage that begins with an affine operation, and the stage as a layer."""
        nodes, operations = [node], [first]
        while len(nodes[-1].users) == 1:
            (user,) = nodes[-1].users
            part = Part(nodes[-1], (user,))
            if user.op == "output" or not part.is_link:
                break
            if not does_nothing(self.graph, part, self.values):
                operations.append(link_operation(self.graph, part, self.values))
                if _as_stage(operations) is None:
                    operations.pop()
                    break
            nodes.append(user)
        layer = _as_stage(operations)
        assert layer is not None
        return tuple(nodes), layer

    def is_carriable(self, node: fx.Node) -> bool:
        """Return whether a node gives a tensor of float32 numbers for each sample, which can be carried in its row."""
        value = self.values.get(node)
        if node not in self._dependent or not isinstance(value, torch.Tensor) or value.dtype != torch.float32:
            return False
        return value.ndim > 0 and len(value) == EXAMPLES

    def opened(self, stages: Sequence[Inner]) -> list[Layer]:
        """Return the block as layers: some of its stages, in order, and the rest of the block as the last one."""
        order = {node: index for index, node in enumerate(self.graph.graph.nodes)}
        ends = [order[stage.nodes[-1]] for stage in stages]
        parts = [list[fx.Node]() for _ in range(len(stages) + 1)]
        for node in self._others(stages):
            parts[sum(end < order[node] for end in ends)].append(node)
        layers, held = list[Layer](), [self.given]
        for index, stage in enumerate(stages):
            known = {
                *(node for part in parts[: index + 1] for node in part),
                *(one.nodes[-1] for one in stages[:index]),
            }
            carried = self._needed(known, [*parts[index + 1 :], [one.given for one in stages[index + 1 :]]])
            before = self._segment(parts[index], held, [stage.given, *carried])
            arrange = before if index else nn.Sequential(self.block.arrange, before)
            layers.append(replace(stage.layer, arrange=arrange, carried=self._numbers(carried)))
            held = [stage.nodes[-1], *carried]
        return [*layers, self._rest(layers, self._segment(parts[-1], held, [self.returned]), self._numbers(held))]

    def _needed(self, known: set[fx.Node], later: Sequence[Sequence[fx.Node]]) -> list[fx.Node]:
        """Return the `known` nodes, in order, of which `later` ones need what they give."""
        found, waiting = set[fx.Node](), [(node, True) for part in later for node in part]
        seen = set[fx.Node]()
        while waiting:
            node, is_later = waiting.pop()
            if node in seen or is_sample_count(node):
                continue
            if node in known and self.is_carriable(node):
                found.add(node)
            elif is_later or node in known:  # what cannot be carried is computed again
                seen.add(node)
                waiting += [(source, source in known) for source in node.all_input_nodes]
        return [node for node in self.graph.graph.nodes if node in found]

    def _numbers(self, nodes: Sequence[fx.Node]) -> int:
        return sum(self.values[node][0].numel() for node in nodes)

    def _segment(self, nodes: Sequence[fx.Node], held: Sequence[fx.Node], wanted: Sequence[fx.Node]) -> fx.GraphModule:
        """Return the nodes between two cuts as a module of rows of what is `held` to rows of what is `wanted`."""
        graph, copies, start = fx.Graph(), dict[fx.Node, fx.Node](), 0
        x = graph.placeholder("x")
        for node in held:
            shape = tuple(self.values[node].shape[1:])
            stop = start + self._numbers([node])
            copies.setdefault(node, graph.call_function(unpacked, (x, start, stop, shape)))
            start = stop
        copied = copier(graph, x, copies)
        for node in nodes:
            if node.op != "output":
                copied(node)
        graph.output(graph.call_function(packed, ([copied(node) for node in wanted],)))
        return fx.GraphModule(self.graph, graph)

    def _rest(self, layers: Sequence[Layer], module: fx.GraphModule, inputs: int) -> Layer:
        """Return what is computed behind the last of some stages as the last layer of the block."""
        told = " and ".join(layer.name for layer in layers)
        return Layer(
            name=f"{self.block.name} (rest)",
            kind=self.block.kind,
            affine=module,
            activation=nn.Identity(),
            activation_name="identity",
            arrange=nn.Identity(),
            inputs=inputs,
            outputs=self.block.outputs,
            reason=f"it joins what {told} gives with what goes past it",
            in_shape=(inputs,),
            out_shape=self.block.out_shape,
        )


def unpacked(x: torch.Tensor, start: int, stop: int, shape: tuple[int, ...]) -> torch.Tensor:
    """Return some numbers of each row as a tensor (samples, *shape) of its own."""
    return x[:, start:stop].reshape(x.shape[0], *shape).clone()  # an operation may change it in place


def packed(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return tensors of samples side by side, (samples, numbers)."""
    return torch.cat([one.reshape(one.shape[0], -1) for one in tensors], 1)


def inside(network: Network) -> dict[str, tuple[Layer, ...]]:
    """Return the stages inside each block of a network by the block's name; a block without any is left out."""
    return {block.block.name: tuple(one.layer for one in block.stages) for block in _blocks(network)}


def opened(network: Network, names: Iterable[str]) -> Network:
    """Return the network with the blocks around the stages called `names` opened, so that these are layers.

    Names of other stages are left alone. Raises InputError if a block does not give its outputs when it is cut there.
    """
    wanted, layers = set(names), {layer.name: [layer] for layer in network.layers}
    for block in _blocks(network):
        chosen = [stage for stage in block.stages if stage.layer.name in wanted]
        if chosen:
            layers[block.block.name] = made = block.opened(chosen)
            _check(block, made)
    return replace(network, layers=tuple(one for of_one in layers.values() for one in of_one))


@torch.no_grad()
def _blocks(network: Network) -> Iterator[OpenBlock]:
    """Yield the blocks that have stages inside, with names that no other stage of the network has."""
    called = Counter(layer.name for layer in network.layers)
    for layer in network.layers:
        graph = layer.affine.module if isinstance(layer.affine, OfRows) else None
        if not isinstance(graph, fx.GraphModule):
            continue
        block, named = OpenBlock(layer, graph), list[Inner]()
        for stage in block.stages:
            name = stage.layer.name
            called[name] += 1
            own = f"{name} ({called[name]})" if called[name] > 1 else name
            named.append(replace(stage, layer=replace(stage.layer, name=own)))
        block.stages = tuple(named)
        if named:
            yield block


@torch.no_grad()
def _check(block: OpenBlock, layers: Sequence[Layer]) -> None:
    """Raise InputError unless the layers give the block's outputs on the example."""
    x = wanted = block.values[block.given].flatten(1)
    wanted = block.block(wanted)
    for layer in layers:
        arrange = layer.arrange[-1] if isinstance(layer.arrange, nn.Sequential) else layer.arrange
        x = layer.alongside(layer, arrange(x))
    if not _is_close(x, wanted):
        raise InputError(
            f"stage {layers[0].name} cannot be taken out of {block.block.name}, which changes tensors in place, "
            f"expected {block.block.name} as a whole"
        )


def _is_close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and bool((one - other).abs().max() <= CLOSE * other.abs().max())


def _values(block: Layer, graph: fx.GraphModule) -> dict[fx.Node, Any]:
    """Return what each node of a block's graph gives on a few random inputs."""
    generator = torch.Generator().manual_seed(0)
    device = next((one.device for one in graph.parameters()), None)
    x = torch.randn(EXAMPLES, *block.in_shape, generator=generator).to(device)
    runner = fx.Interpreter(graph, garbage_collect_values=False)
    runner.run(x)
    return runner.env


def _dependent(graph: fx.GraphModule, given: fx.Node) -> set[fx.Node]:
    """Return the nodes that give numbers that depend on those of the input."""
    found = {given}
    for node in graph.graph.nodes:
        if not is_size(node) and not found.isdisjoint(node.all_input_nodes):
            found.add(node)
    return found


def _path(node: fx.Node) -> str:
    """Return the path of the module that a node calls, "" if it has none of its own."""
    return str(node.meta.get(NAME) or re.sub(r"^part\d+\.?", "", str(node.target)))


def _as_stage(operations: Sequence[nn.Module]) -> Layer | None:
    """Return operations that follow each other as the one layer that they make, None if they are none."""
    following = nn.Conv1d(1, 1, 1)  # the last operation of a chain is grouped in another way
    try:
        layers = grouped([("", one) for one in (*operations, following)], "")
    except InputError:
        return None
    alone = len(layers) == 2 and type(layers[1].arrange) is nn.Identity
    return layers[0] if alone else None
