"""The head of a table, whatever file it is in."""

import numpy as np

from koopview.network.datafiles.columns import Columns, Table
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.head_labels import LabelsSeen
from koopview.network.datafiles.held_array import FIRST


def head_of_table(
    kind: str,
    arrays: tuple[ArrayHead, ...],
    table: Table,
    columns: Columns,
    count: int,
    numbers: np.ndarray,
    seen: LabelsSeen,
    remarks: tuple[str, ...],
) -> DataHead:
    """Return the DataHead of a table: its columns, which of them are taken, and its first rows.

    Parameters
    ----------
    kind : str
        The format in words.
    count : int
        Number of samples, 0 where counting takes a whole read.
    numbers : array (samples, features)
        First rows of the inputs.
    seen : LabelsSeen
        Of their labels.
    """
    every = len(columns.inputs) == len(table.names) - len(columns.labels)
    return DataHead(
        kind,
        arrays,
        "*" if every else "+".join(table.names[one] for one in columns.inputs),
        "+".join(table.names[one] for one in columns.labels),
        count,
        0,
        (len(columns.inputs),),
        seen.classes,
        numbers[:FIRST].astype(np.float32),
        seen.labels[: len(numbers)],
        (*remarks, *seen.remarks),
    )
