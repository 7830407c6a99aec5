"""Well-known architectures with random weights: what of each can be opened, replaced and fitted.

    python tests/benchmarks/bench_architectures.py [--fit] [--why] [--delays H] [--rank R] [NAME ...]

Per architecture: seconds to open it, stages found and supported, the share of its parameters that stands in supported
stages, and the largest difference of the network's outputs from the module's own, relative to the largest of them,
float32. `--fit` fits every supported stage on random inputs; `--why` prints the stages that are not supported, with
the reasons. The last lines are averages, and the reasons by the architectures that they are in.
"""

import argparse
import sys
import time
import traceback
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from reference.architectures import ARCHITECTURES, made, own, samples
from reference.parameters import supported_share

import koopview
from koopview.errors import KoopViewError
from koopview.network.modules import network_from_module

SAMPLES, TEST = 60, 20
"""Inputs of a study, to fit on and to test."""

FITTED = 40
"""Fitting samples of a fit."""


@dataclass
class Row:
    """What was found of one architecture."""

    name: str
    seconds: float = 0.0
    stages: int = 0
    supported: int = 0
    share: float = 0.0
    difference: float = float("nan")
    fitted: int = 0
    troubles: list[str] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def text(self, fit):
        """Return the line of the table."""
        fits = f" {self.fitted:3d}/{self.supported:<3d}" if fit else ""
        return (
            f"{self.name:<22} {self.seconds:6.2f} s {self.stages:4d} {self.supported:4d} {self.share:7.1%} "
            f"{self.difference:9.1e}{fits}"
        )


def told(error):
    """Return an error in one line, with the place of one that is not meant for a person."""
    lines = str(error).strip().splitlines() or [""]
    if isinstance(error, KoopViewError):
        return lines[0]
    place = traceback.extract_tb(error.__traceback__)[-1]
    own_lines = [one for one in traceback.extract_tb(error.__traceback__) if "koopview" in one.filename]
    place = own_lines[-1] if own_lines else place
    return f"{type(error).__name__}: {lines[0]} [{Path(place.filename).name}:{place.lineno}]"


def opened(row, module, x):
    """Return the study of a module, or else its network, or None; what was refused becomes a trouble of the row."""
    outputs = own(module, x)
    labels = outputs.argmax(1).numpy() if outputs.ndim == 2 else outputs.flatten(1).numpy()
    data = koopview.Dataset(x[:SAMPLES].numpy(), labels[:SAMPLES], x[SAMPLES:].numpy(), labels[SAMPLES:])
    for opening in (
        lambda: koopview.Study(module, data, name=row.name, device="cpu"),
        lambda: network_from_module(module, row.name, x[SAMPLES:]),
    ):
        started = time.perf_counter()
        try:
            return opening()
        except Exception as error:
            row.troubles.append(f"does not open: {told(error)}")
        finally:
            row.seconds = time.perf_counter() - started
    return None


def measured(row, module, network, x):
    """Write into the row what a network is compared with its module."""
    row.stages = len(network.layers)
    row.reasons = [(layer.name, layer.reason) for layer in network.layers if layer.reason]
    row.supported = row.stages - len(row.reasons)
    row.share = supported_share(module, network)
    expected, found = own(module, x), network.run(x)
    if found.numel() != expected.numel():
        row.troubles.append(f"outputs have shape {tuple(found.shape)}, the module's {tuple(expected.shape)}")
        return
    row.difference = float((found.reshape(expected.shape) - expected).abs().max() / expected.abs().max())


def fitted(row, study, settings):
    """Fit every supported stage and note those that fail."""
    for layer in study.layers:
        if not layer.supported:
            continue
        try:
            result = study.fit(layer.name, samples=FITTED, **settings).result
            row.fitted += 1
            if not all(0 <= value <= 1 for value in result.accuracy.values() if value is not None):
                row.troubles.append(f"fit of {layer.name}: accuracies {result.accuracy}")
        except Exception as error:
            row.troubles.append(f"fit of {layer.name} ({layer.kind}): {told(error)}")


def tried(name, settings):
    """Return the Row of one architecture; `settings` of its fits, None for no fits."""
    row, module, x = Row(name), made(name), samples(name, SAMPLES + TEST)
    found = opened(row, module, x)
    if found is None:
        return row
    is_study = isinstance(found, koopview.Study)
    try:
        measured(row, module, found.network if is_study else found, x)
    except Exception as error:
        row.troubles.append(f"does not run: {told(error)}")
    if settings is not None and is_study:
        fitted(row, found, settings)
    return row


def summary(rows, fit):
    """Print the averages and the reasons."""
    count = len(rows)
    means = [sum(getattr(row, key) for row in rows) / count for key in ("seconds", "stages", "supported", "share")]
    worst = max((row.difference for row in rows if row.difference == row.difference), default=float("nan"))
    unread = sum(row.difference != row.difference for row in rows)
    print(
        f"\n{count} architectures, {unread} not run: on average {means[0]:.2f} s to open, {means[1]:.1f} stages, "
        f"{means[2]:.1f} supported, {means[3]:.1%} of the parameters in supported stages; worst difference {worst:.1e}"
    )
    if fit:
        print(f"{sum(row.fitted for row in rows)} of {sum(row.supported for row in rows)} supported stages fitted")
    stages, seen = defaultdict(int), defaultdict(set)
    for row in rows:
        for stage, reason in row.reasons:
            key = reason.replace(stage, "...")
            stages[key] += 1
            seen[key].add(row.name)
    for key in sorted(stages, key=lambda key: (-len(seen[key]), -stages[key])):
        print(
            f"{len(seen[key]):4d} architectures {stages[key]:4d} stages: {key}\n       {', '.join(sorted(seen[key]))}"
        )


def main():
    """Print a row per architecture, then the averages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ARCHITECTURES))
    parser.add_argument("--fit", action="store_true", help="fit every supported stage")
    parser.add_argument("--why", action="store_true", help="print the stages that are not supported")
    parser.add_argument("--delays", type=int, default=2)
    parser.add_argument("--rank", default="5", help="a number or a word (5)")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rank = int(asked.rank) if asked.rank.isdigit() else asked.rank
    settings = {"delays": asked.delays, "rank": rank} if asked.fit else None
    print(f"{'architecture':<22} {'to open':>8} found supp. {'share':>6} {'apart':>9}{' fitted' if asked.fit else ''}")
    rows = []
    for name in asked.names or ARCHITECTURES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows.append(tried(name, settings))
        print(rows[-1].text(asked.fit), flush=True)
        for trouble in rows[-1].troubles:
            print(f"    {trouble}")
        for stage, reason in rows[-1].reasons if asked.why else ():
            print(f"    {stage}: {reason}")
    summary(rows, asked.fit)


if __name__ == "__main__":
    main()
