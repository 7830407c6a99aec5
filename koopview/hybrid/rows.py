"""The networks that a hybrid stands beside, by name; no torch here."""

CONTROLS = ("lift_affine", "affine", "mean", "identity")
"""What is put in the layer's place for comparison (METHOD section 5): affine map of z[0], of the input, mean, input."""

AFFINE_CONTROLS = CONTROLS[:2]
"""Those of which the better one is what a hybrid is held against."""

ROWS = ("original", "scaled", "hybrid", *CONTROLS)
"""The seven networks whose scores always stand together, in the order in which they are shown."""
