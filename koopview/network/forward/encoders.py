"""PyTorch's encoders of transformers, as the layers that they call one after the other."""

import torch
from torch import nn

from koopview.network.forward.wholes import is_hooked


class TransformerEncoder(nn.TransformerEncoder):
    """An encoder at rest whose layers can be told apart: PyTorch's looks at its numbers first, to save work."""

    def forward(
        self,
        src: torch.Tensor,
        mask: torch.Tensor | None = None,
        src_key_padding_mask: torch.Tensor | None = None,
        is_causal: bool | None = None,
    ) -> torch.Tensor:
        """Return the outputs of the last layer, and of the norm after it."""
        if src_key_padding_mask is not None:
            return super().forward(src, mask, src_key_padding_mask, is_causal)
        for layer in self.layers:
            src = layer(src) if mask is None else layer(src, src_mask=mask)
        return src if self.norm is None else self.norm(src)


def open_encoders(module: nn.Module) -> None:
    """Let the encoders inside a module, in place, call their layers one by one."""
    for part in module.modules():
        if type(part) is nn.TransformerEncoder and not is_hooked(part):
            part.__class__ = TransformerEncoder
