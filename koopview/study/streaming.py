"""A fit whose fitting samples are a stream: read where they are used, in memory that does not grow with them."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from koopview import __version__
from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.controls import outputs_of
from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.hybrid.judging import Judge
from koopview.hybrid.kept_rank import rank_to_keep
from koopview.hybrid.layer_fit import LayerFit, measured_fit
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.ridge import RidgeMap
from koopview.hybrid.scoring import Scoring
from koopview.hybrid.streamed_controls import judging_samples, streamed_controls
from koopview.hybrid.streamed_memory import check_stream_memory
from koopview.hybrid.streamed_on_workers import on_workers
from koopview.hybrid.streamed_operator import streamed_operator
from koopview.hybrid.streamed_paths import StreamedPaths
from koopview.koopman.decomposition import SMALL
from koopview.koopman.observables.delay import state_alone
from koopview.network.datafiles.parts import Parts
from koopview.network.fingerprint import network_fingerprint
from koopview.network.network import Function, Network
from koopview.network.task import REAL
from koopview.progress import Progress, part, silent
from koopview.study.evaluation import evaluated
from koopview.study.fit import Fit
from koopview.study.fitter import Fitted
from koopview.study.given_stream import LEAST, fitting_shape
from koopview.study.measuring import Measured, scored_with
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.trajectory import CLOSED_FORMS
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.scaling import scale_layer
from koopview.trajectory.states import FLAT

ALONE = "a fit of the samples in memory"
"""Expected in the place of a stream where it cannot serve."""


@dataclass(frozen=True, eq=False)
class StreamedFit:
    """The fit of one layer to a stream: the same for every smaller rank and for edits.

    Attributes
    ----------
    setup : Setup
    data : str
        Name of stream and test samples in results.
    settings : FitSettings
        Whose samples are those of the stream.
    layer_fit : LayerFit
    controls : dict or None
        The Measured controls by name, None if they were not asked for.
    components : int
        In how many components states were summed, 0 if nothing was left out.
    remark : str
        Why a control is missing; empty if none is.
    """

    setup: Setup
    data: str
    settings: FitSettings
    layer_fit: LayerFit
    controls: dict[str, Measured] | None
    components: int
    remark: str

    def at(self, settings: FitSettings) -> Fitted:
        """Return the Fitted result at the rank and with the edits of settings; raises InputError for a larger rank."""
        fit = self.layer_fit.at_rank(settings.rank)
        if fit is None:
            raise InputError(
                f"rank is {settings.rank!r}, expected at most {self.layer_fit.kept.rank}, which the stream was fitted "
                "for; or a new fit of it"
            )
        fits = {settings.layer: fit.edited(settings.edits)}
        outputs = hybrid_logits(self.setup.network, fits)
        scaled = self.setup.scoring.of_original  # the path of a formula ends in the layer's output
        result, rows = evaluated(self.setup, settings, fits, outputs, scaled, self.controls, None, spectrum=True)
        told = f"sums in {self.components} components" if self.components else ""
        return Fitted(self.setup, settings, fits, replace(result, data=self.data, preview=told), outputs, rows)


def streamed(found: StreamedFit) -> Fit:
    """Return the Fit of a StreamedFit; at other ranks and with edits it is made of the same sums."""

    def refit(settings: FitSettings, progress: Progress) -> Fit:
        return Fit(found.at(settings), refit, found.remark)

    return refit(found.settings, silent)


def fit_stream(
    setup: Setup,
    parts: Parts,
    settings: FitSettings,
    components: int | None = None,
    checkpoint: Path | None = None,
    *,
    controls: bool = True,
    client: Any = None,
    progress: Progress = silent,
) -> StreamedFit:
    """Return the StreamedFit of a layer, fitted to the first ``settings.samples`` samples of a stream.

    Parameters
    ----------
    setup : Setup
        Whose test samples the hybrid and its controls are measured on.
    parts : Parts
        The stream; its labels are not read.
    components : int, optional
        Principal components of states in which sums are made, in one pass: a preview.
    checkpoint : path, optional
        File in which sums are kept; a killed fit goes on from it.
    controls : bool
    client : distributed.Client, optional
        Passes over the stream are summed by its workers, which read the stream from the same place: the same sums
        whatever their number. What is left is done here.

    Raises
    ------
    InputError
        If the settings are none for a stream, or the samples do not fit.
    MemoryShort
        If the fit would take more memory than is free.
    FileError
        If the stream cannot be read, or the checkpoint is of another fit.
    Cancelled
        By `progress`; the checkpoint then holds what was summed.
    """
    setup = setup.of_layers(settings.replaced)
    count = _count(parts, settings)
    settings = replace(settings, samples=count)
    _check(setup, settings)
    network, name = setup.network, settings.layer
    scaled = _scaled(setup, settings)
    paths = StreamedPaths(network, name, scaled, parts, count, setup.device, fitting_shape(parts, setup))
    limit = _limit(settings, paths)
    told = check_stream_memory(paths, settings.delays, limit or SMALL, components, controls)
    progress(0.0, f"{parts.name}, {told}")
    of = _fingerprint(network, parts, settings, components)
    if client is None:
        kept = Checkpoint(checkpoint, of)
        return _fitted(setup, settings, paths, limit, components, controls, kept, progress)
    with on_workers(checkpoint, of, client, paths) as kept_there:
        found = _fitted(setup, settings, paths, limit, components, controls, kept_there, progress)
    return replace(found, remark="; ".join(one for one in (found.remark, *kept_there.notes) if one))


def _fitted(
    setup: Setup,
    settings: FitSettings,
    paths: StreamedPaths,
    limit: int | None,
    components: int | None,
    controls: bool,
    kept: Checkpoint,
    progress: Progress,
) -> StreamedFit:
    """Return the StreamedFit of paths, of a rank up to a limit; passes over the stream are made by `kept`."""
    name, scaled = settings.layer, paths.scaled
    judging = judging_samples(paths.count)
    judged = Judging.of(setup, name, paths.inputs_at(judging))
    measured, remark, began = None, "", time.perf_counter()
    if controls:
        lifted = LiftedState(scaled, state_alone, settings.delays)
        found = streamed_controls(paths, lifted, settings.delays, judging, judged.inputs, kept, part(progress, 0, 0.3))
        measured, remark = judged.measured(setup, name, found.functions), found.remark
    spent = time.perf_counter() - began
    fit, summed = _layer_fit(setup, paths, settings, limit, components, judged, kept, part(progress, 0.3, 1.0))
    fit = replace(fit, seconds=fit.seconds | {"evaluation": fit.seconds["evaluation"] + spent})
    data = f"{paths.parts.name}, tested on {setup.dataset.name}"
    return StreamedFit(setup, data, settings, fit, measured, summed, remark)


def _layer_fit(
    setup: Setup,
    paths: StreamedPaths,
    settings: FitSettings,
    limit: int | None,
    components: int | None,
    judged: "Judging",
    kept: Checkpoint,
    progress: Progress,
) -> tuple[LayerFit, int]:
    """Return the LayerFit of the paths of a stream, and in how many components they were summed, 0 for all states."""
    network, name, started = setup.network, settings.layer, time.perf_counter()
    rank = settings.rank if isinstance(settings.rank, int) else None
    operator = streamed_operator(paths, settings.delays, rank, limit, components, kept, part(progress, 0.0, 0.9))
    seconds = {"trajectories": 0.0, "decomposition": time.perf_counter() - started}
    test = in_batches(lambda batch: network.run(batch, before=name), setup.tensor(setup.dataset.x_test))
    inputs, lift = LayerInputs(judged.inputs, test[:0], test, judged.judge), Lift(settings.delays)
    how = (lift, settings.rank, operator.whole, seconds, part(progress, 0.9, 1.0))
    return measured_fit(paths.scaled, state_alone, operator.dmd, inputs, *how), operator.components


@dataclass(frozen=True, eq=False)
class Judging:
    """The samples of a stream that judge choices: the layer's inputs (samples, inputs), and the Judge of its outputs.

    Labels are not read of a stream: outputs are judged by their agreement with the network's own, real ones by R2.
    """

    inputs: torch.Tensor
    judge: Judge

    @classmethod
    def of(cls, setup: Setup, name: str, x: torch.Tensor) -> "Judging":
        """Return the Judging of a layer's inputs."""
        network = setup.network
        rest: Function = lambda outputs: in_batches(lambda batch: network.run(batch, after=name), outputs)  # noqa: E731
        original = rest(outputs_of(network.layer(name), x))
        targets = original.cpu().numpy() if setup.task in REAL else None
        scoring = Scoring(setup.task, targets, original, setup.scoring.threshold)
        return cls(x, Judge(torch.arange(len(x), device=setup.device), rest, scoring))

    def measured(self, setup: Setup, name: str, functions: Mapping[str, Function]) -> dict[str, Measured]:
        """Return the Measured scores of functions in the place of the layer called `name`."""
        test = setup.tensor(setup.dataset.x_test)
        found = {}
        for control, function in functions.items():
            own = function.judged.outputs.float() if isinstance(function, RidgeMap) else None
            apart = None if own is None else self.judge.scoring.scored(self.judge.rest(own))
            found[control] = Measured(scored_with(setup, test, {name: function}), apart)
        return found


