"""From what a person names (a model, data) to a study; shared by the two faces."""

from typing import TYPE_CHECKING

from koopview.arguments import Source
from koopview.errors import InputError

if TYPE_CHECKING:  # torch is imported where a study is opened, not where one is named
    from koopview.network.data import Dataset
    from koopview.network.network import Network
    from koopview.study.study import Study


def open_network(source: Source) -> "Network":
    """Open the model of a source; raises FileError or InputError."""
    from koopview.network.load import load_network

    if source.model is None:
        raise InputError("no model is named, expected --model FILE, demo:yinyang or demo:mnist")
    return load_network(source.model, activation_name=source.activation, factory=source.factory, trust=source.trust)


def open_dataset(source: Source, seed: int = 0) -> "Dataset":
    """Open the data of a source, by default a built-in model's own; raises FileError or InputError."""
    from koopview.network.datafiles import load_dataset

    model = source.model or ""
    data = source.data or (model.removeprefix("demo:") if model.startswith("demo:") else None)
    if data is None:
        raise InputError("no data are named, expected --data FILE, yinyang or mnist")
    return load_dataset(data, test_data=source.test_data, keys=source.keys, normalize=source.normalize, seed=seed)


def open_study(source: Source, seed: int = 0, device: str = "auto") -> "Study":
    """Open the model and the data of a source as a study; raises FileError or InputError."""
    from koopview.study.study import Study

    network = open_network(source)
    return Study(network, open_dataset(source, seed), device=device)
