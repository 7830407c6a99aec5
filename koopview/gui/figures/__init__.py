"""Figures outside the window: the window's panels, fed with a fit and drawn at print size."""
