"""The memory that a fit will need, so that a fit too large for it is refused before it begins."""

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.koopman.arrays import NUMPY
from koopview.koopman.decomposition import chosen_way
from koopview.koopman.hankel import is_kept
from koopview.koopman.krylov import krylov_columns
from koopview.koopman.trajectories import CHUNK, Chunks, Snapshots
from koopview.memory import NUMBER, check_memory


def check_working_memory(
    samples: int, steps: int, delays: int, states: int, rank: int | None, observables: str = "delay"
) -> None:
    """Raise InputError, with the settings that could be smaller, if a fit of this size needs more than is free."""
    kind = "states" if observables == "delay" else f"{observables} observables"
    what = f"a fit of {samples:,} samples, {steps:,} steps and {delays:,} delays of {states:,} {kind}"
    fewer = "fewer samples, steps or delays" if rank is not None else "fewer delays, or a rank instead of auto"
    needed = working_memory(samples, steps, delays, states, rank)
    if observables != "delay":
        needed += 2 * trajectory_memory(samples, steps, states)  # the observables, and the array that joins them
        fewer = "fewer samples or steps, or other observables"
    check_memory(needed, what, fewer)


def check_regression_memory(samples: int, features: int, outputs: int) -> None:
    """Raise InputError if an affine map of that many features needs more memory than is free.

    With fewer features than samples it holds their Gram matrix three times (as it is, centred, factorised), with more
    the samples' features and three Gram matrices of the samples.
    """
    smaller = min(samples, features)
    held = 3 * smaller**2 + (0 if features <= samples else samples * features) + features * outputs
    check_memory(
        NUMBER * held,
        f"an affine map of {features:,} features, fitted to {samples:,} samples,",
        "fewer samples or delays",
    )


def working_memory(samples: int, steps: int, delays: int, states: int, rank: int | None) -> int:
    """Return the bytes that a fit needs at its peak, an int; measurements agree within a factor of two.

    Computing trajectories takes 3 times their size; a Gram matrix with all eigenvectors 5 times its own; an exact
    decomposition of fewer snapshots than features 5 times the snapshots, one by their Gram matrix 3 times. Block Krylov
    takes its basis twice, its results four times and two transformed chunks, or those that are kept. `rank` is the rank
    to decompose for.
    """
    chunks = Chunks((samples, steps + 1, states), lambda start, stop: None)
    in_chunks = samples * (steps + 1) * states > CHUNK
    data = Snapshots(chunks, delays, arrays=NUMPY, single=False, made=in_chunks, columns=rank or 1)
    trajectories = trajectory_memory(samples, steps, states)
    decomposition = NUMBER * _numbers(data, chosen_way(data, rank), rank or 1)
    return max(3 * trajectories, trajectories + decomposition)


def _numbers(data: Snapshots, way: str, rank: int) -> int:
    """Return how many numbers a method of decomposition holds besides the trajectories, an int."""
    gram = (data.features + data.states) ** 2
    in_chunk = min(data.numbers, CHUNK)
    krylov = data.features * (2 * krylov_columns(rank) + 4 * rank)
    return {
        "gram of snapshots": 3 * data.features * data.count,
        "exact": 5 * data.features * min(data.features, data.count),
        "gram": 5 * gram,
        "gram, leading": gram + krylov,
        "randomized": (data.numbers if is_kept(data) else in_chunk) + in_chunk + krylov,
    }[way]


def trajectory_memory(samples: int, steps: int, states: int) -> int:
    """Return the bytes of the trajectories that are fitted to at once, or evaluated at once."""
    of_sample = (steps + 1) * states
    return NUMBER * max(min(samples * of_sample, CHUNK), PATHS_BATCH * of_sample)
