"""The command line's arguments (scripts depend on them): only parsing, shared by commands and window."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from koopview import __version__
from koopview.argument_groups import (
    add_data,
    add_depth,
    add_figures,
    add_fit_settings,
    add_model,
    add_reading,
    add_stream,
)
from koopview.errors import InputError
from koopview.koopman.rank import RANKS
from koopview.network.demos import DEMO_MODELS, DEMO_NAMES
from koopview.projectors import PRESET_NAMES
from koopview.study.settings import DEFAULT_DELAYS, DEFAULT_EDITED, FitSettings
from koopview.study.sides import DRAWS
from koopview.study.source import STUDY_ENDING, Source
from koopview.values import (
    counts,
    factors,
    indices,
    names,
    positive,
    rank,
    ranks,
    seconds,
    seed,
    size,
)

COMMANDS = ("layers", "fit", "sweep", "depth", "edit", "compare", "handout", "plot", "paper", "train")
KIOSK_SECONDS = 120.0
"""Nobody touched a kiosk for so long. The longest fit that a visitor of a built-in study can ask for took 69 s on two
cores that eight other jobs shared (27 s of processor time), and reading the page aloud takes half a minute."""

KIOSK_QUIT = "Ctrl+Shift+Q"
"""The keys that end a kiosk, which no one presses by accident."""


@dataclass(frozen=True)
class WindowOptions:
    """The window's options; None for those not given. A study file is part of `source`."""

    source: Source = field(default_factory=Source)
    demo: str | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None
    theme: str | None = None
    preset: str | None = None
    kiosk: float | None = None
    self_test: bool = False
    report: str | None = None


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError instead of printing, so that all errors are printed in one place."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._negative_number_matcher = re.compile(r"-(\.?\d|inf|nan)", re.IGNORECASE)  # the default has no -1e-3

    def error(self, message: str) -> NoReturn:
        """Raise InputError with the parser's message."""
        raise InputError(message.removeprefix("argument "))


def window_options(arguments: Sequence[str]) -> WindowOptions:
    """Parse the arguments of the window; raises InputError."""
    first = arguments[0] if arguments else "-"
    if not (first.startswith("-") or first.endswith(STUDY_ENDING) or (first and Path(first).exists())):
        known = ", ".join(COMMANDS)
        raise InputError(f"{first!r} is no command, expected {known}, a {STUDY_ENDING} file or an option, see --help")
    words = window_parser().parse_args(_with_kiosk_alone(arguments))
    pictured = (words.demo, words.screenshot, words.size, words.theme, words.preset)
    if words.json is not None and not words.self_test:
        raise InputError("--json was given without a command, expected it behind --self-test or a command")
    options = WindowOptions(source_of(words), *pictured, words.kiosk, words.self_test, words.json)
    if options.self_test and options != WindowOptions(self_test=True, report=words.json):
        raise InputError("--self-test checks the whole installation, expected no other option than --json beside it")
    return options


