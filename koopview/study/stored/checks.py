"""Checks of the arrays of views that were read from a file."""

import numpy as np

from koopview.study.checking import require

MOST_CLASSES = 2**20
"""Classes of answers are smaller: a picture of them takes a colour for each."""


def check_numbers(name: str, array: np.ndarray, kind: str, *wanted: int | None, finite: bool = True) -> None:
    """Raise Unfit unless an array has a kind of numbers and a shape, in which None stands for 1 or more."""
    fits = array.ndim == len(wanted) and array.dtype.kind == kind
    fits = fits and all(
        has >= 1 if want is None else has == want for has, want in zip(array.shape, wanted, strict=True)
    )
    said = ", ".join("any" if want is None else str(want) for want in wanted)
    require(fits, array.shape, f"({said}) numbers", name)
    if finite:
        require(bool(np.isfinite(array).all()), "not finite", "finite numbers", name)


def check_indices(name: str, array: np.ndarray, stop: int) -> None:
    """Raise Unfit unless the numbers of an array are from 0 to below `stop`."""
    require(bool(((array >= 0) & (array < stop)).all()), "others", f"indices below {stop}", name)


def check_classes(name: str, array: np.ndarray, *wanted: int | None) -> None:
    """Raise Unfit unless an array holds classes in this shape; see :func:`check_numbers`."""
    check_numbers(name, array, "i", *wanted)
    check_indices(name, array, MOST_CLASSES)


def check_picture(picture: tuple[int, ...] | None, entries: int) -> None:
    """Raise Unfit unless the axes of a picture, if there is one, take no more than its `entries`."""
    if picture is not None:
        fits = len(picture) in (2, 3) and min(picture) >= 1 and int(np.prod(picture)) <= entries
        require(fits, list(picture), f"axes of a picture of at most {entries} numbers", "picture")


def check_extent(extent: tuple[float, float, float, float]) -> None:
    """Raise Unfit unless x low, x high, y low, y high of a plane are finite and rise."""
    x_low, x_high, y_low, y_high = extent
    rises = bool(np.isfinite(extent).all()) and x_low < x_high and y_low < y_high
    require(rises, list(extent), "finite ends of a plane, the low ones first", "extent")
