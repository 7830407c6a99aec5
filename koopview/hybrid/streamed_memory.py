"""The memory of a fit to a stream, whatever the number of its samples: told and checked before it is taken."""

from math import prod

from koopview.hybrid.stage_memory import BASE
from koopview.hybrid.streamed_operator import FEW, FEW_OF_PREVIEW, START, sums_are_small
from koopview.hybrid.streamed_paths import StreamedPaths
from koopview.koopman.krylov import NEAR_BLOCKS
from koopview.koopman.moments import moments_bytes
from koopview.memory import GIB, NUMBER, check_memory

CHUNKS = 5
"""Copies of a chunk of paths that are held at once: blended, checked, in coordinates."""

COPIES = 2
"""Gram matrices of an affine map at once: as it is, and factorised."""


def check_stream_memory(paths: StreamedPaths, delays: int, rank: int, components: int | None, controls: bool) -> str:
    """Return the memory that a fit to a stream takes, in words; raises MemoryShort if it is more than is free."""
    needed = stream_memory(paths, delays, rank, components, controls)
    what = f"a fit of layer {paths.name} to a stream, {delays} delays and rank {rank}"
    check_memory(needed, what, "fewer steps or delays, or sums in fewer components (--components K)")
    return f"{needed / GIB:.2f} GiB of memory"


def stream_memory(paths: StreamedPaths, delays: int, rank: int, components: int | None, controls: bool) -> int:
    """Return the bytes that a fit to a stream takes at its peak, an int; measurements agree within a factor of two."""
    length, states = paths.path_shape
    kept = states if sums_are_small(paths) else START
    kept = min(kept if components is None else components, states)
    few = FEW if components is None else FEW_OF_PREVIEW
    held = NUMBER * CHUNKS * paths.rows * length * states + 4 * few * prod(paths.parts.shape[1:])
    sums = 2 * moments_bytes(length - 1, kept) + NUMBER * states**2
    columns = 0 if components is not None else 2 * rank
    krylov = NUMBER * columns * states * (2 * NEAR_BLOCKS * (delays + 1) + 6 * (length + 1))  # blocks, and a pass
    maps = NUMBER * COPIES * (delays * states // 2) ** 2 if controls else 0  # half of z[0] varies, about
    return BASE + held + max(sums, krylov, maps)
