"""The fits of replaced layers, each decomposed once while memory allows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.carried import beside
from koopview.hybrid.effects import check_effect
from koopview.hybrid.judging import Judge
from koopview.hybrid.kept_rank import KEPT_RANK, largest_rank
from koopview.hybrid.layer_fit import (
    SHOWN_PATHS,
    LayerFit,
    fit_layer,
    lift_observables,
    lifted_trajectories,
    unseen_paths,
)
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.parts import fifth
from koopview.hybrid.path_sums import PathSums, path_sums
from koopview.hybrid.row_samples import RowSamples
from koopview.hybrid.scoring import Scoring
from koopview.hybrid.shared_fits import SharedFits, shared_fits
from koopview.hybrid.stage_memory import BASE, check_stage_memory, running_memory, stage_memory
from koopview.hybrid.working_memory import working_memory
from koopview.koopman.observables import usual_centres
from koopview.koopman.principal_paths import NAME
from koopview.koopman.rank import AUTO
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.cache import Cache
from koopview.study.samples import fitting_samples, samples_apart
from koopview.study.scaled_layers import ScaledLayers
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.trajectory import LEARNED
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.states import FLAT, number_of, states_beside


class Keys(NamedTuple):
    """What a layer's fit, its scaled layer and the paths shown of it depend on, as keys of caches."""

    fit: tuple[Any, ...]
    scaled: tuple[Any, ...]
    shown: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The layer's name."""
        return str(self.scaled[0])


