"""What the handout says: title, settings, numbers and their meaning, as HTML for Qt's text; nothing is painted here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from koopview import __version__
from koopview.gui.history import above_named_control, numerical_rank, verdict
from koopview.gui.panels.accuracy import ABOVE_TIP, score_bars
from koopview.gui.panels.fit import FIGURES
from koopview.gui.plots.mode_tip import ILL_CONDITIONED
from koopview.gui.text import count, lift_sentence, row_name, score, short, study_name, told_score
from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult
from koopview.study.views import BoundaryView
from koopview.trajectory.states import FLAT
from koopview.words import MISSING, percent

_MEASURES = {"accuracy": "accuracy", "r2": "R²", "agreement": "agreement"}
_TITLE, _NAME, _NAMES = 48, 130, 90
"""Characters that a model's name has in the title and below it, and all replaced layers together."""

_TOLD = ("agreement", "output error", "operator residual", "numerical rank")
"""Those of the Fit panel's figures that the handout explains."""


@dataclass(frozen=True, eq=False)
class Handout:
    """What is printed: a result, the other results of its study, the plane of its inputs where that is known.

    `command` prints the same again; empty where the model was made in memory.
    """

    result: FitResult
    results: Sequence[FitResult]
    cells: Sequence[FitResult]
    boundary: BoundaryView | None
    command: str
    day: date


def title(handout: Handout) -> str:
    """Return what the handout is called: "Yin-Yang: layer 2 as a linear operator"."""
    settings = handout.result.settings
    count_of = len(settings.replaced)
    what = f"layer {settings.layer} as a linear operator"
    name = shortened(study_name(handout.result.model), _TITLE)
    return f"{name}: {what if count_of == 1 else f'{count_of} layers replaced, {what}'}"


def subtitle(handout: Handout) -> str:
    """Return what model and data are."""
    result = handout.result
    samples = f"{count(result.fit_samples)} samples to fit, {count(result.test_samples)} to test"
    task = "no labels" if result.task is None else f"task: {result.task}"
    names = " on ".join(shortened(name, _NAME) for name in (result.model, result.data))
    return f"{names} · {result.layer_inputs} → {result.layer_outputs} states · {samples} · {task}"


def settings_rows(result: FitResult) -> list[tuple[str, str]]:
    """Return the settings by their names."""
    settings = result.settings
    rank = f"{result.rank}" if isinstance(settings.rank, int) else f"{result.rank} ({_rank_word(settings.rank)})"
    edited = len(result.edited)
    return [
        ("scaling", settings.scaling + (f", {settings.schedule}" if settings.schedule else "")),
        ("steps N", str(settings.steps)),
        ("observables", settings.observables),
        *([] if settings.states == FLAT else [("states", settings.states)]),
        ("delays h", str(settings.delays)),
        ("rank r", rank),
        ("lift fraction", f"{settings.lift_fraction:.2f}"),
        ("replaced", shortened(", ".join(settings.replaced), _NAMES)),
        ("edited modes", f"{edited} of {result.rank}" if edited else "none"),
    ]


def _rank_word(rank: int | str) -> str:
    return "automatic" if rank == AUTO else str(rank)


def finding(result: FitResult) -> str:
    """Return in a sentence or two what the numbers say."""
    if result.hybrid is None:
        return f"The hybrid's outputs differ from the original network's by {short(result.output_error)} of their size."
    kept = f"The hybrid's {_MEASURES[result.measure]} is {_told(result, 'hybrid')}"
    beside = "" if result.rows["original"] is None else f", the original network's {_told(result, 'original')}"
    above, said = above_named_control(result), verdict(result)
    if said == MISSING:
        return f"{kept}{beside}."
    told = f"{kept}{beside}. Against the better affine map it stands at {above}"
    return f"{told}, with its modes edited." if result.edited else f"{told}: {said}."


def shortened(name: str, most: int) -> str:
    """Return a name with dots for its middle where it has more than `most` characters: both ends tell it apart."""
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most // 2) :]}"


def _told(result: FitResult, name: str) -> str:
    return told_score(result.rows[name], result.measure)


# --- As HTML --------------------------------------------------------------------------------------------------------


def head_html(handout: Handout) -> str:
    """Return title, subtitle, settings and finding."""
    pairs = settings_rows(handout.result)
    half = (len(pairs) + 1) // 2
    rows = "".join(
        _settings_row(pairs[index : index + 1] + pairs[index + half : index + half + 1]) for index in range(half)
    )
    return (
        f"<h1>{escape(title(handout))}</h1><p class='under'>{escape(subtitle(handout))}</p>"
        f"<table width='100%' cellspacing='0' cellpadding='2'>{rows}</table>"
        f"<p class='finding'>{escape(finding(handout.result))}</p>"
    )


