"""The data of a layer that the network table shows: plain values, no torch."""

from dataclasses import dataclass

UNSIZED = "its shapes are known once there are data, expected samples"
"""Why a stage cannot be replaced as long as the shapes of its input and output are not known."""


@dataclass(frozen=True)
class LayerInfo:
    """One row of the network table.

    `states` is d = max(inputs, outputs), `reason` why the layer is not supported. `in_shape` and `out_shape` are the
    shapes of a stage's tensors without the samples, empty for a layer of rows of numbers.
    """

    name: str
    kind: str
    activation: str
    inputs: int
    outputs: int
    states: int
    parameters: int
    supported: bool = True
    reason: str = ""
    in_shape: tuple[int, ...] = ()
    out_shape: tuple[int, ...] = ()
