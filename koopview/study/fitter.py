"""Fits of one setup: operators replace layers, and are measured beside their controls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.scoring import Scored, Scoring
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.affine_shares import affine_shares
from koopview.study.cache import Cache
from koopview.study.evaluation import BLOCKED, evaluated
from koopview.study.layer_fits import LayerFits
from koopview.study.measuring import Controls, Measured
from koopview.study.previews import (
    COMPONENTS,
    TESTS,
    in_components,
    on_first_tests,
    takes_time,
    with_few_samples,
)
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.threads import one_thread

OUTPUTS_BYTES = 1 << 26
"""Most bytes of kept outputs of hybrids: what follows a fit need not run a deep network again, which takes seconds."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """The operators and the results of one fit.

    Attributes
    ----------
    setup : Setup
    settings : FitSettings
    layer_fits : dict
        The fit of each replaced layer by its name, in network order.
    result : FitResult
    outputs : tensor (test samples, outputs)
        The hybrid's.
    rows : dict
        The Scored measures of those rows that are known, by name, with the terms of every test sample.
    """

    setup: Setup
    settings: FitSettings
    layer_fits: dict[str, LayerFit]
    result: FitResult
    outputs: torch.Tensor
    rows: dict[str, Scored]

    @property
    def own(self) -> LayerFit:
        """The fit of the layer whose operator is shown."""
        return self.layer_fits[self.settings.layer]

    @property
    def before(self) -> dict[str, Function]:
        """The hybrids of the replaced layers before the one shown, by name: they compute its inputs."""
        names = list(self.layer_fits)
        return {name: self.layer_fits[name].module() for name in names[: names.index(self.settings.layer)]}


class Fitter:
    """Fits layers of one setup; decompositions and measurements of earlier fits are reused, as memory allows."""

    def __init__(self, setup: Setup, from_sums: bool = False) -> None:
        self.setup = setup
        self._layer_fits = LayerFits(setup, from_sums)
        self._controls = Controls(setup, self._layer_fits)
        self._apart: Cache[Scoring] = Cache()
        self._outputs: Cache[torch.Tensor] = Cache(OUTPUTS_BYTES)
        self._of_others: dict[tuple[str, ...], Fitter] = {}
        self._of_few: dict[tuple[int | None, int], Fitter] = {}

    def of_stages(self, settings: FitSettings) -> "Fitter":
        """Return the Fitter of the network in which the stages that settings replace are layers.

        These may be groups of layers, or stages inside a block.
        """
        names = {name for name in (*settings.replaced, settings.layer) if isinstance(name, str)}  # others are refused
        others = tuple(sorted(names - {layer.name for layer in self.setup.network.layers}))
        if not others:
            return self
        found = self._of_others.get(others)
        if found is None or not names.issubset(layer.name for layer in found.setup.network.layers):
            found = self._of_others[others] = Fitter(self.setup.of_layers(sorted(names)))  # or says what is wrong
        return found

    def on_first_tests(self, count: int) -> "Fitter":
        """Return a Fitter that measures on the first `count` test samples alone; this one if there are no more."""
        within = count < len(self.setup.dataset.x_test)
        return Fitter(on_first_tests(self.setup, count)) if within else self

    def layer_fits(
        self, settings: FitSettings, progress: Progress = silent, cells: Sequence[FitSettings] = ()
    ) -> dict[str, LayerFit]:
        """Return the fit of each replaced layer, in network order, each fed by the hybrids before it.

        Those of the `cells` of a sweep may share sums, see :class:`koopview.study.layer_fits.LayerFits`.
        """
        if (whole := self.of_stages(settings)) is not self:
            return whole.layer_fits(settings, progress, cells)
        return self._layer_fits.of(settings, progress, cells)

    def fitted(
        self,
        settings: FitSettings,
        progress: Progress = silent,
        *,
        spectrum: bool = True,
        controls: bool = True,
        cells: Sequence[FitSettings] = (),
    ) -> Fitted:
        """Return the Fitted operators and results for `settings`, one of the `cells` of a sweep if there are any.

        Without `spectrum`, the result's eigenvalues and residuals are empty. At a rank of some hundreds they take
        several times as long as all the rest: a slider asks for the accuracy first and for the spectrum later. They are
        not computed lazily on first use, since drawing must not wait for them. Without `controls`, these are part of
        the result only if they are known already.

        Raises
        ------
        InputError
            For a layer, a scaling or a number of samples that does not exist.
        Cancelled
            If `progress` raises it.
        """
        if (whole := self.of_stages(settings)) is not self:
            return whole.fitted(settings, progress, spectrum=spectrum, controls=controls, cells=cells)
        setup = self.setup
        settings = replace(settings, replaced=setup.network.in_order(settings.replaced))
        fits = self.layer_fits(settings, part(progress, 0.0, 0.7), cells)
        within = part(progress, 0.7, 0.95)
        known = self._controls.of(settings, fits, within, cells) if controls else self._controls.known(settings)
        scaled, apart = self._controls.scaled(settings, fits), self._scoring_apart(settings)
        outputs = self._outputs_of(settings, fits, part(progress, 0.95, 1.0))
        blocked = 0 if cells else BLOCKED  # a quick sweep says how well cells do, not which modes go together
        result, rows = evaluated(setup, settings, fits, outputs, scaled, known, apart, spectrum, blocked)
        progress(1.0, "done")
        return Fitted(setup, settings, fits, result, outputs, rows)

    def preview(self, settings: FitSettings, progress: Progress = silent) -> FitResult | None:
        """Return a result to show first, None if that of `settings` is as soon there; `preview` says what it is of.

        If nothing need be decomposed it is the same operator on the first test samples. Otherwise it is one in few
        principal components, where states are wide.
        """
        if (whole := self.of_stages(settings)) is not self:
            return whole.preview(settings, progress)
        settings = replace(settings, replaced=self.setup.network.in_order(settings.replaced))
        if self._layer_fits.knows(settings):
            if not takes_time(self.setup, settings.replaced[0]):
                return None
            with one_thread():
                return self._on_first_tests(settings, progress)
        few = in_components(settings, self.setup.network.layer(settings.layer))
        if few is None or len(self.setup.dataset.x_test) <= 2 * TESTS:
            return None
        result = self._with_few_samples(settings).fitted(few, progress, controls=False).result
        paths, labels = self._layer_fits.shown_paths(settings), result.path_labels
        told = f"first {TESTS} test samples, in {COMPONENTS} components"
        return replace(result, settings=settings, paths=paths, path_labels=labels, read=None, preview=told)

    def _on_first_tests(self, settings: FitSettings, progress: Progress) -> FitResult:
        """Return the result of a known operator on the first test samples."""
        fits = self.layer_fits(settings, progress)
        few = {name: replace(fit, coordinates=fit.coordinates[:TESTS]) for name, fit in fits.items()}
        known = self._controls.known(settings)
        controls = known and {name: Measured(one.test.first(TESTS), one.judged) for name, one in known.items()}
        scaled = self._controls.scaled(settings, fits).first(TESTS)
        outputs = hybrid_logits(self.setup.network, few)
        result, _ = evaluated(self._few_tests, settings, few, outputs, scaled, controls, None, True, blocked=0)
        return replace(result, preview=f"first {TESTS} test samples")

    @cached_property
    def _few_tests(self) -> Setup:
        """The setup with the first test samples alone, kept for what it has measured of the original network."""
        return on_first_tests(self.setup)

    def _with_few_samples(self, settings: FitSettings) -> "Fitter":
        """Return the Fitter of the fitting samples and the first test samples alone; that of the last draw is kept."""
        draw = (settings.samples, settings.draw)
        if draw not in self._of_few:
            self._of_few = {draw: Fitter(with_few_samples(self.setup, settings), from_sums=True)}
        return self._of_few[draw]

    def memory(self, settings: FitSettings) -> int:
        """Return the bytes that a fit takes at its peak, see :meth:`koopview.study.layer_fits.LayerFits.memory`."""
        return self.of_stages(settings)._layer_fits.memory(settings)

    def r2_linear(self, progress: Progress = silent) -> dict[str, float | None]:
        """Return R2_lin of each layer by its name, None for one that cannot be replaced.

        It is the share of the output's variance on test samples that the affine control explains, fitted to the default
        number of training samples: near 1 there is nothing for a lift to improve.
        """
        return dict(affine_shares(self.setup, progress))

    def _outputs_of(self, settings: FitSettings, fits: dict[str, LayerFit], progress: Progress) -> torch.Tensor:
        """Return the hybrid's outputs on the test samples; `progress` may raise Cancelled between batches."""
        key = (settings, *(fit.kept.decomposition for fit in fits.values()))
        known = self._outputs.get(key)
        if known is None:
            known = hybrid_logits(self.setup.network, fits, progress)
            self._outputs.put(key, known, known.nbytes)
        return known

    def _scoring_apart(self, settings: FitSettings) -> Scoring | None:
        """Return the Scoring of the training samples held out from a fit, None if there are none."""
        if settings.samples is None or settings.samples >= len(self.setup.dataset.x_train):
            return None
        key = (settings.samples, settings.draw)
        known = self._apart.get(key)
        if known is None:
            known = self.setup.scoring_apart(*key)
            self._apart.put(key, known, known.original.nbytes)
        return known
