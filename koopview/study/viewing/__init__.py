"""What the further panels draw of a fit: one file a kind of view, and the register of all kinds."""
