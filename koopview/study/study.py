"""A study: one network and one data set, and every fit made of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid import accuracy as measure
from koopview.hybrid.controls import CONTROLS, control
from koopview.hybrid.layer_fit import LayerFit, LayerInputs, Lift, fit_layer
from koopview.network.data import Dataset
from koopview.network.info import LayerInfo
from koopview.network.modules import network_from_module
from koopview.network.network import Function, Layer, Network
from koopview.progress import Progress, part, silent
from koopview.study.cache import Cache
from koopview.study.evaluation import evaluated
from koopview.study.fit import Fit
from koopview.study.history import History
from koopview.study.notebook import study_html
from koopview.study.result import FitResult, StudyState
from koopview.study.samples import fitting_samples, held_out_samples
from koopview.study.search import Candidates, Search, search
from koopview.study.settings import DEFAULT_SAMPLES, FitSettings, with_usual_steps
from koopview.study.source import Source
from koopview.study.stored import data_fingerprint, network_fingerprint, open_stored, save_study
from koopview.study.sweep import Sweep, sweep
from koopview.study.viewing import view
from koopview.trajectory import LEARNED
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.scaling import scale_layer

DEVICES = ("auto", "cpu", "cuda")

VIEW_BYTES = 1 << 28
"""Memory for views that were made."""


class Study:
    """Fits of the layers of one network on one data set.

    Parameters
    ----------
    model : nn.Module or Network
        Its forward pass is a chain, like nn.Sequential's.
    dataset : Dataset
    name : str, optional
        What results call the model.
    device : "auto", "cpu" or "cuda"
    source : Source, optional
        Where model and data come from; None where they were made in memory.

    Raises
    ------
    InputError
        If the model cannot be read, or model and data do not fit each other.

    Examples
    --------
    >>> study = koopview.Study(model, koopview.Dataset(inputs, labels))  # doctest: +SKIP
    >>> study.fit("2", delays=10, rank=50).hybrid_accuracy  # doctest: +SKIP
    """

    def __init__(
        self, model: Any, dataset: Dataset, *, name: str = "", device: str = "auto", source: Source | None = None
    ) -> None:
        given = model if isinstance(model, Network) else network_from_module(model, name or type(model).__name__)
        self.device = resolved_device(device)
        self.network, self.dataset = given.to(self.device), dataset
        self.source, self.history = source, History()
        self._test = self._tensor(dataset.x_test)
        self.original = original_outputs(self.network, dataset, self._test)
        self._layer_fits: Cache[LayerFit] = Cache()
        self._scaled_layers: Cache[ScaledLayer] = Cache()
        self._scaled_accuracies: Cache[tuple[float | None]] = Cache()
        self._references: Cache[dict[str, float | None]] = Cache()
        self.views: Cache[Any] = Cache(VIEW_BYTES)

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """The network's layers in order."""
        return tuple(layer.info() for layer in self.network.layers)

    @property
    def results(self) -> tuple[FitResult, ...]:
        """What was fitted so far, the newest last."""
        return self.history.results

    @property
    def state(self) -> StudyState:
        """What the window draws of this study."""
        cells = tuple(self.history.cells.values())
        return StudyState(self.network.name, self.dataset.name, self.layers, self.results, cells)

    def fit(self, layer: str, *, progress: Progress = silent, **settings: Any) -> Fit:
        """Fit one layer; further settings are those of :class:`FitSettings`."""
        return self.fit_settings(self.settings(layer, **settings), progress)

    def settings(self, layer: str, **given: Any) -> FitSettings:
        """Return the settings of a fit; where samples, steps or delays are not given, the usual numbers of them."""
        given.setdefault("samples", min(DEFAULT_SAMPLES, len(self.dataset.x_train)))
        return FitSettings(layer, **with_usual_steps(given))

    def fit_settings(self, settings: FitSettings, progress: Progress = silent) -> Fit:
        """Fit and evaluate what `settings` say; what an earlier fit of this study decomposed is used again.

        With several layers replaced, each is fitted to what comes in from the hybrids before it.

        Raises
        ------
        InputError
            For a layer, a scaling or a number of samples that does not exist.
        Cancelled
            If `progress` raises it.
        """
        fit = self.fitted(settings, progress)
        self.history.remember(fit.result)
        return fit

    def fitted(self, settings: FitSettings, progress: Progress = silent, *, spectrum: bool = True) -> Fit:
        """Do the same without remembering the result.

        Without its `spectrum`, the result's eigenvalues and residuals are left empty. At a rank of some hundreds they
        take several times as long as all the rest: whoever moves a slider asks for the accuracy first and lets them
        follow. They are no properties that compute themselves when they are first drawn, since whoever draws must
        not wait for them.
        """
        settings = replace(settings, replaced=self.network.in_order(settings.replaced))
        fits = self.layer_fits(settings, part(progress, 0.0, 0.9))
        progress(0.9, "baselines")
        reference = self._reference(settings) | {"scaled": self._scaled_accuracy(fits)}
        result = evaluated(self, settings, fits, reference, spectrum)
        progress(1.0, "done")
        return Fit(self, settings, fits, result)

    def layer_fits(self, settings: FitSettings, progress: Progress = silent) -> dict[str, LayerFit]:
        """Return the fit of each replaced layer, in network order, each fed by the hybrids before it."""
        fits: dict[str, LayerFit] = {}
        names = self.network.in_order(settings.replaced)
        for i, name in enumerate(names):
            fits[name] = self._layer_fit(name, settings, fits, part(progress, i / len(names), (i + 1) / len(names)))
        if settings.edits:  # after the others are fitted: an edit leaves them as they are
            fits[settings.layer] = fits[settings.layer].edited(settings.edits)
        return fits

    def search(self, layers: str | Iterable[str], candidates: Candidates | None = None, **options: Any) -> Search:
        """Compare settings on training samples apart, see :func:`koopview.study.search.search`."""
        return search(self, layers, candidates, **options)

    def sweep(
        self,
        layers: str | Iterable[str] = "all",
        delays: Iterable[int] = (1,),
        ranks: Iterable[int | None] = (None,),
        **options: Any,
    ) -> Sweep:
        """Fit every combination of layers, delays and ranks, see :func:`koopview.study.sweep.sweep`."""
        return sweep(self, layers, delays, ranks, **options)

    def save(self, path: str | Path) -> None:
        """Write settings, results and what is needed to go on to a ``.koopview`` file; raises FileError."""
        save_study(self, Path(path))

    @classmethod
    def open(cls, path: str | Path, **options: Any) -> "Study":
        """Open a ``.koopview`` file, see :func:`koopview.study.stored.open_stored`."""
        return open_stored(Path(path), **options)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return study_html(self.network.name, self.dataset.name, len(self.network.layers), self.results)

    def fingerprint(self) -> str:
        """Return a text that differs for another network or other data."""
        return f"{network_fingerprint(self.network)} {data_fingerprint(self.dataset)}"

    def view(self, settings: FitSettings, kind: str, progress: Progress = silent) -> Any:
        """Return what the panel of `kind` draws of the fit of `settings`, see :func:`koopview.study.viewing.view`."""
        return view(self, settings, kind, progress)

    def _layer_fit(self, name: str, settings: FitSettings, before: dict[str, LayerFit], progress: Progress) -> LayerFit:
        """Return the fit of one layer that is fed by the hybrids `before` it, decomposed only where it must be."""
        lift = Lift(settings.delays, settings.observables, settings.centres, settings.seed)
        own = (name, settings.scaling, settings.steps, settings.samples, settings.pad, settings.seed)
        upstream = (*before, lift, settings.rank) if before else ()
        known = self._layer_fits.get((own, lift, upstream))
        at_rank = known.at_rank(settings.rank) if known else None
        if at_rank is None:
            inputs = self._inputs(name, settings, {layer: fit.module() for layer, fit in before.items()})
            learns = settings.scaling in LEARNED
            key = (*own, upstream) if learns else own
            scaled = self._scaled_layer(key, settings, inputs.fit, part(progress, 0.0, 0.5))
            at_rank = fit_layer(scaled, inputs, lift, settings.rank, part(progress, 0.5 * learns, 1.0))
        size = at_rank.coordinates.nbytes + 2 * as_bytes(at_rank.kept.basis)
        self._layer_fits.put((own, lift, upstream), at_rank, size)  # with what is computed at this rank
        return at_rank

    def _scaled_layer(
        self, key: tuple[Any, ...], settings: FitSettings, inputs: torch.Tensor, progress: Progress
    ) -> ScaledLayer:
        """Return a layer scaled in float64, in which small steps keep their digits; a learned scaling learns once."""
        known = self._scaled_layers.get(key)
        if known is None:
            layer = self.network.layer(key[0]).double()
            known = scale_layer(
                settings.scaling,
                layer,
                inputs.double(),
                settings.steps,
                settings.pad,
                settings.seed,
                progress=progress,
            )
            self._scaled_layers.put(key, known, sum(as_bytes(tensor) for tensor in known.state_dict().values()))
        return known

    def _inputs(self, name: str, settings: FitSettings, replacements: dict[str, Function]) -> LayerInputs:
        """Return what comes into a layer, for fitting, residuals and testing."""
        fitted = fitting_samples(self.dataset, settings.samples)
        held_out = held_out_samples(self.dataset, fitted)

        def inputs(x: torch.Tensor) -> torch.Tensor:
            return measure.in_batches(lambda batch: self.network.run(batch, replacements, before=name), x)

        return LayerInputs(
            inputs(self._tensor(self.dataset.x_train[fitted])), inputs(self._tensor(held_out)), inputs(self._test)
        )

    def _reference(self, settings: FitSettings) -> dict[str, float | None]:
        """Return the accuracies of the baselines, which stand beside the hybrid's."""
        key = (settings.replaced, settings.samples, settings.pad)
        known = self._references.get(key)
        if known is None:
            known = {}
            for name in CONTROLS[1:]:  # without the first, which needs the fit's lift
                known[name] = self._replaced_by(lambda layer, x: control(name, layer, x, settings.pad, layer), settings)  # noqa: B023 - called at once
            self._references.put(key, known, 0)
        return known

    def _scaled_accuracy(self, fits: dict[str, LayerFit]) -> float | None:
        """Return the accuracy with the scaled layers in place and nothing linearized."""
        key = tuple((name, fit.scaled) for name, fit in fits.items())
        known = self._scaled_accuracies.get(key)
        if known is None:
            ends: dict[str, Function] = {name: fit.scaled_output for name, fit in fits.items()}
            logits = measure.in_batches(lambda batch: self.network.run(batch, ends), self._test)
            known = (self._accuracy(logits),)
            self._scaled_accuracies.put(key, known, 0)
        return known[0]

    def _replaced_by(self, make: Callable[[Layer, torch.Tensor], Function], settings: FitSettings) -> float | None:
        """Return the accuracy with each replaced layer swapped for ``make(layer, its inputs)``, in order."""
        x = self._tensor(self.dataset.x_train[fitting_samples(self.dataset, settings.samples)])
        replacements: dict[str, Function] = {}
        for name in settings.replaced:
            replacements[name] = make(self.network.layer(name), self.network.run(x, replacements, before=name))
        return self._accuracy(measure.in_batches(lambda batch: self.network.run(batch, replacements), self._test))

    def _accuracy(self, logits: torch.Tensor) -> float | None:
        return measure.accuracy(logits, self.dataset.y_test)

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(array, device=self.device)


