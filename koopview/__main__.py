"""``python -m koopview``, and where a bundle starts."""

import sys


def start() -> int:
    """Run KoopView, or what a bundle's program is started for by itself; returns the exit status."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()  # a process that multiprocessing starts is this program again: it ends here
    if sys.argv[1:2] == ["--process-apart"]:
        from koopview.processes import serve

        return serve()
    from koopview.cli import main

    return main()


if __name__ == "__main__":
    raise SystemExit(start())
