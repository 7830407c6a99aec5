"""Files of moments: a numpy file (npz) of their arrays."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.files import existing_file, write_whole
from koopview.koopman.arrays import NUMPY, Array, arrays_of, as_numpy
from koopview.koopman.moments import ARRAYS, BASES, Moments

FORMAT = 1
"""Version of the file's format."""

EXPECTED = "a file that save_moments wrote"


def save_moments(moments: Moments, path: str | Path) -> None:
    """Write moments to a numpy file (npz); raises FileError if it cannot be written."""
    content = io.BytesIO()
    kept: dict[str, Any] = {name: as_numpy(getattr(moments, name)) for name in ARRAYS}
    for name in BASES:
        basis = getattr(moments, name)
        kept[name] = np.zeros((0, 0)) if basis is None else as_numpy(basis)
    kept["flags"] = np.array([FORMAT, moments.count, moments.single, moments.of_float32], dtype=np.int64)
    np.savez(content, **kept)
    write_whole(Path(path), content.getvalue(), "moments")


def read_moments(path: str | Path, like: Array | None = None) -> Moments:
    """Return the Moments of a file, as arrays of numpy, or of the library and device of the array `like`.

    Raises
    ------
    FileError
        If the file is missing, or none that :func:`save_moments` wrote.
    """
    file = existing_file(Path(path), "moments", EXPECTED)
    try:
        with np.load(file, allow_pickle=False) as held:
            arrays = {name: held[name] for name in ("flags", *BASES, *ARRAYS)}
        found = _moments_of(arrays, like)
    except Exception as error:  # a file may be anything
        raise FileError(f"moments {path} hold something else, expected {EXPECTED}") from error
    if found is None:
        raise FileError(f"moments {path} are damaged or of a later version of KoopView, expected {EXPECTED}")
    return found


def _moments_of(arrays: dict[str, np.ndarray], like: Array | None) -> Moments | None:
    """Return the Moments of a file's arrays, None if these do not fit each other."""
    version, count, single, of_float32 = (int(number) for number in arrays["flags"])
    length, kept = arrays["sums"].shape
    whole = all(arrays[name].dtype == np.float64 and np.isfinite(arrays[name]).all() for name in ARRAYS)
    steps = len(arrays["modes"]) or length
    fits = arrays["products"].shape == (kept**2 * length * (length + 1) // 2,) and arrays["energies"].shape == (steps,)
    if version != FORMAT or count < 0 or not whole or not fits:
        return None
    xp = NUMPY if like is None else arrays_of(like)
    summed = {name: xp.asarray(arrays[name]) for name in ARRAYS}
    components, modes = (xp.asarray(arrays[name]) if arrays[name].size else None for name in BASES)
    return Moments(
        count, **summed, components=components, single=bool(single), of_float32=bool(of_float32), modes=modes
    )
