"""Measure the scaled network and the controls that a hybrid is compared with, each once (METHOD section 5)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import torch

from koopview.errors import MemoryShort
from koopview.hybrid.accuracy import PATHS_BATCH, in_batches
from koopview.hybrid.carried import beside
from koopview.hybrid.controls import RowMap, control, outputs_of
from koopview.hybrid.hybrid_logits import network_after
from koopview.hybrid.judging import CERTAIN
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.lift_maps import LiftMap, LiftMaps, lift_maps, served_delays
from koopview.hybrid.lift_sums import is_summed, summed_lift_maps
from koopview.hybrid.ridge import Judged, RidgeMap
from koopview.hybrid.rows import AFFINE_CONTROLS, CONTROLS
from koopview.hybrid.scoring import Scored, Scoring, gain
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.cache import Cache
from koopview.study.comparison import Difference
from koopview.study.layer_fits import LayerFits
from koopview.study.samples import fitting_samples
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup


@dataclass(frozen=True, eq=False)
class Measured:
    """A control on the test samples, and on fitting samples that its map was not fitted to.

    `judged` is None for a control that is not chosen among others.
    """

    test: Scored
    judged: Scored | None


class Controls:
    """The controls of the fits of one study, kept by the settings that they depend on."""

    def __init__(self, setup: Setup, layer_fits: LayerFits) -> None:
        self._setup, self._fits = setup, layer_fits
        self._network, self._dataset, self._scoring = setup.network, setup.dataset, setup.scoring
        self._test = setup.tensor(setup.dataset.x_test)
        self._measured: Cache[Measured] = Cache()
        self._scaled: Cache[Scored] = Cache()

    def known(self, settings: FitSettings) -> dict[str, Measured] | None:
        """Return the controls of a fit if all have been measured, else None."""
        found = {name: self._measured.get(_key(name, settings)) for name in CONTROLS}
        return None if None in found.values() else {name: one for name, one in found.items() if one is not None}

    def of(
        self,
        settings: FitSettings,
        fits: Mapping[str, LayerFit],
        progress: Progress,
        cells: Sequence[FitSettings] = (),
    ) -> dict[str, Measured]:
        """Return the controls of a fit, measuring those not known yet; `cells` are those of a sweep it belongs to.

        The affine map of the input is the same for all delays and ranks, that of the lift for all ranks.
        """
        if cells and self._measured.get(_key("lift_affine", settings)) is None:
            self._measure_lifts(settings, fits, self._fits.shared_delays(settings), progress)
        found: dict[str, Measured] = {}
        for i, name in enumerate(CONTROLS):
            key, within = _key(name, settings), part(progress, i / len(CONTROLS), (i + 1) / len(CONTROLS))
            known = self._measured.get(key)
            found[name] = self._measure(name, settings, fits, within) if known is None else known
            if known is None:
                self._measured.put(key, found[name], found[name].test.each.nbytes)
        return found

    def scaled(self, settings: FitSettings, fits: Mapping[str, LayerFit]) -> Scored:
        """Return the Scored measures with the scaled layers in place and nothing linearized.

        A closed-form scaling ends in the layer's own output, so that nothing needs to be run.
        """
        if all(fit.scaled.exact for fit in fits.values()):
            return self._scoring.of_original
        key = replace(settings.with_rank("auto"), delays=1)  # nothing is lifted or linearized
        known = self._scaled.get(key)
        if known is None:
            ends: dict[str, Function] = {name: fit.scaled_output for name, fit in fits.items()}
            known = scored_with(self._setup, self._test, ends)
            self._scaled.put(key, known, known.each.nbytes)
        return known

    def _measure(self, name: str, settings: FitSettings, fits: Mapping[str, LayerFit], progress: Progress) -> Measured:
        """Return a control's Measured scores, with each replaced layer refitted as this control, in order."""
        replacements: dict[str, Function] = {}
        mapping, count = part(progress, 0.0, 0.7), len(settings.replaced)
        for i, layer in enumerate(settings.replaced):
            within = part(mapping, i / count, (i + 1) / count)
            within(0.0, f"control: {name}")
            x = self._fits.fitting_inputs(layer, settings, replacements)
            fit, stage = fits[layer], self._network.layer(layer)
            replacements[layer] = control(
                name, stage, stage.own(x), settings.pad, fit.lifted, within, fit.scaled.reading
            )
        progress = part(progress, 0.7, 1.0)
        last = replacements[settings.replaced[-1]]
        judged = last.judged if isinstance(last, (RidgeMap, RowMap)) else None
        made = None if judged is None else beside(judged.outputs.float(), stage.past(x)[judged.indices])
        apart = None if judged is None or made is None else self._judged(settings, judged, made)
        return Measured(scored_with(self._setup, self._test, replacements, progress), apart)

    def _measure_lifts(
        self, settings: FitSettings, fits: Mapping[str, LayerFit], delays: Sequence[int], progress: Progress
    ) -> None:
        """Measure the affine maps of the lift for several numbers of delays, those that one pass serves."""
        name = settings.layer
        x, layer = self._fits.fitting_inputs(name, settings, {}), self._network.layer(name)

        def keep(h: int, scored: Scored, judged: Judged) -> None:
            measured = Measured(scored, self._judged(settings, judged, judged.outputs.float()))
            self._measured.put(_key("lift_affine", replace(settings, delays=h)), measured, scored.each.nbytes)

        lifted, y = fits[name].lifted, outputs_of(layer, x)
        if len(served := served_delays(delays, len(x), layer.states)) > 1:
            made = lift_maps(lifted, x, y, served, part(progress, 0.0, 0.3))
            outputs = self._outputs_of_lifts(name, made, part(progress, 0.3, 0.4))
            for h, one in made.by_delays.items():
                keep(h, self._scoring.scored(outputs[h]), one.judged)
        summed = [h for h in delays if is_summed(h * layer.states, len(x))]
        if len(summed) > 1:
            most = lifted.with_delays(max(summed))
            with suppress(MemoryShort):  # each map by itself takes less
                for h, found in summed_lift_maps(most, x, y, summed, part(progress, 0.4, 1.0)):
                    keep(h, scored_with(self._setup, self._test, {name: found}), found.judged)

    def _outputs_of_lifts(self, name: str, made: LiftMaps, progress: Progress) -> dict[int, torch.Tensor]:
        """Return the network's outputs on the test samples with a layer replaced by each affine map of the lift."""

        def after(one: LiftMap) -> Function:
            return network_after(self._network, name, one.shares.T, one.offset, precision=torch.float64)

        rest = {h: after(one) for h, one in made.by_delays.items()}

        def run(batch: torch.Tensor) -> torch.Tensor:
            inputs = self._network.run(batch, before=name)
            return torch.stack([rest[h](products) for h, products in made.products(inputs)], 1)

        outputs = in_batches(run, self._test, progress, PATHS_BATCH)
        return {h: outputs[:, i] for i, h in enumerate(sorted(rest))}

    def _judged(self, settings: FitSettings, judged: Judged, made: torch.Tensor) -> Scored:
        """Return the score, on a fifth of the fitting samples, of the map fitted to the other four fifths.

        `made` are its outputs there, followed by what goes past the layer.
        """
        chosen = fitting_samples(self._dataset, settings.samples, settings.draw)[judged.indices.numpy()]
        outputs = self._network.run(made, after=settings.replaced[-1])
        labels = None if self._dataset.y_train is None else self._dataset.y_train[chosen]
        inputs = self._setup.tensor(self._dataset.x_train[chosen])
        original = in_batches(self._network.run, inputs)
        scoring = Scoring(self._scoring.task, labels, original, self._scoring.threshold)
        return scoring.scored(outputs)


