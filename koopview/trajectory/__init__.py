"""Layer scaling: one step of a layer becomes a path of many small ones, one file a scaling."""

SCALINGS = ("homotopy", "linear")
"""Names of the scalings, the default first."""
