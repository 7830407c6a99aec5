"""R2_lin of the layers of a network, one after another, each layer's inputs made of those of the one before."""

from collections.abc import Container, Iterator

import torch

from koopview.errors import MemoryShort
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.controls import r2_linear
from koopview.memory import check_memory
from koopview.network.network import Layer, Network
from koopview.progress import Progress, part, silent
from koopview.study.samples import fitting_samples
from koopview.study.setup import Setup

_BYTES = 16
"""For each entry of a layer's inputs and outputs: of both in float32, and in the float64 of the sums."""


def affine_shares(
    setup: Setup, progress: Progress = silent, known: Container[str] = ()
) -> Iterator[tuple[str, float | None]]:
    """Yield the name and R2_lin of each layer in network order, without those that are `known`.

    R2_lin is None for a layer that cannot be replaced, and for one whose map takes more memory than is free. It is the
    share of the output's variance on test samples that the affine control explains, fitted to the default number of
    training samples.
    """
    steps = _Steps(setup)
    layers = setup.network.layers
    for i, layer in enumerate(layers):
        if layer.name in known:
            continue
        within = part(progress, i / len(layers), (i + 1) / len(layers))
        within(0.0, f"R2 of layer {layer.name}")
        yield layer.name, None if layer.reason else _share(steps, layer, within)


def _share(steps: "_Steps", layer: Layer, progress: Progress) -> float | None:
    try:
        steps.check(layer)
        return r2_linear(layer, *steps.inputs_of(layer), progress)
    except MemoryShort:
        return None


class _Steps:
    """The fitting and the test samples on their way through the network: a deep one is run once, not once a layer."""

    def __init__(self, setup: Setup) -> None:
        data = setup.dataset
        self._network: Network = setup.network
        chosen = fitting_samples(data, setup.settings(setup.network.layers[0].name).samples, 0)
        self._samples = setup.tensor(data.x_train[chosen]), setup.tensor(data.x_test)
        self._at: Layer | None = None
        self._held = self._samples

    def check(self, layer: Layer) -> None:
        """Raise MemoryShort if a layer's inputs and outputs take more memory than is free; what is held is let go."""
        needed = _BYTES * sum(map(len, self._samples)) * (layer.inputs + layer.outputs)
        try:
            check_memory(needed, f"R2 of layer {layer.name}", "fewer samples")
        except MemoryShort:
            self._at, self._held = None, self._samples
            raise

    def inputs_of(self, layer: Layer) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a layer's inputs (samples, inputs) from the fitting and from the test samples."""
        network, at = self._network, self._at

        def on(batch: torch.Tensor) -> torch.Tensor:
            if at is None:
                return network.run(batch, before=layer.name)
            return network.run(at(batch), after=at.name, before=layer.name)

        fitting, test = self._held
        self._held = in_batches(on, fitting), in_batches(on, test)
        self._at = layer
        return self._held
