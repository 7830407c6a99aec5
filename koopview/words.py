"""Shares of 1 as all faces write them."""

MISSING = "–"
"""Stands for a number that is not known."""


def percent(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5 %", a dash for None."""
    return missing if share is None else f"{100 * share:.{digits}f} %"


def percent_figure(share: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """Return a share of 1 as "95.5", where a head or a caption bears the sign."""
    return missing if share is None else f"{100 * share:.{digits}f}"
