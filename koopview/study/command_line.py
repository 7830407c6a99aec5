"""The command line that repeats what is on screen, ready to paste into a shell."""

import shlex
from dataclasses import fields

from koopview.study.settings import FitSettings
from koopview.study.source import Source
from koopview.trajectory.states import FLAT

_OPTIONS = {"test_data": "test-data"}
_ALWAYS = ("scaling", "schedule", "steps", "observables", "delays", "rank")
"""Settings that are said even where they are the usual ones, which another version may have others of."""

_USUAL = {field.name: field.default for field in fields(FitSettings) if field.name in ("pad", "seed", "centres")}
"""Settings that are said if they differ from their defaults, and these."""


def fit_options(settings: FitSettings) -> list[str]:
    """Return the words of FIT on the command line that say `settings`; edits and draws have none."""
    words = ["--layer", settings.layer]
    if len(settings.replaced) > 1:
        words += ["--replace", ",".join(settings.replaced)]
    for name in _ALWAYS:
        value = getattr(settings, name)
        words += [] if value is None else [f"--{name}", str(value)]
    words += ["--samples", "all" if settings.samples is None else str(settings.samples)]
    if settings.states != FLAT:
        words += ["--states", settings.states]
    for name, usual in _USUAL.items():
        value = getattr(settings, name)
        words += [] if value == usual else [f"--{name}={value:g}"]  # with =, or -2 is taken for an option
    return words


def source_options(source: Source) -> list[str]:
    """Return the words that name a model and its data, or a study file that holds them."""
    words = [] if source.study is None or source.model is not None else [source.study]
    for field in fields(Source):
        value = getattr(source, field.name)
        if field.name in ("study", "seed") or value == field.default:
            continue
        words.append(f"--{_OPTIONS.get(field.name, field.name)}")
        if value is not True:
            words.append(",".join(value) if isinstance(value, tuple) else str(value))
    return words


def handout_command(settings: FitSettings, source: Source | None) -> str:
    """Return the command that prints the handout of a fit again, empty where its model was made in memory."""
    if source is None or source == Source():
        return ""
    return shlex.join(["koopview", "handout", *source_options(source), *fit_options(settings), "--out", "handout.pdf"])
