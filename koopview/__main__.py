"""``python -m koopview``."""

from koopview.cli import main

raise SystemExit(main())
