"""Run a function of an array in a separate process, if it would hold this one's interpreter lock for long."""

import io
import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np

from koopview.errors import KoopViewError

_SERVE = "from koopview.processes import serve; serve()"
APART = "--process-apart"
"""The word by which a bundle, whose program is no Python, starts itself to serve."""


def in_process_apart(module: str, function: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """Return the arrays, by name, that a function of the package returns for an array.

    Arrays travel as NPY files through the standard streams: no code, no pickle.

    Raises
    ------
    KoopViewError
        If the process fails; with its last output.
    """
    sent = io.BytesIO()
    np.lib.format.write_array(sent, np.ascontiguousarray(array), allow_pickle=False)
    command = [*_server(), module, function]
    done = subprocess.run(command, input=sent.getvalue(), capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise KoopViewError(f"{function} failed in a process of its own: {said[-1] if said else done.returncode}")
    with np.load(io.BytesIO(done.stdout), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _server() -> list[str]:
    """Return the start of the command line of a process that serves."""
    return [sys.executable, APART] if getattr(sys, "frozen", False) else [sys.executable, "-c", _SERVE]


def serve() -> int:
    """Read an array, call the function that the last two arguments name, and write its result."""
    module, function = sys.argv[-2:]
    array = np.lib.format.read_array(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    made: Any = getattr(import_module(module), function)(array)
    content = io.BytesIO()
    np.savez(content, **made)
    sys.stdout.buffer.write(content.getvalue())
    return 0
