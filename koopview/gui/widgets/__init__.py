"""Controls and frames shared by several panels."""
