"""What the window works on: the settings asked for, the result that matches them, and the jobs between the two."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from koopview.arguments import Source, WindowOptions
from koopview.errors import FileError
from koopview.gui.engine import Engine, Opened, opened
from koopview.gui.jobs import Jobs
from koopview.network.info import LayerInfo
from koopview.progress import Progress
from koopview.resources import resource_path
from koopview.study.result import FitResult, StudyState
from koopview.study.saved import load_state, without_paths
from koopview.study.settings import FitSettings

PAUSE_MS = 250
"""A change that needs a new decomposition waits so long for the next one."""

WARM_UP_MS = 200
"""A saved study is painted before torch is imported behind it: the import takes the interpreter's lock."""

PATIENCE_SECONDS = 0.05
"""A change of rank waits so long for its picture before it goes on without."""

HISTORY = 500
"""Results that are remembered."""


class Session(QObject):
    """Turns what controls ask for into results, latest first.

    At every moment `result` matches `settings` or is None: a result of other settings is never handed out.
    """

    state_changed = Signal(object)
    settings_changed = Signal(object)
    result_changed = Signal(object)
    busy_changed = Signal(bool)
    progressed = Signal(float, str, float)
    failed = Signal(str, str)
    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: StudyState | None = None
        self.settings: FitSettings | None = None
        self.result: FitResult | None = None
        self._drawn: FitResult | None = None  # the last result handed out, to go back to
        self._engine: Engine | None = None
        self._source = Source()
        self._sweep: list[FitSettings] = []
        self._busy = False
        self._jobs = Jobs(self)
        self._jobs.progressed.connect(self._on_progress)
        self._jobs.failed.connect(self._on_failed)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.fit_now)
        self._awaited = False  # whether the running job is one that a person waits for
        self._shown_soon = QTimer(self, singleShot=True, interval=0)
        self._shown_soon.timeout.connect(self._on_shown)
        self._rest = QTimer(self, singleShot=True, interval=WARM_UP_MS)
        self._rest.timeout.connect(self._warm_up)

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not shown yet."""
        return self._busy

    # Opening ---------------------------------------------------------------------------------------------------

    def open_options(self, options: WindowOptions) -> None:
        """Open what the command line names: a model and data, or a built-in study (Yin-Yang where it names none)."""
        source, demo = options.source, options.demo or "yinyang"
        if source == Source():
            self.open_demo(demo)
        else:
            self._open(source if source.model else replace(source, model=f"demo:{demo}"), without_data=True)

    def open_demo(self, name: str) -> None:
        """Open a built-in study: its saved results at once, the engine behind them."""
        source = Source(model=f"demo:{name}")
        try:
            state = load_state(resource_path(f"studies/{name}.koopview"))
        except FileError:  # a built-in study without saved results is fitted
            self._open(source)
            return
        self._set_busy(True)
        self._take(source, Engine(source), state)
        self._show(state.results[-1])
        self._awaited = False
        self._shown_soon.start()
        self._rest.start()

    def open_model(self, path: str, activation: str | None, factory: str | None, trust: bool) -> None:
        """Open a model; the data stay where they fit it."""
        before = self._source.model or ""
        data = self._source.data or (before.removeprefix("demo:") if before.startswith("demo:") else None)
        source = replace(self._source, model=path, activation=activation, factory=factory, trust=trust, data=data)
        self._open(source, without_data=True)

    def open_data(self, path: str) -> None:
        """Open a data set for the model that is open."""
        if self._source.model is None:
            self.failed.emit("no model is open, expected one before its data", "")
            return
        self._open(replace(self._source, data=path, test_data=None, keys=None))

    def _open(self, source: Source, without_data: bool = False) -> None:
        self._start(lambda progress: opened(source, progress, without_data=without_data), self._on_opened)

    def _on_opened(self, found: Opened) -> None:
        data = found.study.dataset.name if found.study else ""
        self._take(found.source, Engine.of(found), StudyState(found.model, data, found.layers))
        if found.study is None:
            self._settle()
            self.failed.emit(found.missing, "")
            return
        layer = default_layer(found.layers)
        if layer is None:
            self._settle()
            self.failed.emit(f"{found.model} has no layer that can be replaced, expected at least one Linear layer", "")
            return
        self.settings = found.study.settings(layer.name, delays=10, rank=50)
        self.fit_now()

    def _take(self, source: Source, engine: Engine, state: StudyState) -> None:
        """Work on another study from now on."""
        self._source, self._engine, self.state = source, engine, state
        self.settings = self.result = self._drawn = None
        self._sweep = []
        self._pause.stop()
        self.state_changed.emit(state)
        self.settings_changed.emit(None)
        self.result_changed.emit(None)

    def _warm_up(self) -> None:
        """Start the engine behind a saved result, so that the first change is as quick as the next."""
        engine, settings = self._engine, self.settings
        if engine is not None and settings is not None and not self._jobs.running:
            self._jobs.start(lambda progress: engine.study(progress).fit_settings(settings, progress), lambda fit: None)

    def _on_shown(self) -> None:
        """Settle once a saved result is on screen, unless something was asked for in the meantime."""
        if not self._awaited:
            self._settle()

    # Fitting ---------------------------------------------------------------------------------------------------

    def request(self, settings: FitSettings) -> None:
        """Ask for the result of `settings`; a change of rank alone comes at once, others after a short pause."""
        if self._engine is None or self.state is None or not self.state.data or settings == self.settings:
            return
        self._sweep = []
        if self._is_cheap(settings):
            self.settings = settings
            self.fit_now()
            self._jobs.wait(PATIENCE_SECONDS)
        else:
            self._want(settings)
            self._jobs.cancel()
            self._pause.start()

    def fit_now(self) -> None:
        """Fit the settings that are asked for, without a pause."""
        engine, settings = self._engine, self.settings
        if engine is None or settings is None:
            return
        self._want(settings)
        self._start(lambda progress: engine.study(progress).fit_settings(settings, progress).result, self._on_result)

    def sweep_delays(self) -> None:
        """Fit every number of delays at the present rank, then show again what is shown now."""
        if self.settings is not None and self.state is not None:
            shown = self.settings
            others = [replace(shown, delays=h) for h in range(1, shown.steps + 1) if h != shown.delays]
            self._sweep = [*others, shown]
            self._next_of_sweep(continues=False)

    def stop(self) -> None:
        """Stop what is running and go back to the last picture and its settings."""
        self._pause.stop()
        self._jobs.cancel()
        self._sweep = []
        self._go_back()

    def close(self) -> None:
        """Cancel everything and wait for the worker."""
        self._pause.stop()
        self._rest.stop()
        self._sweep = []
        self._jobs.close()

    def _is_cheap(self, settings: FitSettings) -> bool:
        """Whether `settings` differ from the last picture's in a rank that its decomposition holds."""
        drawn = self._drawn
        if drawn is None or settings.with_rank(None) != drawn.settings.with_rank(None):
            return False
        rank = drawn.auto_rank if settings.rank is None else settings.rank
        holds_all = drawn.auto_rank is not None and drawn.kept_rank == drawn.numerical_rank
        return rank is not None and (rank <= drawn.kept_rank or holds_all)

    def _want(self, settings: FitSettings) -> None:
        """Make `settings` the ones on screen; what was shown no longer matches them."""
        self.settings, self.result = settings, None
        self.settings_changed.emit(settings)
        self.result_changed.emit(None)
        self._set_busy(True)

    def _on_result(self, result: FitResult) -> None:
        self._remember(result)
        self._show(result)
        self._settle()

    def _show(self, result: FitResult) -> None:
        """Hand out a result; its settings are those on screen."""
        self.settings, self.result, self._drawn = result.settings, result, result
        self.settings_changed.emit(result.settings)
        self.result_changed.emit(result)

    def _remember(self, result: FitResult) -> None:
        """Add a result to the history, in the place of an earlier one of the same settings."""
        assert self.state is not None
        others = [r for r in self.state.results if r.settings != result.settings]
        results = (*others, without_paths(result))[-HISTORY:]
        self.state = replace(self.state, results=results)

    def _next_of_sweep(self, continues: bool = True) -> None:
        engine = self._engine
        if not self._sweep or engine is None:
            return
        settings, total = self._sweep[0], (self.settings.steps if self.settings else 1)
        start = 1 - len(self._sweep) / total

        def work(progress: Progress) -> FitResult:
            def within(fraction: float, text: str) -> None:
                progress(start + fraction / total, f"sweep over h, {settings.delays}: {text}")

            return engine.study(within).fit_settings(settings, within).result

        self._start(work, self._on_sweep_result, continues)

    def _on_sweep_result(self, result: FitResult) -> None:
        """Add one fit of a sweep to the history; the picture stays until the last, which is the one shown before."""
        self._sweep.pop(0)
        self._remember(result)
        if self._sweep:
            self.result_changed.emit(self.result)
            self._next_of_sweep()
        else:
            self._show(result)
            self._settle()

    # State -----------------------------------------------------------------------------------------------------

    def _start(self, work: Callable[[Progress], Any], done: Callable[[Any], None], continues: bool = False) -> None:
        self._pause.stop()
        self._rest.stop()
        self._awaited = True
        self._set_busy(True)
        self._jobs.start(work, done, continues)

    def _go_back(self) -> None:
        """Show the last picture and its settings again."""
        if self._drawn is not None and self.result is None:
            self._show(self._drawn)
        self._settle()

    def _on_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        if self._busy:
            self.progressed.emit(fraction, text, seconds_left)

    def _on_failed(self, sentence: str, details: str) -> None:
        self._sweep = []
        self._go_back()
        self.failed.emit(sentence, details)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def _settle(self) -> None:
        """Nothing that was asked for is left: say so once."""
        if self._pause.isActive() or self._sweep:
            return
        self._awaited = False
        if self._busy:
            self._set_busy(False)
            self.settled.emit()


def default_layer(layers: tuple[LayerInfo, ...]) -> LayerInfo | None:
    """Return the layer to begin with: the first that can be replaced and is not affine anyway."""
    able = [layer for layer in layers if layer.supported]
    return next((layer for layer in able if layer.activation != "identity"), able[0] if able else None)
