"""Open files in a process of its own, and tell of each: its outcome, seconds, memory, and what it did that it must not.

Reads lines ``KIND<tab>PATH`` from stdin, writes one line of JSON for each to stdout.
"""

import contextlib
import json
import os
import sys
import time
import warnings
from pathlib import Path

ACTS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect", "pickle.find_class")
"""Events of Python's audit that no file may cause."""


def opened(kind, path):
    """Open a file in every way in which it may be opened; returns "opened" or "refused", as the last way ends."""
    from koopview.errors import KoopViewError

    for way in _ways(kind):
        outcome = "refused"
        with contextlib.suppress(KoopViewError):
            way(Path(path))
            outcome = "opened"
    return outcome


def _ways(kind):
    from koopview.network.datafiles.load import load_dataset
    from koopview.network.modelfiles.load import load_network
    from koopview.study.study_file import read_study_file

    return {
        "model": (*_heads("modelfiles", "model_head"), lambda path: load_network(path, activation_name="relu")),
        "data": (*_heads("datafiles", "data_head"), load_dataset),
        "picture": (lambda path: load_dataset(path.parents[1]),),
        "study": (read_study_file,),
    }[kind]


def _heads(room, name):
    from importlib import import_module

    try:
        return (getattr(import_module(f"koopview.network.{room}.heads"), name),)
    except ImportError:
        return ()


class Watch:
    """Notes what the interpreter is asked to do while it watches."""

    def __init__(self):
        self.acts, self.on = [], False
        sys.addaudithook(self._note)

    def _note(self, event, arguments):
        if self.on and (event in ACTS or (event == "open" and _writes(arguments))):
            self.acts.append(f"{event} {arguments[:2]!r}"[:200])


def _writes(arguments):
    path, mode, flags = arguments
    writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    return bool(writing or (isinstance(mode, str) and set(mode) & set("wax+"))) and path != os.devnull


def peak():
    """Return the largest memory of this process since it was last forgotten, in bytes."""
    text = Path("/proc/self/status").read_text()
    return 1024 * int(text.split("VmHWM:")[1].split()[0])


def forget_peak():
    """Let the next peak begin now."""
    Path("/proc/self/clear_refs").write_text("5")


def main():
    """Try the files that are named on stdin."""
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    for kind in ("model", "data", "study"):
        _ways(kind)  # imports are nobody's time
    out, sys.stdout = sys.stdout, sys.stderr
    watch = Watch()
    for line in sys.stdin:
        kind, _, path = line.rstrip("\n").partition("\t")
        forget_peak()
        before, began = peak(), time.process_time()
        watch.acts.clear()
        watch.on = True
        try:
            outcome = opened(kind, path)
        except BaseException as error:
            outcome = f"{type(error).__name__}: {error}"[:300]
        watch.on = False
        told = {"outcome": outcome, "seconds": time.process_time() - began, "bytes": peak() - before}
        print(json.dumps(told | {"acts": list(watch.acts)}), file=out, flush=True)


if __name__ == "__main__":
    main()
