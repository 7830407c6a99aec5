"""From what a person names (a model, data) to a study; shared by the two faces."""

from typing import TYPE_CHECKING, Protocol

from koopview.errors import InputError

if TYPE_CHECKING:  # torch is imported where a study is opened, not where one is named
    from koopview.network.data import Dataset
    from koopview.network.network import Network
    from koopview.study.study import Study


class ModelOptions(Protocol):
    """What says which model to open."""

    model: str | None
    factory: str | None
    activation: str | None
    trust: bool


class DataOptions(ModelOptions, Protocol):
    """What says which model and data to open."""

    data: str | None
    test_data: str | None
    keys: tuple[str, str] | None
    normalize: str


def open_network(options: ModelOptions) -> "Network":
    """Open the model that `options` name; raises FileError or InputError."""
    from koopview.network.load import load_network

    if options.model is None:
        raise InputError("no model is named, expected --model FILE, demo:yinyang or demo:mnist")
    return load_network(options.model, activation_name=options.activation, factory=options.factory, trust=options.trust)


def open_dataset(options: DataOptions, seed: int = 0) -> "Dataset":
    """Open the data that `options` name, by default a built-in model's own; raises FileError or InputError."""
    from koopview.network.datafiles import load_dataset

    model = options.model or ""
    data = options.data or (model.removeprefix("demo:") if model.startswith("demo:") else None)
    if data is None:
        raise InputError("no data are named, expected --data FILE, yinyang or mnist")
    return load_dataset(data, test_data=options.test_data, keys=options.keys, normalize=options.normalize, seed=seed)


def open_study(options: DataOptions, seed: int = 0, device: str = "auto") -> "Study":
    """Open the model and the data that `options` name as a study; raises FileError or InputError."""
    from koopview.study.study import Study

    network = open_network(options)
    return Study(network, open_dataset(options, seed), device=device)
