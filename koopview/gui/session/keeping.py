"""Write files of a study: the study itself, or the hybrid network."""

from collections.abc import Callable
from pathlib import Path

from koopview.gui.session.fitting import Fits
from koopview.gui.session.made_view import made_view
from koopview.gui.session.work import Work
from koopview.progress import Progress
from koopview.study.result import StudyState

Done = Callable[[], object]


class Keeping:
    """Writes files on the worker; `done` is called when the file is written, and never after an error."""

    def __init__(self, work: Work, fits: Fits) -> None:
        self._work, self._fits = work, fits

    def drawn_state(self) -> StudyState | None:
        """Return the StudyState to save, with the result that was drawn last, complete, at its end."""
        drawn, state = self._fits.drawn, self._fits.state
        return state if state is None or drawn is None else state.with_result(drawn)

    @property
    def can_save(self) -> bool:
        """Whether there is a study, with its data, that can be written and opened again."""
        return self._fits.engine is not None and self._fits.state is not None and bool(self._fits.state.data)

    def save_study(self, path: Path, done: Done) -> None:
        """Write the study, with the data needed to continue, to a file."""
        engine, state = self._fits.engine, self.drawn_state()
        if engine is None or state is None or not state.data:
            self._fits.failed.emit("there is no study to save yet, expected a model and its data", "")
            return

        def work(progress: Progress) -> None:
            study = engine.study(progress)
            from koopview.study.held import save_study

            progress(0.5, "saving the study")
            save_study(study.setup, study.source, state, path)

        self._write(work, done)

    def export_hybrid(self, path: Path, done: Done) -> None:
        """Write the hybrid network of the settings on screen as a ``torch.export`` file."""
        engine, settings = self._fits.engine, self._fits.settings
        if engine is None or settings is None:
            self._fits.failed.emit("there is no hybrid network yet, expected a fit", "")
            return

        def work(progress: Progress) -> None:
            fit = engine.study(progress).fitted(settings, progress, spectrum=False, controls=False)
            progress(0.9, "exporting the hybrid network")
            fit.export(path)

        self._write(work, done)

    def make_view(self, kind: str, done: Callable[[object], object]) -> None:
        """Make the view of `kind` of the settings on screen, and hand it to `done`."""
        engine, settings = self._fits.engine, self._fits.settings
        if engine is None or settings is None:
            return
        found: list[object] = []

        def work(progress: Progress) -> None:
            found.append(made_view(engine, settings, kind, progress)[1])

        self._write(work, lambda: done(found[-1]))

    def _write(self, work: Callable[[Progress], None], done: Done) -> None:
        """Start `work` once nothing else runs, so that saving does not cancel a running fit."""
        if self._work.busy:
            start = lambda: self._write(work, done)  # noqa: E731
            self._work.when_settled(start)
        else:
            self._fits.start(work, lambda nothing: self._written(done))

    def _written(self, done: Done) -> None:
        self._fits.settle()
        done()
