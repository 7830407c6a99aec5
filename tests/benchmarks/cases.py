"""What the decomposition is compared on: paths of four kinds, and the sizes."""

from dataclasses import astuple, dataclass

import numpy as np

OSCILLATORS = 60
"""Of the long trajectory."""

LAST_STATE = 0.0018
"""Size of the last state beside the first one of an ill-conditioned spectrum: s_50 / s_1 is then 3e-5 at size S."""


class ReluPaths:
    """Paths of a random ReLU layer on random inputs (METHOD section 2.1): a hard spectrum without a gap."""

    def __init__(self, samples, steps, states):
        self.shape = (samples, steps + 1, states)
        rng = np.random.default_rng(0)
        self.weight, self.bias = rng.normal(size=(states, states)) / np.sqrt(states), 0.1 * rng.normal(size=states)

    def make(self, start, stop):
        """Return the paths (stop - start, steps + 1, states) of some samples."""
        _, length, states = self.shape
        x = np.stack([np.random.default_rng(1 + i).normal(size=states) for i in range(start, stop)])
        affine = x @ self.weight.T + self.bias
        paths = np.empty((stop - start, length, states))
        for k in range(length):
            s = k / (length - 1)
            z = (1 - s) * x + s * affine
            paths[:, k] = (1 - s) * z + s * np.maximum(z, 0)
        return paths

    def all(self):
        """Return the paths of all samples."""
        return self.make(0, self.shape[0])


class IllPaths(ReluPaths):
    """The same paths, with states that fall in size and are mixed: an ill-conditioned spectrum."""

    def __init__(self, samples, steps, states):
        super().__init__(samples, steps, states)
        mixing = np.linalg.qr(np.random.default_rng(1).normal(size=(states, states)))[0]
        self.mixing = np.geomspace(1, LAST_STATE, states)[:, None] * mixing

    def make(self, start, stop):
        """Return the paths (stop - start, steps + 1, states) of some samples."""
        return super().make(start, stop) @ self.mixing


class Series:
    """One long trajectory: noisy oscillators seen in many states, with singular values that fall slowly."""

    def __init__(self, samples, steps, states):
        self.shape = (samples, steps + 1, states)

    def all(self):
        """Return the trajectory (1, steps + 1, states)."""
        (_, length, states), rng = self.shape, np.random.default_rng(0)
        values = (1 - 10.0 ** rng.uniform(-4, -2, OSCILLATORS)) * np.exp(1j * rng.uniform(0.01, 3, OSCILLATORS))
        kicks = 0.1 * (rng.normal(size=(length, OSCILLATORS)) + 1j * rng.normal(size=(length, OSCILLATORS)))
        z = np.zeros((length, OSCILLATORS), dtype=complex)
        for k in range(length):
            z[k] = values * z[k - 1] + kicks[k]
        seen = rng.normal(size=(2 * OSCILLATORS, states)) * np.geomspace(1, 1e-2, 2 * OSCILLATORS)[:, None]
        noise = 1e-3 * rng.normal(size=(length, states))
        return (np.concatenate([z.real, z.imag], axis=1) @ seen + noise)[None]


KINDS = {"relu": ReluPaths, "ill": IllPaths, "series": Series}


@dataclass(frozen=True)
class Case:
    """Snapshot pairs to decompose, and the rank; `kind` is one of `KINDS`."""

    kind: str
    samples: int
    steps: int
    states: int
    delays: int
    rank: int

    @classmethod
    def of_words(cls, kind, *numbers):
        """Return the Case of the words that `words()` returned."""
        return cls(kind, *map(int, numbers))

    def words(self):
        """Return the fields as words of a command line."""
        return list(map(str, astuple(self)))

    def paths(self):
        """Return the paths, which have `shape` and `all()`, some `make(start, stop)` too."""
        return KINDS[self.kind](self.samples, self.steps, self.states)

    @property
    def features(self):
        """Rows of the snapshot matrix."""
        return self.delays * self.states

    @property
    def pairs(self):
        """Columns of the snapshot matrix."""
        return self.samples * (self.steps - self.delays + 1)

    @property
    def formed_gib(self):
        """Size of the two formed snapshot matrices in GiB."""
        return 2 * 8 * self.pairs * self.features / 2**30

    @property
    def gram_work(self):
        """Multiplications and additions of the Gram matrix of the formed snapshots, each entry and its mirror once."""
        return self.pairs * self.features * (self.features + 1)


SVD, EIGH, CONVERGED = "numpy.linalg.svd", "Gram matrix, eigh", "KoopView, ten digits"

CASES = {  # name: case, what its eigenvalues are held against
    "S": (Case("relu", 1000, 20, 8, 8, 50), SVD),
    "S, ill": (Case("ill", 1000, 20, 8, 8, 50), SVD),
    "M": (Case("relu", 1000, 20, 256, 10, 50), SVD),
    "long": (Case("series", 1, 3999, 256, 1, 50), SVD),
    "long, delays": (Case("series", 1, 3999, 256, 4, 50), SVD),
    "L": (Case("relu", 1000, 20, 784, 10, 500), EIGH),
    "F4": (Case("relu", 1000, 100, 784, 50, 50), CONVERGED),
    "F4, r = 500": (Case("relu", 1000, 100, 784, 50, 500), CONVERGED),
}
QUICK = ("S", "S, ill", "M", "long", "long, delays")

GROWTH = {  # one of the five grows, the others stay
    "samples B": [Case("relu", b, 20, 128, 8, 50) for b in (1000, 2000, 4000)],
    "delays h (N = 40)": [Case("relu", 500, 40, 128, h, 50) for h in (8, 16, 32)],
    "states d": [Case("relu", 500, 20, d, 8, 50) for d in (128, 256, 512)],
    "rank r": [Case("relu", 500, 20, 256, 8, r) for r in (25, 50, 100)],
}
