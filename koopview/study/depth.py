"""Blocks of a study's network replaced by one operator, for one start and number of blocks, or for all (METHOD 7)."""

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from functools import partial
from math import prod
from typing import Any

import torch
from torch.nn.functional import cosine_similarity

from koopview.errors import InputError
from koopview.hybrid.accuracy import BATCH
from koopview.hybrid.depth import DepthMaps
from koopview.hybrid.linearity import Linearity
from koopview.hybrid.rows import DEPTH_CONTROLS, DEPTH_ROWS
from koopview.hybrid.scoring import Scored, gain
from koopview.hybrid.streams import SHAPE_SAMPLES, Stream, longest_stream, run_after, states_at, stream_from, stream_of
from koopview.memory import check_memory
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.comparison import Difference
from koopview.study.depth_result import DepthResult, DepthSettings
from koopview.study.evaluation import intervals, scores, versions
from koopview.study.samples import fitting_samples
from koopview.study.settings import DEFAULT_SAMPLES
from koopview.study.setup import Setup

NUMBERS_AT_ONCE = 1 << 24
"""Numbers of one state of test samples that are held at once."""

HELD_TIMES = 3
"""Copies of the fitting samples' states that are held at once at most: read, joined, and written as rows."""

Cosines = dict[str, list[torch.Tensor]]
"""Cosines (samples of a batch,) by row."""


