"""The operator of a layer from streamed samples: in one pass of sums, or exactly in a few passes (METHOD section 4)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch

from koopview.errors import InputError
from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.streamed_paths import Coordinates, LayerPaths
from koopview.koopman import Chunks, Dmd, Moments, fit_dmd, fit_moments, moments_of
from koopview.koopman.arrays import Array
from koopview.koopman.centred import CentredPass
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.few import spaced
from koopview.koopman.hankel import Tick
from koopview.koopman.krylov import Multiply
from koopview.koopman.moments import moments_bytes
from koopview.koopman.moments_bases import principal_directions, principal_steps
from koopview.koopman.moments_fit import SUMS, DigitsShort
from koopview.koopman.near import fit_near, single_is_enough
from koopview.koopman.spectrum import Wanted
from koopview.koopman.trajectories import snapshots
from koopview.memory import give_back
from koopview.progress import Progress, part

FEW, FEW_OF_PREVIEW = 4096, 16384
"""Samples from whose paths bases are drawn, at most, for a start and for a preview, whose eigenvalues depend on them:
off by 0.0011 and 0.0007 on MNIST's first layer."""

LEFT_OUT, OF_STEPS = 0.005, 0.2
"""Energy that windows leave out, as a share of that of the direction of states whose number is the rank; the share of
this that combinations of steps leave out."""

MANY_TIMES = 8
"""Times the samples of a first look from which on sums of all are dear, and those of the look say first if they do."""

START = 256
"""Components of the sums that exact passes begin with."""

SMALL_SUMS = 1 << 27
"""Most bytes of sums of whole states: then one pass does."""


@dataclass(frozen=True, eq=False)
class StreamedOperator:
    """An operator, whether no other decomposition could find a larger rank, and in how many components it was summed.

    `components` is 0 where nothing was left out.
    """

    dmd: Dmd
    whole: bool
    components: int = 0


@dataclass(frozen=True, eq=False)
class MomentsTotal:
    """Moments of paths as a Total."""

    moments: Moments
    paths: LayerPaths

    @property
    def anew(self) -> Callable[[LayerPaths], "MomentsTotal"]:
        """Makes one of other paths in the same coordinates."""
        held = self.moments
        return partial(moments_total, Coordinates(held.components, held.modes, held.single))  # type: ignore[arg-type]

    @property
    def sums(self) -> dict[str, torch.Tensor]:
        """The arrays of the Moments."""
        held = self.moments
        return {"sums": held.sums, "products": held.products, "energies": held.energies}  # type: ignore[dict-item]

    def add(self, start: int, stop: int) -> None:
        """Add the paths of some samples."""
        self.moments.add(self.paths.paths(start, stop))


@dataclass(frozen=True, eq=False)
class PassTotal:
    """A float32 pass over paths as a Total."""

    centred: CentredPass
    paths: LayerPaths

    @property
    def anew(self) -> Callable[[LayerPaths], "PassTotal"]:
        """Makes one of other paths with the same block."""
        return partial(pass_total, self.centred.delays, self.centred.block)

    @property
    def sums(self) -> dict[str, torch.Tensor]:
        """The sum over chunks."""
        return {"total": self.centred.total}

    def add(self, start: int, stop: int) -> None:
        """Add the paths of some samples."""
        self.centred.add(self.paths.single_paths(start, stop))


def moments_total(coordinates: Coordinates, paths: LayerPaths) -> MomentsTotal:
    """Return the MomentsTotal of no samples yet; raises MemoryShort."""
    return MomentsTotal(coordinates.nothing(paths), paths)


def pass_total(delays: int, block: Array, paths: LayerPaths) -> PassTotal:
    """Return the PassTotal of no samples yet, for the product with a block (delays * states, columns)."""
    sizes = snapshots(Chunks((paths.count, *paths.path_shape), paths.paths), delays, int(block.shape[1]))
    return PassTotal(CentredPass(sizes, block), paths)


def streamed_operator(
    paths: LayerPaths,
    delays: int,
    rank: int | None,
    limit: int | None,
    components: int | None,
    kept: Checkpoint,
    progress: Progress,
) -> StreamedOperator:
    """Return the StreamedOperator of paths at a rank, or None where that is to be chosen, up to a `limit`.

    With `components`, sums of states in so many principal components are made in one pass: a preview. Without, the
    operator is that of :func:`koopview.koopman.fit_dmd`: from sums of whole states where these are small, by passes
    over the paths otherwise.

    Raises
    ------
    InputError
        If components or rank do not fit.
    MemoryShort, FileError, Cancelled
    """
    states = paths.path_shape[1]
    if components is not None and components < states:
        return _in_components(paths, delays, _number(rank), components, kept, progress)
    if rank is not None and (components is not None or sums_are_small(paths)):
        try:
            return StreamedOperator(_of_sums(paths, delays, rank, Coordinates(), 0.0, kept, progress), False)
        except DigitsShort:
            if components is not None:
                raise
    elif rank is not None and _is_wide(paths, delays, rank):
        by_passes = _by_passes(paths, delays, rank, kept, progress)
        if by_passes is not None:
            return StreamedOperator(by_passes, False)
    found = fit_dmd(paths.chunks(), delays, limit, cutoff=FLOAT32_ROUNDING, progress=progress)
    return StreamedOperator(found, found.optimal_rank is not None or limit is None or found.rank < limit)


def _number(rank: int | None) -> int:
    if rank is None:
        raise InputError("the rank of sums in components is not given, expected a number", "--rank R")
    return rank


def sums_are_small(paths: LayerPaths) -> bool:
    """Return whether one pass of sums of whole states serves for an exact operator."""
    return moments_bytes(*(size - left for size, left in zip(paths.path_shape, (1, 0), strict=True))) <= SMALL_SUMS