def original_outputs(network: Network, dataset: Dataset, x: torch.Tensor) -> torch.Tensor:
    """Return the network's outputs on the test inputs `x`, having checked that network and data fit each other."""
    first, features = network.layers[0], int(np.prod(dataset.x_test.shape[1:]))
    if first.inputs and features != first.inputs:
        raise InputError(
            f"{dataset.name} has {features} features a sample, expected {first.inputs} as {network.name} takes"
        )
    try:
        outputs = measure.in_batches(network.run, x)
    except RuntimeError as error:
        held = f"the inputs of {dataset.name} ({features} a sample)"
        raise InputError(f"{network.name} cannot take {held}: {error}") from error
    if outputs.ndim != 2:
        raise InputError(f"{network.name} gives outputs of shape {tuple(outputs.shape)}, expected (samples, classes)")
    if not torch.isfinite(outputs).all():
        raise InputError(f"{network.name} gives NaN or infinite outputs on {dataset.name}, expected finite ones")
    for labels in (dataset.y_train, dataset.y_test):
        if labels is not None and labels.max() >= outputs.shape[1]:
            raise InputError(
                f"{dataset.name} has label {labels.max()}, expected 0 to {outputs.shape[1] - 1} "
                f"as {network.name} has {outputs.shape[1]} outputs"
            )
    return outputs


def resolved_device(device: str) -> str:
    """Return "cpu" or "cuda", or raise InputError if the device is unknown or absent."""
    if device not in DEVICES:
        raise InputError(f"device is {device!r}, expected one of {', '.join(DEVICES)}")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device is 'cuda', but this machine has none that torch can use; expected auto or cpu")
    return "cpu" if device == "cpu" or not torch.cuda.is_available() else "cuda"


def as_bytes(array: Any) -> int:
    """Return the memory of a numpy array or torch tensor in bytes."""
    return int(array.nbytes)
