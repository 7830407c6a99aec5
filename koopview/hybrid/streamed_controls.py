"""The controls of a layer from streamed samples: affine maps of sums over them, with the ridge judged on some apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from koopview.errors import MemoryShort
from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.controls import mean_output, outputs_of, passed_through
from koopview.hybrid.parts import JUDGING, fifth
from koopview.hybrid.regression import Affine, AffineSums, mean_of
from koopview.hybrid.ridge import Judged, RidgeMap, identity, ridge_map_of_sums
from koopview.hybrid.streamed_operator import FEW
from koopview.hybrid.streamed_paths import StreamedPaths
from koopview.hybrid.varying_states import Penalty, VaryingStates
from koopview.hybrid.working_memory import check_regression_memory
from koopview.koopman.few import spaced
from koopview.network.network import Function
from koopview.progress import Progress, part


def judging_samples(count: int) -> np.ndarray:
    """Return the rising indices of the samples that judge choices: a fifth, those of :func:`.parts.fifth`, or JUDGING.

    They are fitted to only once the choice is made.
    """
    own = fifth(count)[1].numpy()
    return np.sort(own) if len(own) < JUDGING else spaced(count, JUDGING)  # all of a stream is not read for them


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

    @property
    def anew(self) -> Callable[[StreamedPaths], "MapsTotal"]:
        """Makes one of other paths for the same maps."""
        alike = {name: (held.shifts, features) for name, (held, features) in self.maps.items()}
        return partial(maps_total, self.judging, alike)

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


def maps_total(judging: np.ndarray, alike: Mapping[str, tuple[Affine, Function]], paths: StreamedPaths) -> MapsTotal:
    """Return the MapsTotal of no samples yet, of maps by their shifts (AffineSums) and features; no map is solved."""
    maps = {name: (AffineSums(shifts), features) for name, (shifts, features) in alike.items()}
    return MapsTotal(paths, judging, maps)


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
    maps: dict[str, tuple[AffineSums, Function]] = {"affine": _sums_of(identity, x, y)}
    try:
        varying = VaryingStates(lifted, delays, paths.inputs_at(spaced(paths.count, FEW)))
        check_regression_memory(max(paths.count, varying.count), varying.count, layer.outputs)
        maps["lift_affine"] = _sums_of(varying.entries, x, y, varying.penalty(delays))
    except MemoryShort as short:
        remark = f"the affine map of the lift was not measured: {short}"
    found = _kept_maps(kept, maps)
    if found is None:
        total = MapsTotal(paths, judging, maps)
        kept.summed("controls", total, paths.count, paths.rows, part(progress, 0.0, 0.8))
        found = _solved(maps, x, y, part(progress, 0.8, 1.0))
        kept.keep(MAPS, _tensors(found), instead_of="controls")
    mean = found.pop("mean")
    functions: dict[str, Function] = {**found, "mean": mean_output(mean.offset[None].to(y.dtype))}
    return StreamedControls(functions | {"identity": passed_through(layer, paths.scaled.pad)}, remark)


MAPS = "maps"
"""Name of the finished maps in a checkpoint."""

NUMBERS = ("weight", "offset", "ridge", "outputs", "single")
"""What a checkpoint holds of a map."""


def _solved(
    maps: dict[str, tuple[AffineSums, Function]], x: torch.Tensor, y: torch.Tensor, progress: Progress
) -> dict[str, RidgeMap]:
    """Return the maps of sums, each with its ridge, and the mean of the outputs as a map without weights."""
    found = {}
    for name in list(maps):
        held, features = maps.pop(name)  # its sums may be large: they go before the next one's are solved
        found[name] = ridge_map_of_sums(held, x, y, features, progress)
        mean = held.mean_target
    nothing = Judged(torch.arange(0), y[:0].double())
    return found | {"mean": RidgeMap(identity, mean.new_zeros(0, len(mean)), mean, 0.0, nothing, single=True)}


def _tensors(found: dict[str, RidgeMap]) -> dict[str, torch.Tensor]:
    """Return what a checkpoint holds of maps."""
    held = {name: (one.weight, one.offset, one.ridge, one.judged.outputs, one.single) for name, one in found.items()}
    return {
        f"{name} {key}": torch.as_tensor(value) for name in held for key, value in zip(NUMBERS, held[name], strict=True)
    }


def _kept_maps(kept: Checkpoint, maps: dict[str, tuple[AffineSums, Function]]) -> dict[str, RidgeMap] | None:
    """Return the maps that a checkpoint holds, None if it does not hold them."""
    held = kept.kept(MAPS)
    if held is None:
        return None
    found = {}
    for name in (*maps, "mean"):
        features = maps[name][1] if name in maps else identity
        weight, offset, ridge, outputs, single = (held[f"{name} {key}"] for key in NUMBERS)
        judged = Judged(torch.arange(len(outputs)), outputs)
        found[name] = RidgeMap(features, weight, offset, float(ridge), judged, bool(single))
    return found


def _sums_of(
    features: Function, x: torch.Tensor, y: torch.Tensor, penalty: Penalty | None = None
) -> tuple[AffineSums, Function]:
    """Return the sums of no samples yet for a map of features, relative to the judging samples' mean."""
    return AffineSums(mean_of(features, x, y), penalty), features
