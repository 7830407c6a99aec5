"""Save plots on screen: ask where, and write pictures for print, or numbers."""
