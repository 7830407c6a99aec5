"""Plots, one kind per file, and their shared parts: axes, colours, markers, legends."""
