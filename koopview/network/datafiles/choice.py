"""Which arrays of a file are inputs and labels: those asked for, or the usual names where one reading fits."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from koopview.errors import InputError
from koopview.network.datafiles.held_array import HeldArray
from koopview.network.datafiles.samples import Asked
from koopview.network.labels import shown

INPUT_NAMES = ("x", "data", "inputs", "input", "images", "image", "imgs", "features", "feature", "samples")
LABEL_NAMES = ("y", "target", "targets", "labels", "label", "class", "outputs", "output")
"""Usual names, in upper or lower case, alone or beside a word of `_PARTS`."""

_PARTS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "val",
    "valid": "val",
    "validation": "val",
}
_TOLD = 12
"""Arrays that a sentence lists."""

Arrays = Mapping[str, HeldArray]


class Chosen(NamedTuple):
    """Names of the arrays of inputs and labels, several where they are joined, none where there are none."""

    inputs: tuple[str, ...]
    labels: tuple[str, ...] = ()
    test_inputs: tuple[str, ...] = ()
    test_labels: tuple[str, ...] = ()


def chosen(arrays: Arrays, asked: Asked, name: str) -> Chosen:
    """Return the Chosen arrays of a file, with its test samples if it has them; raises InputError where it is unclear.

    Labels that were not asked for may be missing.
    """
    if asked.keys is None:
        return by_position(arrays) or _usual(arrays, asked, name)
    inputs, labels = (_split(one, arrays) for one in asked.keys)
    if not inputs:
        inputs = _usual_inputs(arrays, asked.part, asked, name)
    if asked.part == "test":
        inputs, labels = _counterpart(inputs, labels, arrays) or (inputs, labels)
    missing = [one for one in inputs + labels if one not in arrays]
    if missing:
        raise InputError(f"{asked.what} {name} holds {held(arrays)}, expected {missing[0]}", "--keys X,Y")
    test = _counterpart(inputs, labels, arrays) or ((), ())
    return Chosen(inputs, labels, *(tuple(one for one in names if one in arrays) for names in test))


def by_position(arrays: Arrays) -> Chosen | None:
    """Return what arrays without names are, as ``numpy.savez(FILE, x, y)`` writes them; None if that is not plain.

    Two are inputs and labels. Four are those of training and test samples, pairwise, or all inputs before all labels.
    The labels are whole numbers, truth values or text, one a sample: what no weights of a network are.
    """
    names = [f"arr_{number}" for number in range(len(arrays))]
    if len(names) not in (2, 4) or set(names) != set(arrays):
        return None
    orders = [(0, 1)] if len(names) == 2 else [(0, 1, 2, 3), (0, 2, 1, 3)]
    for order in orders:
        parts = [names[place] for place in order]
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        if all(_is_pair(arrays[inputs], arrays[labels]) for inputs, labels in pairs):
            return Chosen(*((one,) for one in parts))
    return None


def _is_pair(inputs: HeldArray, labels: HeldArray) -> bool:
    """Return whether arrays are plainly inputs and classes of as many samples."""
    return (
        inputs.dtype.kind in "fiub"
        and len(inputs.shape) > 1
        and labels.dtype.kind in "iubUS"
        and labels.numbers == 1
        and len(labels.shape) in (1, 2)
        and inputs.samples == labels.samples
    )


def left_over(arrays: Arrays, taken: Chosen) -> tuple[str, ...]:
    """Return the remarks on arrays that are not used, masks first: without them every number counts."""
    unused = [name for name in arrays if not any(name in names for names in taken)]
    masks = [name for name in unused if "mask" in name.lower()]
    others = [name for name in unused if name not in masks]
    told = [f"{taken.inputs[0]} is read as inputs and {taken.labels[0]} as labels"] if by_position(arrays) else []
    if masks:
        told.append(f"{_listed(masks)} is not used: every entry of the inputs counts, masked or not")
    if others:
        told.append(f"{_listed(others)} {'is' if len(others) == 1 else 'are'} not used")
    return tuple(told)


def held(arrays: Arrays) -> str:
    """Return the arrays of a file with their shapes, in words."""
    found = [f"{shown(name, 40)} ({' x '.join(map(str, one.shape)) or 'one number'})" for name, one in arrays.items()]
    return _listed(found) or "no arrays"


def role_of(name: str) -> tuple[str, str]:
    """Return what a usual name means, "inputs", "labels" or "", and of which part: "train", "test", "val" or ""."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    part = next((_PARTS[word] for word in words if word in _PARTS), "")
    stem = "".join(word for word in words if word not in _PARTS)
    if not part:
        for word in sorted(_PARTS, key=len, reverse=True):
            cut = stem.removeprefix(word) if stem.startswith(word) else stem.removesuffix(word)
            if cut != stem and cut in (*INPUT_NAMES, *LABEL_NAMES):
                part, stem = _PARTS[word], cut
                break
    role = "inputs" if stem in INPUT_NAMES else "labels" if stem in LABEL_NAMES else ""
    return role, part


