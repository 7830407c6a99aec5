"""What follows a result on screen, made on the worker: a view of it, or its controls."""

import time
from typing import Any

from koopview.gui.session.engine import Engine
from koopview.progress import Progress
from koopview.study.settings import FitSettings

CONTROLS = "controls"
"""Stands among the views that follow a result for its controls: they are measured once the hybrid is shown."""


def made_view(engine: Engine, settings: FitSettings, kind: str, progress: Progress) -> tuple[str, Any, float]:
    """Return a kind, its view of a fit (of CONTROLS the fit's whole result), and the seconds that it took."""
    study, started = engine.study(progress), time.perf_counter()
    made = study.fit_settings(settings, progress).result if kind == CONTROLS else study.view(settings, kind, progress)
    return kind, made, time.perf_counter() - started
