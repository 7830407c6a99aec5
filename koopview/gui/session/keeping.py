"""What of a study goes into files: the study itself, the hybrid network."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from koopview.gui.session.searching import Searching
from koopview.progress import Progress
from koopview.study.result import StudyState
from koopview.study.source import Source
from koopview.study.study_file import StudyFile

Done = Callable[[], object]


class Keeping(Searching):
    """Writes files on the worker; `done` is called when the file is there, and never where it could not be written."""

    def drawn_state(self) -> StudyState | None:
        """Return the state with the result that was drawn last at its end, whole: what a file keeps."""
        drawn, state = self._drawn, self.state
        if state is None or drawn is None:
            return state
        others = [result for result in state.results if result.settings != drawn.settings]
        return replace(state, results=(*others, drawn))

    @property
    def source(self) -> Source | None:
        """Where model and data come from, None where nothing is open."""
        return None if self._engine is None else self._engine.source

    @property
    def file(self) -> StudyFile | None:
        """The study file that is open, None where there is none, or it was not read yet."""
        return None if self._engine is None else self._engine.file

    @property
    def lacks(self) -> str:
        """Which part of a reopened study could not be opened, "model" or "data", without which nothing is fitted."""
        return "" if self._engine is None else self._engine.lacks

    @property
    def can_save(self) -> bool:
        """Whether there is a study, with its data, that can be written and opened again."""
        return self._engine is not None and self.state is not None and bool(self.state.data)

    def save_study(self, path: Path, done: Done) -> None:
        """Write the study, with what is needed to go on, to a file."""
        engine, state = self._engine, self.drawn_state()
        if engine is None or state is None or not state.data:
            self.failed.emit("there is no study to save yet, expected a model and its data", "")
            return

        def work(progress: Progress) -> None:
            study = engine.study(progress)
            from koopview.study.held import save_study

            progress(0.5, "saving the study")
            save_study(study.setup, study.source, state, path)

        self._write(work, done)

    def export_hybrid(self, path: Path, done: Done) -> None:
        """Write the hybrid network of the settings on screen as a ``torch.export`` file."""
        engine, settings = self._engine, self.settings
        if engine is None or settings is None:
            self.failed.emit("there is no hybrid network yet, expected a fit", "")
            return

        def work(progress: Progress) -> None:
            fit = engine.study(progress).fitted(settings, progress, spectrum=False, controls=False)
            progress(0.9, "exporting the hybrid network")
            fit.export(path)

        self._write(work, done)

    def _write(self, work: Callable[[Progress], None], done: Done) -> None:
        """Do `work` once nothing else runs: what is fitted when a person saves is not given up for it."""
        if self.busy:
            start = lambda: self._write(work, done)  # noqa: E731
            self._when_settled(start)
        else:
            self._start(work, lambda nothing: self._written(done))

    def _written(self, done: Done) -> None:
        self._settle()
        done()

    def _when_settled(self, call: Done) -> None:
        def once() -> None:
            self.settled.disconnect(once)
            call()

        self.settled.connect(once)