def _with_kiosk_alone(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the usual time behind a --kiosk that a file follows, which is no time."""
    said = list(arguments)
    for index, word in enumerate(said[:-1]):
        follows = said[index + 1]
        if word == "--kiosk" and (follows.endswith(STUDY_ENDING) or Path(follows).is_file()):
            said[index] = f"--kiosk={KIOSK_SECONDS:g}"
    return said


def source_of(words: argparse.Namespace) -> Source:
    """Return the Source of model and data that parsed arguments name; data may be missing."""
    given: dict[str, Any] = {field.name: getattr(words, field.name, field.default) for field in fields(Source)}
    return Source(**given)


def window_parser() -> Parser:
    """Return the parser of ``koopview`` without a command."""
    parser = Parser(
        prog="koopview",
        description="See, fit and question the linear (Koopman) operator inside a trained network's layer. "
        f"Commands: {', '.join(COMMANDS)}; 'koopview COMMAND --help' explains each. "
        "Without a command the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("study", metavar="STUDY", nargs="?", help="a .koopview file to open, or one of a model or data")
    parser.add_argument("--version", action="version", version=f"koopview {__version__}")
    parser.add_argument("--demo", choices=DEMO_NAMES, help="open a built-in study")
    add_model(parser, required=False)
    add_data(parser)
    parser.add_argument("--screenshot", metavar="OUT.png", type=Path, help="render the window after its fit, and exit")
    parser.add_argument("--size", metavar="WxH", type=size, help="size of the window, e.g. 1280x800")
    parser.add_argument("--theme", choices=("light", "dark"), help="colours (the system's by default)")
    parser.add_argument("--preset", choices=PRESET_NAMES, help="open in present mode, as it suits a projector")
    parser.add_argument(
        "--kiosk",
        metavar="SECONDS",
        nargs="?",
        type=seconds,
        const=KIOSK_SECONDS,
        help="present mode alone, full screen, back to the start once nobody touched it for so long "
        f"({KIOSK_SECONDS:g}); {KIOSK_QUIT} ends it",
    )
    parser.add_argument(
        "--self-test", action="store_true", help="check this installation, and exit: 0 all passed, 1 not"
    )
    parser.add_argument("--json", metavar="OUT|-", help="with --self-test: write its report as JSON")
    return parser


def command_parser() -> Parser:
    """Return the parser of the commands."""
    parser = Parser(prog="koopview", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    layers = commands.add_parser("layers", help="list layers, with data what affine maps explain", allow_abbrev=False)
    add_model(layers)
    add_data(layers)
    layers.add_argument("--inside", action="store_true", help="the stages inside each block too, indented")
    layers.add_argument("--json", action="store_true", help="as JSON")
    fit = commands.add_parser("fit", help="put linear operators in place of layers and measure", allow_abbrev=False)
    _add_fit(fit)
    add_stream(fit)
    sweep = commands.add_parser("sweep", help="fit layers over many delays and ranks", allow_abbrev=False)
    _add_sweep(sweep)
    depth = commands.add_parser("depth", help="put one operator in place of blocks and measure", allow_abbrev=False)
    add_depth(depth)
    edit = commands.add_parser("edit", help="change modes of a layer's operator and measure", allow_abbrev=False)
    _add_edit(edit)
    compare = commands.add_parser("compare", help="two fits side by side", allow_abbrev=False)
    _add_compare(compare)
    handout = commands.add_parser("handout", help="print a fit on two pages, as PDF", allow_abbrev=False)
    _add_handout(handout)
    plot = commands.add_parser("plot", help="draw figures of a fit, or write their numbers", allow_abbrev=False)
    _add_plot(plot)
    paper = commands.add_parser("paper", help="the paper's figures and table beside ours", allow_abbrev=False)
    paper.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to write into, made if missing")
    train = commands.add_parser("train", help="train a built-in network", allow_abbrev=False)
    train.add_argument("network", choices=DEMO_NAMES, help="which one")
    train.add_argument("--out", metavar="FILE", type=Path, required=True, help="safetensors file to write")
    train.add_argument("--seed", metavar="I", type=seed, default=0, help="of all random numbers (0)")
    train.add_argument("--epochs", metavar="E", type=positive, help="passes over the training samples")
    return parser


def _add_fit(parser: Parser, required: bool = True) -> None:
    add_model(parser, required)
    add_data(parser)
    group = parser.add_argument_group("fit")
    group.add_argument("--layer", metavar="L", required=required, help="the layer whose operator is shown")
    group.add_argument(
        "--replace", metavar="L1,L2", type=names, default=(), dest="replaced", help="all layers to replace at once"
    )
    _add_operator(group)
    group.add_argument(
        "--repeats",
        metavar="K",
        type=positive,
        default=1,
        help="draws of the fitting samples, to show the spread (1)",
    )
    if required:
        parser.add_argument("--json", metavar="OUT", help="write the numbers as JSON to a file, or - for stdout")


def _add_operator(group: Any) -> None:
    group.add_argument(
        "--delays",
        metavar="H",
        type=positive,
        default=argparse.SUPPRESS,
        help=f"states that are stacked, 1 to N ({DEFAULT_DELAYS}, or 1 of other observables)",
    )
    group.add_argument(
        "--rank", metavar="R", type=rank, default=RANKS[0], help=f"rank of the operator, or {', '.join(RANKS)} (auto)"
    )
    add_fit_settings(group)


def _add_compare(parser: Parser) -> None:
    for name in ("A", "B"):
        parser.add_argument(name.lower(), metavar=name, help=f"a {STUDY_ENDING} file, {DEMO_MODELS} or a model file")
    add_reading(parser.add_argument_group("model files"))
    add_data(parser)
    group = parser.add_argument_group("fit", "of both; by default that of a study's last result, and B's as A's")
    group.add_argument("--layer", metavar="L", help="the layer of A (that of its last result)")
    group.add_argument("--layer-b", metavar="L2", help="the layer of B (L, or that of its last result)")
    _add_operator(group)
    for action in group._group_actions:  # what is not asked for comes from a study
        if action.dest in {one.name for one in fields(FitSettings)} - {"layer"}:
            action.default = argparse.SUPPRESS
    group.add_argument(
        "--repeats",
        metavar="K",
        type=positive,
        default=DRAWS,
        help=f"draws of the fitting samples, to read the distance of the spectra by ({DRAWS}); 1 for none",
    )
    parser.add_argument("--json", metavar="OUT", help="write the numbers as JSON to a file, or - for stdout")


def _add_handout(parser: Parser) -> None:
    _add_study_or_fit(parser)
    parser.add_argument("--out", metavar="FILE.pdf", type=Path, required=True, help="PDF file to write")


def _add_plot(parser: Parser) -> None:
    _add_study_or_fit(parser)
    add_figures(parser)


def _add_study_or_fit(parser: Parser) -> None:
    parser.add_argument(
        "study", metavar="STUDY", nargs="?", help="a .koopview file: its last result, or that of --layer"
    )
    _add_fit(parser, required=False)


def _add_sweep(parser: Parser) -> None:
    add_model(parser)
    add_data(parser)
    group = parser.add_argument_group("sweep")
    group.add_argument("--layers", metavar="L1,L2", type=names, default=("all",), help="which, each alone, or all")
    group.add_argument("--delays", metavar="H1,H2", type=counts, required=True, help="numbers of delays, each 1 to N")
    group.add_argument(
        "--ranks", metavar="R1,R2", type=ranks, required=True, help=f"ranks, {', '.join(RANKS)} among them or not"
    )
    group.add_argument("--resume", metavar="FILE", type=Path, help="keep finished cells there, and go on from them")
    group.add_argument(
        "--tests",
        metavar="T",
        type=positive,
        help="a quick sweep: on the first T test samples, delays of wide layers fitted together (all, exactly)",
    )
    add_fit_settings(parser.add_argument_group("fit"))
    parser.add_argument("--json", metavar="OUT", help="write the cells as JSON to a file, or - for stdout")
    parser.add_argument("--csv", metavar="OUT", help="write the cells as CSV to a file, or - for stdout")
    parser.add_argument("--spectra", action="store_true", help="eigenvalues and singular values too, in the JSON")


def _add_edit(parser: Parser) -> None:
    _add_fit(parser)
    edit = parser.add_argument_group("edit")
    group = edit.add_mutually_exclusive_group(required=True)
    group.add_argument("--remove", metavar="I,J", type=indices, help="modes to remove, each with its group")
    group.add_argument("--scale", metavar="I=0.5", type=factors, help="modes to multiply, each with its group")
    group.add_argument(
        "--unlearn",
        metavar="CLASS",
        type=seed,
        help="search an edit that costs this class alone, if there is one",
    )
    edit.add_argument(
        "--most",
        metavar="K",
        type=positive,
        default=DEFAULT_EDITED,
        help=f"eigenvalues that --unlearn edits at most ({DEFAULT_EDITED})",
    )
    parser.add_argument("--save", metavar="HYBRID", type=Path, help="write the hybrid network as a torch.export file")
