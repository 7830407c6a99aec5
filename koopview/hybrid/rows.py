"""The names of the networks that a hybrid is compared with; no torch here."""

CONTROLS = ("lift_affine", "affine", "mean", "identity")
"""Replacements of the layer for comparison (METHOD section 5): affine map of z[0], of the input, mean, input."""

AFFINE_CONTROLS = CONTROLS[:2]
"""The controls of which the better one is the hybrid's benchmark."""

ROWS = ("original", "scaled", "hybrid", *CONTROLS)
"""The seven networks whose scores are always shown together, in this order."""

DEPTH_CONTROLS = ("affine", "affine_blocks", "skip", "mean")
"""Replacements of blocks to compare with: one affine map, one a block, the blocks left out, their mean output."""

DEPTH_ROWS = ("original", "projected", "koopman", *DEPTH_CONTROLS)
"""The networks shown together where one operator replaces blocks; "projected" only where states leave something out."""
