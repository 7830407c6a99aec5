"""The pseudospectrum of the operator shown."""

from koopview.koopman.arrays import as_numpy
from koopview.koopman.pseudospectrum import Pseudospectrum, pseudospectrum_around
from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings
from koopview.study.viewing.kind import Keep, ViewKind


def pseudospectrum_view(fitted: Fitted, keep: Keep, progress: Progress) -> Pseudospectrum:
    """Return the pseudospectrum of the operator as it was fitted, around its eigenvalues."""
    return pseudospectrum_around(as_numpy(fitted.own.unedited.dmd.matrix), fitted.result.fitted_eigenvalues, progress)


def without_edits(settings: FitSettings) -> FitSettings:
    """Return the settings without mode edits, which do not change the pseudospectrum."""
    return settings.with_edits(())


PSEUDOSPECTRUM = ViewKind(pseudospectrum_view, without_edits)
