"""The Python script that repeats a fit, ready to paste."""

from dataclasses import fields

from koopview import __version__
from koopview.study.settings import FitSettings
from koopview.study.source import Source

_IN_MEMORY = """\
# The model and its data were made in memory: put your own here.
study = koopview.Study(model, koopview.Dataset(inputs, labels))"""


def script(settings: FitSettings, source: Source | None) -> str:
    """Return a Python program, a str, that fits `settings` again and prints the scores of hybrid and controls.

    Parameters
    ----------
    source : Source or None
        Origin of model and data; None if they were made in memory, which the program then says.
    """
    opened = _IN_MEMORY if source is None or source == Source() else f"study = koopview.open_study({_call(source)})"
    names = [field.name for field in fields(FitSettings) if field.name != "layer"]
    lines = "".join(f"    {name}={getattr(settings, name)!r},\n" for name in names)
    return (
        f"# A fit made with KoopView {__version__}.\n"
        "import koopview\n\n"
        f"{opened}\n"
        f"fit = study.fit(\n    {settings.layer!r},\n{lines})\n"
        "print(fit.result.measure, fit.result.rows)\n"
        'print("above best control", fit.result.above_best_control)\n'
        'print("agreement", fit.result.agreement)\n'
        'print("eigenvalues", fit.eigenvalues)\n'
    )


def _call(source: Source) -> str:
    """Return the Python expression of a source, without default values."""
    told = [
        f"{field.name}={getattr(source, field.name)!r}"
        for field in fields(Source)
        if getattr(source, field.name) != field.default
    ]
    return f"koopview.Source({', '.join(told)})"
