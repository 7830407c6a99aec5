"""Texts about the study in the window: its title, what has been done, what to do next."""

from koopview.gui.history import has_labels
from koopview.gui.session.costing import Cost
from koopview.gui.session.filled import Filled
from koopview.gui.session.sweeping import SweepEnd
from koopview.gui.text import about, counted, seconds, study_name, told_score
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

FILLED_TIP = "Fitted while nothing else runs; whatever you do comes first. Study, Fill in curves when idle, ends it"

_ASK = "Sweep (Ctrl+Shift+F) does it when you ask for it."


def belongs(result: FitResult, state: StudyState | None) -> bool:
    """Return whether `result` is of the study whose `state` is given."""
    return state is not None and bool(state.results) and (state.model, state.data) == (result.model, result.data)


def done(result: FitResult | None, sweep: SweepEnd | None = None) -> str:
    """Return the status bar's text when nothing runs; `sweep` is given if a sweep ended last."""
    if result is None:
        return "Ready"
    if sweep is not None:
        return sweep_done(sweep)
    if result.edited:
        name = "hybrid" if has_labels(result) else "agreement"
        now = told_score(result.hybrid, result.measure)
        return f"{len(result.edited)} of {result.rank} eigenvalues edited: {name} {now}"
    return f"Fitted layer {result.settings.layer} in {seconds(sum(result.seconds.values()))}"


def stopped(result: FitResult | None) -> str:
    """Return the status bar's text after Stop; `result` is what is drawn."""
    if result is None:
        return "Stopped"
    if not result.controls_known:
        return "Stopped: not all of this fit is measured; Fit (F5) measures the rest"
    return "Stopped: the settings are again those of the picture"


def sweep_done(sweep: SweepEnd) -> str:
    """Return the outcome of a sweep as text."""
    if sweep.stopped:
        return f"Stopped after {sweep.found} of {counted(sweep.asked, 'cell')}"
    if sweep.refused:
        return "No cell was fitted"
    swept = f"Swept {counted(sweep.asked, 'cell')} in {seconds(sweep.seconds)}"
    return ". ".join(part for part in (swept, sweep.ready) if part)


def filled_words(told: Filled | None) -> tuple[str, str]:
    """Return how far what is filled in while idle has come, and the tooltip to it; both empty if nothing is."""
    if told is None:
        return "", ""
    name = told.name.capitalize()
    came = f"{name} {told.found} of {told.cells}"
    if told.why:
        return f"{came} filled in", f"{told.why}. {_ASK}"
    if told.seconds is not None:
        return f"{came} filled in", f"The rest would take {about(told.seconds)}, too long to do it unasked. {_ASK}"
    if told.found == told.cells:
        return f"{name} filled in", "Fitted while nothing else ran, and kept with the study"
    return f"{came}, filled in while idle", FILLED_TIP


def cost_words(cost: Cost) -> str:
    """Return what a sweep's Start will cost: "180 cells, about 3 min", "180 cells, 20 to fit, about 20 s"."""
    words = [counted(cost.cells, "cell")]
    if not cost.left:
        words.append("all there")
    elif cost.left < cost.cells:
        words.append(f"{cost.left} to fit")
    if cost.left and cost.seconds is not None:
        words.append(about(cost.seconds))
    return ", ".join(words)


def what_to_do(state: StudyState | None, settings: FitSettings | None, busy: bool) -> tuple[str, str]:
    """Return an empty window's advice to a person, and the key of the action for it, empty for none."""
    if busy:
        return "The first picture is on its way…", ""
    if state is None or not state.layers:
        return (
            "Open a model (Ctrl+O) and its data (Ctrl+Shift+O),\nor choose a built-in study under Demo.",
            "open_model",
        )
    if not state.data:
        return "Open the data that this network was trained on (Ctrl+Shift+O).", "open_data"
    if settings is None:
        return "No layer of this network can be fitted;\nthe reason stands in each layer's tooltip.", ""
    return "Press Fit (F5) to see this layer as a linear operator.", "fit"


def title(state: StudyState | None, settings: FitSettings | None, unsaved: bool = False) -> str:
    """Return the window's title: the study, its layer, and a dot if something is not saved."""
    return ("• " if unsaved else "") + " — ".join(part for part in (subject(state, settings), "KoopView") if part)


def subject(state: StudyState | None, settings: FitSettings | None) -> str:
    """Return the study and its layer as text, empty if nothing is open."""
    parts = [] if state is None else [study_name(state.model)] + ([f"layer {settings.layer}"] if settings else [])
    return " — ".join(parts)
