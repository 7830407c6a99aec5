"""The code that a network is made of: what another process needs to open it."""

from torch import nn

from koopview.network.network import Network


def classes_of(network: Network) -> set[str]:
    """Return the names of the modules of Python whose classes a network is made of."""
    parts: list[nn.Module] = [one for layer in network.layers for one in layer.modules]
    whole = [*parts, *([network.module] if network.module is not None else [])]
    return {type(one).__module__ for part in whole for one in part.modules()}
