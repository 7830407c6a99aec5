"""Shares of 1 as all faces write them."""

MISSING = "–"
"""Stands for a number that is not known."""


def percent(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5 %", a dash for None."""
    return missing if share is None else f"{100 * share:.{digits}f} %"


def percent_figure(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5", where a head or a caption bears the sign."""
    return missing if share is None else f"{100 * share:.{digits}f}"


def error_figure(share: float) -> str:
    """Return an error of a share in points, "0.3"; one too small for that in its first digit, "0.06": none is "0.0"."""
    text = f"{100 * share:.1f}"
    return f"{100 * share:.1g}" if text == "0.0" and share >= 1e-5 else text
