"""Whether a network and data fit each other, as far as the heads of their files show it."""

from dataclasses import dataclass
from math import prod

from koopview.network.datafiles.head import DataHead
from koopview.network.modelfiles.head import ModelHead


@dataclass(frozen=True)
class Match:
    """Whether a network and data fit each other, None if that is not known before a run, and why, in one sentence."""

    fits: bool | None
    sentence: str


def match(model: ModelHead, data: DataHead) -> Match:
    """Return the Match of a network and data: of the numbers it takes with a sample, of its outputs with classes."""
    parts = [part for part in (_inputs(model, data), _outputs(model, data)) if part is not None]
    wrong = [part for part in parts if part.fits is False]
    told = wrong or parts
    known = bool(parts) and parts[0].fits is True
    return Match(False if wrong else True if known else None, "; ".join(part.sentence for part in told))


def _inputs(model: ModelHead, data: DataHead) -> Match | None:
    """Return the Match of the network's inputs with one sample, None without samples."""
    features, taken = prod(data.shape), model.inputs
    if not data.inputs and not data.shape:
        return None
    held = f"{_times(data.shape)} numbers" if len(data.shape) > 1 else _counted(features, "feature")
    if not taken:
        return Match(None, f"{held} a sample; what the network takes is not known before a run")
    if features == taken:
        return Match(True, f"{held}, as the network takes")
    return Match(False, f"{held}, the network takes {taken:,}{_guess(model, data, features)}")


def _guess(model: ModelHead, data: DataHead, features: int) -> str:
    """Return a question that says what may be wrong with the inputs, empty without a guess."""
    taken = model.inputs
    if features in (taken + 1, taken + 2) and len(data.shape) == 1:
        return ": is one of them the label or an index?"
    if features == 3 * taken or 3 * features == taken:
        return ": are the pictures grey on one side and coloured on the other?"
    if data.samples == taken:
        return ": is the array turned, with the samples in its columns?"
    others = [head.name for head in data.arrays if head.name != data.inputs and prod(head.shape[1:]) == taken]
    return f": are the inputs in {others[0]}?" if others and taken > 1 else ""


def _outputs(model: ModelHead, data: DataHead) -> Match | None:
    """Return the Match of the network's outputs with the labels, None if either is not known."""
    classes, given = len(data.classes), model.outputs
    if not given or not (data.labels or classes):
        return None
    if not classes:
        return _targets(given, data)
    if given == 1:
        fits = classes <= 2
        return Match(fits, f"{_counted(classes, 'class')}, one output{': its sign' if fits else ', which tells two'}")
    if classes > given:
        return Match(False, f"{_counted(classes, 'class')}, but the network has {given:,} outputs")
    seen = "" if classes == given else " in the first samples"
    return Match(True, f"{_counted(classes, 'class')}{seen}, {_counted(given, 'output')}")


def _targets(given: int, data: DataHead) -> Match | None:
    """Return the Match of so many outputs with real targets, None if their number is not known."""
    shapes = {head.name: head.shape for head in data.arrays}
    named = data.labels.split("+")
    if not all(name in shapes for name in named):
        return None
    count = sum(prod(shapes[name][1:]) for name in named)
    held = f"{data.labels} {'holds' if len(named) == 1 else 'hold'} {_counted(count, 'real number')} a sample"
    if count == given:
        return Match(True, f"{held}, {_counted(given, 'output')}")
    return Match(False, f"{held}, but the network has {_counted(given, 'output')}")


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 class", "3 classes"."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
