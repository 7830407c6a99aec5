"""Sums of what tasks leave on the workers, added in a tree: only the whole sum comes back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from koopview.cluster.shared import Parcel
from koopview.cluster.tasks import Task, computed
from koopview.progress import Progress

LIGHT = 0.02
"""The work of adding two sums, as a share of that of a part."""

Add = Callable[[Any, Any], Any]


def summed(
    client: Any, parcels: Sequence[Parcel], parts: Sequence[Task], add: Add, progress: Progress
) -> tuple[Any, tuple[str, ...]]:
    """Return the sum of the results of tasks, and sentences on what was computed twice.

    Neighbours are added first, as in ``add(add(1, 2), add(3, 4))``: which ones depends on the number of parts alone, so
    that the sum is the same to the last digit whatever the workers are. `add` is of a module that the workers have. See
    :func:`koopview.cluster.tasks.computed` for the rest.
    """
    found: list[Any] = []
    notes = computed(client, parcels, tree(parts, add), lambda index, result: found.append(result), progress)
    return found[0], notes


def tree(parts: Sequence[Task], add: Add) -> list[Task]:
    """Return the tasks of the parts, and those that add two each right behind what they add: few sums are held at once.

    The last one alone is wanted.
    """
    tasks: list[Task] = []
    _append(tasks, parts, add)
    return [*(replace(task, wanted=False) for task in tasks[:-1]), replace(tasks[-1], wanted=True)]


def _append(tasks: list[Task], parts: Sequence[Task], add: Add) -> int:
    """Append the tasks that make and add some parts, and return the index of the one with their sum."""
    if len(parts) == 1:
        tasks.append(parts[0])
    else:
        half = 1 << (len(parts) - 1).bit_length() - 1  # the largest power of two below their number
        pair = _append(tasks, parts[:half], add), _append(tasks, parts[half:], add)
        weight = LIGHT * max(part.weight for part in parts)
        tasks.append(Task("adding up", sum_of_two, (add,), after=pair, weight=weight, shares=False))
    return len(tasks) - 1


def sum_of_two(one: Any, other: Any, add: Add, *, progress: Progress) -> Any:
    """Return the sum of two results, on a worker."""
    return add(one, other)
