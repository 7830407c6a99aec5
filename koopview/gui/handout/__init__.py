"""The handout: two printed pages of a fit."""
