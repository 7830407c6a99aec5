"""The commands: pass parsed options to the engine, and print its numbers as a table, JSON or CSV."""

from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.arguments import source_of
from koopview.cli.compare_tables import compare_table
from koopview.cli.depth_tables import depth_cell_table, depth_table
from koopview.cli.fitting import (
    asked_settings,
    check_named,
    check_stream,
    fit_or_last,
    fitted,
    made_folder,
    streamed,
)
from koopview.cli.plotting import plot as plot
from koopview.cli.tables import edit_table, fit_table, layers_table, paper_table, sweep_table
from koopview.csv_text import csv_text
from koopview.errors import InputError
from koopview.files import check_folder, json_text, write_whole
from koopview.network.info import LayerInfo
from koopview.progress import part
from koopview.study.depth_result import depth_rows
from koopview.study.export import cells_csv
from koopview.study.settings import DEFAULT_SAMPLES, FitSettings
from koopview.terminal import deliver, printable, quiet, remarks, terminal_progress

if TYPE_CHECKING:
    from koopview.network.network import Network


def layers(options: Namespace) -> None:
    """Print the layers of a model."""
    source, explained = source_of(options), None
    with remarks() as remark, quiet():
        from koopview.opening import open_network, open_study  # imports torch, so only after the options are checked

        if options.data is None:
            network = open_network(source)
            for told in network.remarks:
                remark(told)
            rows = [layer.info() for layer in network.layers]
        else:
            study = open_study(source, tell=remark)
            network, rows = study.network, list(study.layers)
            explained = study.r2_linear(terminal_progress())
        within = inside_of(network) if options.inside else {}
    shown = [described(row) | ({} if explained is None else {"r2_linear": explained[row.name]}) for row in rows]
    for row in shown:
        row |= {"inside": [described(one) for one in within.get(row["name"], ())]} if options.inside else {}
    deliver((json_text(shown) if options.json else layers_table(rows, explained, within)) + "\n")


def inside_of(network: "Network") -> dict[str, tuple[LayerInfo, ...]]:
    """Return the rows of the stages inside each block of a network, by the block's name."""
    from koopview.network.inside import inside  # imports torch

    return {block: tuple(stage.info() for stage in stages) for block, stages in inside(network).items()}


def described(row: LayerInfo) -> dict[str, Any]:
    """Return a layer's row as a JSON object; rows of numbers have no shapes."""
    return {key: value for key, value in vars(row).items() if value != () or not key.endswith("_shape")}


def fit(options: Namespace) -> None:
    """Fit a layer and print its numbers, or write them into a file."""
    check_output(options.json, "--json")
    check_stream(options)
    asked = asked_settings(options)
    FitSettings(**asked)  # invalid settings are reported before anything is opened
    with remarks() as remark, quiet():
        from koopview.opening import open_study

        few = None if options.stream is None else DEFAULT_SAMPLES
        study = open_study(source_of(options), options.device, remark, few)
        result = fitted(study, asked, options.repeats) if few is None else streamed(study, asked, options, remark)
    put(fit_table(result) if options.json is None else json_text(result.summary()), options.json, "--json")


def self_test(report: str | None) -> int:
    """Check this installation and print a table of what was found, or write JSON; returns the exit status."""
    check_output(report, "--json")
    from koopview.selftest.run import self_test as run

    status, text = run((lambda line: None) if report == "-" else deliver, as_json=report is not None)
    put(text, report, "--json")
    return status


def sweep(options: Namespace) -> None:
    """Fit layers over delays and ranks, and print the cells or write them into files."""
    check_outputs(options)
    asked = asked_settings(options)
    for delays in asked.pop("delays"):
        FitSettings("", delays=delays, **asked)  # invalid settings are reported before anything is opened
    layers = "all" if "all" in options.layers else options.layers
    with remarks() as remark, quiet():
        from koopview.opening import open_study

        study = open_study(source_of(options), options.device, remark)
        watch = {"progress": terminal_progress(), "resume": options.resume, "tests": options.tests}
        found = study.sweep(layers, options.delays, options.ranks, **watch, **asked)
    put_cells(options, found.summaries(options.spectra), cells_csv(found.results).decode())
    if options.json is options.csv is None:
        few = "" if options.tests is None else f"\nmeasured on {found.results[0].test_samples:,} test samples"
        put(sweep_table(found.results) + few, None, "")


def depth(options: Namespace) -> None:
    """Replace blocks by one operator applied as often, and print the cells or write them into files."""
    check_outputs(options)
    settings = {
        name: getattr(options, name) for name in ("states", "samples", "seed", "inputs", "layer") if name in options
    }
    with remarks() as remark, quiet():
        from koopview.opening import open_study

        study = open_study(source_of(options), options.device, remark)
        cells = list(study.depth_table(options.start, options.blocks, progress=terminal_progress(), **settings))
        if cells[0].note:
            remark(cells[0].note)
    one = options.start is not None and options.blocks is not None
    objects = [cell.summary() for cell in cells]
    put_cells(options, objects[0] if one else objects, csv_text(depth_rows(cells)))
    if options.json is options.csv is None:
        put(depth_cell_table(cells[0]) if one else depth_table(cells), None, "")


