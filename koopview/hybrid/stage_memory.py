"""The memory that a fit of a stage of a large network needs beside its decomposition, before any of it is taken."""

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.memory import GIB, check_memory
from koopview.network.network import AT_ONCE, INSIDE, Layer, Network

SINGLE, DOUBLE = 4, 8
"""Bytes of a float32 and of a float64."""

BASE = GIB // 16
"""Bytes that any fit takes: modules that are imported with it, and what the libraries keep for the next call."""

MOST_WEIGHTS = 2**23
"""Weights of the largest affine map from a stage's whole input to its whole output that is fitted as a control."""

WORTH_SAYING = GIB // 4
"""Bytes from which on a fit says how much memory it takes."""


def stage_memory(layer: Layer, fitting: int, others: int) -> int:
    """Return the bytes that a fit of a stage holds beside its decomposition, an int.

    These are the stage's inputs of the `fitting` samples and of `others` (held out and test samples), with its outputs
    of the fitting ones in float64 for choosing components, and again for each control; what goes past it, twice for
    `others`; its weights in float64 and float32; and the tensors of the samples that run at once.
    """
    inputs = SINGLE * ((fitting + others) * (layer.inputs + layer.carried) + others * layer.carried)
    components = DOUBLE * 3 * fitting * (layer.inputs + layer.outputs)
    controls = SINGLE * 2 * fitting * (layer.inputs + layer.outputs)
    maps = (DOUBLE + SINGLE) * min(layer.inputs * layer.outputs, MOST_WEIGHTS)
    weights = (DOUBLE + SINGLE) * sum(one.numel() for one in layer.affine.parameters())
    at_once = min(AT_ONCE, PATHS_BATCH * INSIDE * layer.states)
    return inputs + max(components, controls + maps) + weights + DOUBLE * at_once


def running_memory(network: Network, samples: int) -> int:
    """Return the bytes that running a network on some samples takes, an int: its stages' tensors, in float32."""
    widest = max((layer.states for layer in network.layers if layer.in_shape), default=0)
    return SINGLE * min(samples, network.most_samples) * INSIDE * widest


def check_stage_memory(layer: Layer, fitting: int, others: int) -> str:
    """Return how much memory a fit of a stage takes, in words, "" for little; raises InputError for more than is free.

    Layers of rows of numbers are small beside their decomposition, which has a check of its own.
    """
    if not layer.in_shape:
        return ""
    needed = stage_memory(layer, fitting, others)
    check_memory(
        needed,
        f"a fit of stage {layer.name}, {layer.inputs:,} to {layer.outputs:,} numbers a sample, on {fitting:,} samples "
        f"and {others:,} others,",
        "fewer samples to fit, or data with fewer test samples",
    )
    return f"about {needed / GIB:.1f} GiB of memory" if needed >= WORTH_SAYING else ""
