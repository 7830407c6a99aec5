# ruff: noqa: E501 - rows of tables
"""Measure the reliability of the numbers on screen, on networks that nothing was tuned on.

    python tests/benchmarks/bench_numbers.py [linear] [controls] [auto] [residuals] [edits] [unlearn]

Each part prints a table; without a name all run. They take some minutes on one thread.
"""

import sys
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from reference.networks import NETWORKS, made

import koopview
from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network

RANKS = (5, 10, 15, 20, 30, 50)
"""Fixed ranks that the automatic one is compared with, besides half and all of the numerical rank."""


def studies(built_in=("yinyang",)):
    """Return a study of each network by its name."""
    found = {name: koopview.Study(load_network(f"demo:{name}"), load_dataset(name)) for name in built_in}
    return found | {name: koopview.Study(*made(name)) for name in NETWORKS}


def hidden(study):
    """Return the names of the layers that are not affine."""
    return [layer.name for layer in study.layers if layer.supported and layer.activation != "identity"]


def linear():
    """The control experiment: a straight line with two delays and the automatic rank must reproduce the layer."""
    print("linear, h = 2, automatic rank: points below the original")
    for name, study in studies(("yinyang", "mnist")).items():
        for layer in study.layers:
            wide = 2 * layer.states > 512
            rank = "numerical" if wide else "auto"
            started = time.perf_counter()
            result = study.fit(layer.name, scaling="linear", delays=2, rank=rank).result
            lost = 100 * (result.accuracy["original"] - result.hybrid)
            seconds = time.perf_counter() - started
            print(
                f"  {name:10s} {layer.name:3s} h d = {2 * layer.states:5d} {rank:9s} r = {result.rank:5d} {lost:+.2f}  {seconds:.1f} s"
            )


def auto():
    """The automatic rank beside the best of six fixed ones."""
    worst = []
    for name, study in studies().items():
        for layer, delays in product(hidden(study), (1, 4, 8)):
            whole = study.fit(layer, delays=delays, rank="numerical").result
            fixed = sorted({max(1, round(share * whole.rank)) for share in (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)})
            best = max(study.fit(layer, delays=delays, rank=rank).result.hybrid for rank in fixed)
            found = study.fit(layer, delays=delays).result
            other = study.fit(layer, delays=delays, rank="gavish-donoho").result
            error = np.sqrt(best * (1 - best) / found.test_samples)
            worst.append((best - found.hybrid, best - other.hybrid, error, name, layer, delays, found.rank))
    print("automatic rank: points below the best of six, (Gavish-Donoho), two standard errors; the worst first")
    for below, gavish, error, *which in sorted(worst, reverse=True)[:12]:
        print(f"  {100 * below:5.2f} ({100 * gavish:5.2f})  {200 * error:4.2f}  {which}")
    for column, word in ((0, "auto"), (1, "Gavish-Donoho")):
        values = 100 * np.array([row[column] for row in worst])
        print(
            f"  {word}: median {np.median(values):.2f}, 90 % {np.quantile(values, 0.9):.2f}, worst {values.max():.2f} of {len(values)}"
        )
    print("  above 1.5 points plus two errors:", sum(row[0] > 0.015 + 2 * row[2] for row in worst))


def controls():
    """The accuracy of affine maps whose ridge is chosen on a fifth of the fitting samples."""
    study = studies(("mnist",))["mnist"]
    started = time.process_time()
    fit = study.fitted(study.settings("0", delays=10, rank=50), controls=False)
    seconds = time.process_time() - started
    started = time.process_time()
    result = study.fitted(fit.settings).result
    print(
        f"MNIST layer 0, B = 1000: {dict(result.accuracy)}; fit {seconds:.1f} CPU s, controls {time.process_time() - started:.1f}"
    )


def residuals():
    """Rank correlation of residuals with the output error, over fits of mixed quality."""
    from scipy.stats import bootstrap, spearmanr

    rows = []
    for _, study in list(studies().items())[:7]:
        for layer in hidden(study)[:2]:
            for delays, share in ((1, 0.3), (1, 1.0), (2, 0.6), (4, 0.2), (4, 1.0), (8, 0.5)):
                whole = study.fit(layer, delays=delays, rank="numerical").result
                result = study.fit(layer, delays=delays, rank=max(1, round(share * whole.rank))).result
                rows.append(
                    (
                        result.output_error,
                        np.median(result.residuals),
                        result.operator_residual,
                        np.median(result.step_residuals),
                    )
                )
    table = np.array(rows)
    print(f"rank correlation with the output error, {len(table)} fits")
    for column, word in (
        (1, "median residual over the layer"),
        (2, "operator residual"),
        (3, "median residual of a step"),
    ):
        pair = (table[:, 0], table[:, column])
        statistic = lambda one, other: spearmanr(one, other).statistic  # noqa: E731
        interval = bootstrap(
            pair, statistic, paired=True, vectorized=False, n_resamples=2000, rng=0
        ).confidence_interval
        print(f"  {word}: {statistic(*pair):.2f} ({interval.low:.2f} to {interval.high:.2f})")


def edits():
    """The change of accuracy, in points, when any one mode is scaled by 0.9999."""
    for name, study in studies(("yinyang", "mnist")).items():
        if name in NETWORKS:
            continue
        for layer in hidden(study):
            for settings in ({}, {"delays": 10, "rank": 50}, {"delays": 10, "rank": 50, "schedule": "uniform"}):
                fit = study.fit(layer, **settings)
                moved = [
                    abs(fit.edit(scale={i: 0.9999}).hybrid_accuracy - fit.hybrid_accuracy)
                    for i in range(0, fit.result.rank, 1 if fit.result.rank <= 100 else 10)
                ]
                groups = np.unique(fit.result.groups, return_counts=True)[1]
                print(
                    f"  {name} {layer} {settings}: r = {fit.result.rank}, at most {100 * max(moved):.2f} points; {len(groups)} groups, largest {max(groups, default=0)}; condition {fit.result.condition_numbers.max():.0e}"
                )


def unlearn():
    """Class unlearning: the loss of each class, and of the others."""
    for name, study in studies(("yinyang", "mnist")).items():
        if name in NETWORKS:
            continue
        fit = study.fit("2" if name == "yinyang" else "0", **({} if name == "yinyang" else {"delays": 10, "rank": 50}))
        for target in range(study.network.outputs):
            after = fit.unlearn(target)
            lost = np.subtract(fit.result.per_class["hybrid"], after.result.per_class["hybrid"])
            print(
                f"  {name} class {target}: loses {100 * lost[target]:.1f}, others at most {100 * np.delete(lost, target).max():.1f}; {len(after.result.edited)} eigenvalues edited {after.note}"
            )


PARTS = {part.__name__: part for part in (linear, controls, auto, residuals, edits, unlearn)}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
