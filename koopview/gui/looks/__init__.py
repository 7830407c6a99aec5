"""Themes, their style sheet, and the choice of the theme."""
