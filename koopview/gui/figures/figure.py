"""A figure as a value: drawn by the window's panel whenever it is shown or saved, never in a window."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shiboken6
from pyqtgraph import GraphicsView, PlotItem
from PySide6.QtWidgets import QWidget

from koopview.csv_text import csv_text
from koopview.figures import FigureKind, check_figure_ending
from koopview.files import check_folder, write_whole
from koopview.gui.exportable import Exportable
from koopview.gui.figures.feeding import Asked, fed
from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.saving.pictures import MARGIN, picture_of, print_pixels
from koopview.gui.saving.stage import Stage
from koopview.network.demos import DEMO_NAMES
from koopview.study.export import SETTINGS, with_settings
from koopview.study.result import FitResult
from koopview.study.subject import Subject

USUAL = ".pdf"


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A figure of a fit at print size, which IPython and Jupyter show by themselves.

    ``save`` writes it, ``numbers`` are the numbers that it draws. `width_mm` and `theme` can be replaced
    (``dataclasses.replace``).
    """

    kind: FigureKind
    subject: Subject
    view: Any
    asked: Asked
    width_mm: float
    theme: str = "light"

    @property
    def numbers(self) -> list[list[Any]]:
        """The numbers drawn, as rows: column names first, with columns that identify the fit."""
        head, *rows = self._table()
        return [head, *([as_number(cell, name) for cell, name in zip(row, head, strict=True)] for row in rows)]

    def _table(self) -> list[list[Any]]:
        """Return the same with the texts that the window copies, with the minus sign that programs read."""
        with self._drawn() as (_, exportable):
            rows = with_settings(exportable.rows(), self.subject.result, exportable.about())
        return [[cell.replace("−", "-") if isinstance(cell, str) else cell for cell in row] for row in rows]

    def save(self, path: str | Path | None = None) -> Path:
        """Write the figure in the format of the path's ending, .pdf, .png, .svg or .csv, and return the file's path.

        In a folder, or without a `path` in the present one, the file's name holds model, layer, h, r and figure, and
        it is a PDF.

        Raises
        ------
        InputError
            For another ending.
        FileError
            Where the file cannot be written.
        """
        file = self.path_in(path)
        check_figure_ending(file)
        check_folder(file, "figure")
        if file.suffix.lower() == ".csv":
            write_whole(file, csv_text(self._table()).encode(), "figure")
        else:
            write_whole(file, self.picture(file.suffix), "figure")
        return file

    def path_in(self, path: str | Path | None) -> Path:
        """Return the file that ``save(path)`` writes."""
        whole = Path("." if path is None else path)
        return whole / f"{self.stem}{USUAL}" if whole.is_dir() else whole

    @property
    def stem(self) -> str:
        """The file's name without ending: "yinyang-layer2-h12-r30-eigenvalues"."""
        mode = "" if self.kind.name != "mode" else f"{self.asked.mode}"
        return f"{fit_stem(self.subject.result)}-{self.kind.name}{mode}"

    def picture(self, ending: str) -> bytes:
        """Return the figure as a file with the ending .png, .svg or .pdf."""
        with self._drawn() as (stage, exportable):
            width = max(print_pixels(self.width_mm), exportable.least_width) - 2 * MARGIN
            stage.resize(width, round(self.kind.shape * width))
            stage.grab()  # a part whose height follows from its width sets it now
            colours = DARK if self.theme == "dark" else LIGHT
            return picture_of([stage], ending, self.width_mm, self._title, theme=colours)

    def _repr_png_(self) -> bytes:
        """Return the picture that IPython and Jupyter show."""
        return self.picture(".png")

    def _repr_svg_(self) -> str:
        """Return the same as SVG."""
        return self.picture(".svg").decode()

    def __repr__(self) -> str:
        """Return a line that names the figure and its fit."""
        return f"<Figure of {self._title}>"

    @property
    def _title(self) -> str:
        result, settings = self.subject.result, self.subject.result.settings
        return f"{self.kind.name}: {result.model}, layer {settings.layer}, h = {settings.delays}, r = {result.rank}"

    @contextmanager
    def _drawn(self) -> Iterator[tuple[Stage, Exportable]]:
        """Context in which a panel draws the figure; its widgets are gone after it, on the thread that made them."""
        panel, exportable = fed(self.kind, self.subject, self.view, self.asked)
        stage = Stage(exportable.parts, panel.set_theme)
        apart = [one for one in vars(panel).values() if isinstance(one, QWidget)]  # some stand in other cards
        plots = [*_plots_in(stage), *_plots_in(panel)]
        try:
            yield stage, exportable
        finally:
            for plot in plots:  # else Python's garbage collection destroys their menus, on any thread
                plot.ctrlMenu, plot.subMenus = None, []
            for widget in (stage, panel, *apart):
                if shiboken6.isValid(widget):  # not gone with the one that held it
                    shiboken6.delete(widget)


def fit_stem(result: FitResult) -> str:
    """Return a fit's model, layer, h and r as the beginning of a file's name: "yinyang-layer2-h12-r30"."""
    settings = result.settings
    model = result.model.removeprefix("demo:")
    name = model if model in DEMO_NAMES else Path(model).stem
    return f"{_plain(name)}-layer{_plain(settings.layer)}-h{settings.delays}-r{result.rank}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text).strip("-.") or "network"


def as_number(cell: Any, column: str) -> Any:
    """Return the number that a text in a column says, others as they are, as the settings of a fit."""
    if not isinstance(cell, str) or column in SETTINGS:
        return cell
    for read in (int, float):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell


def _plots_in(widget: QWidget) -> list[Any]:
    """Return pyqtgraph's plots in a widget."""
    items = [item for view in widget.findChildren(GraphicsView) for item in view.scene().items()]
    return [item for item in items if isinstance(item, PlotItem)]
