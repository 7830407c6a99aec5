"""A session that records its calls, and results computed here with numpy alone."""

import gc
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from koopview.errors import FileError
from koopview.hybrid.rows import CONTROLS, ROWS
from koopview.network.info import LayerInfo
from koopview.study.comparison import Apart, Difference
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.study.study_file import read_study_file
from koopview.study.views import ModesView


def homotopy_paths(x, weight, bias, steps):
    """Paths (samples, steps + 1, d) of a ReLU layer, as METHOD section 2 writes them."""
    outputs, inputs = weight.shape
    d = max(outputs, inputs)
    start = np.pad(x, ((0, 0), (0, d - inputs)), constant_values=-1.0)
    end = np.pad(x @ weight.T + bias, ((0, 0), (0, d - outputs)), constant_values=-1.0)
    paths = []
    for k in range(steps + 1):
        s = k / steps
        z = (1 - s) * start + s * end
        acted = z.copy()
        acted[:, :outputs] = np.maximum(z[:, :outputs], 0)
        paths.append((1 - s) * z + s * acted)
    return np.stack(paths, 1)


def plain_dmd(paths, delays, rank):
    """Eigenvalues, residuals and singular values of exact DMD on the formed Hankel matrix."""
    samples, length, d = paths.shape
    windows = np.stack([paths[:, k : k + delays].reshape(samples, -1) for k in range(length - delays + 1)], 1)
    Z, Y = windows[:, :-1].reshape(-1, delays * d).T, windows[:, 1:].reshape(-1, delays * d).T
    U, s, Vh = np.linalg.svd(Z, full_matrices=False)
    numerical = int((s > 1e-6 * s[0]).sum())
    r = min(rank, numerical)
    A = U[:, :r].T @ Y @ Vh[:r].T / s[:r]
    values, vectors = np.linalg.eig(A)
    modes = U[:, :r] @ vectors
    order = np.lexsort((-values.imag, -np.round(np.abs(values), 9)))
    adjoint = np.linalg.solve(vectors, U[:, :r].T)
    gaps = adjoint @ Y - values[:, None] * (adjoint @ Z)
    residuals = np.linalg.norm(gaps, axis=1) / np.linalg.norm(adjoint @ Z, axis=1)
    assert modes.shape[1] == r
    return values[order], residuals[order], s, numerical


def conjugate_groups(values):
    """The least index of each eigenvalue and its conjugate."""
    return np.minimum(np.arange(len(values)), np.abs(values[:, None] - np.conj(values)).argmin(1))


def make_confusion(shares):
    """Counts of 1,000 samples per class, with all wrong ones predicted as the next class."""
    right = np.diag(np.round(1000 * np.array(shares, float)).astype(int)).reshape(len(shares), len(shares))
    return right + np.roll(1000 * np.eye(len(shares), dtype=int) - right, 1, axis=1) if len(shares) else right


def make_scores(delays):
    """Scores of a layer that improve with the delays: the affine map of the lift is at first above the hybrid."""
    hybrid, lift_affine = 0.99 - 0.45 / delays**1.1, 0.99 - 0.308 / delays**0.8
    scores = (0.99, 0.99, hybrid, lift_affine, 0.682, 0.333, 0.3331)
    return dict(zip(ROWS, scores, strict=True))


def wilson(share, count, z=1.959964):
    """Wilson's interval (95 %) of a share, as his equation of 1927 gives it."""
    centre, spread = share + z**2 / (2 * count), z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return tuple(float((centre + side * spread) / (1 + z**2 / count)) for side in (-1, 1))


