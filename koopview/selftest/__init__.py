"""``koopview --self-test``: an installation proves itself, with or without a display; Qt and torch on first use."""
