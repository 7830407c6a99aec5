"""What several commands do with the options of a fit."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koopview.errors import FileError, InputError
from koopview.files import check_folder
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings, with_usual_steps
from koopview.terminal import terminal_progress

if TYPE_CHECKING:
    from koopview.study.study import Study  # which imports torch


def asked_settings(options: Namespace) -> dict[str, Any]:
    """Return the settings, by name, of the options of ``fit``."""
    names = {field.name for field in fields(FitSettings)} & set(vars(options))
    return with_usual_steps({name: getattr(options, name) for name in names})


def fitted(study: "Study", asked: dict[str, Any], repeats: int) -> FitResult:
    """Return the result of the settings asked for, over several draws of the fitting samples where there are to be."""
    settings, progress = study.settings(**asked), terminal_progress()
    found = study.repeat(settings, repeats, progress) if repeats > 1 else study.fit_settings(settings, progress)
    return found.result


def check_stream(options: Namespace) -> None:
    """Raise an error for options of a stream without one, or that do not go with one."""
    if options.stream is None:
        given = [name for name in ("stream_keys", "components", "checkpoint") if getattr(options, name) is not None]
        if given:
            raise InputError(f"--{given[0].replace('_', '-')} is given without a stream, expected --stream S beside it")
        return
    if options.repeats > 1:
        raise InputError(f"--repeats is {options.repeats} with a stream, whose first samples are taken; expected 1")
    if options.checkpoint is not None:
        check_folder(options.checkpoint, "--checkpoint")


def streamed(study: "Study", asked: dict[str, Any], options: Namespace, remark: Callable[[str], object]) -> FitResult:
    """Return the result of the settings asked for, fitted to a stream; what a person should know is told."""
    how = {"keys": options.stream_keys, "channels": options.channels}
    kept = {"components": options.components, "checkpoint": options.checkpoint}
    found = study.fit_stream(options.stream, **asked, **how, **kept, progress=terminal_progress())
    if found.note:
        remark(found.note)
    return found.result


def made_folder(path: Path, option: str) -> Path:
    """Return the folder that an option names, created if missing; raises FileError if it cannot be created."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{option} {path} cannot be made: {error.strerror}, expected a folder") from error
    check_folder(path / "table.csv", option)
    return path


def check_named(options: Namespace, to: str) -> None:
    """Raise InputError unless options name a study, or a model and a layer, `to` print or draw, with valid settings."""
    if options.layer is None and (options.study is None or options.model is not None):
        raise InputError(f"there is nothing to {to}, expected a study file, or --model and --layer")
    FitSettings(**{**asked_settings(options), "layer": options.layer or ""})


def fit_or_last(study: "Study", options: Namespace, to: str) -> FitResult:
    """Return the result of the fit of --layer, without it the study's last one, `to` print or draw."""
    if options.layer is not None:
        return fitted(study, asked_settings(options), options.repeats)
    if not study.results:
        raise InputError(f"study {options.study} holds no result to {to}, expected --layer for a fit")
    return study.results[-1]
