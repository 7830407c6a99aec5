"""Layer scaling: one step of a layer becomes a path of many small ones, one file a scaling."""

SCALINGS = ("homotopy", "flow", "inserted", "linear")
"""Names of the scalings, the default first."""

LEARNED = ("flow", "inserted")
"""Those that learn from the fitting samples, and whose end point is not exact."""
