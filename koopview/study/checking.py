"""Convert plain values (of JSON) to typed ones: content of a file is checked completely before it is used.

A reader is built once per type: for bool, int, float, str, their combinations by ``| None``, tuple, list and dict,
dataclasses, and numpy arrays, which a function of the caller finds.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from koopview.errors import InputError

LARGEST_WHOLE = 2**53
"""Whole numbers of a file are smaller: all JSON readers, and float64, represent those exactly."""

LARGEST = 1e40
"""Other finite numbers of a file are smaller: no float32 network gives larger ones."""

LONGEST = 1000
"""Characters of the longest text; a path may be four times as long."""

Array = Callable[[Any], np.ndarray]
"""Returns the array that a plain value stands for; raises Unfit."""

Read = Callable[[Any, Array], Any]


class Unfit(ValueError):  # noqa: N818 - the value is unfit
    """A plain value that is not of the expected type; `where` is the path to it from the outermost value."""

    def __init__(self, found: Any, expected: str) -> None:
        super().__init__(expected)
        self.found, self.expected = found, expected
        self.where: list[str] = []

    def __str__(self) -> str:
        return f"{place(self.where)} is {shortened(self.found)}, expected {self.expected}"


def no_array(plain: Any) -> np.ndarray:
    """Raise Unfit for every array, for values that have none."""
    raise Unfit(plain, "no array")


def typed(kind: Any, plain: Any, array: Array = no_array) -> Any:
    """Return a plain value as one of type `kind`; raises Unfit."""
    return reader(kind)(plain, array)


@contextmanager
def inside(where: str) -> Iterator[None]:
    """Add a value's name to the path of an Unfit that is raised inside."""
    try:
        yield
    except Unfit as unfit:
        unfit.where.insert(0, where)
        raise


@cache
def reader(kind: Any) -> Read:
    """Return the reader of values of a type, a function."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_dataclass(kind):
        return _record(kind)
    made, parts = get_origin(kind), get_args(kind)
    if made in (Union, types.UnionType):
        return _one_of(parts)
    if made is tuple and parts[-1] is not ...:
        return _fixed(parts)
    if made in (tuple, list):
        return _sequence(made, reader(parts[0]))
    if made is dict:
        return _mapping(reader(parts[1]))
    raise TypeError(f"no reader of {kind}")


def _whole(plain: Any, array: Array) -> int:
    if type(plain) is not int or abs(plain) >= LARGEST_WHOLE:
        raise Unfit(plain, "a whole number")
    return plain


def _number(plain: Any, array: Array) -> float:
    if type(plain) not in (int, float) or LARGEST < abs(plain) < float("inf"):
        raise Unfit(plain, "a number")
    return float(plain)


def _truth(plain: Any, array: Array) -> bool:
    if type(plain) is not bool:
        raise Unfit(plain, "true or false")
    return plain


def _text(plain: Any, array: Array) -> str:
    if type(plain) is not str:
        raise Unfit(plain, "a text")
    if len(plain) > 4 * LONGEST or "\0" in plain:
        raise Unfit(plain, f"a text of at most {4 * LONGEST:,} characters, none of them 0")
    return plain


def _complex(plain: Any, array: Array) -> complex:
    real, imaginary = _fixed((float, float))(plain, array)
    return complex(real, imaginary)


def _array(plain: Any, array: Array) -> np.ndarray:
    return array(plain)


_PLAIN: dict[Any, Read] = {
    int: _whole,
    float: _number,
    bool: _truth,
    str: _text,
    complex: _complex,
    np.ndarray: _array,
}


def _one_of(kinds: tuple[Any, ...]) -> Read:
    """Return the reader that tries `kinds` in order and takes the first that fits."""
    optional = type(None) in kinds
    readers = [reader(kind) for kind in kinds if kind is not type(None)]

    def read(plain: Any, array: Array) -> Any:
        if optional and plain is None:
            return None
        for one in readers[:-1]:
            try:
                return one(plain, array)
            except Unfit:
                pass
        return readers[-1](plain, array)

    return read


def _sequence(made: type, one: Read) -> Read:
    def read(plain: Any, array: Array) -> Any:
        if type(plain) is not list:
            raise Unfit(plain, "a list")
        return made([_inside(f"[{index}]", one, item, array) for index, item in enumerate(plain)])

    return read


def _fixed(kinds: tuple[Any, ...]) -> Read:
    readers = [reader(kind) for kind in kinds]

    def read(plain: Any, array: Array) -> tuple[Any, ...]:
        if type(plain) is not list or len(plain) != len(readers):
            raise Unfit(plain, f"a list of {len(readers)}")
        return tuple(one(item, array) for one, item in zip(readers, plain, strict=True))

    return read


def _mapping(one: Read) -> Read:
    def read(plain: Any, array: Array) -> dict[str, Any]:
        if type(plain) is not dict:
            raise Unfit(plain, "an object")
        return {_text(key, array): _inside(key, one, value, array) for key, value in plain.items()}

    return read


def _record(kind: Any) -> Read:
    """Return the reader of a dataclass: a field with a default may be missing, an unknown field is refused."""
    hints = get_type_hints(kind)
    own = [field for field in fields(kind) if field.init]
    readers = {field.name: reader(hints[field.name]) for field in own}
    needed = {field.name for field in own if field.default is MISSING and field.default_factory is MISSING}

    def read(plain: Any, array: Array) -> Any:
        if type(plain) is not dict:
            raise Unfit(plain, "an object")
        strange = plain.keys() - readers.keys() or needed - plain.keys()
        if strange:
            word = "no" if strange & plain.keys() else "a"
            raise Unfit(plain, f"an object with {word} {min(strange)!r}")
        values = {name: _inside(name, readers[name], value, array) for name, value in plain.items()}
        try:
            return kind(**values)
        except InputError as error:  # a setting that the dataclass itself refuses
            raise Unfit(plain, str(error)) from error

    return read


def _inside(name: str, one: Read, value: Any, array: Array) -> Any:
    try:
        return one(value, array)
    except Unfit as unfit:
        unfit.where.insert(0, name)
        raise


def require(holds: bool, found: Any, expected: str, *where: str) -> None:
    """Raise Unfit about the value `found` unless `holds`."""
    if not holds:
        unfit = Unfit(found, expected)
        unfit.where = list(where)
        raise unfit


def place(where: list[str]) -> str:
    """Return the path to a value as a str: "results[3].accuracy.hybrid"."""
    return "".join(part if part.startswith("[") or not i else f".{part}" for i, part in enumerate(where)) or "it"


def shortened(found: Any) -> str:
    """Return a value in a few words."""
    if isinstance(found, Mapping):
        return "an object"
    if isinstance(found, (list, tuple)):
        return f"a list of {len(found):,}"
    text = repr(found)
    return text if len(text) <= 40 else f"{text[:30]}…"
