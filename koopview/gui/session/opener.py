"""Open models, data and studies; the present study stays until the next one is open."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from koopview.arguments import Source, WindowOptions
from koopview.errors import FileError
from koopview.gui.session.collecting import without_collection
from koopview.gui.session.engine import Engine, Opened, opened
from koopview.gui.session.fitting import Fits
from koopview.gui.session.searching import Searches
from koopview.installation import own_file
from koopview.network.demos import DEMO_NAMES, demo, is_demo
from koopview.network.info import LayerInfo
from koopview.progress import Progress
from koopview.study.result import StudyState
from koopview.study.settings import FitSettings
from koopview.study.study_file import StudyFile, read_study_file, with_data_that_are_open

if TYPE_CHECKING:
    from koopview.study.study import Study

NO_MODEL = "no model is open, expected one before its data"
MADE_BY_A_PROGRAM = "this network was handed over by a program, expected its data from there too"


class Opener(QObject):
    """Opens sources on the worker and passes the results to the fits."""

    noted = Signal(str, object)  # a sentence about the open study, no failure; a Source that fits better, or None

    def __init__(self, fits: Fits, searches: Searches, parent: QObject) -> None:
        super().__init__(parent)
        self._fits, self._searches = fits, searches
        self._source = Source()
        self._file: StudyFile | None = None  # that the source names
        self.asked: Source | None = None
        """The last source requested, if it is not open, so that a person's input is not lost after an error."""

    @property
    def source(self) -> Source | None:
        """The source of model and data, None if nothing is open."""
        return None if self._fits.engine is None else self._fits.engine.source

    @property
    def file(self) -> StudyFile | None:
        """The study file that is open, None if there is none or it was not read yet."""
        return None if self._fits.engine is None else self._fits.engine.file

    @property
    def lacks(self) -> str:
        """The part of a reopened study that could not be opened, "model" or "data"; without it nothing is fitted."""
        return "" if self._fits.engine is None else self._fits.engine.lacks

    def open_options(self, options: WindowOptions) -> None:
        """Open the command line's source: a model and data, or a built-in study (by default Yin-Yang)."""
        source, name = options.source, options.demo or DEMO_NAMES[0]
        if source.study is not None and source.model is None and source.data is None:
            self.open_saved(source.study, source.trust)
        elif source == Source():
            self.open_demo(name)
        else:
            named = source.model or source.study
            source = source if named else replace(source, model=f"demo:{name}")
            self._open(source, without_data=replace(source, data=None))

    def open_demo(self, name: str) -> None:
        """Open a built-in network: show its saved results at once if it has some, then prepare the engine."""
        source = Source(model=f"demo:{name}")
        if not demo(name).study:
            self._open(source)
            return

        def saved(progress: Progress) -> StudyFile:
            with own_file(f"studies/{name}.koopview") as path:
                return read_study_file(path)

        self._fits.read(saved, lambda file: self._show_saved(Engine(source), file.state))

    def reopen(self, engine: Engine) -> None:
        """Take up the source of a study that was set aside."""
        self._source, self._file, self.asked = engine.source, engine.file, None
        self._searches.forget()

    def open_saved(self, path: str, trust: bool = False) -> None:
        """Open a ``.koopview`` file: show its results once it is read, then prepare the engine."""
        source = Source(study=path, trust=trust)

        def show(file: StudyFile) -> None:
            if file.state.results:
                self._show_saved(Engine(source, file), file.state)
            else:
                self._open(source, file=file)

        self._fits.read(lambda progress: read_study_file(Path(path)), show)

    def open_study(self, study: "Study") -> None:
        """Open a study in memory: show its last result, or a first fit if it has none."""
        found = Opened(study.source or Source(), None, study.network.name, study.layers, study)
        if study.results:
            self._show_saved(Engine.of(found), study.state)
        else:
            self._fits.start(lambda progress: found, self._on_opened)

    def restore(self, path: Path, done: Callable[[], object], failed: Callable[[], object]) -> None:
        """Restore the study of a recovery file: show its last result, then prepare the engine.

        `done` is called once it is on screen, `failed` after an error is reported if it cannot be read.
        """

        def work(progress: Progress) -> tuple[StudyFile, Source] | FileError:
            try:
                file = read_study_file(path)
                return file, file.asked_source()
            except FileError as error:
                return error

        def show(found: tuple[StudyFile, Source] | FileError) -> None:
            if isinstance(found, FileError):
                self._fits.settle()
                self._fits.failed.emit(str(found), "")
                failed()
                return
            file, source = found
            if file.state.results:
                self._show_saved(Engine(source, restored=True), file.state)
            else:
                self._open(source)
            done()

        self._fits.start(work, show)

    def open_model(self, wanted: Source) -> None:
        """Open a model, and its data if they are named; else the open data stay if they fit.

        If it is the missing model of a reopened study, that study continues.
        """
        kept = wanted
        if wanted.data is None:
            kept = with_data_that_are_open(wanted, self._source, self._file)
        if self.lacks == "model":
            kept = replace(kept, study=self._source.study)
        self._open(kept, without_data=wanted if wanted.data is None else None)

    def open_data(self, wanted: Source) -> None:
        """Open the data that a source names for the model that is open."""
        if self._source.model is None and self._source.study is None:
            self.asked = wanted
            self._fits.failed.emit(NO_MODEL if self._fits.state is None else MADE_BY_A_PROGRAM, "")
            return
        self._open(self._source.with_data_of(wanted))

    def _open(self, source: Source, without_data: Source | None = None, file: StudyFile | None = None) -> None:
        """Open a source; if it has no data that fit, show only the layers of the source `without_data`, if given."""
        self.asked = source
        if file is None and source.study is not None and source.study == self._source.study:
            file = self._file  # the open study was read from it

        def work(progress: Progress) -> Opened:
            with without_collection():
                return opened(source, progress, file=file, without_data=without_data)

        self._fits.start(work, self._on_opened)

    def _on_opened(self, found: Opened) -> None:
        if found.study is not None and found.study.results:  # restored from a study file
            self._show_saved(Engine.of(found), found.study.state)
            return
        data = found.study.dataset.name if found.study else ""
        before = self._settings_to_keep(found)
        self._source, self._file = found.source, found.file
        self._take(Engine.of(found), StudyState(found.model, data, found.layers))
        if found.study is None:
            self._fits.settle()
            self._fits.failed.emit(found.missing, "")
            return
        layer = default_layer(found.layers)
        if layer is None:
            self._fits.settle()
            self._fits.failed.emit(
                f"{found.model} has no layer that can be replaced, expected at least one Linear layer", ""
            )
            return
        if found.doubt:
            self.noted.emit(found.doubt, found.better)
        usual = found.study.settings(layer.name)
        self._fits.settings = usual if before is None else replace(before, samples=usual.samples, edits=())
        self._fits.fit_now()

    def _settings_to_keep(self, found: Opened) -> FitSettings | None:
        """Return the settings on screen if they are a person's, for the same layers; those of a built-in study are not.

        Whoever opens her own data on a built-in network starts with the defaults of every face.
        """
        same = self._fits.state is not None and found.layers == self._fits.state.layers
        return self._fits.settings if same and not is_demo(self._source.model) else None

    def _show_saved(self, engine: Engine, state: StudyState) -> None:
        """Show the last of a study's results, and make its engine ready behind it."""
        self._source, self._file, self.asked = engine.source, engine.file, None
        self._searches.forget()
        self._fits.show_saved(engine, state)

    def _take(self, engine: Engine, state: StudyState) -> None:
        self.asked = None
        self._searches.forget()
        self._fits.take(engine, state)

    def explained(self, sentence: str) -> str:
        """Return the sentence of a failure, with its meaning for the request or the open study."""
        asked = self.asked
        if asked is None and self.lacks:
            return f"Nothing can be fitted or saved: {sentence}"
        if asked is not None and is_demo(asked.model) and asked.data is not None:
            return f"{sentence}; open the network that they belong to first"
        return sentence


def default_layer(layers: tuple[LayerInfo, ...]) -> LayerInfo | None:
    """Return the layer to begin with: the first that can be replaced and is not affine, as far as its row tells."""
    able = [layer for layer in layers if layer.supported]
    bent = [layer for layer in able if layer.activation != "identity"]
    blocks = [layer for layer in able if layer.in_shape and layer.in_shape == layer.out_shape and layer.parameters]
    return next(iter((*bent, *blocks[1:], *able)), None)  # the first block may add positions
