"""A study: one network and one data set, and every fit made of them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid import accuracy as measure
from koopview.hybrid.controls import r2_linear
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.scoring import Scoring
from koopview.network.data import Dataset
from koopview.network.fingerprint import network_fingerprint
from koopview.network.info import LayerInfo
from koopview.network.modules import network_from_module
from koopview.network.network import Network
from koopview.network.task import checked_task, decision_threshold
from koopview.progress import Progress, part, silent
from koopview.study.cache import Cache
from koopview.study.evaluation import evaluated
from koopview.study.fit import Fit
from koopview.study.history import History
from koopview.study.layer_fits import LayerFits
from koopview.study.measuring import Controls
from koopview.study.notebook import study_html
from koopview.study.repeats import repeated
from koopview.study.result import FitResult, StudyState
from koopview.study.samples import fitting_samples, samples_apart
from koopview.study.search import Candidates, Search, search
from koopview.study.settings import DEFAULT_SAMPLES, FitSettings, checked_names, with_usual_steps
from koopview.study.source import Source
from koopview.study.stored import data_fingerprint, open_stored, save_study
from koopview.study.sweep import Sweep, sweep
from koopview.study.viewing import view

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
        self.original = original_outputs(self.network, dataset, torch.as_tensor(dataset.x_test, device=self.device))
        self.task = checked_task(self.original.shape[1], dataset, self.network.name)
        self.scoring = Scoring(self.task, dataset.y_test, self.original, decision_threshold(self.network))
        self._layer_fits = LayerFits(self.network, dataset, self.scoring, self.device)
        self._controls = Controls(self.network, dataset, self._layer_fits, self.scoring)
        self._apart: Cache[Scoring] = Cache()
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
        checked_names(given)
        given.setdefault("samples", min(DEFAULT_SAMPLES, len(self.dataset.x_train)))
        return FitSettings(layer, **with_usual_steps(given))

    def fit_settings(self, settings: FitSettings, progress: Progress = silent, *, controls: bool = True) -> Fit:
        """Fit and evaluate what `settings` say; what an earlier fit of this study decomposed is used again.

        With several layers replaced, each is fitted to what comes in from the hybrids before it.

        Parameters
        ----------
        controls : bool
            Whether the controls are measured too; without, they are part of the result where they are known already.

        Raises
        ------
        InputError
            For a layer, a scaling or a number of samples that does not exist.
        Cancelled
            If `progress` raises it.
        """
        fit = self.fitted(settings, progress, controls=controls)
        self.history.remember(fit.result)
        return fit

    def fitted(
        self, settings: FitSettings, progress: Progress = silent, *, spectrum: bool = True, controls: bool = True
    ) -> Fit:
        """Do the same without remembering the result.

        Without its `spectrum`, the result's eigenvalues and residuals are left empty. At a rank of some hundreds they
        take several times as long as all the rest: whoever moves a slider asks for the accuracy first and lets them
        follow. They are no properties that compute themselves when they are first drawn, since whoever draws must
        not wait for them.
        """
        settings = replace(settings, replaced=self.network.in_order(settings.replaced))
        fits = self._layer_fits.of(settings, part(progress, 0.0, 0.7))
        within = part(progress, 0.7, 1.0)
        known = self._controls.of(settings, fits, within) if controls else self._controls.known(settings)
        scaled, apart = self._controls.scaled(settings, fits), self._scoring_apart(settings)
        result = evaluated(self.network, self.dataset, self.scoring, settings, fits, scaled, known, apart, spectrum)
        progress(1.0, "done")
        return Fit(self, settings, fits, result)

    def layer_fits(self, settings: FitSettings, progress: Progress = silent) -> dict[str, LayerFit]:
        """Return the fit of each replaced layer, in network order, each fed by the hybrids before it."""
        return self._layer_fits.of(settings, progress)

    def repeat(self, settings: FitSettings, draws: int, progress: Progress = silent) -> Fit:
        """Fit with several draws of the fitting samples, see :func:`koopview.study.repeats.repeated`."""
        fit = repeated(self.fit_settings, settings, draws, progress)
        self.history.remember(fit.result)
        return fit

    def r2_linear(self, progress: Progress = silent) -> dict[str, float | None]:
        """Return R2_lin of each layer by its name, None of one that cannot be replaced.

        The share of the layer's output on test samples that the affine control explains, fitted to as many training
        samples as a fit sees by default: near 1 there is nothing for a lift to win.
        """
        found: dict[str, float | None] = {}
        for i, layer in enumerate(self.layers):
            within = part(progress, i / len(self.layers), (i + 1) / len(self.layers))
            within(0.0, f"R2 of layer {layer.name}")
            found[layer.name] = self._r2_of(layer.name, within) if layer.supported else None
        return found

    def _r2_of(self, name: str, progress: Progress) -> float:
        inputs = self._layer_fits.fitting_inputs(name, self.settings(name), {})
        return r2_linear(self.network.layer(name), inputs, self._layer_fits.test_inputs(name, {}), progress)

    def search(self, layers: str | Iterable[str], candidates: Candidates | None = None, **options: Any) -> Search:
        """Compare settings on training samples apart, see :func:`koopview.study.search.search`."""
        return search(self, layers, candidates, **options)

    def sweep(
        self,
        layers: str | Iterable[str] = "all",
        delays: Iterable[int] = (1,),
        ranks: Iterable[int | str | None] = ("auto",),
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

    def _scoring_apart(self, settings: FitSettings) -> Scoring | None:
        """Return how outputs on the training samples apart from a fit are measured, None where there are none."""
        if settings.samples is None or settings.samples >= len(self.dataset.x_train):
            return None
        key = (settings.samples, settings.draw)
        known = self._apart.get(key)
        if known is None:
            left = samples_apart(self.dataset, fitting_samples(self.dataset, *key))
            x = torch.as_tensor(self.dataset.x_train[left], device=self.device)
            outputs = measure.in_batches(self.network.run, x)
            labels = None if self.dataset.y_train is None else self.dataset.y_train[left]
            known = Scoring(self.task, labels, outputs, self.scoring.threshold)
            self._apart.put(key, known, outputs.nbytes)
        return known


def original_outputs(network: Network, dataset: Dataset, x: torch.Tensor) -> torch.Tensor:
    """Return the network's outputs on the test inputs `x`, having checked that network and data fit each other."""
    first, features = network.layers[0], int(np.prod(dataset.x_test.shape[1:]))
    if first.inputs and features != first.inputs:
        raise InputError(
            f"{dataset.name} has {features} features a sample, expected {first.inputs} as {network.name} takes"
        )
    try:
        outputs = measure.in_batches(network.run, x)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        held = f"the inputs of {dataset.name} ({features} a sample)"
        raise InputError(f"{network.name} cannot take {held}: {error}") from error
    if outputs.ndim != 2:
        raise InputError(f"{network.name} gives outputs of shape {tuple(outputs.shape)}, expected (samples, classes)")
    if not torch.isfinite(outputs).all():
        raise InputError(f"{network.name} gives NaN or infinite outputs on {dataset.name}, expected finite ones")
    return outputs


def resolved_device(device: str) -> str:
    """Return "cpu" or "cuda", or raise InputError if the device is unknown or absent."""
    if device not in DEVICES:
        raise InputError(f"device is {device!r}, expected one of {', '.join(DEVICES)}")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device is 'cuda', but this machine has none that torch can use; expected auto or cpu")
    return "cpu" if device == "cpu" or not torch.cuda.is_available() else "cuda"
