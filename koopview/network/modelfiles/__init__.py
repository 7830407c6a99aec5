"""Model files: their formats, one module each, and the way from a file to a network."""
