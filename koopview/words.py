"""Shares of 1 as text, the same in the command line, the window and Python."""

MISSING = "–"
"""Stands for a number that is not known."""


def percent(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5 %", a dash for None."""
    return missing if share is None else f"{100 * share:.{digits}f} %"


def percent_figure(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5", for a column or caption that already has the per cent sign."""
    return missing if share is None else f"{100 * share:.{digits}f}"


def error_figure(share: float) -> str:
    """Return an error of a share in points, "0.3"; a smaller one with one significant digit, "0.06"; 0 as "0.0"."""
    text = f"{100 * share:.1f}"
    return f"{100 * share:.1g}" if text == "0.0" and share >= 1e-5 else text
