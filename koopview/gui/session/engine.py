"""The study behind the window, opened on the worker on first use, so that the window never waits for torch."""

import threading
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.arguments import Source
from koopview.errors import FileError, KoopViewError, MemoryShort
from koopview.gui.session.torch_import import import_torch
from koopview.memory import GIB, free_memory
from koopview.network.info import LayerInfo
from koopview.progress import Progress, part
from koopview.study.study_file import StudyFile, file_of

if TYPE_CHECKING:
    from koopview.study.fitter import Fitter
    from koopview.study.result import FitResult
    from koopview.study.settings import FitSettings
    from koopview.study.study import Study

SPARE = 0.5
"""Most of the free memory that a fit may take for which nobody waits."""


@dataclass(frozen=True)
class Opened:
    """The result of opening a source: the model's layers, and the study or why there is none yet.

    `doubt` is a sentence about settings that do not fit the samples, empty for none; `better` is the source that fits
    them, None if it is not known.
    """

    source: Source
    file: StudyFile | None
    model: str
    layers: tuple[LayerInfo, ...]
    study: "Study | None"
    missing: str = ""
    doubt: str = ""
    better: Source | None = None


class Engine:
    """Holds a study that is opened once, by the first job that needs it."""

    def __init__(self, source: Source, file: StudyFile | None = None, *, restored: bool = False) -> None:
        self._code = source.factory if restored else None  # a file names it, no person: it is never run
        self.source, self.file = replace(source, factory=None, factory_args=None) if restored else source, file
        self.lacks = ""
        """The part that could not be opened, "model" or "data"; empty if all is well or nothing was tried."""
        self.explained = False
        """Whether R2_lin of its layers was computed, or cannot be."""
        self.shares: dict[str, float | None] = {}
        """R2_lin of the layers that it was computed of so far."""
        self._study: Study | None = None
        self._opening = threading.Lock()
        self._spare: Fitter | None = None

    @classmethod
    def of(cls, opened: Opened) -> "Engine":
        """Return the Engine of a study that is open already."""
        engine = cls(opened.source, opened.file)
        engine._study = opened.study
        return engine

    @property
    def ready(self) -> bool:
        """Whether the study is open."""
        return self._study is not None

    def parts(self) -> list[object]:
        """Return what its memory belongs to: the study and the modules of its layers; nothing before it is open."""
        return [] if self._study is None else [self._study, *(one.affine for one in self._study.setup.network.layers)]

    def study(self, progress: Progress) -> "Study":
        """Return the study; called on a worker: the first one opens it, another waits for that."""
        with self._opening:
            if self._study is None:
                progress(0.0, "starting the engine")
                self._study = self._opened()
            return self._study

    def _opened(self) -> "Study":
        import_torch()
        from koopview.opening import open_dataset, open_network, study_of

        self.lacks = "model"
        if self._code:
            raise FileError(f"the network is made by the code {self._code}, expected you to open it again")
        self.file = self.file or file_of(self.source)
        dataset = cache(partial(open_dataset, self.source, self.file))
        network = open_network(self.source, self.file, dataset)
        self.lacks = "data"
        study = study_of(network, self.source, self.file, dataset=dataset)
        self.lacks = ""
        return study

    def fit(self, settings: "FitSettings", progress: Progress) -> "FitResult":
        """Return the result of settings, without controls that are not known yet; called on the worker."""
        return self.study(progress).fit_settings(settings, progress, controls=False).result

    def first(self, settings: "FitSettings", progress: Progress) -> "FitResult":
        """Return a preview of settings where the result takes its time, else the result; called on the worker."""
        return self.study(progress).preview(settings, progress) or self.fit(settings, progress)

    def cell(self, settings: "FitSettings", progress: Progress) -> "FitResult":
        """Return the result of one cell, as a sweep finds it, and keep it in the study's history; for an idle worker.

        Its fits are apart from the study's own: they may run beside these, and what they keep pushes none of those out.

        Raises
        ------
        MemoryShort
            If it would take more than SPARE of the free memory: a person's own fit may begin beside it.
        """
        from koopview.study.fitter import Fitter

        study = self.study(progress)
        known = study.history.found(settings)
        if known is None:
            self._spare = self._spare or Fitter(study.setup)
            _check_spare_memory(self._spare.memory(settings))
            known = self._spare.fitted(settings, progress).result
        cell = known.without_paths()
        study.history.keep_cell(cell)
        return cell


def _check_spare_memory(needed: int) -> None:
    """Raise MemoryShort if a fit for which nobody waits takes more than SPARE of the free memory."""
    free = free_memory()
    if free is not None and needed > SPARE * free:
        sizes = f"{needed / GIB:,.1f} GiB of the {free / GIB:,.1f} GiB that are free"
        raise MemoryShort(f"a cell takes {sizes}, expected at most {SPARE:.0%} of them while idle")


def opened(
    source: Source, progress: Progress, *, file: StudyFile | None = None, without_data: Source | None = None
) -> Opened:
    """Open a model and its data and return them as Opened; called on the worker.

    Parameters
    ----------
    source : Source
    progress : callback
    file : StudyFile, optional
        The study file that the source names, if it was opened already.
    without_data : Source, optional
        The source to show if there are no data, or none that fit: only the model's layers, with a sentence.

    Raises
    ------
    FileError, InputError
        If the model cannot be opened, or, unless `without_data`, its data.
    """
    progress(0.1, "opening the model")
    import_torch()
    from koopview.opening import open_dataset, open_network, study_of

    file = file or file_of(source)
    dataset = cache(partial(open_dataset, source, file, part(progress, 0.4, 0.8)))
    network = open_network(source, file, dataset)
    progress(0.4, "opening the data")
    try:
        study = study_of(network, source, file, dataset=dataset)
    except KoopViewError as error:
        if without_data is None:
            raise
        layers = tuple(layer.info() for layer in network.layers)
        why = f": {error}" if source.data or source.study else ", expected the samples that it was trained on"
        missing = f"{network.name} is open without data{why}"
        return Opened(without_data, file, network.name, layers, None, missing)
    doubt, better = _doubt(study, source)
    return Opened(source, file, network.name, study.layers, study, doubt=doubt, better=better)


def _doubt(study: "Study", source: Source) -> tuple[str, Source | None]:
    """Return doubts about a study that was opened, as text, empty for none, and a Source that fits better, or None."""
    from koopview.study.doubts import doubt_of_split, doubts

    found = doubts(study.setup, source)
    said = [doubt_of_split(study.dataset), *(doubt.sentence for doubt in found)]
    better = next((replace(source, activation=doubt.activation) for doubt in found if doubt.activation), None)
    if source.study and source.data and not study.results:
        name = Path(source.study).name
        said.append(f"Model and data are not both those that {name} was saved with, so this is a new study.")
    return " ".join(_ended(sentence) for sentence in said if sentence), better


def _ended(sentence: str) -> str:
    """Return a sentence that begins like one, unless by a file's name, and ends like one."""
    word = sentence.split(maxsplit=1)[0]
    begun = sentence if "." in word or word != word.lower() else sentence[:1].upper() + sentence[1:]
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."
