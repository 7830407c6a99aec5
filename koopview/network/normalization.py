"""How inputs are scaled before the network sees them: the one list of it, by what files and options call each."""

NORMALIZATIONS = {"none": "as they are", "unit": "divided by the largest", "standard": "mean 0, deviation 1"}
"""Names, and each in words."""
