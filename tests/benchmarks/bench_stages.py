"""Every stage of the built-in deep networks with the defaults: hybrid, controls and lift fraction in one table.

.venv/bin/python tests/benchmarks/bench_stages.py [NETWORK ...]
"""

import sys
import time
import warnings

import torch

from koopview import Source, open_study
from koopview.hybrid.rows import ROWS

NETWORKS = ("mnist-conv", "mnist-vit", "mnist-residual")


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print(
        "stage".ljust(34),
        "states".ljust(8),
        *(name[:8].rjust(8) for name in ROWS),
        "above".rjust(12),
        "lift  rank  CPU s",
    )
    for name in sys.argv[1:] or NETWORKS:
        study = open_study(Source(model=f"demo:{name}"))
        for layer in study.layers:
            if not layer.supported:
                print(f"{name} {layer.name}".ljust(34), layer.reason)
                continue
            started = time.process_time()
            result = study.fit(layer.name).result
            taken = time.process_time() - started
            above = result.above_best_control
            told = f"{100 * above.value:+.2f}+-{100 * above.error:.2f}"
            scores = (f"{100 * result.accuracy[row]:8.2f}" for row in ROWS)
            print(f"{name} {layer.name}".ljust(34), result.settings.states.ljust(8), *scores, told.rjust(12),
                  f"{result.settings.lift_fraction:.2f} {result.rank:5d} {taken:6.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
