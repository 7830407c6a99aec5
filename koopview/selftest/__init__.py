"""KoopView proves itself in any installation, with or without a display: ``koopview --self-test``.

Nothing here is imported before it is asked for, and Qt and torch not before the check that needs them: one that cannot
be loaded is a failed check, and the others still run.
"""
