"""The views of a fit that the further panels draw: one file per kind of view, and the register of all kinds."""
