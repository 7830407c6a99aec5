"""Options that several commands share: the model, the data, the samples to fit to and where to compute."""

import argparse
from pathlib import Path
from typing import Any

from koopview.figures import ALL, FIGURE_NAMES
from koopview.hybrid.stream_words import LARGE, USUAL_COMPONENTS
from koopview.koopman.observables import OBSERVABLES, USUAL_CENTRES
from koopview.network.datafiles.data_formats import KINDS, STREAMED
from koopview.network.demos import DATA_NAMES, DEMO_MODELS
from koopview.network.normalization import CHANNELS, NORMALIZATIONS
from koopview.print_widths import NAMED_WIDTHS
from koopview.trajectory import SCALINGS
from koopview.trajectory.schedule import DEFAULT, EXPECTED
from koopview.trajectory.states import EXPECTED as STATES
from koopview.trajectory.states import FLAT
from koopview.values import figures, keys, number, positive, positive_or, schedule, seed, states, stream_states, width


def add_model(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the options that name a model."""
    group = parser.add_argument_group("model")
    group.add_argument("--model", metavar="M", required=required, help=f"a file or {DEMO_MODELS}")
    add_reading(group)


def add_reading(group: Any) -> None:
    """Add the options that say how a model file is read."""
    group.add_argument("--weights", metavar="KEY", help="the network's name, in a file that holds several")
    group.add_argument("--factory", metavar="FILE.py:FUNCTION", help="your code for the module, or module:Class")
    group.add_argument("--factory-args", metavar="FILE.json", help="arguments of that code: an object or a list")
    group.add_argument("--activation", metavar="NAME", help="relu, gelu, tanh, ...: what weights alone do not say")
    group.add_argument("--trust", action="store_true", help="read a model file even if that can run code inside it")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the options that name data."""
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        metavar="D",
        help=f"{', '.join(DATA_NAMES)}, {KINDS} (a demo's own by default)",
    )
    group.add_argument("--test-data", metavar="D2", help="file of the test samples")
    group.add_argument(
        "--keys",
        metavar="X,Y",
        type=keys,
        help="names of inputs and labels in the file, a+b for several; columns by number too, -1 is the last; "
        "'X,' without labels, ',Y' with the usual inputs",
    )
    group.add_argument("--normalize", choices=tuple(NORMALIZATIONS), default="none", help="how inputs are scaled")
    group.add_argument("--channels", choices=CHANNELS, default=CHANNELS[0], help="where colours stand (first)")


def add_stream(parser: argparse.ArgumentParser) -> None:
    """Add the options of a fit to samples that are read where they are used."""
    group = parser.add_argument_group("stream", "samples to fit to, of any number; --data has those to test on")
    group.add_argument("--stream", metavar="S", help=f"{STREAMED}: its inputs, read some at a time")
    group.add_argument("--stream-keys", metavar="X,", type=keys, help="name of the inputs in the stream's file")
    group.add_argument(
        "--components", metavar="K", type=positive, help="sums of states in K components, in one pass: a preview"
    )
    group.add_argument(
        "--checkpoint", metavar="FILE", type=Path, help="keep sums there, and go on from them after a kill"
    )


def add_depth(parser: argparse.ArgumentParser) -> None:
    """Add the options of `depth`."""
    add_model(parser)
    add_data(parser)
    group = parser.add_argument_group("depth")
    group.add_argument("--start", metavar="L", help="the first block, or time step from 1 on, to replace (each)")
    group.add_argument("--blocks", metavar="P", type=positive, help="how many to replace (every number)")
    group.add_argument("--layer", metavar="L", help="a layer of the stream, or a recurrent layer (the longest stream)")
    group.add_argument(
        "--no-inputs",
        dest="inputs",
        action="store_false",
        help="replace the time steps of a recurrent layer without a look at their inputs",
    )
    group.add_argument(
        "--states",
        metavar="S",
        type=stream_states,
        default=FLAT,
        help="what a state is: flat, tokens, pca or pca:K with K principal components "
        f"(flat; above {LARGE:,} entries pca:{USUAL_COMPONENTS})",
    )
    add_samples_and_machine(group)
    parser.add_argument("--json", metavar="OUT", help="write the numbers as JSON to a file, or - for stdout")
    parser.add_argument("--csv", metavar="OUT", help="write the cells as CSV to a file, or - for stdout")


def add_figures(parser: argparse.ArgumentParser) -> None:
    """Add the options of `plot`."""
    group = parser.add_argument_group("figure")
    group.add_argument(
        "--figure",
        metavar="NAME",
        type=figures,
        action="extend",
        required=True,
        dest="figures",
        help=f"{', '.join(FIGURE_NAMES)}; several with commas, or {ALL} that need no further fits. curve and sweep fit "
        "what they lack",
    )
    group.add_argument(
        "--out",
        metavar="FIG",
        help="a .pdf, .png or .svg file, or .csv for its numbers; a folder, or nothing, for PDF files whose names hold "
        "model, layer, h and r",
    )
    group.add_argument(
        "--width", metavar="MM", type=width, help=f"{' or '.join(NAMED_WIDTHS)} of a paper, or mm (the figure's own)"
    )
    group.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (light)")
    group.add_argument("--mode", metavar="I", type=seed, help="index of the eigenvalue that mode draws")
    group.add_argument(
        "--sample", metavar="I", type=positive, default=1, help="test sample that states and heatmap draw (1)"
    )


def add_samples_and_machine(group: Any) -> None:
    """Add the options for the samples to fit to, the seed and the device."""
    group.add_argument(
        "--samples",
        metavar="B",
        type=positive_or("all"),
        default=argparse.SUPPRESS,
        help="to fit on (1000, or what there is), or all",
    )
    group.add_argument("--seed", metavar="I", type=seed, default=0, help="of all random numbers (0)")
    group.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def add_fit_settings(group: Any) -> None:
    """Add the settings of a fit."""
    group.add_argument(
        "--scaling", metavar="S", choices=SCALINGS, default=SCALINGS[0], help=f"one of {', '.join(SCALINGS)}"
    )
    group.add_argument(
        "--schedule", metavar="S", type=schedule, default=None, help=f"where steps stand: {EXPECTED} ({DEFAULT})"
    )
    group.add_argument(
        "--steps",
        metavar="N",
        type=positive,
        default=argparse.SUPPRESS,
        help="small steps of the layer (20, or 1 of other observables than delays)",
    )
    group.add_argument(
        "--observables", choices=OBSERVABLES, default=OBSERVABLES[0], help=f"one of {', '.join(OBSERVABLES)}"
    )
    group.add_argument(
        "--states", metavar="S", type=states, default=argparse.SUPPRESS, help=f"{STATES} (flat; pca of a wide stage)"
    )
    group.add_argument("--centres", metavar="K", type=positive, help=f"of rbf ({USUAL_CENTRES}, fewer of few samples)")
    group.add_argument("--pad", metavar="V", type=number, default=-1.0, help="value of appended entries")
    add_samples_and_machine(group)
