"""Tasks that tests send to workers, which import this module by its name."""

import os
import signal
import time
from pathlib import Path


def counted(shared, number, folder, *, progress):
    """Return a number times what is shared, and leave a file for each time that it was computed."""
    mark(folder, number)
    return shared * number


def mark(folder, number):
    """Leave one more file that says that a number was computed."""
    for i in range(100):
        try:
            os.close(os.open(Path(folder) / f"{number}-{i}", os.O_CREAT | os.O_EXCL))
            return
        except FileExistsError:
            continue


def slow(shared, number, folder, *, progress):
    """The same, for as long as there is no file called ``go``; progress is told, and may raise Cancelled."""
    mark(folder, number)
    while not (Path(folder) / "go").exists():
        progress(0.5, "waits")
        time.sleep(0.02)
    return shared * number


def deadly(shared, *, progress):
    """Kill the worker that carries it out, each time."""
    os.kill(os.getpid(), signal.SIGKILL)


def broken(shared, error, *, progress):
    """Raise an error."""
    raise error


def joined(one, other):
    """Return two lists as one: what was added to what can be read off."""
    return [one, other]