def make_result(
    settings, inputs=8, outputs=6, samples=60, labels=True, classes=3, rank_limit=500, seed=0, task="classes", **scores
):
    """A result of a random ReLU layer; `scores` of ROWS replace those that follow from its delays."""
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=(outputs, inputs)) / np.sqrt(inputs) * 1.4, rng.normal(size=outputs) * 0.3
    x = np.maximum(rng.normal(size=(samples, inputs)), 0)
    paths = homotopy_paths(x, weight, bias, settings.steps)
    reach = min(40, inputs, outputs)
    rank = 24 if isinstance(settings.rank, str) else settings.rank
    values, residuals, s, numerical = plain_dmd(paths[:, :, :reach], settings.delays, min(rank, rank_limit))
    task = task if labels else None
    rows = make_scores(settings.delays) | ({} if labels else {"original": None}) | scores
    best = max(("affine", "lift_affine"), key=lambda name: rows[name] or 0.0)
    classes = classes if task == "classes" else 0
    starts = {"original": (0.99, 0.002), "hybrid": (rows["hybrid"], 0.01)} if classes else {}
    per_class = {name: [start - fall * k for k in range(classes)] for name, (start, fall) in starts.items()}
    shares = task in (None, "classes", "binary")
    return FitResult(
        model="Yin-Yang",
        data="Yin-Yang",
        settings=settings,
        layer_inputs=inputs,
        layer_outputs=outputs,
        rank=len(values),
        numerical_rank=numerical,
        kept_rank=min(len(s), 500),
        auto_rank=24,
        gavish_donoho_rank=13,
        fit_samples=samples if settings.samples is None else settings.samples,
        test_samples=5000,
        task=task,
        accuracy=rows if shares and task else {},
        r2={} if shares else rows,
        relative_error={} if shares else {name: abs(1 - score) ** 0.5 for name, score in rows.items()},
        agreements={} if not shares else rows if task is None else {"hybrid": rows["hybrid"]},
        output_errors={"hybrid": 0.0812},
        intervals={name: None if not shares or score is None else wilson(score, 5000) for name, score in rows.items()},
        above_best_control=Difference(best, rows["hybrid"] - rows[best], 0.0031),
        controls_known=True,
        apart=None if settings.samples is None else Apart(1000, rows["hybrid"] - 0.002, 0.08),
        spread=None,
        per_class=per_class,
        confusion={name: make_confusion(recalls) for name, recalls in per_class.items()},
        agreement=rows["hybrid"] + 0.004 * (task is not None) if shares else None,
        output_error=0.0812,
        operator_residual=0.0423,
        eigenvalues=values,
        fitted_eigenvalues=values,
        residuals=residuals,
        step_residuals=residuals / 3,
        condition_numbers=1 + 10 * residuals,
        groups=conjugate_groups(values),
        singular_values=s,
        decomposition="exact",
        paths=paths[:16].astype(np.float32),
        path_labels=np.arange(16) % classes if classes else None,
        seconds={"trajectories": 0.01, "decomposition": 0.03, "evaluation": 0.02},
        versions={"koopview": "0.1.0"},
    )


def without_controls(result):
    """The same result as it is shown first, before its controls are measured."""
    rows = {"accuracy": result.accuracy, "r2": result.r2, "agreements": result.agreements}
    unknown = {name: {**scores, **dict.fromkeys(CONTROLS)} if scores else {} for name, scores in rows.items()}
    intervals = {**result.intervals, **dict.fromkeys(CONTROLS)}
    return replace(result, **unknown, intervals=intervals, above_best_control=None, controls_known=False)


def make_modes(result, picture=None, labels=True):
    """A view of the modes of `result`: random shapes, and eigenfunctions that separate class 0 from the others."""
    rng = np.random.default_rng(3)
    rank, samples, classes = result.rank, 90, len(result.per_class.get("hybrid", ()))
    states = result.layer_inputs if picture is None else picture[0] * picture[1]
    shapes = rng.normal(size=(states, rank)) + 1j * rng.normal(size=(states, rank))
    kinds = np.arange(samples) % max(classes, 1)
    functions = rng.normal(size=(samples, rank)) + 1j * rng.normal(size=(samples, rank)) + 5.0 * (kinds == 0)[:, None]
    return ModesView(
        shapes=shapes / np.linalg.norm(shapes, axis=0),
        eigenfunctions=functions,
        labels=kinds if labels else None,
        importance=rng.uniform(-0.01, 0.2, rank),
        importance_errors=rng.uniform(0.001, 0.01, rank),
        class_importance=rng.uniform(-0.01, 0.3, (rank, classes)) if labels else np.zeros((rank, 0)),
        groups=result.groups,
        picture=picture,
        class_names=("yang", "yin", "dot"),
    )


YIN_YANG = (
    LayerInfo("0", "Linear", "ReLU", 4, 8, 8, 40),
    LayerInfo("2", "Linear", "ReLU", 8, 6, 8, 54),
    LayerInfo("4", "Linear", "ReLU", 6, 4, 6, 28),
    LayerInfo("6", "Linear", "", 4, 3, 4, 15),
)
SETTINGS = FitSettings("2", schedule="uniform", steps=20, delays=12, rank=30)


def make_state(results=(), layers=YIN_YANG, model="Yin-Yang"):
    return StudyState(model, "Yin-Yang", tuple(layers), tuple(results))


