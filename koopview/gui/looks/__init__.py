"""Themes, their style sheet, and which of them is worn."""
