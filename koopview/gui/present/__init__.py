"""Showing the window to an audience: the present mode and the guided tour."""
