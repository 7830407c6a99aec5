"""A module's forward pass: traced, exported or scripted, and taken apart into operations that follow one another."""
