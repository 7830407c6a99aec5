"""Widths in mm of a figure in a paper of two columns."""

ONE_COLUMN, TWO_COLUMNS = 85.0, 170.0
