"""Layer scaling: one step of a layer becomes a path of many small ones, one file a scaling."""

SCALINGS = ("homotopy", "flow", "inserted", "linear")
"""Names of the scalings, the default first."""

LEARNED = ("flow", "inserted")
"""Those that learn from the fitting samples, and whose end point is not exact."""

CLOSED_FORMS = ("homotopy", "linear")
"""Those given by a formula: their end point is exact, and a schedule says where their steps stand."""
