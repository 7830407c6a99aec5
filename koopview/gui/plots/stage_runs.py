"""Stages of a deep network that repeat, as runs that a picture draws as one; no Qt here."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from koopview.gui.text import count, counted
from koopview.gui.widgets.layer_words import kind_of, shapes_text
from koopview.gui.widgets.stage_tree import MANY, shared_start
from koopview.network.info import LayerInfo

_LONGEST = 16
"""Most stages of a pattern that repeats: those of one block."""


@dataclass(frozen=True)
class Run:
    """The stages from `start` up to, not with, `stop`: one alone, or a pattern of `period` stages again and again."""

    start: int
    stop: int
    period: int = 1

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def times(self) -> str:
        """How often the pattern repeats, "× 12", or if the last is not whole the number of stages, "38"."""
        whole, rest = divmod(len(self), self.period)
        return count(len(self)) if rest else f"× {count(whole)}"


def runs_of(layers: Sequence[LayerInfo], shown: int) -> list[Run]:
    """Return the Runs of `layers` in order; the one `shown` (an index) is alone, and of few layers each is.

    The layers of a run, or of every `period` of it, have equal kinds and shapes; in a pattern also names that differ in
    numbers alone, so that it begins where a block begins.
    """
    if len(layers) <= MANY:
        return [Run(index, index + 1) for index in range(len(layers))]
    looks = [(layer.kind, layer.activation, layer.inputs, layer.outputs, layer.in_shape) for layer in layers]
    named = [(*look, re.sub(r"\d+", "0", layer.name)) for look, layer in zip(looks, layers, strict=True)]
    own = [Run(shown, shown + 1)] if 0 <= shown < len(layers) else []
    return [*_runs(looks, named, 0, max(shown, 0)), *own, *_runs(looks, named, shown + 1, len(layers))]


def _runs(looks: Sequence[Hashable], named: Sequence[Hashable], start: int, stop: int) -> Iterator[Run]:
    while start < stop:
        runs = [Run(start, _end(looks, start, stop, 1))]
        runs += [Run(start, _end(named, start, stop, period), period) for period in range(2, _LONGEST + 1)]
        twice = [run for run in runs if len(run) >= 2 * run.period]
        run = max(twice, key=len, default=Run(start, start + 1))  # of equally long ones the shortest pattern
        yield run
        start = run.stop


def _end(looks: Sequence[Hashable], start: int, stop: int, period: int) -> int:
    """Return the index up to which what begins at `start` repeats itself after `period` stages."""
    end = min(start + period, stop)
    while end < stop and looks[end] == looks[end - period]:
        end += 1
    return end


def run_name(run: Run, layers: Sequence[LayerInfo]) -> str:
    """Return the module path that a run's stages share, or the names of the first and the last of them."""
    names = [layer.name for layer in layers[run.start : run.stop]]
    return shared_start(names).rstrip(".") or f"{names[0]}–{names[-1]}"


def run_tip(run: Run, layers: Sequence[LayerInfo]) -> str:
    """Return what a run is made of: its first and last stage, and kind and shapes of the stages that repeat."""
    first, last = layers[run.start], layers[run.stop - 1]
    each = layers[run.start : run.start + run.period]
    lines = [f"{kind_of(layer)}, {shapes_text(layer)}" for layer in each]
    said = f"<b>{first.name}</b> to <b>{last.name}</b>: {counted(len(run), 'stage')}, again and again"
    return "<br>".join([said, *lines, "A click shows the first of them."])
