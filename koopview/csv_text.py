"""Tables as CSV, the same for all who write one."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

Rows = Iterable[Sequence[object]]


def csv_text(rows: Rows) -> str:
    """Return rows, a head first, as CSV: what is no number is empty, as it is null in JSON; a minus is ASCII's."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
    return text.getvalue().replace("−", "-")