def _usual(arrays: Arrays, asked: Asked, name: str) -> Chosen:
    """Return the arrays that bear usual names."""
    inputs = _usual_inputs(arrays, asked.part, asked, name)
    part = role_of(inputs[0])[1]
    labels = _called("labels", part, arrays, asked, name)
    if asked.part == "test" or part == "test":
        return Chosen(inputs, labels)
    of_test = next((one for one in ("test", "val") if _with_role("inputs", one, arrays)), "test")
    return Chosen(
        inputs,
        labels,
        _called("inputs", of_test, arrays, asked, name) if part else (),
        _called("labels", of_test, arrays, asked, name) if part else (),
    )


def _usual_inputs(arrays: Arrays, part: str, asked: Asked, name: str) -> tuple[str, ...]:
    for one in (part, ""):
        found = _called("inputs", one, arrays, asked, name)
        if found:
            return found
    if any(one == "weight" or one.endswith(".weight") for one in arrays):
        raise InputError(
            f"{asked.what} {name} holds a network's weights ({held(arrays)}), expected samples",
            "--model FILE",
        )
    raise InputError(
        f"{asked.what} {name} holds {held(arrays)}, expected x, y or x_{part}, y_{part}, "
        "or to be told the names of inputs and labels",
        "--keys X,Y",
    )


def _called(role: str, part: str, arrays: Arrays, asked: Asked, name: str) -> tuple[str, ...]:
    """Return the name of the one array of a role and part, empty if there is none; raises InputError for several."""
    found = _with_role(role, part, arrays)
    usual = ("x" if role == "inputs" else "y") + (f"_{part}" if part else "")
    if len(found) > 1 and usual not in found:
        raise InputError(
            f"{asked.what} {name} holds {held(arrays)}: {_listed(found)} could all be the {role}, "
            "expected to be told the names of inputs and labels",
            "--keys X,Y",
        )
    return (usual,) if usual in found else tuple(found)


def _with_role(role: str, part: str, arrays: Arrays) -> list[str]:
    return [name for name in arrays if role_of(name) == (role, part)]


def _split(names: str, arrays: Arrays) -> tuple[str, ...]:
    """Return the names in "a+b", or the one name if an array is called so."""
    return (names,) if names in arrays else tuple(one.strip() for one in names.split("+") if one.strip())


def _counterpart(
    inputs: tuple[str, ...], labels: tuple[str, ...], arrays: Arrays
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the names of the test samples' inputs and labels, derived from those of the training samples.

    None if the names do not mention training, or there are no such arrays.
    """
    names = [tuple(_test_name(one) for one in part) for part in (inputs, labels)]
    told = all(names[0]) and all(names[1])
    return (names[0], names[1]) if told and any(one in arrays for part in names for one in part) else None


def _test_name(name: str) -> str:
    """Return "readings_test" for "readings_train", empty for a name that does not mention training."""
    for train, test in (("train", "test"), ("Train", "Test"), ("TRAIN", "TEST")):
        if train in name:
            return name.replace(train, test)
    return ""


def _listed(names: list[str]) -> str:
    return ", ".join(shown(name, 60) for name in names[:_TOLD]) + (
        f" and {len(names) - _TOLD:,} more" if len(names) > _TOLD else ""
    )
