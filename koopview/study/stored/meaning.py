"""Changed answers, or moved outputs, in a study file."""

import numpy as np

from koopview.study.checking import inside, require
from koopview.study.result import FitResult
from koopview.study.result_checks import check_texts
from koopview.study.stored.checks import check_classes, check_extent, check_indices, check_numbers
from koopview.study.stored.kind import StoredKind
from koopview.study.views import BoundaryView, ChangedView, MovedView

_LARGEST = 2**31
_CHANNELS = (1, 3)


def checked(view: ChangedView | MovedView, result: FitResult) -> ChangedView | MovedView:
    """Return a view of answers or outputs; raises Unfit unless all arrays tell of the same samples."""
    if isinstance(view, ChangedView):
        _check_changed(view)
    else:
        _check_moved(view)
    return view


def _check_changed(view: ChangedView) -> None:
    count = view.samples.size
    check_texts({f"class_names[{i}]": name for i, name in enumerate(view.class_names)})
    check_numbers("samples", view.samples, "i", count)
    require(1 <= view.test_samples < _LARGEST, view.test_samples, "a number of 1 or more", "test_samples")
    check_indices("samples", view.samples, view.test_samples)
    for name in ("original", "hybrid", "labels"):
        if (classes := getattr(view, name)) is not None:
            check_classes(name, classes, count)
    check_numbers("swings", view.swings, "f", count)
    if view.pictures is not None:
        _check_pictures(view.pictures, count)
    require((view.plane is None) == (view.points is None), "one", "both or none", "points")
    if view.plane is not None and view.points is not None:
        check_numbers("points", view.points, "f", count, 2)
        with inside("plane"):
            _check_plane(view.plane)


def _check_pictures(pictures: np.ndarray, most: int) -> None:
    require(pictures.ndim == 4, pictures.shape, "(samples, rows, columns, channels) numbers", "pictures")
    shown, channels = pictures.shape[0], pictures.shape[-1]
    check_numbers("pictures", pictures, "f", shown, None, None, channels)
    require(shown <= most, shown, f"at most {most}", "pictures")
    require(channels in _CHANNELS, channels, "1 or 3 channels", "pictures")


def _check_plane(plane: BoundaryView) -> None:
    check_texts({f"class_names[{i}]": name for i, name in enumerate(plane.class_names)})
    check_extent(plane.extent)
    check_classes("original", plane.original, None, None)
    check_classes("hybrid", plane.hybrid, *plane.original.shape)


def _check_moved(view: MovedView) -> None:
    count = view.samples.size
    check_numbers("samples", view.samples, "i", count)
    check_indices("samples", view.samples, _LARGEST)
    for name in ("changes", "original", "hybrid", "targets"):
        if (numbers := getattr(view, name)) is not None:
            check_numbers(name, numbers, "f", count)


MEANING = StoredKind((ChangedView, MovedView), checked)
