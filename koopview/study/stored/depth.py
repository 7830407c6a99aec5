"""The table over blocks in a study file, so that its tab is there before any engine is; no torch here."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, fields
from math import prod
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.hybrid.rows import DEPTH_CONTROLS, DEPTH_ROWS
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.stream_words import checked_states
from koopview.study.checking import Array, Unfit, inside, require, typed
from koopview.study.depth_result import DepthResult
from koopview.study.result_checks import LARGEST_SETTING, check_rows, check_texts

MOST = 2000
"""Most cells in a file; of more the newest are kept."""

LONGEST = 100_000
"""Most blocks of a stream, or time steps."""

NO_DEPTH: dict[str, Any] = {"streams": [], "cells": []}
"""What a file without a table holds."""

_SCORES = tuple(field.name for field in fields(Linearity))
_SEEN = 1.001
"""The largest modulus of a cosine, rounded as float32 are."""

Keep = Callable[[np.ndarray], Any]


def plain_depth(cells: Sequence[DepthResult], keep: Keep) -> dict[str, Any]:
    """Return the cells of tables as a JSON object; streams are stored once, and `keep` stores an array.

    A cell of which a measure is no number, as powers of an operator can overflow, is left out: none would be read back.
    """
    streams: dict[tuple[str, ...], int] = {}
    listed = []
    for cell in [one for one in cells if _is_right(one)][-MOST:]:
        scores = np.array([astuple(one) for one in cell.linearity], dtype=float)  # NaN for None
        listed.append(
            {field.name: getattr(cell, field.name) for field in fields(cell)}
            | {"settings": asdict(cell.settings), "stream": streams.setdefault(cell.stream, len(streams))}
            | {"above": {name: None if one is None else asdict(one) for name, one in cell.above.items()}}
            | {"eigenvalues": keep(cell.eigenvalues), "linearity": keep(scores)}
        )
    return {"streams": [list(names) for names in streams], "cells": listed}


def depth_of(plain: Any, array: Array) -> tuple[DepthResult, ...]:
    """Return the cells in the JSON object of :func:`plain_depth`, checked completely; raises Unfit.

    `array` returns the array that a value returned by `keep` refers to; it raises Unfit.
    """
    if type(plain) is not dict or plain.keys() != NO_DEPTH.keys():
        raise Unfit(plain, "an object with 'streams' and 'cells'")
    listed = plain["cells"]
    require(type(listed) is list and len(listed) <= MOST, listed, f"a list of at most {MOST:,}", "cells")
    with inside("streams"):
        streams = typed(tuple[tuple[str, ...], ...], plain["streams"])
        for i, names in enumerate(streams):
            require(1 <= len(names) <= LONGEST, names, "names of blocks", f"[{i}]")
            check_texts({f"[{i}][{k}]": name for k, name in enumerate(names)})
    return tuple(_stored(f"cells[{i}]", one, streams, array) for i, one in enumerate(listed))


def _stored(where: str, plain: Any, streams: Sequence[tuple[str, ...]], array: Array) -> DepthResult:
    with inside(where):
        if type(plain) is not dict:
            raise Unfit(plain, "an object")
        index: Any = plain.get("stream")
        known = type(index) is int and 0 <= index < len(streams)
        require(known, index, "the number of a stream", "stream")
        with inside("linearity"):
            steps = _linearity(typed(np.ndarray, plain.get("linearity"), array))
        cell: DepthResult = typed(DepthResult, {**plain, "stream": list(streams[index]), "linearity": steps}, array)
        check_depth(cell)
        return cell


def _linearity(scores: np.ndarray) -> list[dict[str, float | None]]:
    """Return the plain Linearity of each block from an array (blocks, scores), None for NaN."""
    right = scores.ndim == 2 and scores.shape[1] == len(_SCORES) and scores.dtype.kind == "f"
    require(right, scores.shape, f"(blocks, {len(_SCORES)}) numbers")
    return [
        {name: None if np.isnan(score) else score for name, score in zip(_SCORES, row, strict=True)}
        for row in scores.tolist()
    ]


def check_depth(cell: DepthResult) -> None:
    """Raise Unfit unless a cell is consistent in itself."""
    check_texts({key: value for key, value in vars(cell).items() if isinstance(value, str)})
    check_texts({f"settings.{key}": value for key, value in vars(cell.settings).items()})
    check_rows(cell, DEPTH_ROWS)
    last, length = cell.start + cell.settings.blocks, len(cell.stream)
    require(0 <= cell.start < last <= length, cell.start, f"blocks among {length}", "start")
    require(_is_word(cell.states), cell.states, "a kind of state", "states")
    require((cell.driven is None) == (cell.layer == ""), cell.driven, "an answer for time steps alone", "driven")
    sized = min(cell.shape, default=0) >= 1 and prod(cell.shape) < LARGEST_SETTING
    require(sized, list(cell.shape), "the shape of a state", "shape")
    for name in ("rank", "fit_samples", "test_samples"):
        number = getattr(cell, name)
        require(1 <= number < LARGEST_SETTING, number, "a number of 1 or more", name)
    for name in ("ridge", "seconds"):
        require(0 <= getattr(cell, name) < 1e9, getattr(cell, name), "a number of 0 or more", name)
    for name in ("cosines", "centred_cosines"):
        for row, cosine in getattr(cell, name).items():
            right = row in DEPTH_ROWS and (cosine is None or abs(cosine) <= _SEEN)
            require(right, cosine, "a cosine", name, row)
    for row, lead in cell.above.items():
        right = row in DEPTH_CONTROLS and (lead is None or (lead.control == row and np.isfinite(lead.value)))
        require(right, row, f"a lead over one of {', '.join(DEPTH_CONTROLS)}", "above")
    values = cell.eigenvalues
    spectrum = values.shape == (cell.rank,) and values.dtype.kind == "c" and bool(np.isfinite(values).all())
    require(spectrum, values.shape, f"({cell.rank},) finite complex numbers", "eigenvalues")
    require(len(cell.linearity) == cell.settings.blocks, len(cell.linearity), "one a block", "linearity")


def _is_word(states: str) -> bool:
    try:
        checked_states(states)
    except InputError:
        return False
    return True


def _is_right(cell: DepthResult) -> bool:
    try:
        check_depth(cell)
    except Unfit:
        return False
    return True
