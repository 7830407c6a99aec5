"""The origin of a model and its data, as a value."""

from dataclasses import dataclass, replace

STUDY_ENDING = ".koopview"


@dataclass(frozen=True)
class Source:
    """The origin of a model and its data; parts that were not named are None.

    `weights` is the name of one network of several in a model file, `factory_args` a JSON file with the arguments of
    `factory`. `study` is a ``.koopview`` file that stores or names both; other fields override it. `seed` is for the
    split into training and test samples, if the data do not define it. `channels` is "first", or "last" for pictures
    (samples, rows, columns, channels), which are turned round.
    """

    model: str | None = None
    weights: str | None = None
    factory: str | None = None
    factory_args: str | None = None
    activation: str | None = None
    trust: bool = False
    data: str | None = None
    test_data: str | None = None
    keys: tuple[str, str] | None = None
    normalize: str = "none"
    channels: str = "first"
    seed: int = 0
    study: str | None = None

    def with_model_of(self, other: "Source") -> "Source":
        """Return a Source with this one's data and another's model."""
        names = ("model", "weights", "factory", "factory_args", "activation")
        return replace(self, **{name: getattr(other, name) for name in names})

    def with_data_of(self, other: "Source") -> "Source":
        """Return a Source with this one's model and another's data."""
        own = {name: getattr(other, name) for name in ("data", "test_data", "keys", "normalize", "channels", "seed")}
        return replace(self, **own)
