"""Networks that ``torch.export.save`` wrote (.pt2), read without running code.

``torch.export.load`` unpickles parts of the file and evaluates expressions of it as Python. Here the graph is rebuilt
from the operators' names, and weights are taken as plain numbers.
"""

import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.errors import FileError, KoopViewError
from koopview.memory import check_memory
from koopview.network.modelfiles.graphs.pt2_head import head_of
from koopview.network.modelfiles.graphs.pt2_program import StoredTensor, broken, program_in
from koopview.network.modelfiles.head import ModelHead
from koopview.network.modelfiles.model_format import ModelContent

if TYPE_CHECKING:
    import torch


def read(path: Path, trust: bool, key: str | None = None) -> ModelContent:
    """Return the graph of a file as a module, without running code; raises FileError."""
    from koopview.network.modelfiles.graphs.pt2_graph import module_of  # imports torch, which a head does not need

    try:
        with zipfile.ZipFile(path) as file:
            program = program_in(file, path)
            check_memory(2 * sum(member.file_size for member in file.infolist()), f"model {path}", "a smaller network")
            tensors = {name: _tensor(file, one, path) for name, one in program.tensors.items()}
        return ModelContent(module_of(program, tensors, str(path)), {}, in_order=True)
    except KoopViewError:
        raise
    except Exception as error:  # a broken file raises many types
        raise broken(path) from error


def head(path: Path) -> ModelHead:
    """Return the ModelHead of a file; raises FileError."""
    try:
        with zipfile.ZipFile(path) as file:
            return head_of(program_in(file, path))
    except KoopViewError:
        raise
    except Exception as error:  # a broken file raises many types
        raise broken(path) from error


def _tensor(file: zipfile.ZipFile, stored: StoredTensor, path: Path) -> "torch.Tensor":
    """Return a tensor with its numbers; raises FileError if its member does not hold as many."""
    import torch

    dtype = getattr(torch, stored.dtype)
    content = bytearray(file.read(stored.member))
    numbers = torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
    reach = stored.offset + sum((length - 1) * step for length, step in zip(stored.shape, stored.strides, strict=True))
    plausible = min((*stored.shape, *stored.strides, stored.offset), default=0) >= 0
    if math.prod(stored.shape) and (not plausible or reach >= len(numbers) or math.prod(stored.shape) > len(numbers)):
        raise FileError(f"model {path} holds fewer numbers in {stored.member} than it says, expected a whole file")
    return numbers.as_strided(stored.shape, stored.strides, stored.offset).clone()
