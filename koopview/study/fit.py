"""One fit of a study: its numbers, its operator, and methods to edit, export and refit it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from koopview.errors import EditRefused
from koopview.files import check_folder, write_whole
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.linearized import LinearizedLayer
from koopview.hybrid.portable import Chain, exported_bytes
from koopview.koopman.edits import composed_edits, wanted_eigenvalues
from koopview.progress import Progress, part, silent
from koopview.study.editing import fall
from koopview.study.fitter import Fitted
from koopview.study.notebook import result_html
from koopview.study.probe import linear_probe
from koopview.study.result import FitResult
from koopview.study.settings import DEFAULT_EDITED, FitSettings
from koopview.study.unlearn import nothing_unlearned, unlearning_edits

Refit = Callable[[FitSettings, Progress], "Fit"]


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """One fit: its numbers, and the operator behind them.

    Attributes
    ----------
    fitted : Fitted
    refit : callable
        Makes the fit of other settings in the same study.
    note : str
        A remark on an edit, for a person.
    known : callable
        Returns the results of the same study, cells of its sweeps among them.
    """

    fitted: Fitted
    refit: Refit
    note: str = ""
    known: Callable[[], tuple[FitResult, ...]] = field(default_factory=lambda: tuple)

    @property
    def settings(self) -> FitSettings:
        """The settings that the fit depends on."""
        return self.fitted.settings

    @property
    def result(self) -> FitResult:
        """The fit's numbers."""
        return self.fitted.result

    @property
    def layer_fits(self) -> dict[str, LayerFit]:
        """The fit of each replaced layer by its name."""
        return self.fitted.layer_fits

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per step with their edits, ordered by falling modulus of the fitted values."""
        return self.result.eigenvalues

    @property
    def hybrid_accuracy(self) -> float | None:
        """Accuracy of the hybrid network on the test samples, None without labels."""
        return self.result.accuracy.get("hybrid")

    def truncate(self, rank: int) -> "Fit":
        """Return the fit at another rank; a smaller one needs no new decomposition."""
        return self.refit(self.settings.with_rank(rank), silent)

    def edit(
        self,
        remove: Iterable[int] = (),
        scale: Mapping[int, float] | None = None,
        move: Mapping[int, complex] | None = None,
        *,
        progress: Progress = silent,
    ) -> "Fit":
        """Return the fit with some modes edited, on top of its own edits (the guide's method page, section 6).

        Modes that mean nothing alone are edited together, as the invariant subspace that they span: an edit of one
        multiplies its whole group (``result.groups``). A mode's conjugate changes with it. A real eigenvalue stays real
        (it takes the real part of a complex value). Of several edits of one group the last counts, in the order of the
        parameters. Nothing is fitted again.

        Parameters
        ----------
        remove : indices of modes
            Their eigenvalues become 0. Indices are those of `eigenvalues`.
        scale : mapping from index to factor
            Of the present eigenvalue.
        move : mapping from index to new eigenvalue
            The fitted one (``result.fitted_eigenvalues``) undoes an edit.

        Raises
        ------
        InputError
            For a mode that does not exist or is named twice, or a number that is not finite.

        Examples
        --------
        >>> fit.edit(remove=[0], scale={3: 0.5}, move={4: 0.9 + 0.1j}).hybrid_accuracy  # doctest: +SKIP
        """
        wanted = wanted_eigenvalues(self.eigenvalues, remove, scale or {}, move or {})
        labels = self.fitted.own.dmd.pairs.blocks.labels
        edits = composed_edits(self.result.fitted_eigenvalues, self.settings.edits, wanted, labels)
        try:
            edited = self.refit(self.settings.with_edits(edits), progress)
        except EditRefused as refused:
            return replace(self, note=f"Nothing was edited: {refused}.")
        return replace(edited, note=fall(self.result, edited.result))

    def unlearn(self, target: int, *, most: int = DEFAULT_EDITED, progress: Progress = silent) -> "Fit":
        """Return the fit with mode edits that lower one class's accuracy and spare the other classes.

        The class must lose at least 30 points and no other more than 10, on held-out training samples; if no edit
        found does so, the fit is returned unchanged, with a `note` that says so.

        Edits are found by gradient on fitting samples and chosen on other training samples, never on the test samples
        that measure the result; see :func:`koopview.hybrid.unlearning.unlearned`.

        Parameters
        ----------
        target : int
            The class.
        most : int
            Most eigenvalues to edit, conjugates counted.

        Raises
        ------
        InputError
            If there are no labels, no such class, or no sample of it among the fitting ones.
        Cancelled
            By `progress`.
        """
        edits = unlearning_edits(self.fitted, target, most, part(progress, 0.0, 0.95))
        if edits is None:
            return replace(self, note=nothing_unlearned(target, most))
        return self.refit(self.settings.with_edits(edits), part(progress, 0.95, 1.0))

    def linear_probe(self, target: int) -> float:
        """Return the share of a class's test samples that a linear probe of the layer's output still recognises.

        The samples of an unlearned class can stay separable (arXiv 2604.08271). The probe is fitted to the labels on
        fitting samples, see :func:`koopview.study.probe.linear_probe`.
        """
        return linear_probe(self.fitted, target)

    def module(self) -> LinearizedLayer:
        """Return the torch module that takes the layer's place, (samples, inputs) to (samples, outputs)."""
        return self.fitted.own.module()

    def export(self, path: str | Path, what: str = "hybrid") -> None:
        """Write the hybrid network as a ``torch.export`` file, which runs without KoopView, on any number of samples.

        ``torch.export.load(path).module()`` takes inputs (samples, ...) as the network does.

        Raises
        ------
        FileError
            If the file cannot be written; the message calls it `what`.
        InputError
            If a layer cannot be exported.
        """
        check_folder(Path(path), what)
        setup = self.fitted.setup
        hybrid = Chain(setup.network, {name: fit.module() for name, fit in self.layer_fits.items()})
        write_whole(Path(path), exported_bytes(hybrid, setup.dataset.x_test.shape[1:]), what)

    def __repr__(self) -> str:
        """Return a line that names the fit and its score."""
        settings, result = self.settings, self.result
        where = f"{result.model} on {result.data}, layer {settings.layer}, h = {settings.delays}, r = {result.rank}"
        return f"<Fit of {where}: {result.measure} of the hybrid {result.hybrid}>"

    def _repr_html_(self) -> str:
        """Return the HTML that a notebook shows."""
        return result_html((self.result,))
