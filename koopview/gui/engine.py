"""The study behind the window, opened on the worker when it is first needed: the window never waits for torch."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from koopview.arguments import Source
from koopview.errors import InputError
from koopview.network.info import LayerInfo
from koopview.progress import Progress

if TYPE_CHECKING:
    from koopview.study.study import Study


@dataclass(frozen=True)
class Opened:
    """What was found where the person pointed: the model's layers, and the study or why there is none yet."""

    source: Source
    model: str
    layers: tuple[LayerInfo, ...]
    study: "Study | None"
    missing: str = ""


class Engine:
    """A study that is opened once, by the first job that needs it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._study: Study | None = None

    @classmethod
    def of(cls, opened: Opened) -> "Engine":
        """Return the engine of a study that is open already."""
        engine = cls(opened.source)
        engine._study = opened.study
        return engine

    def study(self, progress: Progress) -> "Study":
        """Return the study; called on the worker."""
        if self._study is None:
            progress(0.0, "starting the engine")
            from koopview.opening import open_study

            self._study = open_study(self.source)
        return self._study


def opened(source: Source, progress: Progress) -> Opened:
    """Open a model and its data; called on the worker."""
    progress(0.1, "opening the model")
    from koopview.opening import open_dataset, open_network
    from koopview.study.study import Study

    network = open_network(source)
    progress(0.4, "opening the data")
    study = Study(network, open_dataset(source))
    return Opened(source, network.name, study.layers, study)


def opened_with_or_without_data(source: Source, progress: Progress) -> Opened:
    """Open a model with the data that are open already, or show its layers alone where these do not fit it."""
    try:
        return opened(source, progress)
    except InputError as error:
        from koopview.opening import open_network

        network = open_network(source)  # where the model is what is wrong, this says so
        layers = tuple(layer.info() for layer in network.layers)
        return Opened(replace(source, data=None), network.name, layers, None, f"{error}: open its data next")