def scored_with(
    setup: Setup, test: torch.Tensor, replacements: Mapping[str, Function], progress: Progress = silent
) -> Scored:
    """Return the score of the network with some layers replaced, on the test samples (samples, ...).

    A map of features in the last one's place is multiplied into the following layer.
    """
    network, name = setup.network, list(replacements)[-1]
    last = replacements[name]
    if not isinstance(last, RidgeMap) or not last.single or network.layer(name).carried:
        run = lambda batch: network.run(batch, replacements)  # noqa: E731
        return setup.scoring.scored(in_batches(run, test, progress))
    after = network_after(network, name, last.weight.T, last.offset)
    mapped = lambda batch: after(last.features(network.run(batch, replacements, before=name)))  # noqa: E731
    return setup.scoring.scored(in_batches(mapped, test, progress, PATHS_BATCH))


def difference(hybrid: Scored, controls: Mapping[str, Measured]) -> Difference | None:
    """Return the Difference between the hybrid and the better affine control, None if nothing is measured.

    The better control is chosen on fitting samples that neither map was fitted to. If these do not distinguish the
    two, the smaller difference is returned: a choice by chance must not make a finding. None, too, where one of them
    was not measured.
    """
    if any(name not in controls for name in AFFINE_CONTROLS):
        return None
    clear = clearly_better(controls)
    found = {name: gain(hybrid, controls[name].test) for name in ((clear,) if clear else AFFINE_CONTROLS)}
    known = [Difference(name, *one) for name, one in found.items() if one is not None]
    return min(known, key=lambda one: one.value, default=None)


def clearly_better(controls: Mapping[str, Measured]) -> str | None:
    """Return the affine control that is better by more than CERTAIN standard errors, None if neither is."""
    one, other = (controls[name].judged for name in AFFINE_CONTROLS)
    found = None if one is None or other is None else gain(one, other)
    if found is None or abs(found[0]) <= CERTAIN * found[1]:
        return None
    return AFFINE_CONTROLS[0] if found[0] > 0 else AFFINE_CONTROLS[1]


def _key(name: str, settings: FitSettings) -> tuple[object, ...]:
    """Return the settings that a control depends on, as a cache key."""
    own = (name, settings.replaced, settings.samples, settings.draw, settings.pad, settings.states)
    return (*own, settings.with_rank("auto")) if name == "lift_affine" else own
