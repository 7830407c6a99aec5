"""The command line: results to stdout, progress and one-line errors to stderr."""

import signal
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from koopview.arguments import COMMANDS, command_parser, source_of, window_options
from koopview.errors import KoopViewError
from koopview.files import check_folder, json_text, write_whole
from koopview.network.info import LayerInfo
from koopview.opening import open_network, open_study
from koopview.progress import Progress, silent
from koopview.study.result import ACCURACIES, FitResult
from koopview.study.settings import FitSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run KoopView; returns the exit status: 0 done, 2 wrong use or bad input (told in one line on stderr)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in COMMANDS:
            return run_command(words)
        return open_window(words)
    except KoopViewError as error:
        print(f"koopview: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of stdout has gone, as `head` does
        sys.stderr.close()
        return 0


def open_window(words: list[str]) -> int:
    """Open the window, or render it into a file."""
    window_options(words)  # wrong words are told before Qt starts
    from koopview.gui import run

    return run(words)


def run_command(words: list[str]) -> int:
    """Run one of the commands."""
    # The default handler ends the process at once, even inside a long library call; files are written whole.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = command_parser().parse_args(words)
    {"layers": layers, "fit": fit, "train": train}[options.command](options)
    return 0


def layers(options: Namespace) -> None:
    """Print the layers of a model."""
    rows = [layer.info() for layer in open_network(source_of(options)).layers]
    print(json_text([vars(row) for row in rows]) if options.json else layers_table(rows))


def fit(options: Namespace) -> None:
    """Fit a layer and print its numbers."""
    if options.json not in (None, "-"):
        check_folder(Path(options.json), "--json")
    settings = FitSettings(
        options.layer,
        replaced=options.replace,
        scaling=options.scaling,
        steps=options.steps,
        delays=options.delays,
        rank=options.rank,
        samples=options.samples,
        pad=options.pad,
        seed=options.seed,
    )
    progress = terminal_progress()
    study = open_study(source_of(options), options.seed, options.device)
    result = study.fit_settings(settings, progress).result
    if options.json is None:
        print(fit_table(result))
    elif options.json == "-":
        print(json_text(result.summary()))
    else:
        write_whole(Path(options.json), json_text(result.summary()).encode(), "--json")


def train(options: Namespace) -> None:
    """Train a built-in network and write its weights."""
    from koopview.network.training import save_network, train

    check_folder(options.out, "--out")
    trained = train(options.network, seed=options.seed, epochs=options.epochs, progress=terminal_progress())
    save_network(trained, options.out)
    print(f"{options.out}: {100 * trained.test_accuracy:.2f} % on test samples")


def layers_table(rows: Sequence[LayerInfo]) -> str:
    """Return the layers as an aligned table."""
    lines = [("layer", "kind", "activation", "n -> m", "parameters", "")]
    for row in rows:
        width = f"{row.inputs} -> {row.outputs}" if row.inputs else ""
        lines.append((row.name, row.kind, row.activation, width, f"{row.parameters:,}", row.reason))
    return aligned(lines)


def fit_table(result: FitResult) -> str:
    """Return a fit's numbers as an aligned table: the six accuracies always together, with the lift fraction."""
    settings = result.settings
    replaced = ", ".join(settings.replaced)
    head = (
        f"{result.model} on {result.data}, layer {settings.layer}"
        + (f" (replaced: {replaced})" if len(settings.replaced) > 1 else "")
        + f": {settings.scaling}, N = {settings.steps}, h = {settings.delays}, r = {result.rank}"
    )
    rows = [(name, percent(result.accuracy[name])) for name in ACCURACIES]
    rows += [
        ("lift fraction", f"{settings.lift_fraction:.2f}"),
        ("agreement", percent(result.agreement)),
        ("output error", f"{result.output_error:.3g}"),
        ("numerical rank", str(result.numerical_rank)),
        ("decomposition", result.decomposition),
        ("samples", f"{result.fit_samples:,} to fit, {result.test_samples:,} to test"),
        ("time", f"{sum(result.seconds.values()):.2f} s"),
    ]
    return f"{head}\n{aligned(rows)}"


def percent(share: float | None) -> str:
    """Return a share as per cent, a dash where there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows with columns of equal width."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)  # noqa: B905


def terminal_progress() -> Progress:
    """Return a progress bar on a terminal's stderr, silence elsewhere."""
    if not sys.stderr.isatty():
        return silent
    started = time.monotonic()

    def show(fraction: float, text: str) -> None:
        filled = round(30 * fraction)
        left = (time.monotonic() - started) * (1 - fraction) / fraction if fraction > 0.02 else float("nan")
        line = f"\r[{'#' * filled}{'.' * (30 - filled)}] {text[:40]:40} {left:4.0f} s left" if fraction < 1 else "\r"
        print(f"{line:90}", end="" if fraction < 1 else "\r", file=sys.stderr, flush=True)

    return show
