"""Widths in mm of a figure in a paper of two columns."""

ONE_COLUMN, TWO_COLUMNS = 85.0, 170.0
NAMED_WIDTHS = {"one-column": ONE_COLUMN, "two-columns": TWO_COLUMNS}
LEAST_MM, MOST_MM = 30.0, 1000.0
"""The narrowest and the widest figure that is drawn."""
