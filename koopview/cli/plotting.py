"""``koopview plot``: figures of a fit, written into files."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.arguments import source_of
from koopview.cli.fitting import check_named, fit_or_last, made_folder
from koopview.errors import InputError
from koopview.figures import ALL, FIGURE_NAMES, check_figure_ending
from koopview.files import check_folder
from koopview.study.result import FitResult
from koopview.terminal import deliver, printable, quiet, remarks, terminal_progress

if TYPE_CHECKING:
    from koopview.gui.figures.figure import Figure  # which imports Qt
    from koopview.study.study import Study  # which imports torch
    from koopview.study.subject import Subject


def plot(options: Namespace) -> None:
    """Draw figures of a fit, or of a study's last result, and print the names of their files."""
    check_files(options)
    check_named(options, "draw")
    with remarks() as remark, quiet():
        from koopview.opening import open_study

        study = open_study(source_of(options), options.device, remark)
        result = fit_or_last(study, options, "draw")
        subject = subject_for(study, result, options.figures)
        written = [made.save(options.out) for made in drawn(subject, options, remark)]
    deliver("".join(f"{printable(str(path))}\n" for path in written))


def check_files(options: Namespace) -> None:
    """Raise an error unless the files of --out can be written and --mode is there where it is drawn."""
    if "mode" in options.figures and options.mode is None:
        raise InputError("--figure mode needs --mode I, expected the index of an eigenvalue")
    if options.out is None:
        return
    if options.out.endswith(("/", "\\")):
        made_folder(Path(options.out), "--out")
    path = Path(options.out)
    if path.is_dir():
        return
    if len(options.figures) > 1 or ALL in options.figures:
        raise InputError(f"--out {options.out} is one file for several figures, expected a folder, such as figures/")
    check_figure_ending(path, "or a folder for --out")
    check_folder(path, "--out")


def subject_for(study: "Study", result: FitResult, names: tuple[str, ...]) -> "Subject":
    """Return what is drawn of a result; a curve or a sweep of which too little is known is fitted first."""
    from koopview.gui.figures.feeding import curve_points, sweep_cells
    from koopview.gui.session.sweeping import rest_of, swept_delays, swept_ranks
    from koopview.study.subject import of_study

    subject, shown = of_study(study, result), result.settings
    ranks: list[Any] = []
    if "sweep" in names and sweep_cells(subject) < 2:
        ranks = swept_ranks(result.kept_rank, shown.rank)
    elif "curve" in names and curve_points(subject) < 2:
        ranks = [shown.rank]
    if ranks:
        delays = swept_delays(shown.steps, shown.delays)
        study.sweep([shown.layer], delays, ranks, progress=terminal_progress(), **rest_of(shown))
    return of_study(study, result) if ranks else subject


def drawn(subject: "Subject", options: Namespace, remark: Callable[[str], object]) -> "Iterator[Figure]":
    """Yield the figures asked for; of all of them those that this fit has, and say why the others are left out."""
    from koopview.gui.application import without_notes
    from koopview.gui.plotting import figure_of

    whole = ALL in options.figures
    for name in FIGURE_NAMES if whole else options.figures:
        if whole and name == "mode" and options.mode is None:
            continue
        try:
            with without_notes():
                yield figure_of(subject, name, options.mode, options.sample, options.width, options.theme)
        except InputError as error:
            if not whole:
                raise
            remark(f"{name} is left out: {error}")