def _count(parts: Parts, settings: FitSettings) -> int:
    """Return the number of samples that are fitted to; raises InputError for more than there are, or too few."""
    count = len(parts) if settings.samples is None else settings.samples
    if not LEAST <= count <= len(parts):
        raise InputError(f"samples is {count}, expected {LEAST} to {len(parts)} (the samples of {parts.name}), or all")
    return count


def _check(setup: Setup, settings: FitSettings) -> None:
    """Raise InputError for settings that are none for a stream."""
    wrong = {
        "observables": (settings.observables != "delay", "delay"),
        "scaling": (settings.scaling not in CLOSED_FORMS, " or ".join(CLOSED_FORMS)),
        "states": (settings.states != FLAT, FLAT),
        "replaced": (len(settings.replaced) > 1, "one layer"),
        "draw": (settings.draw != 0, "0, the first samples"),
        "edits": (settings.edits != (), "none: edit the fit"),
    }
    for name, (found, expected) in wrong.items():
        if found:
            raise InputError(f"{name} is {getattr(settings, name)!r} with a stream, expected {expected}, or {ALONE}")
    if setup.network.layer(settings.layer).carried:
        raise InputError(f"layer {settings.layer} is inside a block, expected a layer of the chain with a stream")


def _limit(settings: FitSettings, paths: StreamedPaths) -> int | None:
    """Return the rank to decompose for where samples are decomposed; raises InputError if a word would ask for much."""
    states = paths.path_shape[1]
    snapshots = paths.count * settings.power
    if not isinstance(settings.rank, int) and min(settings.delays * states, snapshots) > SMALL:
        raise InputError(
            f"rank is {settings.rank} with a stream and a layer of {settings.delays} x {states} states, "
            f"expected a number where these are more than {SMALL}",
            "--rank R",
        )
    found = rank_to_keep(settings.rank, Lift(settings.delays), states, snapshots)
    return settings.rank if isinstance(settings.rank, int) and settings.delays * states > SMALL else found


def _scaled(setup: Setup, settings: FitSettings) -> ScaledLayer:
    """Return the layer scaled by its formula, float64."""
    layer = setup.network.layer(settings.layer).double()
    x = torch.zeros(1, layer.inputs, dtype=torch.float64, device=setup.device)  # a formula learns nothing
    how = (settings.scaling, layer, x, settings.steps, settings.pad, settings.seed)
    return scale_layer(*how, schedule=settings.schedule)


def _fingerprint(network: Network, parts: Parts, settings: FitSettings, components: int | None) -> str:
    """Return a hash of all that the sums of a fit depend on, a str."""
    told = (__version__, network_fingerprint(network), parts.fingerprint(), settings, components)
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
