"""Connect the eigenvalue panel, the surgery section and other parts to the session, in both directions."""

from typing import TYPE_CHECKING, Any

from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.left import LeftSections
from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.panels.sample import KIND as SAMPLES
from koopview.gui.panels.surgery import SurgerySection
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.sample_wiring import connect_chosen_sample
from koopview.gui.session.port import SearchPort
from koopview.study.editing import fall
from koopview.study.result import FitResult

MEANING = "meaning"

if TYPE_CHECKING:
    from koopview.gui.dialogs.unlearn import UnlearnDialog
    from koopview.gui.session.searching import Unlearning


def connect_modes(session: SearchPort, eigenvalues: EigenvaluePanel, surgery: SurgerySection) -> None:
    """Connect mode surgery to the session: edits, undo, and the importance of modes once it is known."""
    eigenvalues.requested.connect(session.request)
    eigenvalues.remove_asked.connect(surgery.remove_selected)
    eigenvalues.watched.connect(lambda wanted: session.watch("modes", wanted, "table"))
    eigenvalues.contours_watched.connect(lambda wanted: session.watch("pseudospectrum", wanted))
    surgery.requested.connect(session.request)
    surgery.unlearn_asked.connect(lambda: ask_unlearn(session, surgery))
    session.unlearned.connect(lambda found: _tell_unlearned(surgery, found))
    surgery.undo_asked.connect(session.undo_stack.undo)
    surgery.follow(session.undo_stack)
    session.result_changed.connect(lambda result: _tell_cost(session, surgery, result))
    session.view_changed.connect(lambda kind, view: _show_modes(eigenvalues, kind, view))


def connect_results(session: SearchPort, results: ResultsPanel) -> None:
    """Connect the tabs to the session: views for visible tabs, the cells of a sweep, and clicks on them."""
    results.watched.connect(session.watch)
    session.view_changed.connect(results.show_view)

    def tell_work() -> None:
        end = session.sweep_end
        results.show_work(session.busy, session.sweeping, "" if end is None else end.refused)
        results.show_deepening(session.deepening)

    for happens in (session.busy_changed, session.settings_changed):
        happens.connect(tell_work)
    session.swept.connect(lambda: results.show_state(session.state, session.settings))
    session.settings_changed.connect(lambda settings: results.show_state(session.state, settings))
    results.requested.connect(session.request)
    results.workers_named.connect(session.compute_on)
    results.sweep_asked.connect(session.sweep)
    session.deepened.connect(results.show_depth)
    session.deepened.connect(tell_work)
    results.depth_asked.connect(session.deepen)
    results.depth_asked.connect(tell_work)
    results.sweep_asked.connect(tell_work)  # if something else runs, a sweep's start does not change `busy`


def connect_trajectory(session: SearchPort, trajectory: TrajectoryPanel) -> None:
    """Connect the trajectory panel to the session: the layers' shapes, and the view of many paths while visible."""
    trajectory.show_state(session.state)
    session.state_changed.connect(trajectory.show_state)
    trajectory.watched.connect(session.watch)
    session.view_changed.connect(trajectory.show_view)


def connect_meaning(session: SearchPort, meaning: MeaningPanel) -> None:
    """Connect the panel "What it means" to the session, which makes its view while the panel is there to see."""
    session.view_changed.connect(lambda kind, view: meaning.show_view(view) if kind == MEANING else None)
    session.watch(MEANING, True)


def connect_left(session: SearchPort, left: LeftSections) -> None:
    """Connect the chosen sample and the history to the session: views of samples, and a fit's settings asked back."""
    session.view_changed.connect(lambda kind, view: left.sample.show_view(view) if kind == SAMPLES else None)
    session.watch(SAMPLES, True)
    left.history.list.requested.connect(session.request)


def connect_views(
    session: SearchPort, results: ResultsPanel, trajectory: TrajectoryPanel, meaning: MeaningPanel, left: LeftSections
) -> None:
    """Connect every panel that shows views of a result to the session."""
    connect_results(session, results)
    connect_trajectory(session, trajectory)
    connect_meaning(session, meaning)
    connect_chosen_sample(session, meaning, trajectory)
    connect_left(session, left)


def ask_unlearn(session: SearchPort, surgery: SurgerySection) -> "UnlearnDialog | None":
    """Open and return the dialog that asks for a class to unlearn; None if no result is on screen."""
    from koopview.gui.dialogs.unlearn import UnlearnDialog  # not needed for the first picture

    if session.result is None:
        return None
    dialog = UnlearnDialog(surgery.window(), session.result)
    dialog.asked.connect(session.unlearn)
    dialog.stop_asked.connect(session.stop)
    session.progressed.connect(dialog.show_progress)
    session.unlearned.connect(dialog.show_outcome)
    session.settled.connect(dialog.end)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _tell_unlearned(surgery: SurgerySection, found: "Unlearning") -> None:
    from koopview.gui.dialogs.unlearn import unlearning_sentence

    surgery.show_outcome(unlearning_sentence(found), found.after.settings)


def _tell_cost(session: SearchPort, surgery: SurgerySection, result: FitResult | None) -> None:
    """Report if edits cost much on held-out samples, compared with the unedited fit, so that no loss is silent."""
    if result is None or session.state is None or not result.settings.edits:
        return
    fitted = result.settings.with_edits(())
    before = next((one for one in reversed(session.state.results) if one.settings == fitted), None)
    if before is not None:
        surgery.show_cost(fall(before, result), result.settings)


def _show_modes(eigenvalues: EigenvaluePanel, kind: str, view: Any) -> None:
    if kind == "modes":
        from koopview.study.views import ModesView

        eigenvalues.show_modes(view if isinstance(view, ModesView) else None)
    elif kind == "pseudospectrum":
        eigenvalues.show_contours(view)
