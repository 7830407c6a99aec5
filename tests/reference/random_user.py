"""A simulated user with seeded random actions: opens, changes, cancels, edits, undoes, saves, closes."""

import gc
import sys
import threading
import time

import numpy as np
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow
from reference.random_visits import VISITS

from koopview.gui import create_window

_OFFSCREEN = "This plugin does not support"
"""How notes begin that tell of what a window drawn offscreen lacks."""


def process_events(milliseconds):
    """Run the event loop for some time."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class RandomUser:
    """Drives the real window by its actions and widgets; errors of Qt or Python are kept in `failures`."""

    def __init__(self, seed, folder):
        self.rng, self.folder, self.failures = np.random.default_rng(seed), folder, []
        self.done, self.last = {}, ""
        self._visits = {visit.__name__: visit for visit in VISITS}
        self._open()
        self._actions = {
            self.open_demo: 2,
            self.open_saved: 2,
            self.save: 3,
            self.change_delays: 8,
            self.drag_rank: 8,
            self.change_steps: 4,
            self.change_scaling: 2,
            self.change_samples: 3,
            self.choose_layer: 5,
            self.tick_layer: 3,
            self.fit: 3,
            self.stop: 8,
            self.sweep_and_leave: 1,
            self.select_modes: 8,
            self.remove_modes: 6,
            self.undo: 10,
            self.redo: 6,
            self.switch_tab: 6,
            self.switch_view: 4,
            self.switch_theme: 1,
            self.present: 1,
            self.resize: 2,
            self.type_nonsense: 3,
            self.close_and_start_again: 1,
        }
        self._chances = {call.__name__: chance for call, chance in (self._actions | VISITS).items()}

    def run(self, count, each=lambda number: None):
        """Do `count` actions, and call `each` after every one."""
        before, sys.excepthook = sys.excepthook, self._note
        messages = qInstallMessageHandler(self._note_message)
        weights = np.array([*self._chances.values()], float)
        try:
            for number in range(count):
                self.last = [*self._chances][self.rng.choice(len(weights), p=weights / weights.sum())]
                self.done[self.last] = self.done.get(self.last, 0) + 1
                self._do(self.last)
                self.wait() if self.rng.random() < 0.3 else process_events(int(self.rng.integers(0, 40)))
                self._close_dialogs()
                each(number)
        finally:
            sys.excepthook = before
            qInstallMessageHandler(messages)

    def look(self, milliseconds):
        """Run the event loop for some time."""
        process_events(milliseconds)

    def wait(self, seconds=180):
        """Wait until all requests are shown."""
        limit = time.monotonic() + seconds
        while self.window.property("busy"):
            process_events(10)
            if time.monotonic() > limit:
                self.failures.append(f"still busy after {seconds} s")
                return

    def end(self):
        """Close the window and wait for its worker; return the threads besides the main one and the timers left."""
        self._close()
        threads = [thread for thread in threading.enumerate() if not isinstance(thread, threading._MainThread)]
        threads = [one for one in threads if not one.daemon and not isinstance(one, threading._DummyThread)]
        return threads + [one for one in shiboken6.getAllValidWrappers() if isinstance(one, QTimer) and one.isActive()]

    # What a user does --------------------------------------------------------------------------------------------

    def open_demo(self):
        self.window.session.open_demo("yinyang")

    def open_saved(self):
        saved = sorted(self.folder.glob("*.koopview"))
        if saved:
            self.window.session.open_saved(str(saved[self.rng.integers(len(saved))]))

    def save(self):
        self.window.studies.path = self.folder / f"study-{self.rng.integers(3)}.koopview"
        self.trigger("save")

    def change_delays(self):
        self.set_at_random(self.window.fit_panel.controls.delays)

    def drag_rank(self):
        slider = self.window.fit_panel.controls.rank_slider
        for value in self.rng.integers(slider.minimum(), slider.maximum() + 1, size=self.rng.integers(1, 6)):
            slider.setValue(int(value))
            process_events(0)

    def change_steps(self):
        self.window.fit_panel.controls.steps.setValue(int(self.rng.choice([1, 2, 5, 10, 20, 30])))

    def change_scaling(self):
        self.window.fit_panel.controls.scaling.setCurrentText(str(self.rng.choice(["homotopy", "linear"])))

    def change_samples(self):
        self.window.fit_panel.controls.samples.setValue(int(self.rng.choice([1, 2, 50, 500, 1000])))

    def choose_layer(self):
        self.window.network.table.selectRow(int(self.rng.integers(4)))

    def tick_layer(self):
        model = self.window.network.layers
        model.ticked.emit(model.layers[self.rng.integers(len(model.layers))].name, bool(self.rng.integers(2)))

    def fit(self):
        self.trigger("fit")

    def stop(self):
        self.trigger("stop")

    def sweep_and_leave(self):
        self.trigger("sweep")
        process_events(100)

    def select_modes(self):
        result = self.window.shown_result()
        if result is not None:
            self.window.eigenvalues.selection.select(self.rng.integers(result.rank, size=2).tolist())

    def remove_modes(self):
        self.window.fit_panel.surgery.remove_selected()

    def undo(self):
        self.trigger("undo")

    def redo(self):
        self.trigger("redo")

    def switch_tab(self):
        tabs = self.window.results.tabs
        tabs.setCurrentIndex(int(self.rng.integers(tabs.count())))

    def switch_view(self):
        views = (self.window.trajectory.views, self.window.eigenvalues.views, self.window.accuracy.views)
        views[self.rng.integers(len(views))].choose(int(self.rng.integers(2)))

    def switch_theme(self):
        self.trigger("next_theme")

    def present(self):
        self.trigger("present")
        process_events(50)
        self.trigger("present")

    def resize(self):
        self.window.resize(*self.rng.integers([900, 600], [1900, 1100]).tolist())

    def type_nonsense(self):
        field = (self.window.fit_panel.controls.rank, self.window.fit_panel.controls.delays)[self.rng.integers(2)]
        field.lineEdit().setText(str(self.rng.choice(["", "abc", "-3", "99999999999", "1e5"])))
        field.interpretText()

    def close_and_start_again(self):
        self._close()
        self._open()

    # How it is done ----------------------------------------------------------------------------------------------

    def trigger(self, key):
        """Run an action of the window, as its menu does."""
        action = self.window.actions_by_name[key]
        assert isinstance(action, QAction)
        action.trigger()

    def set_at_random(self, field):
        """Set a field or a slider to any of its values."""
        field.setValue(int(self.rng.integers(field.minimum(), field.maximum() + 1)))

    def _do(self, name):
        visit = self._visits.get(name)
        visit(self) if visit is not None else getattr(self, name)()

    def _open(self):
        self.window = create_window(["--demo", "yinyang"])
        self.window.show()
        self.window.filling.begin()

    def _close(self):
        self.window.close()
        running = [thread for thread in self.window.findChildren(QThread) if thread.isRunning()]
        self.failures += [f"{thread} still runs" for thread in running]
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.window = None
        gc.collect()

    def _close_dialogs(self):
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and not isinstance(widget, QMainWindow):
                widget.reject()

    def _note(self, kind, error, trace):
        self.failures.append(f"{self.last}: {kind.__name__}: {error}")
        sys.__excepthook__(kind, error, trace)

    def _note_message(self, kind, context, text):
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not text.startswith(_OFFSCREEN):
            self.failures.append(f"{self.last}: Qt: {text}")
            print(self.failures[-1], file=sys.stderr, flush=True)
