"""The panels, one file each: a panel gets a result or a state and draws it."""
