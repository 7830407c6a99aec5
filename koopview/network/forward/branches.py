"""A graph cut at the tensors through which all data pass: between two of them stands one operation, or branches."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import fx

from koopview.network.forward.aten_weights import NAME, constant, layer_name
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
    copied = copier(graph, given, copies)
    for node in part.nodes:
        copied(node)
    graph.output(copies[part.nodes[-1]])
    return fx.GraphModule(root, graph)


def copier(graph: fx.Graph, given: fx.Node, copies: dict[fx.Node, fx.Node]) -> Callable[[fx.Node], fx.Node]:
    """Return the function that copies a node, with all that it takes, into a graph; `copies` are those known so far.

    The number of samples is that of `given`, and a tensor that is made anew is made where `given` is.
    """

    def copied(node: fx.Node) -> fx.Node:
        if node not in copies:
            count = is_sample_count(node)
            copies[node] = graph.call_method("size", (given, 0)) if count else graph.node_copy(node, copied)
            if isinstance(copies[node].kwargs.get("device"), torch.device):  # where the data are is seen when it runs
                with graph.inserting_before(copies[node]):
                    device = graph.call_function(getattr, (given, "device"))
                copies[node].kwargs = {**copies[node].kwargs, "device": device}
        return copies[node]

    return copied


class Place(NamedTuple):
    """A call of a module inside another: one word for the call, the module's path and its class."""

    call: str = ""
    path: str = ""
    kind: str = ""


def part_place(part: Part) -> Place:
    """Return the Place of the innermost call of a module that holds all of a part's nodes; empty if there is none.

    Nodes of which it is not known where they stand, as in files of operators alone, stand beside the others.
    """
    stacks = [_stack(node) for node in part.nodes if node.meta.get("nn_module_stack", {}) is not None]
    shared = [first for first, *others in zip(*stacks, strict=False) if all(first == one for one in others)]
    return shared[-1] if shared else Place()


def heaviest(root: torch.nn.Module, part: Part, place: Place) -> Place:
    """Return the Place of the module called in `place` that holds most of the parameters of a part.

    It is `place` itself if no module holds more than half, or the part has no parameters; outside of all modules the
    first one's, its kind left out.
    """
    weights = Counter[Place]()
    for node in part.nodes:
        held, own = _parameters(root, node)
        if held:
            weights[_called_in(node, place) or Place(own, own)] += held
    if not weights:
        return place
    found, most = weights.most_common(1)[0]
    if 2 * most > weights.total():
        return found
    return place if place.path else next(iter(weights))._replace(kind="")


def _parameters(root: torch.nn.Module, node: fx.Node) -> tuple[int, str]:
    """Return the number of parameters that a node holds or takes, and the path of their module, a str."""
    if node.op == "call_module":
        path = str(node.meta.get(NAME, node.target))
        return sum(one.numel() for one in root.get_submodule(str(node.target)).parameters()), path
    taken = [(one, constant(root, one)) for one in node.all_input_nodes if one.op == "get_attr"]
    held = [(layer_name(one), tensor.numel()) for one, tensor in taken if isinstance(tensor, torch.nn.Parameter)]
    return sum(count for _, count in held), held[0][0] if held else ""


def _called_in(node: fx.Node, place: Place) -> Place | None:
    """Return the Place of the module called in `place` that a node stands in, None if it stands in `place` itself."""
    inside = (one for one in _stack(node) if len(one.path) > len(place.path))
    return next(inside, None)


def _stack(node: fx.Node) -> list[Place]:
    """Return the calls of modules that a node of the graph stands in, from the outermost."""
    found = (node.meta.get("nn_module_stack") or {}).items()
    kinds = [(call, path, kind if isinstance(kind, str) else kind.__name__) for call, (path, kind) in found]
    return [Place(str(call), str(path), word.rpartition(".")[2]) for call, path, word in kinds]