def _settings_row(pairs: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f"<td width='14%' class='muted'>{name}</td><td width='36%'>{escape(value)}</td>" for name, value in pairs
    )
    return f"<tr>{cells}</tr>"


def numbers_html(result: FitResult) -> str:
    """Return the table of scores with their intervals, and what each row is."""
    unit = _MEASURES[result.measure]
    shares = result.measure != "r2"
    heads = (
        "",
        unit,
        "95 % interval" if shares else "relative error",
        "agrees" if shares else "",
        "output error",
        "what it is",
    )
    lines = [_line(heads, "th")]
    for bar, name in zip(score_bars(result), result.rows, strict=True):
        interval = result.intervals.get(name)
        beside = MISSING if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
        if not shares:
            beside = short_or_dash(result.relative_error.get(name))
        agrees = percent(result.agreements.get(name)) if shares else ""
        cells = (
            bar.name,
            score(bar.value, result.measure),
            beside,
            agrees,
            short_or_dash(result.output_errors.get(name)),
        )
        lines.append(_line((*cells, bar.tip), "td", strong=name == "hybrid"))
    return f"<table width='100%' cellspacing='0' cellpadding='2'>{''.join(lines)}</table>"


def short_or_dash(value: float | None) -> str:
    """Return a number in few characters, a dash for None."""
    return MISSING if value is None else short(value)


def _line(cells: Sequence[str], kind: str, strong: bool = False) -> str:
    words = [f"<b>{escape(cell)}</b>" if strong else escape(cell) for cell in cells]
    numbers = "".join(f"<{kind} align='right'>{word}&nbsp;&nbsp;</{kind}>" for word in words[1:-1])
    return f"<tr><{kind} align='left'>{words[0]}</{kind}>{numbers}<{kind} align='left'>{words[-1]}</{kind}></tr>"


def meanings(result: FitResult) -> list[tuple[str, str, str]]:
    """Return numbers of the fit, each with its name and a sentence that says what it means."""
    figures = {"numerical rank": numerical_rank(result), "agreement": percent(result.agreement)}
    figures |= {"output error": short(result.output_error), "operator residual": short(result.operator_residual)}
    tips = dict(FIGURES)
    name, _, lift = lift_sentence(result.settings.lift_fraction).partition(":")
    worst = float(max(result.condition_numbers, default=1.0))
    known = [
        ("above best control", above_named_control(result), ABOVE_TIP),
        ("lift fraction", name.rpartition(" ")[2], lift.strip().capitalize()),
        *((told, figures[told], tips[told]) for told in _TOLD),
        (
            "residual",
            _range(result),
            "Colour of an eigenvalue: its error over the whole layer, on samples apart from the fit",
        ),
        (
            "condition number",
            f"up to {short(worst)}",
            f"Above {ILL_CONDITIONED:.0f} (rings) an eigenvalue says nothing alone",
        ),
        ("95 % interval", _samples(result), "Wilson's interval of a share of so many; all rows are of the same ones"),
    ]
    return [row for row in known if row[1] != MISSING]


def _samples(result: FitResult) -> str:
    """Return of how many test samples the intervals are, a dash where there are none."""
    known = any(pair is not None for pair in result.intervals.values())
    return f"{count(result.test_samples)} test samples" if known else MISSING


def _range(result: FitResult) -> str:
    if not len(result.residuals):
        return MISSING
    return f"{short(float(result.residuals.min()))} to {short(float(result.residuals.max()))}"


def meanings_html(result: FitResult) -> str:
    """Return what each number means, a row each."""
    first, second = "<td width='17%'>", "<td width='21%'>"
    rows = "".join(
        f"<tr>{first}<b>{escape(name)}</b></td>{second}{escape(value)}</td><td>{escape(said)}.</td></tr>"
        for name, value, said in meanings(result)
    )
    return f"<table width='100%' cellspacing='0' cellpadding='2'>{rows}</table>"


def again_html(handout: Handout) -> str:
    """Return the command that prints the same again, and what it was made with."""
    result = handout.result
    said = "The model was made in memory: no command line opens it."
    if handout.command:
        said = escape(handout.command)
    if result.edited:
        said += f"<br>Then {len(result.edited)} modes were edited, which no option says; a study file keeps them."
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    return f"<p class='code'>{said}</p><p class='muted'>Fitted with {escape(versions)}.</p>"


def footer(handout: Handout, page: int, pages: int) -> tuple[str, str]:
    """Return what stands below a page, left and right."""
    settings = handout.result.settings
    left = f"KoopView {__version__} · {handout.day:%d %B %Y} · {row_name('hybrid')} of layer {settings.layer}"
    return left, f"{page} of {pages}"
