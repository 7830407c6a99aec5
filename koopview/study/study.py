"""A study: one network, one data set, and all their fits."""

import warnings
from collections.abc import Container, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch

from koopview.network.data import Dataset
from koopview.network.info import LayerInfo
from koopview.network.inside import inside
from koopview.network.network import Network
from koopview.progress import Progress, silent
from koopview.study.affine_shares import affine_shares
from koopview.study.clustered import fit_on, sweep_on
from koopview.study.depth import depth, depth_table
from koopview.study.depth_result import DepthResult
from koopview.study.doubts import DoubtWarning
from koopview.study.fit import Fit
from koopview.study.fitter import Fitted, Fitter
from koopview.study.given import given_dataset, given_model
from koopview.study.given_stream import check_source, given_parts
from koopview.study.held import save_study
from koopview.study.history import History
from koopview.study.notebook import study_html
from koopview.study.reopening import reopened
from koopview.study.repeats import repeated
from koopview.study.result import FitResult, StudyState
from koopview.study.search import Candidates, Search, search
from koopview.study.settings import FitSettings
from koopview.study.setup import set_up
from koopview.study.source import Source
from koopview.study.streaming import fit_stream, streamed
from koopview.study.sweep import Sweep, sweep
from koopview.study.viewing.register import ViewMaker