def edit(options: Namespace) -> None:
    """Change modes of a layer's operator, and print the effect or write it into a file."""
    check_output(options.json, "--json")
    if options.save is not None:
        check_folder(options.save, "--save")
    asked = asked_settings(options)
    FitSettings(**asked)  # invalid settings are reported before anything is opened
    with remarks() as remark, quiet():
        from koopview.opening import open_study
        from koopview.study.editing import edit_summary

        progress = terminal_progress()
        study = open_study(source_of(options), options.device, remark)
        before = study.fit(**asked, progress=part(progress, 0.0, 0.5))
        if options.unlearn is not None:
            after = before.unlearn(options.unlearn, most=options.most, progress=part(progress, 0.5, 1.0))
        else:
            after = before.edit(remove=options.remove or (), scale=options.scale or {})
        if options.save is not None and after.result.edited:
            after.export(options.save, "--save")
        probe = None if options.unlearn is None else [one.linear_probe(options.unlearn) for one in (before, after)]
    if options.json is None:
        put(edit_table(before.result, after.result, after.note, probe), None, "")
    else:
        put(json_text(edit_summary(before.result, after.result, after.note, probe)), options.json, "--json")
    if options.save is not None and not after.result.edited:
        raise InputError(f"--save {options.save} was not written, since nothing was edited; expected another edit")


def compare(options: Namespace) -> None:
    """Fit two sides, compare them, and print the comparison or write it into a file."""
    check_output(options.json, "--json")
    asked = {field.name: getattr(options, field.name) for field in fields(FitSettings) if field.name in options}
    wanted = {"layer": asked.pop("layer"), "layer_b": options.layer_b}
    FitSettings("", **asked)  # invalid settings are reported before anything is opened
    with remarks() as remark, quiet():
        from koopview.opening import open_sides
        from koopview.study.compare import compare as compared

        one, other = open_sides((options.a, options.b), source_of(options), options.device, remark)
        found = compared(one, other, draws=options.repeats, progress=terminal_progress(), **wanted, **asked)
    put(compare_table(found) if options.json is None else json_text(found.summary()), options.json, "--json")


def handout(options: Namespace) -> None:
    """Print a study's last result, or a fit, on two pages."""
    check_folder(options.out, "--out")
    if options.out.suffix.lower() != ".pdf":
        raise InputError(f"--out {options.out} ends in {options.out.suffix or 'nothing'}, expected .pdf")
    check_named(options, "print")
    with remarks() as remark, quiet():
        from koopview.opening import open_study

        study = open_study(source_of(options), options.device, remark)
        result = fit_or_last(study, options, "print")
        from koopview.gui.printing import print_handout

        print_handout(study, result, options.out)
    deliver(f"{printable(str(options.out))}: 2 pages\n")


def paper(options: Namespace) -> None:
    """Repeat the paper's fits, and write its figures and its table beside ours into a folder."""
    folder = made_folder(options.out, "--out")
    progress = terminal_progress()
    with quiet():
        from koopview.gui.paper import write_figures
        from koopview.study.paper import compare_with_paper

        found = compare_with_paper(progress)
        write_whole(folder / "table.csv", found.csv(), "--out")
        write_figures(found.figures, folder)
    put(paper_table(found), None, "")


def check_output(name: str | None, option: str) -> None:
    """Raise FileError unless the file that an option names can be written; "-" and None are stdout."""
    if name is not None and name != "-":
        check_folder(Path(name), option)


def check_outputs(options: Namespace) -> None:
    """Raise an error unless the files of --json and --csv can be written, one of them at most stdout."""
    if (options.json, options.csv) == ("-", "-"):
        raise InputError("--json and --csv are both - for stdout, expected one of them at most")
    for name in ("json", "csv"):
        check_output(getattr(options, name), f"--{name}")


def put_cells(options: Namespace, objects: Any, table: str) -> None:
    """Write cells as JSON and as CSV where --json and --csv ask for it."""
    if options.json is not None:
        put(json_text(objects), options.json, "--json")
    if options.csv is not None:
        put(table.rstrip("\n"), options.csv, "--csv")


def put(text: str, name: str | None, option: str) -> None:
    """Write a result to stdout for "-" or None, else into the file that `option` names."""
    if name is None or name == "-":
        deliver(text + "\n")
    else:
        write_whole(Path(name), f"{text}\n".encode(), option)


def train(options: Namespace) -> None:
    """Train a built-in network and write its weights."""
    check_folder(options.out, "--out")
    with quiet():
        from koopview.network.training import save_network, train

        trained = train(options.network, seed=options.seed, epochs=options.epochs, progress=terminal_progress())
    save_network(trained, options.out)
    deliver(f"{printable(str(options.out))}: {100 * trained.test_accuracy:.2f} % on test samples\n")
