"""Make, on the worker, what follows a result on screen: a view of it, or its controls."""

import time
from typing import Any

from koopview.gui.session.engine import Engine
from koopview.progress import Progress
from koopview.study.settings import FitSettings

CONTROLS = "controls"
"""The kind, among the views that follow a result, for its controls, measured after the hybrid is shown."""


def made_view(engine: Engine, settings: FitSettings, kind: str, progress: Progress) -> tuple[str, Any, float]:
    """Return a kind, its view of a fit (for CONTROLS the complete FitResult), and the seconds that it took."""
    study, started = engine.study(progress), time.perf_counter()
    made = study.fit_settings(settings, progress).result if kind == CONTROLS else study.view(settings, kind, progress)
    return kind, made, time.perf_counter() - started
