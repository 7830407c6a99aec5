"""Save what is on screen: ask where, and write pictures for print, and numbers."""
