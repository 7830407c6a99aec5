"""Where arrays live: numpy, torch, and a graphics card where there is one."""

import numpy as np
import pytest
import torch

PLACES = [
    pytest.param(np.asarray, id="numpy"),
    pytest.param(torch.tensor, id="torch"),
    pytest.param(
        lambda data: torch.tensor(data).cuda(),
        id="cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    ),
]
