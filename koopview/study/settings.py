"""What a fit depends on, as a value: equal settings give equal results, and the settings are the cache's key."""

from dataclasses import dataclass, replace

from koopview.errors import InputError


@dataclass(frozen=True)
class FitSettings:
    """Settings of one fit (METHOD: scaling, delays, rank, samples).

    `replaced` are the layers that the hybrid replaces, in network order; `layer` is the one whose operator is
    shown. `rank` None asks for the automatic rank, `samples` None for all training samples.
    """

    layer: str
    replaced: tuple[str, ...] = ()
    scaling: str = "homotopy"
    steps: int = 20
    delays: int = 8
    rank: int | None = None
    samples: int | None = 1000
    pad: float = -1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise InputError(f"steps is {self.steps}, expected at least 1")
        if not 1 <= self.delays <= self.steps:
            raise InputError(f"delays is {self.delays}, expected 1 to {self.steps} (the number of steps)")
        if self.rank is not None and self.rank < 1:
            raise InputError(f"rank is {self.rank}, expected at least 1, or auto")
        if self.samples is not None and self.samples < 1:
            raise InputError(f"samples is {self.samples}, expected at least 1, or all")
        if self.layer not in self.replaced:
            object.__setattr__(self, "replaced", (*self.replaced, self.layer))

    @property
    def lift_fraction(self) -> float:
        """Share of the scaled layer that is evaluated before the operator takes over: (h - 1) / N."""
        return (self.delays - 1) / self.steps

    def with_rank(self, rank: int | None) -> "FitSettings":
        """Return the same settings with another rank: the only change that needs no new decomposition."""
        return replace(self, rank=rank)
