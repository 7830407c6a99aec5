"""Open files that were dropped onto the window, used before or named at the start, whatever they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QMainWindow

from koopview.gui.files.recent import forget_recent
from koopview.gui.session.port import SessionPort
from koopview.gui.session.reading import Reading
from koopview.gui.session.timers import once
from koopview.gui.text import study_name
from koopview.gui.widgets.message_bar import MessageBar
from koopview.gui.widgets.suggested_action import SuggestedAction
from koopview.network.demos import is_demo
from koopview.progress import Progress
from koopview.study.source import Source

if TYPE_CHECKING:  # the window starts without what reads files
    from koopview.gui.dialogs.open_source import OpenDialog
    from koopview.gui.files.sorting import SortedFile
    from koopview.gui.session.heads import FoundData
    from koopview.network.modelfiles.head import ModelHead

_SLOW_MS = 400
"""Time after which a person is told that a file is being looked at."""


class OpeningPort(Protocol):
    """What opens files, and the dialog that asks."""

    dialog: "OpenDialog | None"

    def open_study(self, path: str) -> None:
        """Open a saved study."""

    def open_model(self, wanted: Source) -> None:
        """Open a model, with its data if they are named."""

    def open_data(self, wanted: Source) -> None:
        """Open data for the model that is open."""

    def ask_model(self, known: Source | None = None) -> "OpenDialog":
        """Ask which model to open, and its data."""

    def ask_data(self, known: Source | None = None) -> "OpenDialog":
        """Ask which data to open."""


class Dropping:
    """Finds out on a worker what files are, opens them where nothing is uncertain, and asks where something is."""

    def __init__(self, window: QMainWindow, session: SessionPort, opening: OpeningPort, message: MessageBar) -> None:
        self._session, self._opening, self._message = session, opening, message
        self._sorting = Reading(window)
        self._sorting.found.connect(self._on_sorted)
        self._sorting.failed.connect(self._on_failed)
        self._slow = once(window, self._say_looking, _SLOW_MS)
        self._told_slow, self._names = False, ""

    def open_files(self, paths: Sequence[str]) -> None:
        """Open files: one, or a model and its data, in any order."""
        self._names = ", ".join(Path(path).name for path in paths)
        self._slow.start()
        self._sorting.ask(lambda progress: _sorted(paths, progress), soon=True)

    def leave(self) -> None:
        """End looking at files, without waiting for it."""
        self._sorting.leave()

    @property
    def looking(self) -> bool:
        """Whether it is not known yet what the files are."""
        return self._sorting.running

    def _on_failed(self, sentence: str) -> None:
        self._end_looking()
        self._say(sentence)

    def _on_sorted(self, files: "list[SortedFile]") -> None:
        """Open files at once where nothing is uncertain; else fill in the page that asks."""
        self._end_looking()
        strange = next((file for file in files if file.kind in ("", "gone")), None)
        if strange is not None:
            self._refuse(strange)
        elif self._opening.dialog is not None:
            self._fill_in(files)
        elif [file.kind for file in files] == ["study"]:
            self._opening.open_study(files[0].path)
        elif [file.kind for file in files] == ["data"]:
            self._open_sorted_data(files[0])
        elif sorted(file.kind for file in files) in (["model"], ["data", "model"]):
            self._ask_sorted({file.kind: file for file in files})
        else:
            self._say(f"{len(files)} files were dropped, expected one, or a model and its data together")

    def _ask_sorted(self, files: "dict[str, SortedFile]") -> None:
        """Ask about a model, with its data if they were named; open both at once if nothing is uncertain."""
        model, data = files["model"], files.get("data")
        wanted = Source(model=model.path, data=None if data is None else data.path)
        if data is not None and _is_certain(model.model, data.data):
            self._opening.open_model(wanted)
        else:
            self._opening.ask_model(wanted)

    def _open_sorted_data(self, file: "SortedFile") -> None:
        """Open data at once if the network that is open takes them; else ask for data that fit it, or for a network."""
        from koopview.gui.session.heads import head_of_layers  # not needed for the first picture
        from koopview.network.matching import match

        state, head = self._session.state, None if file.data is None else file.data.head
        source = self._session.source
        if state is None or not state.layers:
            self._ask_model_of(Source(data=file.path), "The data need the network that they belong to.")
            return
        found = None if head is None else match(head_of_layers(state.layers), head)
        fits, demo = found is not None and found.fits is True, source is not None and is_demo(source.model)
        if demo and source is not None and fits:
            why = f"{study_name(state.model)} takes such data; if they belong to another network, name that."
            self._ask_model_of(Source(model=source.model, data=file.path), why)
        elif demo and found is not None:
            why = f"The data do not fit {study_name(state.model)}: name their own network."
            self._ask_model_of(Source(data=file.path), why)
        elif fits:
            self._opening.open_data(Source(data=file.path))
        else:
            self._opening.ask_data(Source(data=file.path))

    def _ask_model_of(self, known: Source, why: str) -> None:
        self._opening.ask_model(known).say_needed(why)

    def _fill_in(self, files: "list[SortedFile]") -> None:
        """Fill files into the dialog that is open."""
        assert self._opening.dialog is not None
        for file in files:
            if not self._opening.dialog.take(file.kind, file.path):
                self._opening.dialog.tell(f"{Path(file.path).name} is a {file.kind} file, expected others here")

    def _refuse(self, file: "SortedFile") -> None:
        """Say that a file is no longer there, or is of no kind that is known."""
        if file.kind == "gone":
            forget_recent(file.path)
            self._say(f"{file.path} is no longer there; it was taken out of the recent files")
        else:
            from koopview.gui.files.sorting import known_endings

            known = ", ".join(known_endings())
            self._say(f"{Path(file.path).name} is no study, model or data that KoopView knows, expected {known}")

    def _say(self, sentence: str) -> None:
        """Say something where the person looks."""
        if self._opening.dialog is not None:
            self._opening.dialog.tell(sentence)
        else:
            self._message.tell(sentence)

    def _say_looking(self) -> None:
        stop = SuggestedAction("Stop", "Do not open it", self._stop_looking)
        self._message.tell(f"Looking at {self._names}…", suggested=stop, quiet=True)
        self._told_slow = True

    def _stop_looking(self) -> None:
        self._sorting.stop()
        self._end_looking()

    def _end_looking(self) -> None:
        self._slow.stop()
        if self._told_slow:
            self._told_slow = False
            self._message.mend()


def _sorted(paths: Sequence[str], progress: Progress) -> "list[SortedFile]":
    """Return what files are; called on a worker, which imports what that takes."""
    from koopview.gui.files.sorting import sort_files

    return sort_files(paths, progress)


def _is_certain(model: "ModelHead | None", data: "FoundData | None") -> bool:
    """Return whether nothing has to be asked about a network and data before they are opened."""
    from koopview.network.matching import match

    if model is None or data is None or model.needs or model.choices:
        return False
    return all(layer.certainty == "known" for layer in model.layers) and match(model, data.head).fits is True
