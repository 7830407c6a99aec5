"""Residual streams: consecutive blocks of a network that keep the shape of what they take (METHOD section 7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

import torch

from koopview.network.network import Function, Layer, Network

MOST_PARTS = 8
"""Most layers of the chain that one block may consist of: a transformer's has two, attention and MLP."""

SHAPE_SAMPLES = 2
"""Samples that are run to see shapes."""


@dataclass(frozen=True)
class StreamBlock:
    """One block: its name, the names of its layers of the chain, and the shape in which the last one gives a sample.

    The chain hands on flattened tensors between supported layers, whatever the shape of the stream.
    """

    name: str
    layers: tuple[str, ...]
    given: tuple[int, ...]


@dataclass(frozen=True)
class Stream:
    """Two or more blocks, one after the other, which all take and give tensors of one shape.

    Attributes
    ----------
    blocks : tuple of StreamBlock
    shape : tuple of int
        Of one sample's state, x_0 to x_L for L blocks.
    siblings : bool
        Whether the blocks are of one kind and size; otherwise each is one layer.
    """

    blocks: tuple[StreamBlock, ...]
    shape: tuple[int, ...]
    siblings: bool

    def index(self, name: str) -> int | None:
        """Return the index of the block called `name`, or that begins with the layer of that name; None if neither."""
        return next((i for i, one in enumerate(self.blocks) if name in (one.name, one.layers[0])), None)


@dataclass(frozen=True)
class _Row:
    """A layer's name, what makes it the sibling of another one, and the shapes of its input and output.

    `given` is the shape of its output in the chain, which may be flattened.
    """

    name: str
    kind: tuple[object, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    given: tuple[int, ...]


def streams(network: Network, x: torch.Tensor) -> list[Stream]:
    """Return the streams of a network, those of sibling blocks first, each sorted by falling number of blocks.

    Siblings are the repetitions of the shortest unit of layers (by kind, activation, parameters and shapes) that
    repeats most often. Then come runs of layers of any kind that keep one shape, each layer a block, in which a person
    may name a start that no siblings begin with. `x` are some inputs (samples, ...) of the network.
    """
    rows = _rows(network, x[:SHAPE_SAMPLES])
    siblings = _siblings(rows)
    others = [one for one in _runs(rows) if all(one.blocks != known.blocks for known in siblings)]
    return [one for some in (siblings, others) for one in sorted(some, key=lambda stream: -len(stream.blocks))]


def states_at(network: Network, stream: Stream, x: torch.Tensor, positions: Iterable[int]) -> dict[int, torch.Tensor]:
    """Return the states x_k (samples, entries), flattened, of the given positions k, of inputs x (samples, ...).

    Position 0 is what the first block takes, position L what the last of L blocks gives. The network is run once, and
    no further than needed.
    """
    wanted = sorted(set(positions))
    seen: dict[int, torch.Tensor] = {}
    layers = {layer.name: layer for layer in network.layers}
    watched: dict[str, Function] = {}
    for k in wanted:
        if k == 0:
            first = stream.blocks[0].layers[0]
            watched[first] = _watched(layers[first], seen, before=0)
    for k in wanted:
        if k > 0:
            name = stream.blocks[k - 1].layers[-1]
            watched[name] = _watched(watched.get(name, layers[name]), seen, after=k)
    last = stream.blocks[max(wanted[-1], 1) - 1].layers[-1]
    following = network.after(last)
    network.run(x, watched, before=None if following is None else following.name)
    return seen


def run_after(network: Network, stream: Stream, position: int, states: torch.Tensor) -> torch.Tensor:
    """Return the network's outputs if x_k at a position k of 1 or more is `states` (samples, entries)."""
    block = stream.blocks[position - 1]
    return network.run(states.reshape(-1, *block.given), after=block.layers[-1])


def _watched(
    run: Function | Layer, seen: dict[int, torch.Tensor], before: int | None = None, after: int | None = None
) -> Function:
    """Return `run` as a function that keeps its input, or its output, flattened, under a number."""

    def watching(inputs: torch.Tensor) -> torch.Tensor:
        if before is not None:
            seen[before] = inputs.flatten(1).clone()  # what follows may change a tensor in place
        outputs = run(inputs)
        if after is not None:
            seen[after] = outputs.flatten(1).clone()
        return outputs

    return watching


def _rows(network: Network, x: torch.Tensor) -> list[_Row]:
    """Return what is known of each layer of the chain, with its shapes on the inputs x."""
    rows: list[_Row] = []

    def noting(layer: Layer) -> Function:
        def run(inputs: torch.Tensor) -> torch.Tensor:
            outputs = layer(inputs)
            parameters = sum(one.numel() for one in layer.affine.parameters())
            kind = (layer.kind, layer.activation_name, parameters)
            shapes = layer.in_shape or tuple(inputs.shape[1:]), layer.out_shape or tuple(outputs.shape[1:])
            rows.append(_Row(layer.name, kind, *shapes, tuple(outputs.shape[1:])))
            return outputs

        return run

    network.run(x, {layer.name: noting(layer) for layer in network.layers})
    return rows


def _siblings(rows: Sequence[_Row]) -> list[Stream]:
    """Return the streams of siblings among the layers, none of which share a layer."""
    candidates = [
        (count, -period, -start)
        for period in range(1, MOST_PARTS + 1)
        for start in range(len(rows) - 2 * period + 1)
        if (count := _repeats(rows, start, period)) > 1
    ]
    found, taken = [], set[int]()
    for count, minus_period, minus_start in sorted(candidates, reverse=True):
        period, start = -minus_period, -minus_start
        own = range(start, start + count * period)
        if taken.isdisjoint(own):
            taken.update(own)
            blocks = [rows[first : first + period] for first in own[::period]]
            found.append(Stream(tuple(map(_block, blocks)), rows[start].inputs, siblings=True))
    return found


def _repeats(rows: Sequence[_Row], start: int, period: int) -> int:
    """Return how often the `period` layers from `start` on stand there one after the other, 1 or more."""
    unit = rows[start : start + period]
    if unit[0].inputs != unit[-1].outputs or not _chained(unit):
        return 1
    count = 1
    while _kinds(rows[start + count * period : start + (count + 1) * period]) == _kinds(unit):
        count += 1
    return count


def _kinds(rows: Sequence[_Row]) -> list[tuple[object, ...]]:
    return [(row.kind, row.inputs, row.outputs) for row in rows]


def _chained(rows: Sequence[_Row]) -> bool:
    return all(one.outputs == other.inputs for one, other in pairwise(rows))


def _runs(rows: Sequence[_Row]) -> list[Stream]:
    """Return the longest runs of two or more layers that keep one shape, each layer a block."""
    found: list[list[_Row]] = [[]]
    for row in rows:
        if found[-1] and row.inputs != found[-1][-1].outputs:
            found.append([])
        if row.inputs == row.outputs:
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [Stream(tuple(_block([row]) for row in run), run[0].inputs, siblings=False) for run in found if len(run) > 1]


def _block(rows: Sequence[_Row]) -> StreamBlock:
    """Return the block of some layers, called by the path of modules that their names share, or as the first one."""
    names = tuple(row.name for row in rows)
    paths = zip(*(name.split(".") for name in names), strict=False)
    shared = ".".join(words[0] for words in takewhile(lambda words: len(set(words)) == 1, paths))
    return StreamBlock(shared or names[0], names, rows[-1].given)
