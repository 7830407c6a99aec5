"""Controls and frames that several panels are built of."""
