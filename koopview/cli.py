"""The command line's commands: from words to the engine, and its numbers as a table or as JSON."""

import math
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from koopview.arguments import COMMANDS, command_parser, source_of, window_options
from koopview.errors import KoopViewError
from koopview.files import check_folder, json_text, write_whole
from koopview.network.info import LayerInfo
from koopview.opening import open_network, open_study
from koopview.study.result import ACCURACIES, FitResult
from koopview.study.settings import FitSettings
from koopview.terminal import complain, deliver, ended_by_interrupt, printable, quiet, terminal_progress

Parsed = TypeVar("Parsed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run KoopView; returns the exit status: 0 done, 2 wrong use or bad input (told in one line on stderr)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return run_command(words) if words and words[0] in COMMANDS else open_window(words)
    except KoopViewError as error:
        complain(error)
        return 2
    except BrokenPipeError:
        return 0


def open_window(words: list[str]) -> int:
    """Open the window, or render it into a file."""
    parsed(window_options, words)  # wrong words are told before Qt starts
    from koopview.gui import run

    with quiet():
        return run(words)


def run_command(words: list[str]) -> int:
    """Run one of the commands."""
    options = parsed(command_parser().parse_args, words)
    with ended_by_interrupt():
        {"layers": layers, "fit": fit, "train": train}[options.command](options)
    return 0


def parsed(parse: Callable[[list[str]], Parsed], words: list[str]) -> Parsed:
    """Return what `parse` makes of the words; ends the program where that was all they asked (--help, --version)."""
    try:
        return parse(words)
    except SystemExit:
        deliver("")  # what was printed reaches its reader, or fails, while it can be told
        raise


def layers(options: Namespace) -> None:
    """Print the layers of a model."""
    with quiet():
        rows = [layer.info() for layer in open_network(source_of(options)).layers]
    deliver((json_text([vars(row) for row in rows]) if options.json else layers_table(rows)) + "\n")


def fit(options: Namespace) -> None:
    """Fit a layer and print its numbers, or write them into a file."""
    if options.json not in (None, "-"):
        check_folder(Path(options.json), "--json")
    asked = asked_settings(options)
    FitSettings(**asked)  # what cannot be is told before anything is opened
    with quiet():
        study = open_study(source_of(options), options.device)
        result = study.fit(**asked, progress=terminal_progress()).result
    text = (fit_table(result) if options.json is None else json_text(result.summary())) + "\n"
    if options.json in (None, "-"):
        deliver(text)
    else:
        write_whole(Path(options.json), text.encode(), "--json")


def asked_settings(options: Namespace) -> dict[str, Any]:
    """Return the settings that the options of ``fit`` say."""
    names = {field.name for field in fields(FitSettings)} & set(vars(options))
    return {name: getattr(options, name) for name in names}


def train(options: Namespace) -> None:
    """Train a built-in network and write its weights."""
    check_folder(options.out, "--out")
    with quiet():
        from koopview.network.training import save_network, train

        trained = train(options.network, seed=options.seed, epochs=options.epochs, progress=terminal_progress())
    save_network(trained, options.out)
    deliver(f"{printable(str(options.out))}: {100 * trained.test_accuracy:.2f} % on test samples\n")


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
        ("output error", f"{result.output_error:.3g}" if math.isfinite(result.output_error) else "-"),
        ("numerical rank", str(result.numerical_rank)),
        ("decomposition", result.decomposition),
        ("samples", f"{result.fit_samples:,} to fit, {result.test_samples:,} to test"),
        ("time", f"{sum(result.seconds.values()):.2f} s"),
    ]
    return f"{printable(head)}\n{aligned(rows)}"


def percent(share: float | None) -> str:
    """Return a share as per cent, a dash where there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows with columns of equal width."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
