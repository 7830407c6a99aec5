"""Paths of a layer for samples that are read where they are used, so that memory does not grow with their number."""

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import torch

from koopview.errors import InputError
from koopview.koopman.moments import Moments, no_moments
from koopview.koopman.trajectories import CHUNK, Chunks
from koopview.network.datafiles.parts import Parts
from koopview.network.network import Network
from koopview.network.precision import in_precision
from koopview.progress import Progress, silent
from koopview.trajectory.scaled_layer import ScaledLayer


class LayerPaths(ABC):
    """The paths of a layer, one a sample, made anew from its inputs at every use, some samples at a time."""

    scaled: ScaledLayer
    count: int

    @abstractmethod
    def inputs(self, start: int, stop: int) -> torch.Tensor:
        """Return the layer's inputs, float32 (stop - start, inputs), of the samples from `start` to before `stop`."""

    @abstractmethod
    def inputs_at(self, indices: np.ndarray) -> torch.Tensor:
        """Return the layer's inputs of the samples at rising indices."""

    @property
    def path_shape(self) -> tuple[int, int]:
        """Steps + 1 and states of a path."""
        return self.scaled.steps + 1, self.scaled.layer.states

    @property
    def rows(self) -> int:
        """Samples whose paths are worked on at once."""
        return max(1, CHUNK // (2 * prod(self.path_shape)))

    def paths(self, start: int, stop: int) -> torch.Tensor:
        """Return the paths of those samples, float64 (stop - start, steps + 1, states)."""
        with torch.inference_mode():
            return self.scaled.paths(self.inputs(start, stop).double(), self.scaled.steps)

    def single_paths(self, start: int, stop: int) -> torch.Tensor:
        """Return the same paths computed in float32."""
        with torch.inference_mode():
            return self._single.paths(self.inputs(start, stop), self.scaled.steps)

    @cached_property
    def _single(self) -> ScaledLayer:
        made: Any = in_precision(copy.deepcopy(self.scaled), torch.float32)
        return made

    def chunks(self) -> Chunks:
        """Return the paths of all samples as Chunks."""
        return Chunks((self.count, *self.path_shape), self.paths)


@dataclass(frozen=True, eq=False)
class HeldPaths(LayerPaths):
    """The paths of a layer whose inputs are in memory: the first `count` of a float32 tensor x (samples, inputs)."""

    scaled: ScaledLayer
    count: int
    x: torch.Tensor

    def inputs(self, start: int, stop: int) -> torch.Tensor:
        """Return the layer's inputs of the samples from `start` to before `stop`."""
        return self.x[start:stop]

    def inputs_at(self, indices: np.ndarray) -> torch.Tensor:
        """Return the layer's inputs of the samples at rising indices."""
        return self.x[torch.as_tensor(indices)]


@dataclass(frozen=True, eq=False)
class StreamedPaths(LayerPaths):
    """The paths of a layer of samples that are read where they are used. Can be pickled.

    Attributes
    ----------
    network : Network
        Whose layers before `name` make the layer's inputs.
    name : str
        Of the layer.
    scaled : ScaledLayer
        The layer scaled by a formula, float64.
    parts : Parts
        The samples.
    count : int
        Of these, the first so many are taken.
    device : str
        Where network and paths are computed.
    shape : tuple of int
        In which the network takes a sample; empty for that in which it is read.
    """

    network: Network
    name: str
    scaled: ScaledLayer
    parts: Parts
    count: int
    device: str = "cpu"
    shape: tuple[int, ...] = ()

    def inputs(self, start: int, stop: int) -> torch.Tensor:
        """Return the layer's inputs, float32 (stop - start, inputs), of the samples from `start` to before `stop`.

        Raises
        ------
        InputError
            If the samples do not fit the network, or hold what is no finite number.
        FileError
            If their file is gone or broken.
        """
        return self._inputs_of(self.parts.read(start, stop))

    def _inputs_of(self, samples: np.ndarray) -> torch.Tensor:
        x = torch.tensor(samples, device=self.device)
        return self.network.run(x.reshape((len(x), *self.shape)) if self.shape else x, before=self.name)

    def inputs_at(self, indices: np.ndarray) -> torch.Tensor:
        """Return the layer's inputs of the samples at rising indices; what stands between them is read, but not run."""
        found = []
        for few in np.split(indices, np.flatnonzero(np.diff(indices // self.rows)) + 1):
            x = self.parts.read(int(few[0]), int(few[-1]) + 1)[few - few[0]]
            found.append(self._inputs_of(x))
        return torch.cat(found)


@dataclass(frozen=True, eq=False)
class Coordinates:
    """What sums are made in: bases of states and of steps, and the precision of products. Can be pickled.

    Attributes
    ----------
    components : float64 tensor (states, kept) or None
        Orthonormal basis of states, None for all states.
    modes : float64 tensor (steps + 1, combinations) or None
        Orthonormal combinations of steps, None for all steps.
    single : bool
        Whether products are computed in float32.
    """

    components: torch.Tensor | None = None
    modes: torch.Tensor | None = None
    single: bool = False

    def nothing(self, paths: LayerPaths) -> Moments:
        """Return the Moments of no samples yet; raises MemoryShort."""
        return no_moments(paths.paths(0, 1), components=self.components, modes=self.modes, single=self.single)


def moments_of_part(
    paths: LayerPaths, coordinates: Coordinates, start: int, stop: int, progress: Progress = silent
) -> Moments:
    """Return the Moments of the paths of some samples, which :func:`koopview.koopman.merged` adds to those of others.

    All arguments can be pickled, so that it may run in another process, which reads the samples itself.

    Parameters
    ----------
    paths : LayerPaths
    coordinates : Coordinates
        The same for all parts.
    start, stop : int
        The samples from `start` to before `stop`.
    progress : Progress
        May raise Cancelled between chunks.

    Raises
    ------
    InputError, FileError
        For samples that do not fit, or cannot be read.
    MemoryShort
        If the sums take more memory than is free.
    """
    if not 0 <= start < stop <= paths.count:
        raise InputError(f"samples {start} to {stop} are asked for, expected some of 0 to {paths.count}")
    found = coordinates.nothing(paths)
    for first in range(start, stop, paths.rows):
        progress((first - start) / (stop - start), "sums")
        found.add(paths.paths(first, min(first + paths.rows, stop)))
    return found
