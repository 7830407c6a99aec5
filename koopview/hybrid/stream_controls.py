"""The controls of a layer from streamed samples: affine maps of sums over them, with the ridge judged on some apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from koopview.errors import MemoryShort
from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.compact_lift import CompactLift
from koopview.hybrid.controls import outputs_of, passed_through
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import Affine, AffineSums
from koopview.hybrid.ridge import identity, ridge_map_of_sums
from koopview.hybrid.stream_operator import spaced
from koopview.hybrid.streamed_paths import StreamedPaths
from koopview.hybrid.working_memory import check_regression_memory
from koopview.network.network import Function
from koopview.progress import Progress, part

JUDGING = 2048
"""Most samples that judge a ridge and a rank: of more than five times as many, these, evenly spaced in the stream."""


def judging_samples(count: int) -> np.ndarray:
    """Return the rising indices of the samples that judge choices: a fifth, those of :func:`.parts.fifth`, or JUDGING.

    They are fitted to only once the choice is made.
    """
    own = fifth(count)[1].numpy()
    return np.sort(own) if len(own) <= JUDGING else spaced(count, JUDGING)


@dataclass(frozen=True, eq=False)
class StreamedControls:
    """Functions that take a layer's place, by the names of CONTROLS, and why one is missing.

    `functions` lacks the affine map of the lift where that takes more memory than is free; `remark` says so then.
    """

    functions: dict[str, Function]
    remark: str = ""


@dataclass(frozen=True, eq=False)
class MapsTotal:
    """Sums for affine maps of a layer's inputs, and of its lifted state, as a Total; judging samples are left out."""

    paths: StreamedPaths
    judging: np.ndarray
    maps: dict[str, tuple[AffineSums, Function]]
    anew: Callable[[StreamedPaths], "MapsTotal"]

    @property
    def sums(self) -> dict[str, torch.Tensor]:
        """The tensors of all maps."""
        return {f"{name} {key}": one for name, (held, _) in self.maps.items() for key, one in held.sums.items()}

    def add(self, start: int, stop: int) -> None:
        """Add some samples."""
        with torch.inference_mode():
            taken = np.setdiff1d(np.arange(start, stop), self.judging, assume_unique=True) - start
            x = self.paths.inputs(start, stop)[torch.as_tensor(taken)]
            for batch in x.split(PATHS_BATCH):
                y = outputs_of(self.paths.network.layer(self.paths.name), batch).double()
                for held, features in self.maps.values():
                    held.add(features(batch.double()), y)


def maps_total(
    judging: np.ndarray, first: Affine, features: Mapping[str, tuple[Function, int | None]], paths: StreamedPaths
) -> MapsTotal:
    """Return the MapsTotal of no samples yet.

    Parameters
    ----------
    judging : int array
        Samples that are left out.
    first : tensor (1, inputs), tensor (1, outputs)
        Of the sample that sums are relative to.
    features : mapping from name to function and int or None
        The features of each map, and their number for a ridge (:class:`AffineSums`).
    """
    x, y = first
    maps = {name: (AffineSums((of(x.double()), y.double()), count), of) for name, (of, count) in features.items()}
    return MapsTotal(paths, judging, maps, partial(maps_total, judging, first, features))


def streamed_controls(
    paths: StreamedPaths,
    lifted: Function,
    delays: int,
    judging: np.ndarray,
    x: torch.Tensor,
    kept: Checkpoint,
    progress: Progress,
) -> StreamedControls:
    """Return the StreamedControls of a layer, fitted to all samples of a stream in one pass.

    They take the same samples, and the same care, as :func:`koopview.hybrid.controls.control`.

    Parameters
    ----------
    lifted : Function
        From the layer's inputs to z[0].
    judging : int array (judging samples,)
    x : tensor (judging samples, inputs)
        The layer's inputs of those samples.
    """
    layer, remark = paths.network.layer(paths.name), ""
    y = outputs_of(layer, x)
    features: dict[str, tuple[Function, int | None]] = {"affine": (identity, None)}
    try:
        compact = CompactLift(lifted, delays, x)
        check_regression_memory(max(paths.count, compact.coordinates), compact.coordinates, layer.outputs)
        features["lift_affine"] = compact, compact.features
    except MemoryShort as short:
        remark = f"the affine map of the lift was not measured: {short}"
    total = maps_total(judging, (x[:1].clone(), y[:1].clone()), features, paths)
    kept.summed("controls", total, paths.count, paths.rows, part(progress, 0.0, 0.8))
    found: dict[str, Function] = {}
    for name, (held, of) in total.maps.items():
        found[name] = ridge_map_of_sums(held, x, y, of, part(progress, 0.8, 1.0))
    mean = total.maps["affine"][0].mean_target.to(y.dtype)
    found["mean"] = lambda inputs: mean.expand(len(inputs), -1)
    return StreamedControls(found | {"identity": passed_through(layer, paths.scaled.pad)}, remark)
