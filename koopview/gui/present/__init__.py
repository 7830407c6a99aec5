"""Showing it to a room: the present mode and the guided tour."""
