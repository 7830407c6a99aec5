"""A network's stages with the shapes of their inputs and outputs, as functions of rows of numbers."""

from dataclasses import replace

import torch
from torch import fx, nn

from koopview.network.forward.tracing import one_line
from koopview.network.grouping import AFFINE, Parts, as_one, operations
from koopview.network.info import UNSIZED
from koopview.network.network import Layer, Network
from koopview.network.stretching import blended_graph, is_straight, stage_graph

EXAMPLES = 3
"""Samples on which shapes are seen."""

_SHARES = (0.25, 0.75)
"""Shares of the path at which a stage is tried: an activation half blended may divide by zero."""


class OfRows(nn.Module):
    """A module of samples of one shape, as a module of rows: (samples, inputs) to (samples, outputs)."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.module, self.shape = module, shape

    def forward(self, x: torch.Tensor, *share: torch.Tensor) -> torch.Tensor:
        """Return the module's outputs, a row each sample; `share` is that of a blended stage."""
        made: torch.Tensor = self.module(x.reshape(x.shape[0], *self.shape), *share)
        return made.reshape(x.shape[0], -1)


def sized(network: Network, x: torch.Tensor) -> Network:
    """Return the network with the shapes of its stages, seen on inputs x (samples, ...).

    A stage with one tensor of numbers in and one out can then be scaled and replaced. If the network cannot run on
    x, it is returned as it is.
    """
    try:
        with torch.no_grad():
            layers = _sized_layers(network.layers, x[:EXAMPLES])
    except Exception:  # whether the network runs on the data is seen, and told, when it runs
        return network
    straight = [layer.name for layer in layers if _is_straight_and_bent(layer)]
    remarks = network.remarks + ((_straight(straight),) if straight else ())
    return replace(network, layers=tuple(layers), remarks=remarks)


def _sized_layers(layers: tuple[Layer, ...], x: torch.Tensor) -> list[Layer]:
    """Return the layers as functions of rows; those between which samples are not rows become one."""
    found: list[Layer] = []
    held: Layer | None = None
    count, start, before = len(x), x, tuple(x.shape[1:])
    for layer in layers:
        if held is not None:
            layer = replace(as_one(held, layer.arrange, *operations(layer)), kind="Block")
        given = layer.arrange(start)
        if len(given) != count:
            layer, given = _with_moves(layer), start
        made = layer(given)
        held = layer if len(made) != count else None
        if held is None:
            found.append(stage_of_rows(layer, before, given, made))
            start, before = made, tuple(made.shape[1:])
    if held is not None:
        raise ValueError("outputs are no rows of samples")
    return found


def _with_moves(layer: Layer) -> Layer:
    """Return a layer as one stage with the operations that bring its input into shape."""
    return replace(as_one(layer), affine=Parts(layer.arrange, *operations(layer)), arrange=nn.Identity())


def stage_of_rows(layer: Layer, before: tuple[int, ...], given: torch.Tensor, made: torch.Tensor) -> Layer:
    """Return a layer as a function of rows, or with the reason why it can be none.

    `given` and `made` are its input and output on a few samples, `before` the shape of what `arrange` takes.
    """
    try:
        return _sized(layer, before, given, made)
    except Exception as error:  # a stage may compute anything; the others are stages all the same
        reason = f"{layer.kind} cannot be scaled ({one_line(error)}), expected a function of real numbers"
        return _sized(replace(layer, reason=reason), before, given, made)


def _sized(layer: Layer, before: tuple[int, ...], given: torch.Tensor, made: torch.Tensor) -> Layer:
    """Return a layer as a function of rows; `given` and `made` are its input and output on an example."""
    moved = not _is_usual(layer.arrange)
    arrange = nn.Sequential(OfRows(layer.arrange, before)) if moved else nn.Flatten()
    if type(layer.affine) is nn.Linear and not layer.reason:
        return replace(layer, arrange=arrange) if moved else layer
    if layer.reason == UNSIZED and not (made.is_floating_point() and given.is_floating_point()):
        raise ValueError(f"it takes {_told_type(given)} and gives {_told_type(made)}")
    shape = tuple(given.shape[1:])
    found = replace(
        layer,
        affine=OfRows(layer.affine, shape),
        arrange=arrange,
        reason="" if layer.reason == UNSIZED else layer.reason,
        inputs=given[0].numel(),
        outputs=made[0].numel(),
        in_shape=shape,
        out_shape=tuple(made.shape[1:]),
    )
    if isinstance(layer.affine, AFFINE) or found.reason:
        return found
    return _blended(found, stage_graph(operations(layer)), given.reshape(len(given), -1))


def _blended(layer: Layer, graph: fx.GraphModule, rows: torch.Tensor) -> Layer:
    """Return a layer as a stage of one graph, blended where it then has finite outputs for `rows` of inputs."""
    stretched = OfRows(blended_graph(graph), layer.in_shape)
    if not all(bool(torch.isfinite(stretched(rows, rows.new_tensor(s))).all()) for s in _SHARES):
        stretched = OfRows(blended_graph(graph, nothing=True), layer.in_shape)
    return replace(layer, affine=OfRows(graph, layer.in_shape), activation=nn.Identity(), blended=stretched)


def _is_straight_and_bent(layer: Layer) -> bool:
    """Return whether a stage that is not affine has a straight line as its path."""
    if layer.blended is None:
        return False
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 4, layer.inputs, generator=generator)
    with torch.no_grad():
        if not is_straight(layer.blended.module, x.reshape(-1, *layer.in_shape)):  # type: ignore[arg-type]
            return False
        middle, mean = layer((x + y) / 2), (layer(x) + layer(y)) / 2
    if not bool(torch.isfinite(mean).all()):
        return True
    return not torch.allclose(middle, mean, rtol=1e-3, atol=1e-4 * float(mean.abs().max()))


def _told_type(tensor: torch.Tensor) -> str:
    """Return the type of a tensor's numbers in a word, as float32."""
    return str(tensor.dtype).removeprefix("torch.")


def _is_usual(moves: nn.Module) -> bool:
    """Return whether operations that move numbers only make a row of each sample, or nothing."""
    return type(moves) is nn.Identity or (type(moves) is nn.Flatten and (moves.start_dim, moves.end_dim) == (1, -1))


def _straight(names: list[str]) -> str:
    """Return the remark about stages whose path is a straight line."""
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        f"In {told} nothing is known that can be blended with the identity, so that a homotopy is a straight line, "
        "which two delays predict whatever the stage does"
    )