def _is_wide(paths: LayerPaths, delays: int, rank: int) -> bool:
    """Return whether sums in few components are a start for passes."""
    return paths.path_shape[1] > START and 2 * rank < min(START * delays, paths.count)


def first_look(paths: LayerPaths, few: int) -> Chunks:
    """Return the paths of few samples, evenly spaced in the stream, as Chunks."""
    x = paths.inputs_at(spaced(paths.count, few))

    def make(start: int, stop: int) -> torch.Tensor:
        with torch.inference_mode():
            return paths.scaled.paths(x[start:stop].double(), paths.scaled.steps)

    return Chunks((len(x), *paths.path_shape), make)


def coordinates_of(paths: LayerPaths, components: int, rank: int, few: int) -> tuple[Coordinates, float]:
    """Return the Coordinates of sums in components for ranks up to `rank`, and the energy that windows may leave out.

    Both are those of the first look at the stream, the same at every call.
    """
    looked = first_look(paths, few)
    values, directions = principal_directions(looked)
    left_out = LEFT_OUT * float(values[min(rank, len(values)) - 1] / values.sum())
    modes = principal_steps(looked, OF_STEPS * left_out)
    basis = torch.as_tensor(directions)[:, :components].contiguous()
    return Coordinates(basis, torch.as_tensor(modes).contiguous()), left_out


def _moments(paths: LayerPaths, coordinates: Coordinates, kept: Checkpoint, progress: Progress) -> Moments:
    """Return the Moments of all paths."""
    moments = coordinates.nothing(paths)
    kept.summed(SUMS, MomentsTotal(moments, paths), paths.count, paths.rows, progress)
    return replace(moments, count=paths.count)


def _of_sums(
    paths: LayerPaths,
    delays: int,
    rank: int,
    coordinates: Coordinates,
    left_out: float,
    kept: Checkpoint,
    progress: Progress,
) -> Dmd:
    """Return the Dmd of sums in coordinates; raises DigitsShort."""
    moments = _moments(paths, coordinates, kept, part(progress, 0.05, 0.95))
    found = fit_moments(moments, delays, rank, cutoff=FLOAT32_ROUNDING, left_out=left_out)
    return replace(found, decomposition=SUMS)


def _in_components(
    paths: LayerPaths, delays: int, rank: int, components: int, kept: Checkpoint, progress: Progress
) -> StreamedOperator:
    if rank > components * delays:
        raise InputError(
            f"rank is {rank} with {components} components and {delays} delays, expected at most {components * delays}",
            "--components K",
        )
    progress(0.0, "principal components")
    found = _of_sums(paths, delays, rank, *coordinates_of(paths, components, rank, FEW_OF_PREVIEW), kept, progress)
    return StreamedOperator(replace(found, decomposition=f"{SUMS} in {components} components"), False, components)


def _by_passes(paths: LayerPaths, delays: int, rank: int, kept: Checkpoint, progress: Progress) -> Dmd | None:
    """Return the Dmd by block Krylov that begins with sums in components; None where float32 has too few digits."""
    start = kept.kept("start")
    if start is None:
        progress(0.0, "principal components")
        coordinates, left_out = coordinates_of(paths, START, rank, FEW)
        if paths.count > MANY_TIMES * FEW:
            few = moments_of(first_look(paths, FEW), components=coordinates.components, modes=coordinates.modes)
            basis, enough = _start(few, delays, rank, left_out)
            if not enough:
                kept.keep("start", {"basis": torch.as_tensor(basis), "enough": torch.tensor(False)})
                return None
        moments = _moments(paths, coordinates, kept, part(progress, 0.05, 0.25))
        basis, enough = _start(moments, delays, rank, left_out)
        start = {"basis": torch.as_tensor(basis), "enough": torch.tensor(enough)}
        kept.keep("start", start, instead_of=SUMS)
    if not bool(start["enough"]):
        return None
    wanted = Wanted((delays * paths.path_shape[1], paths.count * (paths.scaled.steps - delays + 1)), rank)
    wanted = replace(wanted, cutoff=FLOAT32_ROUNDING)
    return fit_near(start["basis"], _passes(paths, delays, kept, progress), wanted, delays, lambda share: None)


def _start(moments: Moments, delays: int, rank: int, left_out: float) -> tuple[Array, bool]:
    """Return a basis near that of the operator, and whether passes in float32 have digits enough for the rank."""
    try:
        near = fit_moments(moments, delays, 2 * rank, cutoff=FLOAT32_ROUNDING, left_out=left_out)
    except DigitsShort:
        near = fit_moments(moments, delays, rank, cutoff=FLOAT32_ROUNDING, left_out=left_out)
    return near.basis, single_is_enough(moments, near.singular_values, rank)


def _passes(paths: LayerPaths, delays: int, kept: Checkpoint, progress: Progress) -> Multiply:
    """Return the function of a block that makes a pass over all paths; those that the checkpoint holds are not made."""
    made: list[str] = []

    def multiply(block: Array, tick: Tick) -> Array:
        number = len(made)
        made.append(name := f"pass {number + 1}")
        known = kept.kept(f"product {number + 1}")
        if known is not None:
            return known["product"]
        give_back()  # what an iteration leaves in fragments
        total = pass_total(delays, block, paths)
        within = part(progress, 1 - 0.75 * 0.6**number, 1 - 0.75 * 0.6 ** (number + 1))
        kept.summed(name, total, paths.count, paths.rows, within)
        product = total.centred.product()
        kept.keep(f"product {number + 1}", {"product": torch.as_tensor(product)}, instead_of=name)
        return product

    return multiply
