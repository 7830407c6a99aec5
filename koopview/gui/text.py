"""The window's format of numbers; no Qt here."""

import math
from collections.abc import Sequence

from koopview.network.demos import DEMO_TITLES
from koopview.words import MISSING, error_figure, percent, percent_figure


def score(value: float | None, measure: str) -> str:
    """Return a score as text: R2 as "0.981", shares as "95.5 %", a dash for None."""
    if measure != "r2" or value is None:
        return percent(value)
    return minus(f"{value:.3f}") if abs(value) < 10 else short(value)


def score_figure(value: float | None, measure: str) -> str:
    """Return a score like :func:`score`, but "95.5" for shares, if a column or caption has the per cent sign."""
    return score(value, measure) if measure == "r2" else percent_figure(value)


def told_score(value: float | None, measure: str) -> str:
    """Return a score for use in a sentence: "95.5 %", "R² 0.981"."""
    return f"{'R² ' if measure == 'r2' else ''}{score(value, measure)}"


def points(fraction: float) -> str:
    """Return a difference of two fractions of 1 as "1.9 points"."""
    return minus(f"{100 * fraction:.1f} points")


def change(value: float, measure: str) -> str:
    """Return a difference of two scores with its sign: "+1.9 points", of R2 "−0.130"."""
    return minus(f"{value:+.3f}" if measure == "r2" else f"{100 * value:+.1f} points")


def gain(value: float, error: float, measure: str) -> str:
    """Return a difference of two scores with its standard error: "−2.5 ± 0.3 points", of R2 "+0.013 ± 0.004".

    It has as many decimal places as its error: "−0.05 ± 0.04 points".
    """
    if measure == "r2":
        return minus(f"{value:+.3f} ± {error:.3f}")
    figure = error_figure(error)
    places = max(1, len(figure.partition(".")[2])) if "e" not in figure else 1
    return minus(f"{100 * value:+.{places}f} ± {figure} points")


def importance_text(value: float, error: float, measure: str) -> str:
    """Return the score lost without a mode with its standard error: "3.1 ± 0.4 points", of R2 "0.013 ± 0.004"."""
    if measure == "r2":
        return minus(f"{value:.3f} ± {error:.3f}")
    return minus(f"{100 * value:.1f} ± {error_figure(error)} points")


_TITLES = {"accuracy": "Hybrid accuracy", "r2": "Hybrid R²", "agreement": "Agreement"}
_UNITS = {"accuracy": "hybrid %", "r2": "hybrid R²", "agreement": "agree %"}


def title_of(measure: str) -> str:
    """Return the title of a hybrid's score by `measure`: "Hybrid R²"."""
    return _TITLES[measure]


def unit_of(measure: str) -> str:
    """Return the short column name of a hybrid's scores by `measure`: "hybrid %"."""
    return _UNITS[measure]


def row_name(name: str) -> str:
    """Return the displayed name of one of ROWS, the networks compared with a hybrid: "affine of lift"."""
    return {"lift_affine": "affine of lift"}.get(name, name)


def study_name(model: str) -> str:
    """Return the displayed name of a model: "demo:mnist" is MNIST."""
    return DEMO_TITLES.get(model, model)


def activation_name(name: str) -> str:
    """Return the usual spelling of an activation: "relu" is ReLU."""
    written = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "relu6": "ReLU6", "silu": "SiLU"}
    return written.get(name, name.upper() if name in ("gelu", "elu", "selu", "celu") else name)


def count(number: int) -> str:
    """Return a whole number with thousands separators: "5,000"."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a number with a noun: "1 cell", "1,200 cells"."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def short(value: float) -> str:
    """Return a number for a person in few characters: "0.081", "12.3", "4.0e−05"."""
    if not math.isfinite(value):
        return MISSING
    if value != 0 and not 1e-3 <= abs(value) < 1e4:
        return minus(f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e"))
    return minus(f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}")


def minus(text: str) -> str:
    """Return `text` with the typographer's minus sign."""
    return text.replace("-", "−")


def seconds(value: float) -> str:
    """Return a duration as "0.06 s", "12.3 s", "2 min 05 s"."""
    if value >= 60:
        return f"{int(value // 60)} min {int(value % 60):02d} s"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def about(value: float) -> str:
    """Return an expected duration in round figures: "under 1 s", "about 40 s", "about 3 min", "about 2.5 h"."""
    if value < 1:
        return "under 1 s"
    if value < 59.5:
        return f"about {value:.0f} s"
    return f"about {value / 60:.0f} min" if value < 5400 else f"about {value / 3600:.1f} h"


def time_left(value: float) -> str:
    """Return the time left of running work as a phrase, empty if it is not known."""
    if not math.isfinite(value) or value < 1:
        return ""
    return f"about {seconds(round(value)) if value >= 60 else f'{value:.0f} s'} left"


def lift_sentence(fraction: float) -> str:
    """Return in words how much of the layer's path is evaluated before the operator takes over (METHOD section 3)."""
    if fraction == 0:
        said = "the operator sees the layer's input alone"
    elif fraction < 0.45:
        said = f"{100 * fraction:.0f} % of the layer's path is evaluated before the operator takes over"
    elif fraction <= 0.55:
        said = "about half of the layer's path is evaluated before the operator takes over"
    elif fraction < 0.85:
        said = "over half of the layer's path is still evaluated before the operator takes over"
    else:
        said = "nearly all of the layer's path is still evaluated, so the accuracy says little about the operator"
    return f"lift fraction {fraction:.2f}: {said}"


def eigenvalue(real: float, imaginary: float, pair: bool = False) -> str:
    """Return an eigenvalue as text, "0.981 + 0.209 i", or with ± if it stands for a `pair`."""
    if imaginary == 0:
        return minus(f"{real:.4f}")
    sign = "±" if pair else "+" if imaginary > 0 else "−"
    return f"{minus(f'{real:.4f}')} {sign} {abs(imaginary):.4f} i"


def class_name(names: Sequence[str], index: int) -> str:
    """Return the name of a class, "class 3" if the data have no names."""
    return names[index] if index < len(names) else f"class {index}"


def spoken_class(names: Sequence[str], index: int) -> str:
    """Return the name of a class for use in a sentence: "class 3" if the name is only a number."""
    name = class_name(names, index)
    return f"class {name}" if name.isdigit() else name
