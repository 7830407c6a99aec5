"""Fits of one setup: operators replace layers, and are measured beside their controls."""

from dataclasses import dataclass, replace

from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.scoring import Scored, Scoring
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.affine_shares import affine_shares
from koopview.study.cache import Cache
from koopview.study.evaluation import evaluated
from koopview.study.layer_fits import LayerFits
from koopview.study.measuring import Controls, Measured
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup

PREVIEW = 500
"""Test samples that a change of rank is measured on first, where those of all take their time."""


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
    rows : dict
        The Scored measures of those rows that are known, by name, with the terms of every test sample.
    """

    setup: Setup
    settings: FitSettings
    layer_fits: dict[str, LayerFit]
    result: FitResult
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

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._layer_fits = LayerFits(setup)
        self._controls = Controls(setup, self._layer_fits)
        self._apart: Cache[Scoring] = Cache()
        self._of_groups: dict[tuple[str, ...], Fitter] = {}

    def of_groups(self, settings: FitSettings) -> "Fitter":
        """Return the Fitter of the network in which the groups of layers that settings replace are one layer each."""
        layers = {layer.name for layer in self.setup.network.layers}
        groups = tuple(sorted({*settings.replaced, settings.layer} - layers))
        if groups and groups not in self._of_groups:
            setup = self.setup.merged(groups)
            if setup is self.setup:  # there are no such groups: the layers are asked for, and refused, by their names
                return self
            self._of_groups[groups] = Fitter(setup)
        return self._of_groups[groups] if groups else self

    def layer_fits(self, settings: FitSettings, progress: Progress = silent) -> dict[str, LayerFit]:
        """Return the fit of each replaced layer, in network order, each fed by the hybrids before it."""
        if (whole := self.of_groups(settings)) is not self:
            return whole.layer_fits(settings, progress)
        return self._layer_fits.of(settings, progress)

    def fitted(
        self, settings: FitSettings, progress: Progress = silent, *, spectrum: bool = True, controls: bool = True
    ) -> Fitted:
        """Return the Fitted operators and results for `settings`.

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
        if (whole := self.of_groups(settings)) is not self:
            return whole.fitted(settings, progress, spectrum=spectrum, controls=controls)
        setup = self.setup
        settings = replace(settings, replaced=setup.network.in_order(settings.replaced))
        fits = self.layer_fits(settings, part(progress, 0.0, 0.7))
        within = part(progress, 0.7, 0.95)
        known = self._controls.of(settings, fits, within) if controls else self._controls.known(settings)
        scaled, apart = self._controls.scaled(settings, fits), self._scoring_apart(settings)
        result, rows = evaluated(setup, settings, fits, scaled, known, apart, spectrum, part(progress, 0.95, 1.0))
        progress(1.0, "done")
        return Fitted(setup, settings, fits, result, rows)

    def preview(self, settings: FitSettings, progress: Progress = silent) -> FitResult | None:
        """Return the result on the first PREVIEW test samples, None if that of all is as soon there.

        Where stages follow the replaced ones, running them takes most of a change of rank.
        """
        if (whole := self.of_groups(settings)) is not self:
            return whole.preview(settings, progress)
        setup, network = self.setup, self.setup.network
        settings = replace(settings, replaced=network.in_order(settings.replaced))
        names = [layer.name for layer in network.layers]
        later = network.layers[names.index(settings.replaced[0]) + 1 :]
        if len(setup.dataset.x_test) <= 2 * PREVIEW or not any(layer.in_shape for layer in later):
            return None
        fits = self.layer_fits(settings, progress)
        few = {name: replace(fit, coordinates=fit.coordinates[:PREVIEW]) for name, fit in fits.items()}
        known = self._controls.known(settings)
        controls = known and {name: Measured(one.test.first(PREVIEW), one.judged) for name, one in known.items()}
        scaled = self._controls.scaled(settings, fits).first(PREVIEW)
        part_of = replace(setup, dataset=setup.dataset.with_first_tests(PREVIEW), scoring=setup.scoring.first(PREVIEW))
        return replace(evaluated(part_of, settings, few, scaled, controls, None, True)[0], preview=True)

    def memory(self, settings: FitSettings) -> int:
        """Return the bytes that a fit takes at its peak, see :meth:`koopview.study.layer_fits.LayerFits.memory`."""
        return self.of_groups(settings)._layer_fits.memory(settings)

    def r2_linear(self, progress: Progress = silent) -> dict[str, float | None]:
        """Return R2_lin of each layer by its name, None for one that cannot be replaced.

        It is the share of the output's variance on test samples that the affine control explains, fitted to the default
        number of training samples: near 1 there is nothing for a lift to improve.
        """
        return dict(affine_shares(self.setup, progress))

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
