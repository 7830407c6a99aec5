"""The one list of ways to scale inputs before the network, by their names in files and options."""

NORMALIZATIONS = {"none": "as they are", "unit": "divided by the largest", "standard": "mean 0, deviation 1"}
"""Each name with its description."""
