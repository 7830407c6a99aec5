"""Two thousand random actions in the real window: no exception, no thread left, no growth of memory.

    python tests/benchmarks/soak.py [ACTIONS [SEED]]

Exit 0 if all of it holds. Memory is compared between the first and the last third of the actions after 500, and its
growth over the last 1,000 is told. A study's caches are held to 64 MiB each, so that what grows is not that they fill.
Now and then unused memory is returned to the system first, as the window does when a person rests. The longest gap of
the event loop is told by action; an action that hangs ends the program with a trace.
"""

import faulthandler
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from bench_window import Gaps
from PySide6.QtCore import QSettings
from reference.random_user import RandomUser
from reference.resident import resident_bytes

from koopview.memory import give_back
from koopview.study import cache

HANGS = 400
"""Seconds after which an action hangs."""
MIB = 2**20
SETTLED, RESTS, CACHED = 500, 20, 64 * MIB
GROWTH = 1.05
"""Largest ratio of the median memory in the last third to that in the first."""


def main(actions=2000, seed=0):
    """Run the random user, print the findings, and return the exit status."""
    cache.LIMIT_BYTES = CACHED
    memory, gaps, began = [], {}, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        user, clock = RandomUser(seed, Path(folder)), Gaps()

        def note(number):
            gaps[user.last] = max(gaps.get(user.last, 0.0), clock.take())
            faulthandler.dump_traceback_later(HANGS, exit=True)
            if (number + 1) % RESTS == 0:
                give_back()
            memory.append(resident_bytes() / MIB)
            if (number + 1) % 100 == 0:
                print(f"{number + 1:5d} actions  {memory[-1]:7.0f} MiB  {len(user.failures)} failures", flush=True)
            clock.take()

        user.run(actions, note)
        clock.stop()
        left = user.end()
        faulthandler.cancel_dump_traceback_later()
    after = np.array(memory[min(SETTLED, len(memory) // 3) :])
    first, last = (float(np.median(part)) for part in (after[: len(after) // 3], after[-(len(after) // 3) :]))
    print(f"memory after {SETTLED}: {first:.0f} MiB, at the end {last:.0f} MiB ({last / first:.3f})")
    recent = memory[-1000:]
    grown = float(np.median(recent[-100:]) - np.median(recent[:100]))
    print(f"growth over the last {len(recent)} actions: {grown:+.0f} MiB; {time.perf_counter() - began:.0f} s in all")
    print(f"threads and timers left: {left or 'none'}; failures: {user.failures or 'none'}")
    print(", ".join(f"{name} {count}" for name, count in sorted(user.done.items())))
    longest = sorted(gaps.items(), key=lambda pair: -pair[1])
    print("longest gap (ms): " + ", ".join(f"{name} {gap:.0f}" for name, gap in longest))
    return int(bool(left or user.failures or last > GROWTH * first))


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
