"""A simulated user with seeded random actions: opens, changes, cancels, edits, undoes, saves, closes."""

import gc
import sys
import threading
import time

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QThread, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from koopview.gui import create_window


def process_events(milliseconds):
    """Run the event loop for some time."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class RandomUser:
    """Drives the real window by its actions and widgets; errors of Qt or Python are kept in `failures`."""

    def __init__(self, seed, folder):
        self.rng, self.folder, self.failures = np.random.default_rng(seed), folder, []
        self.done = {}
        self.window = create_window(["--demo", "yinyang"])
        self.window.show()
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

    def run(self, count, each=lambda number: None):
        """Do `count` actions, and call `each` after every one."""
        before, sys.excepthook = sys.excepthook, self._note
        weights = np.array([*self._actions.values()], float)
        try:
            for number in range(count):
                action = [*self._actions][self.rng.choice(len(weights), p=weights / weights.sum())]
                self.done[action.__name__] = self.done.get(action.__name__, 0) + 1
                action()
                self.wait() if self.rng.random() < 0.3 else process_events(int(self.rng.integers(0, 40)))
                self._close_dialogs()
                each(number)
        finally:
            sys.excepthook = before

    def wait(self, seconds=180):
        """Wait until all requests are shown."""
        limit = time.monotonic() + seconds
        while self.window.property("busy"):
            process_events(10)
            if time.monotonic() > limit:
                self.failures.append(f"still busy after {seconds} s")
                return

    def end(self):
        """Close the window and wait for its worker; return the threads that are left besides the main one."""
        self._close()
        left = [thread for thread in threading.enumerate() if not isinstance(thread, threading._MainThread)]
        return [thread for thread in left if not thread.daemon and not isinstance(thread, threading._DummyThread)]

    # What a user does --------------------------------------------------------------------------------------------

    def open_demo(self):
        self.window.session.open_demo("yinyang")

    def open_saved(self):
        saved = sorted(self.folder.glob("*.koopview"))
        if saved:
            self.window.session.open_saved(str(saved[self.rng.integers(len(saved))]))

    def save(self):
        self.window.studies.path = self.folder / f"study-{self.rng.integers(3)}.koopview"
        self._trigger("save")

    def change_delays(self):
        self._set(self.window.fit_panel.controls.delays)

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
        self._trigger("fit")

    def stop(self):
        self._trigger("stop")

    def sweep_and_leave(self):
        self._trigger("sweep")
        process_events(100)

    def select_modes(self):
        result = self.window.shown_result()
        if result is not None:
            self.window.eigenvalues.selection.select(self.rng.integers(result.rank, size=2).tolist())

    def remove_modes(self):
        self.window.fit_panel.surgery.remove_selected()

    def undo(self):
        self._trigger("undo")

    def redo(self):
        self._trigger("redo")

    def switch_tab(self):
        tabs = self.window.results.tabs
        tabs.setCurrentIndex(int(self.rng.integers(tabs.count())))

    def switch_view(self):
        views = (self.window.trajectory.views, self.window.eigenvalues.views, self.window.accuracy.views)
        views[self.rng.integers(len(views))].choose(int(self.rng.integers(2)))

    def switch_theme(self):
        self._trigger("next_theme")

    def present(self):
        self._trigger("present")
        process_events(50)
        self._trigger("present")

    def resize(self):
        self.window.resize(*self.rng.integers([900, 600], [1900, 1100]).tolist())

    def type_nonsense(self):
        field = (self.window.fit_panel.controls.rank, self.window.fit_panel.controls.delays)[self.rng.integers(2)]
        field.lineEdit().setText(str(self.rng.choice(["", "abc", "-3", "99999999999", "1e5"])))
        field.interpretText()

    def close_and_start_again(self):
        self._close()
        self.window = create_window(["--demo", "yinyang"])
        self.window.show()

    # How it is done ----------------------------------------------------------------------------------------------

    def _trigger(self, key):
        action = self.window.actions_by_name[key]
        assert isinstance(action, QAction)
        action.trigger()

    def _set(self, field):
        field.setValue(int(self.rng.integers(field.minimum(), field.maximum() + 1)))

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
        self.failures.append(f"{kind.__name__}: {error}")
        sys.__excepthook__(kind, error, trace)
