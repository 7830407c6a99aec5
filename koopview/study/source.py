"""Where a model and its data come from, as a value."""

from dataclasses import dataclass, replace


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