class LayerFits:
    """Fits of the layers of one network on one data set, and the inputs that they are fitted to.

    Where it pays, those of a sweep's cells that differ in delays and rank alone are found one from another, from
    principal paths. They are kept apart from those of the samples themselves, which are taken where they are known.
    Those of previews, whose states are few components, come `from_sums` over the samples.
    """

    def __init__(self, setup: Setup, from_sums: bool = False) -> None:
        self._setup, self._network, self._dataset, self._from_sums = setup, setup.network, setup.dataset, from_sums
        self._judging: Cache[torch.Tensor] = Cache()
        self._test = setup.tensor(setup.dataset.x_test)
        self._fits: Cache[LayerFit] = Cache()
        self._scaled = ScaledLayers(setup.network)
        self._shared: dict[FitSettings, SharedFits | None] = {}  # of the last cells
        self._sums: dict[FitSettings, PathSums] = {}  # of the last preview

    def of(self, settings: FitSettings, progress: Progress, cells: Sequence[FitSettings] = ()) -> dict[str, LayerFit]:
        """Return the fit of each replaced layer, in network order, each fed by the hybrids before it.

        `cells` are those of the sweep that the settings belong to, if they do.
        """
        fits: dict[str, LayerFit] = {}
        names = self._network.in_order(settings.replaced)
        for i, name in enumerate(names):
            fits[name] = self._fit(name, settings, fits, part(progress, i / len(names), (i + 1) / len(names)), cells)
        if settings.edits:  # after the others are fitted: an edit does not change them
            fits[settings.layer] = fits[settings.layer].edited(settings.edits)
            check_effect(fits[settings.layer])
        return fits

    def fitting_inputs(self, name: str, settings: FitSettings, replacements: Mapping[str, Function]) -> torch.Tensor:
        """Return a layer's inputs from the fitting samples, (samples, inputs), followed by what goes past it."""
        chosen = fitting_samples(self._dataset, settings.samples, settings.draw)
        return self._before(name, self._setup.tensor(self._dataset.x_train[chosen]), replacements)

    def test_inputs(self, name: str, replacements: Mapping[str, Function]) -> torch.Tensor:
        """Return a layer's inputs from the test samples, (samples, inputs), followed by what goes past it."""
        return self._before(name, self._test, replacements)

    def knows(self, settings: FitSettings) -> bool:
        """Return whether every replaced layer has been decomposed, and its decomposition holds the rank asked for."""
        names = self._network.in_order(settings.replaced)
        found = [self._fits.get(self._keys(name, settings, names[:i]).fit) for i, name in enumerate(names)]
        return all(fit is not None and fit.at_rank(settings.rank) is not None for fit in found)

    def shown_paths(self, settings: FitSettings) -> np.ndarray:
        """Return the scaled paths, float32 (shown samples, steps + 1, states), of the layer shown; alone replaced."""
        name = settings.layer
        x = self._network.layer(name).own(self.test_inputs(name, {})[:SHOWN_PATHS])
        keys = self._keys(name, settings, ())
        return self._scaled.shown(keys.shown, self._scaled.of(keys.scaled, settings, x, silent), x)

    def _keys(self, name: str, settings: FitSettings, before: Sequence[str]) -> "Keys":
        """Return the keys of a layer's fit and its scaled layer, fed by the hybrids of the layers `before` it."""
        states = self._states(name, settings)
        path = (settings.scaling, settings.schedule, settings.steps, settings.pad, states)
        own = (name, *path, settings.samples, settings.draw, settings.seed)
        lift = self._lift(settings)
        upstream = (*before, lift, settings.rank) if before else ()
        learns = settings.scaling in LEARNED or states != FLAT
        return Keys((own, lift, upstream), (*own, upstream) if learns else own, (*own, upstream))

    def _fit(
        self,
        name: str,
        settings: FitSettings,
        before: dict[str, LayerFit],
        progress: Progress,
        cells: Sequence[FitSettings],
    ) -> LayerFit:
        """Return the fit of one layer that is fed by the hybrids `before` it, decomposed only if necessary."""
        keys = self._keys(name, settings, list(before))
        for key in (keys.fit, (NAME, *keys.fit))[: 2 if cells else 1]:
            known = self._fits.get(key)
            if known is not None and (at_rank := known.at_rank(settings.rank)) is not None:
                return self._kept(key, at_rank)
        made = self._decomposed(keys, settings, before, progress, cells)
        return self._kept((NAME, *keys.fit) if made.kept.decomposition.endswith(NAME) else keys.fit, made)

    def _kept(self, key: tuple[Any, ...], fit: LayerFit) -> LayerFit:
        """Return a fit that is kept for a key, with the values computed at this rank."""
        size = fit.coordinates.nbytes + fit.apart_coordinates.nbytes + 2 * as_bytes(fit.kept.basis)
        self._fits.put(key, fit, size)
        return fit

    def _decomposed(
        self,
        keys: "Keys",
        settings: FitSettings,
        before: dict[str, LayerFit],
        progress: Progress,
        cells: Sequence[FitSettings],
    ) -> LayerFit:
        """Return the fit of one layer, decomposed now."""
        name = keys.name
        announced = check_stage_memory(self._network.layer(name), *self._counts(settings))
        progress(0.0, f"inputs of {name}" + (f", {announced}" if announced else ""))
        inputs = self._inputs(name, settings, {layer: fit.module() for layer, fit in before.items()})
        learns = settings.scaling in LEARNED
        of_layer = replace(settings, states=self._states(name, settings))
        scaled = self._scaled.of(keys.scaled, of_layer, inputs.fit, part(progress, 0.0, 0.5))
        inputs = replace(inputs, shown=self._scaled.shown(keys.shown, scaled, inputs.test[:SHOWN_PATHS]))
        within = part(progress, 0.5 * learns, 1.0)
        inputs = replace(inputs, shared=self._shared_fits(settings, scaled, inputs, cells, part(within, 0.0, 0.05)))
        if self._from_sums:
            inputs = replace(inputs, sums=self._sums_of(settings, scaled, inputs.fit))
        return fit_layer(scaled, inputs, self._lift(settings), settings.rank, within)

    def _shared_fits(
        self,
        settings: FitSettings,
        scaled: ScaledLayer,
        inputs: LayerInputs,
        cells: Sequence[FitSettings],
        progress: Progress,
    ) -> SharedFits | None:
        """Return the SharedFits of this and other cells of a sweep, None if it is decomposed by itself.

        They are of states alone, along paths by formula, one a sample, of a layer that is replaced alone.
        """
        group = without_delays(settings)
        plain = settings.observables == "delay" and scaled.exact and scaled.rows == 1 and not scaled.layer.carried
        if not (plain and cells and len(settings.replaced) == 1):
            return None
        if group not in self._shared:
            alike = [cell for cell in cells if without_delays(cell) == group]
            draw, seen = RowSamples.of(1, len(inputs.fit)), lift_observables(scaled, self._lift(settings), inputs.fit)
            paths = lifted_trajectories(scaled, seen, inputs.fit, draw)
            delays, rank = list({cell.delays for cell in alike}), largest_rank([cell.rank for cell in alike])
            lifted = LiftedState(scaled, seen, max(delays))
            unseen, measured = unseen_paths(scaled, seen, inputs), (inputs.test, inputs.apart)
            found = shared_fits(paths, lifted, measured, unseen, delays, rank, progress)
            self._shared = {group: found}
        return self._shared[group]

    def _sums_of(self, settings: FitSettings, scaled: ScaledLayer, x: torch.Tensor) -> PathSums:
        """Return the PathSums of a preview, which serve other delays and ranks too."""
        group = without_delays(settings)
        if group not in self._sums:
            seen = lift_observables(scaled, self._lift(settings), x)
            paths = lifted_trajectories(scaled, seen, x, RowSamples.of(scaled.rows, len(x)))
            self._sums = {group: path_sums(paths, KEPT_RANK)}
        return self._sums[group]

    def shared_delays(self, settings: FitSettings) -> tuple[int, ...]:
        """Return the numbers of delays whose fits were found together with that of settings, none if it was alone."""
        shared = self._shared.get(without_delays(settings))
        return () if shared is None else tuple(shared.by_delays)

    def memory(self, settings: FitSettings) -> int:
        """Return the bytes that the fit of the layer shown takes at its peak, an int, before any is taken.

        The decomposition's part is that of the states' greatest number of entries, taken twice: what is measured of
        it agrees with what is planned within that factor.
        """
        layer, (fitting, others) = self._network.layer(settings.layer), self._counts(settings)
        entries = min(layer.states, number_of(settings.states) or layer.states)
        decomposition = working_memory(fitting, settings.steps, settings.delays, entries, KEPT_RANK)
        stage = stage_memory(layer, fitting, others) if layer.in_shape else 0
        return BASE + 2 * decomposition + stage + running_memory(self._network, fitting + others)

    def _counts(self, settings: FitSettings) -> tuple[int, int]:
        """Return the number of samples to fit, and of those held out and for testing."""
        chosen = fitting_samples(self._dataset, settings.samples, settings.draw)
        return len(chosen), len(samples_apart(self._dataset, chosen)) + len(self._test)

    def _states(self, name: str, settings: FitSettings) -> str:
        """Return the states of a replaced layer: the settings' of the one shown."""
        shown = name == settings.layer
        return settings.states if shown else states_beside(settings.states, self._network.layer(name).info())

    def _lift(self, settings: FitSettings) -> Lift:
        fitted = len(self._dataset.x_train) if settings.samples is None else settings.samples
        centres = settings.centres or usual_centres(fitted)
        return Lift(settings.delays, settings.observables, centres, settings.seed)

    def _inputs(self, name: str, settings: FitSettings, replacements: Mapping[str, Function]) -> LayerInputs:
        """Return a layer's LayerInputs: for fitting, held out from the fit, and for testing."""
        left = samples_apart(self._dataset, fitting_samples(self._dataset, settings.samples, settings.draw))
        test = self.test_inputs(name, replacements)
        apart = (
            self._before(name, self._setup.tensor(self._dataset.x_train[left]), replacements) if len(left) else test[:0]
        )
        layer, fitting = self._network.layer(name), self.fitting_inputs(name, settings, replacements)
        return LayerInputs(layer.own(fitting), apart, test, self._judge(name, settings, layer.past(fitting)))

    def _judge(self, name: str, settings: FitSettings, past: torch.Tensor) -> Judge:
        """Return the Judge that chooses a rank or a ridge for a layer, on a fifth of the fitting samples.

        `past` (fitting samples, carried) is what goes past the layer.
        """
        chosen = fitting_samples(self._dataset, settings.samples, settings.draw)
        indices = fifth(len(chosen))[1]
        key = (settings.samples, settings.draw)
        original = self._judging.get(key)
        if original is None:
            x = self._setup.tensor(self._dataset.x_train[chosen[indices.numpy()]])
            original = in_batches(self._network.run, x)
            self._judging.put(key, original, original.nbytes)
        own = indices.to(self._setup.device)
        after = lambda batch: self._network.run(batch, after=name)  # noqa: E731
        return Judge(
            own,
            lambda outputs: in_batches(after, beside(outputs, past[own])),
            Scoring(self._setup.task, None, original, self._setup.scoring.threshold),
        )

    def _before(self, name: str, x: torch.Tensor, replacements: Mapping[str, Function]) -> torch.Tensor:
        return in_batches(lambda batch: self._network.run(batch, replacements, before=name), x)


def without_delays(settings: FitSettings) -> FitSettings:
    """Return settings that are equal for fits that are found together: those of other delays and ranks."""
    return replace(settings.with_rank(AUTO), delays=1)


def as_bytes(array: Any) -> int:
    """Return the memory of a numpy array or torch tensor in bytes."""
    return int(array.nbytes)