class Study:
    """Fits of the layers of one network on one data set.

    Parameters
    ----------
    model : nn.Module or Network
        Any module that runs; layers that cannot be replaced stand in its chain with the reason.
    dataset : Dataset, array (samples, ...), torch Dataset of pairs (input, label), or DataLoader
    labels : array (samples,), optional
        If `dataset` is an array of inputs.
    name : str, optional
        Name of the model in results.
    device : "auto", "cpu" or "cuda"
    source : Source, optional
        Origin of model and data; None if they were made in memory.

    Raises
    ------
    InputError
        If the model cannot be read, or model and data do not fit each other.

    Examples
    --------
    >>> study = koopview.Study(model, inputs, labels)  # doctest: +SKIP
    >>> study.fit("2", delays=10, rank=50).hybrid_accuracy  # doctest: +SKIP
    """

    def __init__(
        self,
        model: Any,
        dataset: Any,
        labels: Any = None,
        *,
        name: str = "",
        device: str = "auto",
        source: Source | None = None,
    ) -> None:
        self.setup = set_up(given_model(model, dataset), given_dataset(dataset, labels), name, device)
        if not isinstance(model, Network):  # those of a file are told by who opens it
            for remark in self.network.remarks:
                warnings.warn(remark, DoubtWarning, stacklevel=2)
        self.source, self.history = source, History()
        self._fitter = Fitter(self.setup)
        self._views = ViewMaker(self._fitter)

    @property
    def fitter(self) -> Fitter:
        """The Fitter of all fits, with what it keeps of them."""
        return self._fitter

    @property
    def network(self) -> Network:
        """The network, on the device."""
        return self.setup.network

    @property
    def dataset(self) -> Dataset:
        """Training and test samples."""
        return self.setup.dataset

    @property
    def original(self) -> torch.Tensor:
        """The original network's outputs (samples, outputs) on the test samples."""
        return self.setup.original

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """The network's layers in order."""
        return tuple(layer.info() for layer in self.network.layers)

    @cached_property
    def inside(self) -> dict[str, tuple[LayerInfo, ...]]:
        """The stages inside each block, by the block's name: each may be fitted alone, by its name."""
        return {block: tuple(stage.info() for stage in stages) for block, stages in inside(self.network).items()}

    @property
    def results(self) -> tuple[FitResult, ...]:
        """The results so far, the newest last."""
        return self.history.results

    @property
    def state(self) -> StudyState:
        """The data that the window draws of this study."""
        cells, depth = tuple(self.history.cells.values()), tuple(self.history.depth.values())
        return StudyState(self.network.name, self.dataset.name, self.layers, self.results, cells, depth=depth)

    def fit(self, layer: str, *, progress: Progress = silent, **settings: Any) -> Fit:
        """Return the Fit of the layer named `layer`; further settings are those of :class:`FitSettings`."""
        return self.fit_settings(self.settings(layer, **settings), progress)

    def fit_stream(
        self,
        stream: Any,
        layer: str,
        *,
        keys: tuple[str, str] | None = None,
        channels: str = "first",
        components: int | None = None,
        checkpoint: str | Path | None = None,
        controls: bool = True,
        client: Any = None,
        progress: Progress = silent,
        **settings: Any,
    ) -> Fit:
        """Return the Fit of a layer to samples that are read where they are used, see :func:`.streaming.fit_stream`.

        It is measured on the study's test samples, and not kept among its results, which its own samples make again.
        `stream` is a path, an array, or a torch Dataset or DataLoader, see :func:`.given_stream.given_parts`; by
        default all its samples are fitted to. With a `client` (``distributed.Client``) its workers make the passes over
        the stream; `note` of the Fit says what they made twice since one was lost.
        """
        own = self.settings(layer, **{"samples": None, **settings})
        if client is not None and isinstance(stream, (str, Path)):
            stream = Path(stream).absolute()  # workers may be elsewhere
        parts = given_parts(stream, keys, channels)
        check_source(parts, self.dataset.drawn, self.source)
        place = None if checkpoint is None else Path(checkpoint)
        how = {"controls": controls, "client": client, "progress": progress}
        return streamed(fit_stream(self.setup, parts, own, components, place, **how))

    def settings(self, layer: str, **given: Any) -> FitSettings:
        """Return the FitSettings of a fit, with default numbers of samples, steps and delays."""
        return self.setup.settings(layer, **given)

    def fit_settings(self, settings: FitSettings, progress: Progress = silent, *, controls: bool = True) -> Fit:
        """Return the Fit of `settings`, measured, and keep its result.

        Decompositions of earlier fits are reused. With several layers replaced, each is fitted to the outputs of the
        hybrids before it. See :meth:`koopview.study.fitter.Fitter.fitted` for the rest.
        """
        return self._remembered(self._fitter.fitted(settings, progress, controls=controls))

    def fitted(
        self, settings: FitSettings, progress: Progress = silent, *, spectrum: bool = True, controls: bool = True
    ) -> Fit:
        """Return the same Fit without keeping its result, see :meth:`koopview.study.fitter.Fitter.fitted`."""
        return self._fit(self._fitter.fitted(settings, progress, spectrum=spectrum, controls=controls))

    def preview(self, settings: FitSettings, progress: Progress = silent) -> FitResult | None:
        """Return a result of the first test samples, to show first; None where that of all is as soon there."""
        return self._fitter.preview(settings, progress)

    def repeat(self, settings: FitSettings, draws: int, progress: Progress = silent) -> Fit:
        """Fit with several draws of the fitting samples, see :func:`koopview.study.repeats.repeated`."""
        return self._remembered(repeated(self._fitter.fitted, settings, draws, len(self.dataset.x_train), progress))

    def fit_on(
        self, client: Any, settings: FitSettings, draws: int = 1, progress: Progress = silent
    ) -> tuple[FitResult, tuple[str, ...]]:
        """Fit on the workers of a cluster, that of a ``distributed.Client``, and keep the result, without paths.

        Each of several `draws` of the fitting samples is a task. The operator stays there; :meth:`fit_settings` makes
        it here. The notes, texts, say what was computed twice since a worker was lost.
        """
        result, notes = fit_on(client, self.setup, self.source, settings, draws, progress)
        self.history.remember(result)
        return result, notes

    def memory(self, layer: str, **settings: Any) -> int:
        """Return the bytes that a fit takes at its peak, an int, before any of them is taken."""
        return self._fitter.memory(self.settings(layer, **settings))

    def r2_linear(self, progress: Progress = silent) -> dict[str, float | None]:
        """Return R2_lin of each layer by its name, see :meth:`koopview.study.fitter.Fitter.r2_linear`."""
        return self._fitter.r2_linear(progress)

    def each_r2_linear(
        self, progress: Progress = silent, known: Container[str] = ()
    ) -> Iterator[tuple[str, float | None]]:
        """Yield R2_lin of one layer after another, see ``koopview.study.affine_shares``."""
        return affine_shares(self.setup, progress, known)

    def search(self, layers: str | Iterable[str], candidates: Candidates | None = None, **options: Any) -> Search:
        """Compare settings on held-out training samples, see :func:`koopview.study.search.search`."""
        return search(self.setup, layers, candidates, **options)

    def sweep(
        self,
        layers: str | Iterable[str] = "all",
        delays: Iterable[int] = (1,),
        ranks: Iterable[int | str | None] = ("auto",),
        *,
        client: Any = None,
        **options: Any,
    ) -> Sweep:
        """Fit every combination of layers, delays and ranks, see :func:`koopview.study.sweep.sweep`.

        With a `client` (``distributed.Client``) on the workers of its cluster, which read data that have a file by
        themselves: the numbers are the same. `notes` of the sweep say what was computed twice since a worker was lost.
        """
        elsewhere = None if client is None else partial(sweep_on, client, self.setup, self.source)
        return sweep(self._fitter, self.history, layers, delays, ranks, elsewhere=elsewhere, **options)

    def depth(self, start: str, blocks: int, **options: Any) -> DepthResult:
        """Replace blocks of a residual stream by one operator, see :func:`koopview.study.depth.depth`."""
        return self.history.keep_depth(depth(self.setup, start, blocks, **options))

    def depth_table(self, *cells: Any, **options: Any) -> Iterator[DepthResult]:
        """Yield the cells over start and number of blocks, see :func:`koopview.study.depth.depth_table`."""
        return map(self.history.keep_depth, depth_table(self.setup, *cells, **options))

    def save(self, path: str | Path) -> None:
        """Write settings, results and the data needed to continue to a ``.koopview`` file; raises FileError."""
        save_study(self.setup, self.source, self.state, Path(path))

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        model: Any = None,
        dataset: Dataset | None = None,
        device: str = "auto",
        trust: bool = False,
    ) -> "Study":
        """Return the Study of a ``.koopview`` file: its results, with network and data to continue.

        Parameters
        ----------
        path : path
        model : nn.Module, optional
            In the place of the file's.
        dataset : Dataset, optional
            In the place of the file's.
        device : "auto", "cpu" or "cuda"
        trust : bool
            Whether opening the model may run code that the file names.

        Raises
        ------
        FileError
            If the file, or one that it names, is missing, broken, changed or not trusted.
        InputError
            If model and data do not fit each other.
        """
        file, source, network, data = reopened(Path(path), model, dataset, trust)
        study = cls(network, data, name=file.state.model, device=device, source=source)
        study.history.restore(file.state, same=model is None and dataset is None)
        return study

    def _repr_html_(self) -> str:
        """Return the HTML that a notebook shows."""
        return study_html(self.network.name, self.dataset.name, len(self.network.layers), self.results)

    def view(self, settings: FitSettings, kind: str, progress: Progress = silent) -> Any:
        """Return the view that the panel of `kind` draws, see :class:`koopview.study.viewing.register.ViewMaker`."""
        return self._views.view(settings, kind, progress)

    def _remembered(self, fitted: Fitted) -> Fit:
        self.history.remember(fitted.result)
        return self._fit(fitted)

    def _fit(self, fitted: Fitted) -> Fit:
        return Fit(fitted, self.fit_settings, known=self._known)

    def _known(self) -> tuple[FitResult, ...]:
        return (*self.history.cells.values(), *self.history.results)
