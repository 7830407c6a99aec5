"""A graph cut at the tensors through which all data pass: between two of them stands one operation, or branches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import fx

from koopview.network.forward.calls import is_sample_count, is_size, sized


@dataclass(frozen=True)
class Part:
    """The nodes between two tensors through which all data pass: `before`, and the last of `nodes`."""

    before: fx.Node
    nodes: tuple[fx.Node, ...]

    @property
    def is_link(self) -> bool:
        """Whether it is one node that takes just the tensor before it, and lengths that can be read from it."""
        first, *more = self.nodes
        read = [source for source in first.all_input_nodes if is_size(source)]
        known = all(sized(source) is self.before or is_sample_count(source) for source in read)
        alone = [source for source in first.all_input_nodes if source not in read] == [self.before]
        usual = first.op != "call_module" or (first.args == (self.before,) and not first.kwargs)
        return not more and known and alone and usual


def needed(returned: fx.Node) -> list[fx.Node]:
    """Return the nodes that a node is computed from, itself last, in the order of the graph."""
    found, waiting = {returned}, [returned]
    while waiting:
        new = [node for node in waiting.pop().all_input_nodes if node not in found]
        found.update(new)
        waiting += new
    return [node for node in returned.graph.nodes if node in found]


def parts(given: fx.Node, returned: fx.Node, no_rows: Iterable[fx.Node] = ()) -> list[Part]:
    """Return the parts of the way from an input to what is returned, in order, each a Part.

    All data pass the end of each part, so that a part can be run, or replaced, on its own. `no_rows` are nodes that
    give something else than a tensor of samples, and end no part but the last.
    """
    sources = _sources(needed(returned), given)
    data = [node for node in sources if node is given or _has_data(node, sources)]
    place = {node: index for index, node in enumerate(data)}
    last_use = [0] * len(data)
    for node in data:
        for source in sources[node]:
            last_use[place[source]] = max(last_use[place[source]], place[node])
    found, begin, reach = list[Part](), 0, last_use[0] if data else 0
    for index in range(1, len(data)):
        if reach <= index and (data[index] not in no_rows or index == len(data) - 1):
            found.append(Part(data[begin], tuple(data[begin + 1 : index + 1])))
            begin = index
        reach = max(reach, last_use[index])
    return found


def _sources(nodes: list[fx.Node], given: fx.Node) -> dict[fx.Node, set[fx.Node]]:
    """Return the nodes with data that each node takes, directly or through lengths; the number of samples is free."""
    found: dict[fx.Node, set[fx.Node]] = {}
    for node in nodes:
        inputs = () if node is given or is_sample_count(node) else node.all_input_nodes
        taken: set[fx.Node] = set()
        for source in inputs:
            taken |= {source} if source is given or _has_data(source, found) else found[source]
        found[node] = taken
    return found


def _has_data(node: fx.Node, sources: Mapping[fx.Node, set[fx.Node]]) -> bool:
    """Return whether a node gives data that depend on the input's numbers, not just constants or lengths."""
    return not is_size(node) and any(source in sources[node] for source in node.all_input_nodes)


def part_module(root: torch.nn.Module, part: Part) -> fx.GraphModule:
    """Return a part of the graph of `root` as a module of one tensor, which it does not change."""
    graph = fx.Graph()
    given = graph.placeholder("x")
    copies = {part.before: graph.call_method("clone", (given,))}

    def copied(node: fx.Node) -> fx.Node:
        if node not in copies:
            count = is_sample_count(node)
            copies[node] = graph.call_method("size", (given, 0)) if count else graph.node_copy(node, copied)
            if isinstance(copies[node].kwargs.get("device"), torch.device):  # where the data are is seen when it runs
                with graph.inserting_before(copies[node]):
                    device = graph.call_function(getattr, (given, "device"))
                copies[node].kwargs = {**copies[node].kwargs, "device": device}
        return copies[node]

    for node in part.nodes:
        copied(node)
    graph.output(copies[part.nodes[-1]])
    return fx.GraphModule(root, graph)


def part_path(part: Part) -> tuple[str, str]:
    """Return the path and the class of the module that holds a part's nodes, two str; empty if there is none."""
    stacks = [_stack(node) for node in part.nodes]
    shared = [first for first, *others in zip(*stacks, strict=False) if all(first == one for one in others)]
    return shared[-1] if shared else ("", "")


def heaviest(root: torch.nn.Module, part: Part, path: str) -> tuple[str, str]:
    """Return the path and the class of the module with most parameters, just below `path`, that a part calls.

    Two str, empty if it calls none; the class is empty too for one operation of several.
    """
    weights: dict[str, int] = {}
    for target in (str(node.target) for node in part.nodes if node.op == "call_module"):
        below = target.removeprefix(f"{path}.") if path else target
        child = ".".join(filter(None, (path, below.partition(".")[0])))
        weights[child] = weights.get(child, 0) + sum(one.numel() for one in root.get_submodule(target).parameters())
    name = max(weights, key=lambda child: weights[child], default="")
    kind = next((kind for node in part.nodes for at, kind in _stack(node) if at == name), "")
    return name, kind or (type(root.get_submodule(name)).__name__ if len(weights) == 1 else "")


def _stack(node: fx.Node) -> list[tuple[str, str]]:
    """Return the modules that a node of the graph was called in, from the outermost: path and class."""
    kinds = [(path, kind if isinstance(kind, str) else kind.__name__) for path, kind in _found(node)]
    return [(str(path), word.rpartition(".")[2]) for path, word in kinds]


def _found(node: fx.Node) -> list[tuple[str, str | type]]:
    return list(node.meta.get("nn_module_stack", {}).values())
