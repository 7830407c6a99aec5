"""Where a model and its data come from, as a value, and how both are opened; no torch before something is opened."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.errors import InputError

if TYPE_CHECKING:  # torch is imported where a study is opened, not where one is named
    from koopview.network.data import Dataset
    from koopview.network.network import Network


@dataclass(frozen=True)
class Source:
    """Where a model and its data come from; None where nobody said.

    `study` is a ``.koopview`` file that holds both, or says where they are; what else is named goes before it. `seed`
    is that of the split into training and test samples, where the data do not say it.
    """

    model: str | None = None
    factory: str | None = None
    activation: str | None = None
    trust: bool = False
    data: str | None = None
    test_data: str | None = None
    keys: tuple[str, str] | None = None
    normalize: str = "none"
    seed: int = 0
    study: str | None = None

    def with_data_of(self, other: "Source") -> "Source":
        """Return a source of this model, whose data are those of another."""
        own = {name: getattr(other, name) for name in ("data", "test_data", "keys", "normalize", "seed")}
        return replace(self, **own)


def open_network(source: Source) -> "Network":
    """Open the model of a source; raises FileError or InputError."""
    from koopview.network.load import load_network

    if source.model is None and source.study is not None:
        from koopview.study.stored import stored_network

        return stored_network(Path(source.study), trust=source.trust)
    if source.model is None:
        raise InputError("no model is named, expected a file, demo:yinyang or demo:mnist", "--model M")
    return load_network(source.model, activation_name=source.activation, factory=source.factory, trust=source.trust)


def open_dataset(source: Source) -> "Dataset":
    """Open the data of a source, by default a built-in model's own; raises FileError or InputError."""
    from koopview.network.datafiles import load_dataset

    model = source.model or ""
    data = source.data or (model.removeprefix("demo:") if model.startswith("demo:") else None)
    if data is None and source.study is not None:
        from koopview.study.stored import stored_dataset

        return stored_dataset(Path(source.study))
    if data is None:
        raise InputError("no data are named, expected a file, yinyang or mnist", "--data D")
    return load_dataset(
        data, test_data=source.test_data, keys=source.keys, normalize=source.normalize, seed=source.seed
    )
