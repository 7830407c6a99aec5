"""Changed answers in words: of one sample, and of all."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from koopview.gui.text import class_name, count, counted, short, spoken_class
from koopview.study.views import ChangedView, MovedView

WRONG, RIGHT, STAYS = "became wrong", "became right", "stays wrong"
"""What becomes of a changed answer, where labels tell."""

ORDER = (
    "Most surprising first: by how far the original's outputs preferred the old answer to the new one, "
    "plus how far the hybrid's prefer the new one"
)
_COMMONEST = 3

DRAWN = 2000
"""Most samples drawn as points of real outputs, those that the hybrid moves farthest."""

ARROW = " → "
"""Between the answer of the original and that of the hybrid."""


def change_text(view: ChangedView, position: int) -> str:
    """Return the answers of the sample at a `position` of the view, "4 → 9"."""
    return ARROW.join(class_name(view.class_names, int(one[position])) for one in (view.original, view.hybrid))


def verdict(view: ChangedView, position: int) -> str:
    """Return what became of an answer, empty without labels."""
    if view.labels is None:
        return ""
    return WRONG if view.became_wrong[position] else RIGHT if view.became_right[position] else STAYS


def sample_words(view: ChangedView | MovedView, position: int) -> str:
    """Return all that is told of the sample at a `position` of the view: "test sample 18: 4 → 9, label 4, …"."""
    said = f"test sample {count(int(view.samples[position]) + 1)}: "
    if isinstance(view, MovedView):
        outputs = f"{short(float(view.original[position]))} → {short(float(view.hybrid[position]))}"
        target = "" if view.targets is None else f", target {short(float(view.targets[position]))}"
        return said + ("error " if view.errors else "") + outputs + target
    parts = [change_text(view, position)]
    if view.labels is not None:
        parts += [f"label {class_name(view.class_names, int(view.labels[position]))}", verdict(view, position)]
    return said + ", ".join([*parts, f"swing {short(float(view.swings[position]))}"])


def shorter_words(view: ChangedView | MovedView, position: int) -> list[str]:
    """Return the same in ever fewer words, for narrow panels: "#18: 4 → 9, label 4", "#18: 4 → 9"."""
    whole = sample_words(view, position)
    parts = whole.replace("test sample ", "#", 1).split(", ")
    return [whole, *(", ".join(parts[:count]) for count in range(len(parts), 0, -1))]


def spoken_change(view: ChangedView, position: int) -> str:
    """Return the words for a screen reader, which would not read an arrow."""
    old, new = (spoken_class(view.class_names, int(one[position])) for one in (view.original, view.hybrid))
    return sample_words(view, position).replace(change_text(view, position), f"{old} became {new}", 1)


def summary(view: ChangedView | MovedView) -> str:
    """Return the outcome on all samples: "31 of 10,000 changed: 27 became wrong, 4 right"."""
    if isinstance(view, MovedView):
        return moved_summary(view)
    if not len(view.samples):
        return f"No answer changed, of {counted(view.test_samples, 'test sample')}"
    said = f"{count(len(view.samples))} of {count(view.test_samples)} changed"
    if view.labels is None:
        return said
    wrong, right = int(view.became_wrong.sum()), int(view.became_right.sum())
    others = len(view.samples) - wrong - right
    said += f": {count(wrong)} became wrong, {count(right)} right"
    return said + (f", {count(others)} stay{'s' if others == 1 else ''} wrong" if others else "")


def moved_summary(view: MovedView) -> str:
    """Return how many real outputs are farther from their targets or closer to them, or by how much they moved."""
    if view.errors or view.targets is not None:
        before, after = errors_of(view)
        worse, better = int((after > before).sum()), int((after < before).sum())
        return f"{counted(len(view.samples), 'prediction')}: {count(worse)} became worse, {count(better)} better"
    middle = float(np.median(view.changes)) if len(view.changes) else 0.0
    return f"Half of {counted(len(view.samples), 'output')} moved by more than {short(middle)}"


def errors_of(view: MovedView) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors (samples,) of original and hybrid."""
    if view.targets is None:
        return view.original, view.hybrid
    return np.abs(view.original - view.targets), np.abs(view.hybrid - view.targets)


def commonest(view: ChangedView) -> str:
    """Return the commonest changes with their counts, "4 → 9 (12), 7 → 2 (5)", empty where none is commoner."""
    pairs = Counter(zip(view.original.tolist(), view.hybrid.tolist(), strict=True)).most_common(_COMMONEST)
    if not pairs or pairs[0][1] < 2:
        return ""
    named: Callable[[int], str] = lambda index: class_name(view.class_names, index)  # noqa: E731
    return ", ".join(f"{named(old)} → {named(new)} ({count(times)})" for (old, new), times in pairs)


def ring_words(view: ChangedView, rings: int) -> str:
    """Return what rings on a plane mean, and how many there are."""
    most = f"{count(rings)} ringed: " if len(view.samples) > rings else ""
    return most + ("○ changed" if view.labels is None else "○ wrong □ right")


def order_words(view: ChangedView | MovedView, rings: int) -> str:
    """Return how samples are ordered or what rings on a plane mean; of points, how many are drawn, if not all."""
    if isinstance(view, MovedView):
        return f"the {count(DRAWN)} most moved" if len(view.samples) > DRAWN else ""
    return ring_words(view, rings) if view.plane else "most surprising first"


def fewer_ring_words(said: str) -> str:
    """Return words on rings without their number, for narrow panels: "rings: ○ wrong □ right"."""
    number, _, meaning = said.partition(" ringed")
    return f"rings{meaning}" if meaning else number


def rows_of(view: ChangedView | MovedView | None) -> list[tuple[str, ...]]:
    """Return a row for each sample: its number, answers, label and swing, or its outputs, target and change."""
    if view is None:
        return []
    return _moved_rows(view) if isinstance(view, MovedView) else _changed_rows(view)


def _moved_rows(view: MovedView) -> list[tuple[str, ...]]:
    what = "error" if view.errors else "output"
    head = ("test sample", f"original's {what}", f"hybrid's {what}", "target", "change")
    targets = [""] * len(view.samples) if view.targets is None else _figures(view.targets)
    columns = (_numbers(view), _figures(view.original), _figures(view.hybrid), targets, _figures(view.changes))
    return [head, *zip(*columns, strict=True)]


def _changed_rows(view: ChangedView) -> list[tuple[str, ...]]:
    def named(classes: np.ndarray) -> list[str]:
        return [class_name(view.class_names, int(index)) for index in classes]

    head = ("test sample", "original's answer", "hybrid's answer", "label", "outcome", "swing")
    labels = [""] * len(view.samples) if view.labels is None else named(view.labels)
    outcomes = [verdict(view, position) for position in range(len(view.samples))]
    answers = (named(view.original), named(view.hybrid))
    return [head, *zip(_numbers(view), *answers, labels, outcomes, _figures(view.swings), strict=True)]


def _numbers(view: ChangedView | MovedView) -> list[str]:
    return [str(int(index) + 1) for index in view.samples]


def _figures(values: np.ndarray) -> list[str]:
    return [f"{value:.6g}" for value in values]
