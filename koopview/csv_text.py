"""Tables as CSV, the one writer for all of them."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

Rows = Iterable[Sequence[object]]


def csv_text(rows: Rows) -> str:
    """Return rows, column names first, as CSV text: NaN is empty, as it is null in JSON; minus signs are ASCII."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
    return text.getvalue().replace("−", "-")
