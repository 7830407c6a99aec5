"""Blocks of a network, or time steps, replaced by one operator, for one start and number of them, or for all."""

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
from koopview.hybrid.depth_paths import longest_path, path_from, path_near, path_of
from koopview.hybrid.passage import DepthPath, Passage
from koopview.hybrid.rows import DEPTH_CONTROLS, DEPTH_ROWS
from koopview.hybrid.scoring import Scored, gain
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.streams import SHAPE_SAMPLES
from koopview.memory import check_memory
from koopview.network.network import Function
from koopview.progress import Progress, part, silent
from koopview.study.comparison import Difference
from koopview.study.depth_result import DepthResult, DepthSettings, depth_grid
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
    """The cells of one path's table; what cells share is computed once.

    `settings` say what a state is, and which samples are fitted to; their start and blocks do not count.
    """

    def __init__(self, setup: Setup, path: DepthPath, settings: DepthSettings, progress: Progress = silent) -> None:
        self.setup, self.path, self._settings = setup, path, settings
        self._test = setup.tensor(setup.dataset.x_test)
        chosen = fitting_samples(setup.dataset, settings.samples, settings.draw)
        self._count = len(chosen)
        length, entries = len(path.names), prod(path.shape)
        beside = path.passage(self._test[:SHAPE_SAMPLES], range(1)).inputs
        numbers = (length + 1) * entries + sum(one.shape[1] for one in beside.values())
        unit = "time steps" if path.layer else "blocks"
        what = f"the states of {self._count:,} samples along {length} {unit} of {entries:,} entries"
        check_memory(4 * HELD_TIMES * self._count * numbers, what, "fewer samples")
        seen = self._seen(setup.tensor(setup.dataset.x_train[chosen]), range(length + 1), progress)
        self._maps = path.maps(seen, settings.states, settings.seed)

    def cell(self, start: int, blocks: int, progress: Progress = silent) -> DepthResult:
        """Return the DepthResult of `blocks` blocks from the one of index `start` on."""
        began, setup = time.perf_counter(), self.setup
        name = self.path.names[start]
        progress(0.0, f"{blocks} from {name}")
        operator, functions = self._maps.fitted(start, blocks, part(progress, 0.0, 0.6))
        if not self._maps.states.lossless:
            functions["projected"] = lambda states: states  # it is given the true state after the blocks
        measured, cosines, centred = self._measured(functions, start, start + blocks, part(progress, 0.6, 0.9))
        rows = {"original": setup.scoring.of_original, **measured}
        given = self._settings
        return DepthResult(
            model=setup.network.name,
            data=setup.dataset.name,
            settings=DepthSettings(name, blocks, given.states, given.samples, given.draw, given.seed, given.inputs),
            stream=self.path.names,
            layer=self.path.layer,
            driven=self.path.driven,
            start=start,
            shape=self.path.shape,
            states=self._maps.states.name,
            rank=operator.rank,
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

    def _seen(self, x: torch.Tensor, positions: range, progress: Progress) -> Passage:
        """Return the Passage of inputs x, batch by batch, with the states at some positions."""
        found: list[Passage] = []
        for batch in x.split(self._batch()):
            progress(len(found) * len(batch) / len(x), "states")
            found.append(self.path.passage(batch, positions))
        states = {k: torch.cat([one.states[k] for one in found]) for k in positions}
        return Passage(states, {k: torch.cat([one.inputs[k] for one in found]) for k in found[0].inputs})

    def _batch(self) -> int:
        return max(1, min(BATCH, self.setup.network.most_samples, NUMBERS_AT_ONCE // prod(self.path.shape)))

    def _measured(
        self, functions: Mapping[str, Function], start: int, end: int, progress: Progress
    ) -> tuple[dict[str, Scored], Cosines, Cosines]:
        """Return the Scored measures of replacements on the test samples, and the cosines of their states."""
        outputs: dict[str, list[torch.Tensor]] = {name: [] for name in functions}
        cosines: Cosines = {name: [] for name in functions}
        centred: Cosines = {name: [] for name in functions if name != "mean"}
        mean, entries = self._maps.means[end], prod(self.path.shape)
        with torch.inference_mode():
            for i, batch in enumerate(self._test.split(self._batch())):
                progress(i * self._batch() / len(self._test), "evaluation")
                true = self.path.passage(batch, self.path.needed(start, end))
                given, wanted = true.given(start, end), true.states[end].double()
                for name, run in functions.items():
                    found = self._maps.projected(true.after(start, end)) if name == "projected" else run(given)
                    outputs[name].append(self.path.outputs(batch, start, end, found))
                    last = found[:, -entries:].double()
                    cosines[name].append(cosine_similarity(last, wanted))
                    if name in centred:
                        centred[name].append(cosine_similarity(last - mean, wanted - mean))
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
        found = self.path.passage(x, (k, k + 1))
        return found.given(k, k + 1), found.after(k, k + 1)


def depth(
    setup: Setup, start: str, blocks: int, *, layer: str | None = None, progress: Progress = silent, **settings: Any
) -> DepthResult:
    """Replace `blocks` blocks of a residual stream, from the one called `start` on, by one operator applied as often.

    So the time steps of a recurrent layer. Beside it stand its controls: one affine map, one a block, the blocks left
    out (the state kept), the mean of what they give.

    Parameters
    ----------
    start : str
        Name of the first block that is replaced, or of the first layer of it; number of a time step, from "1" on.
    blocks : int
    layer : str, optional
        A layer of the stream, or the recurrent one.
    progress : callback
    **settings
        Those of :class:`DepthSettings`: states, samples (by default 1,000, or what there is), draw, seed, inputs.

    Raises
    ------
    InputError
        If the network has no such blocks, or a setting does not exist.
    Cancelled
        By `progress`.
    """
    found = depth_settings(setup, start, blocks, settings)
    path, index = path_from(setup.network, _few(setup), start, found.blocks, layer, found.inputs)
    return Depth(setup, path, found, part(progress, 0.0, 0.2)).cell(index, found.blocks, part(progress, 0.2, 1.0))


def depth_table(
    setup: Setup,
    start: str | None = None,
    blocks: int | None = None,
    *,
    layer: str | None = None,
    near: str | None = None,
    known: Collection[DepthResult] = (),
    progress: Progress = silent,
    **settings: Any,
) -> Iterator[DepthResult]:
    """Yield the cells over (start, number of blocks) of the longest stream, as they are computed; see :func:`depth`.

    One block first, from the first to the last; then two, and so on up to the whole stream. With `start` only the cells
    that begin there, in the stream that it belongs to; with `blocks` only those of that many. With `layer` the table is
    that of the stream which this layer belongs to, or of its time steps; that of `near` if it does to one. The cells of
    the same table that are `known` already are left out.
    """
    found = depth_settings(setup, start or "", 1 if blocks is None else blocks, settings)
    path = _path(setup, start, found, layer, near)
    table = Depth(setup, path, found, part(progress, 0.0, 0.05))
    first = None if start is None else path.index(start)
    wanted = (path.layer, path.names, path.driven)
    there = {(one.start, one.settings.blocks) for one in known if one.path == wanted}
    cells = [one for one in _cells(path, first, blocks) if one not in there]
    for i, cell in enumerate(cells):
        ends = [0.05 + 0.95 * (i + one) / len(cells) for one in (0, 1)]
        yield table.cell(*cell, part(progress, *ends))
    progress(1.0, "done")


def _cells(path: DepthPath, start: int | None, blocks: int | None) -> list[tuple[int, int]]:
    """Return (start, blocks) of the cells of a path's table, or those of one start or number alone."""
    length = len(path.names)
    starts, numbers = depth_grid(length, path.layer)
    some = starts if start is None else [start]
    return [(one, p) for p in (numbers if blocks is None else [blocks]) for one in some if one + p <= length]


def depth_settings(setup: Setup, start: str, blocks: int, given: Mapping[str, Any]) -> DepthSettings:
    """Return the DepthSettings of the given ones, with the usual number of samples; raises InputError for others."""
    known = [field.name for field in fields(DepthSettings) if field.name not in ("start", "blocks")]
    for name in given:
        if name not in known:
            raise InputError(f"{name!r} is no setting of depth, expected one of {', '.join(known)}")
    return DepthSettings(start, blocks, **{"samples": min(DEFAULT_SAMPLES, len(setup.dataset.x_train)), **given})


def _path(setup: Setup, start: str | None, found: DepthSettings, layer: str | None, near: str | None) -> DepthPath:
    """Return the path of a start, of a layer, or the longest; raises InputError if it has fewer blocks."""
    network, few = setup.network, _few(setup)
    if start is not None:
        return path_from(network, few, start, found.blocks, layer, found.inputs)[0]
    if layer is not None:
        path = path_of(network, few, layer, found.inputs)
    elif near is not None:
        path = path_near(network, few, near, found.inputs)
    else:
        path = longest_path(network, few, found.inputs)
    if found.blocks > len(path.names):
        names = ", ".join(path.names)
        raise InputError(
            f"blocks is {found.blocks}, expected 1 to {len(path.names)}: the stream is {names}", "--blocks"
        )
    return path


def _few(setup: Setup) -> torch.Tensor:
    return setup.tensor(setup.dataset.x_test[:SHAPE_SAMPLES])


def _mean(parts: list[torch.Tensor] | None) -> float | None:
    return None if parts is None else float(torch.cat(parts).mean())


def _lead(control: str, rows: Mapping[str, Scored]) -> Difference | None:
    found = gain(rows["koopman"], rows[control])
    return None if found is None else Difference(control, *found)
