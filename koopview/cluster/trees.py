"""Sums of what tasks leave on the workers, added in a tree: only the whole sum comes back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from koopview.cluster.tasks import Task, computed
from koopview.progress import Progress

LIGHT = 0.02
"""The work of adding two sums, as a share of that of a part."""


def summed(
    client: Any, shared: Sequence[bytes], parts: Sequence[Task], add: Callable[[Any, Any], Any], progress: Progress
) -> tuple[Any, tuple[str, ...]]:
    """Return the sum of the results of tasks, and sentences on what was computed twice.

    Neighbours are added first, as in ``add(add(1, 2), add(3, 4))``: which ones depends on the number of parts alone, so
    that the sum is the same to the last digit whatever the workers are. `add` is of a module that the workers have. See
    :func:`koopview.cluster.tasks.computed` for the rest.
    """
    found: list[Any] = []
    tasks = tree(parts, add)
    notes = computed(client, shared, tasks, lambda index, result: found.append(result), progress)
    return found[0], notes


def tree(parts: Sequence[Task], add: Callable[[Any, Any], Any]) -> list[Task]:
    """Return the tasks of the parts, followed by those that add two each; the last one alone is wanted."""
    tasks = [replace(part, wanted=False) for part in parts]
    level, weight = list(range(len(tasks))), LIGHT * max(part.weight for part in parts)
    while len(level) > 1:
        pairs = [tuple(level[i : i + 2]) for i in range(0, len(level), 2)]
        level = [pair[0] if len(pair) == 1 else _added(tasks, pair, add, weight) for pair in pairs]
    return [*tasks[:-1], replace(tasks[-1], wanted=True)]


def _added(tasks: list[Task], pair: tuple[int, ...], add: Callable[[Any, Any], Any], weight: float) -> int:
    """Append the task that adds the results of two others, and return its index."""
    tasks.append(Task("adding up", sum_of_two, (add,), after=pair, weight=weight, wanted=False, shares=False))
    return len(tasks) - 1


def sum_of_two(one: Any, other: Any, add: Callable[[Any, Any], Any], *, progress: Progress) -> Any:
    """Return the sum of two results, on a worker."""
    return add(one, other)
