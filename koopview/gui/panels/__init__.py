"""One file a panel: each gets a result or a state and draws it."""