class FakeSession(QObject):
    """The session's interface; it computes nothing and records every call."""

    state_changed = Signal(object)
    settings_changed = Signal(object)
    result_changed = Signal(object)
    busy_changed = Signal(bool)
    progressed = Signal(float, str, float)
    failed = Signal(str, str)
    noted = Signal(str, object)
    settled = Signal()
    view_changed = Signal(str, object)
    swept = Signal()
    unlearned = Signal(object)
    explained = Signal(object)
    held = Signal()
    deepened = Signal(object)
    filled = Signal(object)
    remarked = Signal(str)

    source = file = asked = sweep_end = None
    lacks = ""

    @property
    def can_save(self):
        return self.state is not None

    def drawn_state(self):
        return self.state

    def save_study(self, path, done):
        self.calls.append(("save_study", path))
        done()

    def make_view(self, kind, done):
        self.calls.append(("make_view", kind))
        done(None)

    def __init__(self):
        super().__init__()
        self.undo_stack, self.watched = QUndoStack(self), {}
        self.state = self.settings = self.result = None
        self.busy = self.sweeping = self.deepening = False
        self.requests, self.gestures, self.calls = [], [], []

    def restore(self, path, done, failed):
        self.calls.append(("restore", path))
        try:
            file = read_study_file(path)
        except FileError as error:
            self.failed.emit(str(error), "")
            failed()
            return
        self.open(file.state, None)
        done()

    def watch(self, kind, wanted=True, by=""):
        self.watched[kind, by] = wanted

    def request(self, settings, text="", gesture=None):
        self.requests.append(settings)
        self.gestures.append(gesture)
        self.settings, self.result = settings, None
        self.settings_changed.emit(settings)
        self.work()

    def work(self):
        if not self.busy:
            self.busy = True
            self.busy_changed.emit(True)

    def sweep(self, delays=None, ranks=None):
        self.calls.append(("sweep", delays, ranks))
        self.sweeping = True
        self.work()

    def deepen(self, states, inputs=True):
        self.calls.append(("deepen", states, inputs))
        self.deepening = True
        self.work()

    def open(self, state, settings):
        self.state, self.settings, self.result = state, settings, None
        self.state_changed.emit(state)
        self.settings_changed.emit(settings)

    def finish(self, result):
        self.state = replace(self.state, results=(*self.state.results, result))
        self.settings, self.result, self.busy, self.sweeping = result.settings, result, False, False
        self.deepening = False
        self.settings_changed.emit(self.settings)
        self.result_changed.emit(result)
        self.busy_changed.emit(False)
        self.settled.emit()

    def __getattr__(self, name):
        if name in (
            "fit_now",
            "repeat",
            "stop",
            "unlearn",
            "open_options",
            "open_demo",
            "open_model",
            "open_data",
            "open_saved",
            "start_over",
            "set_aside",
            "take_back",
            "restore",
            "close",
            "fill",
            "compute_on",
        ):
            return lambda *arguments: self.calls.append((name, *arguments))
        raise AttributeError(name)


@pytest.fixture(autouse=True)
def _own_preferences(tmp_path):
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "preferences"))


@pytest.fixture(scope="session")
def result():
    return make_result(SETTINGS)


@pytest.fixture(scope="session")
def make():
    """The functions with which tests build results and views."""
    return SimpleNamespace(
        modes=make_modes,
        result=make_result,
        without_controls=without_controls,
        state=make_state,
        settings=SETTINGS,
        layers=YIN_YANG,
    )


@pytest.fixture
def session(qtbot):
    return FakeSession()


@pytest.fixture(autouse=True)
def _no_window_stays():
    """Delete every window of a test: no event loop does it here, and windows that stay slow down later tests.

    The style sheet goes too: with it a window takes three times as long to make, and no test is to depend on the one
    before.
    """
    yield
    if not isinstance(QApplication.instance(), QApplication):
        return
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMainWindow | QDialog):
            widget.close()
            widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if QApplication.instance().styleSheet():
        QApplication.instance().setStyleSheet("")
    gc.collect()


@pytest.fixture
def window(qtbot, session):
    from reference.windows import main_window

    made = main_window(session)
    made.show()
    return made


@pytest.fixture
def fitted(window, session, result):
    """The window with one result on screen, and its session."""
    session.open(make_state(), result.settings)
    session.finish(result)
    return SimpleNamespace(window=window, session=session, result=result)


@pytest.fixture
def put_up(qtbot):
    """Show one panel alone, as large as in a small window: far quicker than a whole window."""
    from koopview.gui.looks.theme import LIGHT, load_fonts

    def show(panel, width=740, height=170):
        load_fonts()
        qtbot.addWidget(panel)
        panel.set_theme(LIGHT)
        panel.resize(width, height)
        panel.show()
        QApplication.processEvents()
        return panel

    return show
