"""Save a plot: ask where, write its picture or its numbers, and show the outcome in the window's bars."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from koopview.csv_text import csv_text
from koopview.errors import InputError, KoopViewError
from koopview.files import write_whole
from koopview.gui.exportable import Exportable, Rows
from koopview.gui.preferences import preferences, remember
from koopview.print_widths import ONE_COLUMN, TWO_COLUMNS
from koopview.study.export import with_settings

NUMBERS = "Numbers (*.csv)"
PICTURES = {
    f"{name}, {'one column' if width == ONE_COLUMN else 'two columns'}, {width:.0f} mm (*.{name.lower()})": width
    for name in ("PDF", "SVG", "PNG")
    for width in (ONE_COLUMN, TWO_COLUMNS)
}
_FOLDER = "folder"


def ask_picture(exportable: Exportable) -> QFileDialog:
    """Ask where to save the picture of a plot, and in which width; save it there."""
    return _ask(exportable, tuple(PICTURES), "Save picture")


def ask_numbers(exportable: Exportable) -> QFileDialog:
    """Ask where to save the numbers of a plot, and save them there."""
    return _ask(exportable, (NUMBERS,), "Save numbers")


def _ask(exportable: Exportable, filters: Sequence[str], title: str) -> QFileDialog:
    def save(path: Path, chosen: str) -> None:
        attempt(exportable.widget, lambda: save_exportable(exportable, path, chosen))

    window = exportable.widget.window()
    dialog = ask_file(window, f"{title}: {exportable.title}", subject_stem(window, exportable.title), filters, save)
    dialog.setObjectName("savePlotDialog")
    return dialog


def save_exportable(exportable: Exportable, path: Path, chosen_filter: str) -> Path:
    """Write numbers or picture of a plot in the format of the path's (or the filter's) ending; return the path.

    Raises
    ------
    InputError
        For an ending that is neither a picture's nor .csv.
    FileError
        Where the file cannot be written.
    """
    path = with_ending(path, chosen_filter)
    if path.suffix.lower() == ".csv":
        write_whole(path, csv_text(rows_to_save(exportable)).encode(), "file")
    else:
        from koopview.gui.saving.pictures import save_picture_of  # not needed for the first picture

        save_picture_of(
            exportable.parts,
            path,
            PICTURES.get(chosen_filter, ONE_COLUMN),
            exportable.title,
            least_width=exportable.least_width,
            fills=exportable.fills,
        )
    return path


def rows_to_save(exportable: Exportable) -> Rows:
    """Return the numbers of a plot with columns that identify each row, since a saved table has no title.

    Raises InputError while a preview is drawn: its numbers must not be taken for the exact ones.
    """
    result = getattr(exportable.widget.window(), "drawn_result", lambda: None)()
    if result is not None and result.preview:
        raise InputError(f"these numbers are of {result.preview}, expected the exact ones, which follow in a moment")
    return exportable.rows() if result is None else with_settings(exportable.rows(), result, exportable.about())


def ask_file(
    window: QWidget, title: str, stem: str, filters: Sequence[str], save: Callable[[Path, str], object]
) -> QFileDialog:
    """Ask where to save a file, in the folder of the last one, and call ``save(path, chosen filter)``."""
    dialog = QFileDialog(window, title, last_folder(), ";;".join(filters))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(with_ending(Path(stem), filters[0]).name)
    dialog.setDefaultSuffix(ending_of(filters[0]))  # the dialog asks before it replaces a file of that name
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(ending_of(chosen)))

    def take(name: str) -> None:
        note_folder(name)
        save(Path(name), dialog.selectedNameFilter())

    dialog.fileSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def attempt(widget: QWidget, save: Callable[[], Path]) -> bool:
    """Call `save` and show its success or error in the window of `widget`; return whether it succeeded."""
    window = widget.window()
    try:
        path = save()
    except KoopViewError as error:
        getattr(window, "tell", lambda sentence: None)(str(error))
        return False
    getattr(window, "say", lambda text: None)(f"Saved {path}")
    return True


def with_ending(path: Path, chosen_filter: str) -> Path:
    """Return `path`, with the filter's first ending if it has none."""
    return path if path.suffix else path.with_name(path.name + ending_of(chosen_filter))


def ending_of(chosen_filter: str) -> str:
    """Return a filter's first ending with its dot, empty for a filter of all files."""
    found = re.search(r"\*(\.\w+)", chosen_filter)
    return found.group(1) if found else ""


def file_stem(title: str) -> str:
    """Return a plot's title as a file's name without ending: "singular-values"."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "koopview"


def subject_stem(window: QWidget, what: str) -> str:
    """Return a file name with study and layer, from the window's title: "mnist-layer-0-fit"."""
    subject = window.windowTitle().removesuffix("KoopView")
    return file_stem(f"{subject} {what}")


def note_folder(path: str) -> None:
    """Store the folder of a file."""
    remember({_FOLDER: str(Path(path).absolute().parent)})


def last_folder() -> str:
    """Return the folder of the file saved or opened last, the home folder at first."""
    folder = str(preferences().value(_FOLDER) or "")
    return folder if Path(folder).is_dir() and folder else str(Path.home())
