"""Samples and heads of files of named arrays, whatever their format."""

from collections.abc import Mapping

import numpy as np

from koopview.errors import InputError
from koopview.memory import check_memory
from koopview.network.datafiles.choice import Chosen, chosen, left_over
from koopview.network.datafiles.drawing import Rows, drawn_rows, row_bytes
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.head_labels import labels_seen
from koopview.network.datafiles.held_array import FIRST, HeldArray
from koopview.network.datafiles.samples import Asked, Samples, channels_told
from koopview.progress import Progress, part, silent

CLASS_NAMES = ("target_names", "class_names", "label_names")
"""Arrays of text, one name a class, as scikit-learn's sets have them."""

_BOUND = 1 << 26
"""Bytes of labels that a head reads at most."""

Arrays = Mapping[str, HeldArray]


def samples_of(arrays: Arrays, asked: Asked, name: str, taken: Chosen | None = None) -> Samples:
    """Return the Samples of a file's arrays, the `taken` ones if given; of more than memory holds a draw.

    Raises
    ------
    InputError
        If it is not clear which arrays are meant, or they do not fit each other.
    """
    taken = taken or chosen(arrays, asked, name)
    _check_order(arrays, taken, name)
    counts = [_count(arrays, *names, name) for names in ((taken.inputs, taken.labels), taken[2:])]
    used = [arrays[one] for names in taken for one in names]
    widest = sum(row_bytes(one.numbers, one.dtype.itemsize) for one in used[: len(taken.inputs) + len(taken.labels)])
    rows, drawn = drawn_rows(counts, widest, asked, name)
    if not drawn:
        check_memory(sum(one.size for one in used), f"{asked.what} {name}", "a smaller file")
    found = [
        _joined([arrays[one] for one in names], rows[index // 2], part(asked.progress, index / 4, (index + 1) / 4))
        for index, names in enumerate(taken)
    ]
    names = _class_names(arrays)
    remarks = (*drawn, *left_over({key: one for key, one in arrays.items() if key not in CLASS_NAMES}, taken))
    assert found[0] is not None
    return Samples(found[0], found[1], found[2], found[3], names, remarks)


def head_of(arrays: Arrays, asked: Asked, name: str, format_name: str, taken: Chosen | None = None) -> DataHead:
    """Return the DataHead of a file's arrays; where it is not clear which are meant, a remark says so."""
    heads = tuple(ArrayHead(one.name, one.shape, one.kind) for one in arrays.values())
    try:
        taken = taken or chosen(arrays, asked, name)
    except InputError as error:
        return DataHead(format_name, heads, "", "", 0, 0, (), remarks=(str(error),))
    first, labels = _first(arrays, taken.inputs), _labels(arrays, taken.labels)
    seen = labels_seen(labels, _class_names(arrays), name)
    shown, shape = arrays[taken.inputs[0]], _joined_shape([arrays[one].shape for one in taken.inputs])
    return DataHead(
        format_name,
        heads,
        "+".join(taken.inputs),
        "+".join(taken.labels),
        shown.samples,
        arrays[taken.test_inputs[0]].samples if taken.test_inputs else 0,
        shape,
        seen.classes,
        first,
        seen.labels[: 0 if first is None else len(first)],
        (*seen.remarks, *left_over(arrays, taken), *channels_told(shape)),
    )


def _count(arrays: Arrays, inputs: tuple[str, ...], labels: tuple[str, ...], name: str) -> int:
    """Return the number of samples of a part, 0 without inputs; raises InputError where arrays differ in it."""
    counts = {one: arrays[one].samples for one in inputs + labels}
    expected = counts[inputs[0]] if inputs else 0
    for one, count in counts.items():
        if inputs and count != expected:
            said = "labels have" if one in labels else "inputs have"
            raise InputError(
                f"{name}: {said} shape {arrays[one].shape}, expected ({expected},): one a sample, as {inputs[0]} has"
            )
    return expected


def _joined(arrays: list[HeldArray], rows: Rows, progress: Progress) -> np.ndarray | None:
    """Return the rows of arrays side by side, None without any."""
    found = [one.read(rows, progress) for one in arrays]
    return side_by_side(found) if found else None


def side_by_side(arrays: list[np.ndarray]) -> np.ndarray:
    """Return one array as it is, several (samples, ...) as one (samples, numbers), or joined along their first axis."""
    if len(arrays) == 1:
        return arrays[0]
    if len({array.shape[2:] for array in arrays}) == 1 and all(array.ndim > 1 for array in arrays):
        return np.concatenate(arrays, axis=1)
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def _joined_shape(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the shape of a sample of arrays that are joined."""
    joined = side_by_side([np.broadcast_to(np.float32(0), (1, *shape[1:])) for shape in shapes])
    return joined.shape[1:]


def _check_order(arrays: Arrays, taken: Chosen, name: str) -> None:
    """Raise InputError if the labels have a row per sample, and the inputs one number: they are swapped."""
    if len(taken.inputs) != 1 or len(taken.labels) != 1:
        return
    inputs, labels = arrays[taken.inputs[0]].shape, arrays[taken.labels[0]].shape
    if len(inputs) == 1 and len(labels) > 1:
        raise InputError(
            f"data {name}: inputs have shape {inputs} and labels {labels}, expected them the other way round"
        )
    if len(inputs) > 1 and labels and inputs[0] < inputs[-1] == max(labels):
        raise InputError(
            f"data {name}: inputs have shape {inputs} and labels {labels}, one sample an entry of the last axis; "
            "expected samples along the first axis, so transpose them"
        )


def _class_names(arrays: Arrays) -> tuple[str, ...]:
    """Return the names of classes that an array of text holds, empty without one."""
    found = next((arrays[key] for key in CLASS_NAMES if key in arrays), None)
    if found is None or found.dtype.kind not in "US" or len(found.shape) != 1 or found.size > _BOUND:
        return ()
    names = found.read(None, silent)
    return tuple(map(str, np.char.decode(names, "latin-1") if names.dtype.kind == "S" else names))


def _first(arrays: Arrays, inputs: tuple[str, ...]) -> np.ndarray | None:
    """Return the first few samples, None if they are no numbers, too large or too far apart in the file."""
    found = [arrays[one].first() if arrays[one].dtype.kind in "fiub" else None for one in inputs]
    known = [one for one in found if one is not None]
    return side_by_side([one[:FIRST] for one in known]) if len(known) == len(found) else None


def _labels(arrays: Arrays, labels: tuple[str, ...]) -> np.ndarray | None:
    """Return all labels, or the first ones of very many, None if there are none or they are no numbers or text."""
    found = [arrays[one] for one in labels]
    if not found or any(one.dtype.kind not in "fiubUS" for one in found):
        return None
    if sum(one.size for one in found) <= _BOUND:
        return side_by_side([one.read(None, silent) for one in found])
    known = [one for one in (held.first() for held in found) if one is not None]
    return side_by_side(known) if len(known) == len(found) else None
