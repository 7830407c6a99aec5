"""The variables of a MATLAB file of version 4: five whole numbers, a name, then the numbers."""

from functools import partial
from pathlib import Path

import numpy as np

from koopview.network.datafiles.held_array import HeldArray, Stream

_TYPES = ("f8", "f4", "i4", "i2", "u2", "u1")
_MOST = 10_000


def is_version4(start: bytes) -> bool:
    """Return whether a file that starts so is of version 4: later ones start with a text."""
    return 0 in start[:4]


def variables(path: Path) -> dict[str, HeldArray]:
    """Return the variables of numbers in a file by name; raises ValueError for a broken one."""
    found: dict[str, HeldArray] = {}
    size, place = path.stat().st_size, 0
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(20)
            order = "<" if int.from_bytes(head[:4], "little") < 5000 else ">"
            kind, rows, columns, imaginary, length = (int(one) for one in np.frombuffer(head, f"{order}i4"))
            machine, rest = divmod(kind, 1000)
            precision, content = divmod(rest % 100, 10)
            if machine not in (0, 1) or precision >= len(_TYPES) or min(rows, columns) < 0 or not 0 < length < 1000:
                raise ValueError("no head of a variable")
            if len(found) > _MOST:
                raise ValueError("too many variables")
            name = file.read(length).split(b"\0")[0].decode("latin-1")
            dtype, start = np.dtype(f"{order}{_TYPES[precision]}"), place + 20 + length
            held = HeldArray(name, (rows, columns), dtype, partial(_opened, path, start), True)
            place = start + held.size * (2 if imaginary else 1)
            if place > size:
                raise ValueError("a variable ends behind the file")
            if content == 0 and not imaginary:
                found[name] = held
    return found


def _opened(path: Path, place: int) -> Stream:
    file = path.open("rb")
    file.seek(place)
    return file
