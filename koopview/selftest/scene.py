"""A built-in study in the window, through everything that a person would do with it."""

from pathlib import Path

from koopview.arguments import WindowOptions
from koopview.errors import InputError
from koopview.gui.application import quiet_window
from koopview.gui.exportable import exportables
from koopview.gui.files.export import save_numbers
from koopview.gui.saving.saving import save_exportable
from koopview.gui.screenshots import present_views, settle, views
from koopview.gui.window import MainWindow
from koopview.selftest.checks import Finding
from koopview.selftest.expected import WITHIN_SAMPLES, StudyNumbers, compared
from koopview.selftest.pictures import blank_parts, is_blank
from koopview.selftest.saved_files import check_numbers, check_picture
from koopview.study.result import FitResult

_SIZE = (1280, 800)
_PLOT = "Eigenvalues"


class Scene:
    """The window on one built-in study; each method does one thing in it and says what was found.

    Raises
    ------
    InputError
        From each, where what is looked for is not there.
    """

    def __init__(self, demo: str, folder: Path) -> None:
        self._demo, self._folder = demo, folder
        self._made: MainWindow | None = None
        self._failures: list[str] = []

    def open(self) -> Finding:
        """Open the study: its saved results are on screen."""
        self._made = window = quiet_window(WindowOptions(demo=self._demo, theme="light", size=_SIZE))
        window.session.failed.connect(lambda sentence, details: self._failures.append(sentence))
        window.show()
        self._settle()
        return Finding(f"layer {self._result().settings.layer} is drawn", "its saved results")

    def fit(self) -> Finding:
        """Fit what is shown once more, through the engine, and compare the numbers."""
        before = self._result()
        self._window().session.fit_now()
        self._settle()
        if self._result() is before:
            raise InputError("the window shows its saved results, expected those of a new fit")
        return compared(StudyNumbers.of(self._result()), StudyNumbers.stored(self._demo))

    def draw(self) -> Finding:
        """Draw every tab and every view of each panel, and the present mode."""
        window, settings = self._window(), self._result().settings
        window.session.sweep((settings.delays,), (10, settings.rank))
        self._settle()
        seen = 0
        for view in (name for each in (views, present_views) for name in each(window)):
            blank = blank_parts(window)
            if blank or is_blank(window.grab().toImage()):
                raise InputError(f"{view}: blank {', '.join(blank) or 'window'}")
            self._raise_failure()
            seen += 1
        return Finding(f"{seen} views drawn", "none blank")

    def export(self) -> Finding:
        """Save a plot as PNG, SVG, PDF and CSV, and the numbers of the fit as JSON and NPZ; read all again."""
        result, folder = self._result(), self._folder
        plot = next(one for one in exportables(self._window()) if one.title == _PLOT)
        for ending in (".png", ".svg", ".pdf"):
            check_picture(save_exportable(plot, folder / f"{self._demo}{ending}", ""))
        check_numbers(save_exportable(plot, folder / f"{self._demo}.csv", ""), result)
        for ending in (".json", ".npz"):
            check_numbers(save_numbers(folder / f"{self._demo}{ending}", "", result), result)
        return Finding("PNG, SVG, PDF, CSV, JSON, NPZ", "the window's numbers")

    def run_hybrid(self) -> Finding:
        """Save the hybrid network, load it without KoopView's code, and run it on the test samples."""
        from koopview.selftest.hybrid_file import right_of_file

        path, result, written = self._folder / f"{self._demo}.pt2", self._result(), []
        self._window().session.export_hybrid(path, lambda: written.append(path))
        self._settle()
        if not written:
            raise InputError("the hybrid network was not written")
        right, expected = right_of_file(path, self._demo), round((result.hybrid or 0) * result.test_samples)
        close = abs(right - expected) <= WITHIN_SAMPLES
        return Finding(f"{right:,} of {result.test_samples:,} right", f"{expected:,} as in the window", ok=close)

    def reopen(self) -> Finding:
        """Save the study, open the file, and compare what is on screen, number by number."""
        path, before = self._folder / f"{self._demo}.koopview", self._result()
        self._window().session.save_study(path, lambda: None)
        self._settle()
        self._window().session.open_saved(str(path))
        self._settle()
        after = self._result()
        same = after is not before and after.summary() == before.summary()
        return Finding("the same numbers" if same else "other numbers", "the same numbers", ok=same)

    def close(self) -> None:
        """Close the window, if there is one; what is not saved is lost."""
        if self._made is not None:
            self._made.close_now()
            self._made = None

    def _window(self) -> MainWindow:
        if self._made is None:
            raise InputError("there is no window")
        return self._made

    def _result(self) -> FitResult:
        result = self._window().shown_result()
        if result is None:
            raise InputError("there is no result on screen")
        return result

    def _settle(self) -> None:
        settle(self._window())
        self._raise_failure()
        if self._window().is_busy():
            raise InputError("the window was still busy after two minutes")

    def _raise_failure(self) -> None:
        """Raise what the window would tell in its message bar."""
        if self._failures:
            raise InputError(self._failures.pop())