class Depth:
    """The cells of one stream's table; what cells share is computed once.

    `settings` say what a state is, and which samples are fitted to; their start and blocks do not count.
    """

    def __init__(self, setup: Setup, stream: Stream, settings: DepthSettings, progress: Progress = silent) -> None:
        self.setup, self.stream, self._settings = setup, stream, settings
        self._test = setup.tensor(setup.dataset.x_test)
        chosen = fitting_samples(setup.dataset, settings.samples, settings.draw)
        self._count = len(chosen)
        length, entries = len(stream.blocks), prod(stream.shape)
        what = f"the states of {self._count:,} samples along {length} blocks of {entries:,} entries"
        check_memory(4 * HELD_TIMES * self._count * (length + 1) * entries, what, "fewer samples")
        found = self._seen(setup.tensor(setup.dataset.x_train[chosen]), range(length + 1), progress)
        self._maps = DepthMaps([found[k] for k in range(length + 1)], stream.shape, settings.states, settings.seed)

    def cell(self, start: int, blocks: int, progress: Progress = silent) -> DepthResult:
        """Return the DepthResult of `blocks` blocks from the one of index `start` on."""
        began, setup = time.perf_counter(), self.setup
        name = self.stream.blocks[start].name
        progress(0.0, f"{blocks} from {name}")
        operator = self._maps.operator(start, blocks, part(progress, 0.0, 0.3))
        functions = self._maps.replacements(operator, start, part(progress, 0.3, 0.6))
        if not self._maps.states.lossless:
            functions["projected"] = lambda states: states  # it is given the true state after the blocks
        measured, cosines, centred = self._measured(functions, start, start + blocks, part(progress, 0.6, 0.9))
        rows = {"original": setup.scoring.of_original, **measured}
        given = self._settings
        return DepthResult(
            model=setup.network.name,
            data=setup.dataset.name,
            settings=DepthSettings(name, blocks, given.states, given.samples, given.draw, given.seed),
            stream=self.names,
            start=start,
            shape=self.stream.shape,
            states=self._maps.states.name,
            rank=operator.dmd.rank,
            ridge=operator.ridge,
            fit_samples=self._count,
            test_samples=len(self._test),
            task=setup.task,
            **scores(rows, setup.task, DEPTH_ROWS),
            intervals=intervals(rows, setup.task, DEPTH_ROWS),
            cosines={one: _mean(cosines.get(one)) for one in DEPTH_ROWS[1:]},
            centred_cosines={one: _mean(centred.get(one)) for one in DEPTH_ROWS[1:]},
            above={one: _lead(one, rows) for one in DEPTH_CONTROLS},
            eigenvalues=operator.eigenvalues,
            linearity=self._linearity(start, start + blocks, part(progress, 0.9, 1.0)),
            seconds=time.perf_counter() - began,
            versions=versions(),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The blocks of the stream, by name."""
        return tuple(one.name for one in self.stream.blocks)

    def cells(self) -> list[tuple[int, int]]:
        """Return (start, blocks) of all cells: from the shortest replacement on, from first to last block."""
        length = len(self.stream.blocks)
        return [(start, blocks) for blocks in range(1, length + 1) for start in range(length - blocks + 1)]

    def _seen(self, x: torch.Tensor, positions: range, progress: Progress) -> dict[int, torch.Tensor]:
        """Return the flattened states of inputs x at some positions."""
        found: dict[int, list[torch.Tensor]] = {k: [] for k in positions}
        for batch in x.split(self._batch()):
            progress(len(found[positions[0]]) * len(batch) / len(x), "states")
            for k, states in states_at(self.setup.network, self.stream, batch, positions).items():
                found[k].append(states)
        return {k: torch.cat(parts) for k, parts in found.items()}

    def _batch(self) -> int:
        return max(1, min(BATCH, NUMBERS_AT_ONCE // prod(self.stream.shape)))

    def _measured(
        self, functions: Mapping[str, Function], start: int, end: int, progress: Progress
    ) -> tuple[dict[str, Scored], Cosines, Cosines]:
        """Return the Scored measures of replacements on the test samples, and the cosines of their states."""
        outputs: dict[str, list[torch.Tensor]] = {name: [] for name in functions}
        cosines: Cosines = {name: [] for name in functions}
        centred: Cosines = {name: [] for name in functions if name != "mean"}
        mean = self._maps.means[end]
        with torch.inference_mode():
            for i, batch in enumerate(self._test.split(self._batch())):
                progress(i * self._batch() / len(self._test), "evaluation")
                true = states_at(self.setup.network, self.stream, batch, (start, end))
                for name, run in functions.items():
                    found = self._maps.projected(true[end]) if name == "projected" else run(true[start])
                    outputs[name].append(run_after(self.setup.network, self.stream, end, found))
                    cosines[name].append(cosine_similarity(found.double(), true[end].double()))
                    if name in centred:
                        centred[name].append(cosine_similarity(found.double() - mean, true[end].double() - mean))
        scored = {name: self.setup.scoring.scored(torch.cat(parts)) for name, parts in outputs.items()}
        return scored, cosines, centred

    def _linearity(self, start: int, end: int, progress: Progress) -> tuple[Linearity, ...]:
        """Return the Linearity of each block from `start` up to `end`, on as many test samples as run at once."""
        found, few = [], self._test[: self._batch()]
        for k in range(start, end):
            within = part(progress, (k - start) / (end - start), (k - start + 1) / (end - start))
            found.append(self._maps.linearity(k, partial(self._pair, few, k), within))
        return tuple(found)

    def _pair(self, x: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
        found = states_at(self.setup.network, self.stream, x, (k, k + 1))
        return found[k], found[k + 1]


def depth(setup: Setup, start: str, blocks: int, *, progress: Progress = silent, **settings: Any) -> DepthResult:
    """Replace `blocks` blocks of a residual stream, from the one called `start` on, by one operator applied as often.

    Beside it stand its controls: one affine map, one a block, the blocks left out, the mean of what they give.

    Parameters
    ----------
    start : str
        Name of the first block that is replaced, or of the first layer of it.
    blocks : int
    progress : callback
    **settings
        Those of :class:`DepthSettings`: states, samples (by default 1,000, or what there is), draw, seed.

    Raises
    ------
    InputError
        If the network has no such blocks, or a setting does not exist.
    Cancelled
        By `progress`.
    """
    found = depth_settings(setup, start, blocks, settings)
    stream, index = stream_from(setup.network, _few(setup), start, found.blocks)
    return Depth(setup, stream, found, part(progress, 0.0, 0.2)).cell(index, found.blocks, part(progress, 0.2, 1.0))


def depth_table(
    setup: Setup,
    start: str | None = None,
    blocks: int | None = None,
    *,
    layer: str | None = None,
    known: Collection[DepthResult] = (),
    progress: Progress = silent,
    **settings: Any,
) -> Iterator[DepthResult]:
    """Yield the cells over (start, number of blocks) of the longest stream, as they are computed; see :func:`depth`.

    One block first, from the first to the last; then two, and so on up to the whole stream. With `start` only the cells
    that begin there, in the stream that it belongs to; with `blocks` only those of that many. With `layer` the table is
    that of the stream which this layer belongs to, if it does to one. The cells of the same table that are `known`
    already are left out.
    """
    found = depth_settings(setup, start or "", 1 if blocks is None else blocks, settings)
    stream = _stream(setup, start, found.blocks, layer)
    table = Depth(setup, stream, found, part(progress, 0.0, 0.05))
    first = None if start is None else stream.index(start)
    there = {(one.start, one.settings.blocks) for one in known if one.stream == table.names}
    cells = [one for one in table.cells() if first in (None, one[0]) and blocks in (None, one[1]) and one not in there]
    for i, cell in enumerate(cells):
        ends = [0.05 + 0.95 * (i + one) / len(cells) for one in (0, 1)]
        yield table.cell(*cell, part(progress, *ends))
    progress(1.0, "done")


def depth_settings(setup: Setup, start: str, blocks: int, given: Mapping[str, Any]) -> DepthSettings:
    """Return the DepthSettings of the given ones, with the usual number of samples; raises InputError for others."""
    known = [field.name for field in fields(DepthSettings) if field.name not in ("start", "blocks")]
    for name in given:
        if name not in known:
            raise InputError(f"{name!r} is no setting of depth, expected one of {', '.join(known)}")
    return DepthSettings(start, blocks, **{"samples": min(DEFAULT_SAMPLES, len(setup.dataset.x_train)), **given})


def _stream(setup: Setup, start: str | None, blocks: int, layer: str | None) -> Stream:
    """Return the stream of a start, of a layer, or the longest; raises InputError if it has fewer blocks."""
    network, few = setup.network, _few(setup)
    if start is not None:
        return stream_from(network, few, start, blocks)[0]
    stream = longest_stream(network, few) if layer is None else stream_of(network, few, layer)
    if blocks > len(stream.blocks):
        names = ", ".join(one.name for one in stream.blocks)
        raise InputError(f"blocks is {blocks}, expected 1 to {len(stream.blocks)}: the stream is {names}", "--blocks")
    return stream


def _few(setup: Setup) -> torch.Tensor:
    return setup.tensor(setup.dataset.x_test[:SHAPE_SAMPLES])


def _mean(parts: list[torch.Tensor] | None) -> float | None:
    return None if parts is None else float(torch.cat(parts).mean())


def _lead(control: str, rows: Mapping[str, Scored]) -> Difference | None:
    found = gain(rows["koopman"], rows[control])
    return None if found is None else Difference(control, *found)
