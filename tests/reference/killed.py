"""A streamed fit that is killed again and again: run as a program, it prints what became of it as JSON.

``python killed.py KILLS SEED FOLDER COMPONENTS``; COMPONENTS 0 is the exact door.
"""

import json
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from reference import streams

from koopview.hybrid.checkpoint import Checkpoint
from koopview.study import streaming


def fitted(study, stream, components, checkpoint, path):
    """Fit, and write eigenvalues and scores."""
    result = study.fit_stream(
        stream, "0", delays=3, rank=8, components=components or None, checkpoint=checkpoint
    ).result
    np.savez(path, eigenvalues=result.eigenvalues, scores=list(result.accuracy.values()), way=result.decomposition)


def in_child(work):
    """Return the number of a child process that does some work and ends."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def samples_in(checkpoint):
    """Return how many samples are in the sums of a checkpoint, by pass, and which results are whole."""
    if not checkpoint.exists():
        return {}
    with np.load(checkpoint) as held:
        done = {name: int(held[name]) for name in held.files if name.endswith(":samples")}
        whole = [name for name in held.files if name.startswith(("start", "product", "maps"))]
        return done | {name.partition("/")[0]: 0 for name in whole}


def is_more(after, before):
    """Return whether nothing was lost: each pass has as many samples as before, or its result is there."""
    whole = {"sums:samples": "start", "controls:samples": "maps"}
    return all(
        after.get(name, 0) >= count
        or whole.get(name, name.replace("pass", "product").removesuffix(":samples")) in after
        for name, count in before.items()
    )


def main():
    """Kill, go on, and print."""
    kills, seed, folder, components = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(1)
    streaming.Checkpoint = partial(Checkpoint, every=0.0)
    study, stream = streams.study(), folder / "x.npy"
    np.save(stream, streams.pictures(3000)[0])
    checkpoint, found = folder / "sums.npz", folder / "found.npz"
    began = time.monotonic()
    os.waitpid(in_child(partial(fitted, study, stream, components, None, folder / "whole.npz")), 0)
    whole, draw, known = time.monotonic() - began, random.Random(seed), {}
    report = {"kills": 0, "kept": 0, "finished": 0, "equal": 0, "lost": 0}
    while report["kills"] < kills or report["finished"] == 0:
        child = in_child(partial(fitted, study, stream, components, checkpoint, found))
        if report["kills"] < kills:
            time.sleep(draw.uniform(0, whole))
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            now = samples_in(checkpoint)
            report["kills"] += 1
            report["kept"] += bool(now)
            report["lost"] += not is_more(now, known)
            known = now
            continue
        one, other = (np.load(path) for path in (folder / "whole.npz", found))
        report["finished"] += 1
        report["equal"] += all(np.array_equal(one[name], other[name]) for name in one.files)
        report["way"] = str(other["way"])
        checkpoint.unlink()
        known = {}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
