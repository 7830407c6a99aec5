"""One fit of a study: its numbers, the operator behind them, and what can be asked of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from koopview.files import check_folder, write_whole
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.linearized import LinearizedLayer
from koopview.hybrid.portable import Chain, exported_bytes
from koopview.koopman.edits import composed_edits, wanted_eigenvalues
from koopview.progress import Progress, part, silent
from koopview.study.notebook import result_html
from koopview.study.result import FitResult
from koopview.study.settings import DEFAULT_EDITED, FitSettings
from koopview.study.unlearn import unlearning_edits

if TYPE_CHECKING:
    from koopview.study.study import Study


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit: its numbers, and the operator behind them."""

    study: "Study"
    settings: FitSettings
    layer_fits: dict[str, LayerFit]
    result: FitResult
    note: str = ""

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per step, by falling modulus as they were fitted; edited ones in their places."""
        return self.result.eigenvalues

    @property
    def hybrid_accuracy(self) -> float | None:
        """Accuracy of the hybrid network on the test samples, None without labels."""
        return self.result.accuracy["hybrid"]

    def truncate(self, rank: int) -> "Fit":
        """Return the fit at another rank; a smaller one needs no new decomposition."""
        return self.study.fit_settings(self.settings.with_rank(rank))

    def edit(
        self,
        remove: Iterable[int] = (),
        scale: Mapping[int, float] | None = None,
        move: Mapping[int, complex] | None = None,
        *,
        progress: Progress = silent,
    ) -> "Fit":
        """Return the fit with some modes edited, on top of its own edits (METHOD section 6).

        A mode's conjugate follows it, a real eigenvalue stays real (of a complex one it takes the real part), and of
        two that are conjugates the last one named counts, in the order below. Nothing is fitted again.

        Parameters
        ----------
        remove : places of modes
            Their eigenvalues become 0. Places are those of `eigenvalues`.
        scale : mapping from place to factor
            Of the present eigenvalue.
        move : mapping from place to new eigenvalue
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
        edits = composed_edits(self.result.fitted_eigenvalues, self.settings.edits, wanted)
        return self.study.fit_settings(self.settings.with_edits(edits), progress)

    def unlearn(self, target: int, *, most: int = DEFAULT_EDITED, progress: Progress = silent) -> "Fit":
        """Return the fit with the mode edits that lower one class's accuracy most at the least cost to the others.

        Found by gradient on fitting samples and chosen on other training samples, never on those that the accuracies
        of the result are measured on; see :func:`koopview.hybrid.unlearning.unlearned`.

        Parameters
        ----------
        target : int
            The class.
        most : int
            Eigenvalues edited at most, conjugates counted.

        Raises
        ------
        InputError
            If there are no labels, no such class, or no sample of it among the fitting ones.
        Cancelled
            By `progress`.
        """
        edits = unlearning_edits(self, target, most, part(progress, 0.0, 0.95))
        return self.study.fit_settings(self.settings.with_edits(edits), part(progress, 0.95, 1.0))

    def module(self) -> LinearizedLayer:
        """Return the torch module that takes the layer's place, (samples, inputs) to (samples, outputs)."""
        return self.layer_fits[self.settings.layer].module()

    def export(self, path: str | Path, what: str = "hybrid") -> None:
        """Write the hybrid network as a ``torch.export`` file, which runs without KoopView, on any number of samples.

        ``torch.export.load(path).module()`` takes inputs (samples, ...) as the network does.

        Raises
        ------
        FileError
            If the file cannot be written; it names it `what`.
        InputError
            If a layer cannot be exported.
        """
        check_folder(Path(path), what)
        hybrid = Chain(self.study.network, {name: fit.module() for name, fit in self.layer_fits.items()})
        write_whole(Path(path), exported_bytes(hybrid, self.study.dataset.x_test.shape[1:]), what)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return result_html((self.result,))
