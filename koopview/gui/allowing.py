"""Enable the actions that can be done now, and disable those that would do nothing."""

from koopview.gui.actions import Actions
from koopview.gui.session.port import SessionPort
from koopview.gui.widgets.stage_tree import MANY
from koopview.study.result import FitResult

OF_A_RESULT = (
    "export_numbers",
    "export_handout",
    "export_hybrid",
    "export_script",
    "copy_script",
    "copy_numbers",
    "export",
    "compare",
)
"""Actions that need a result which matches the controls, and is no preview."""


def allow(actions: Actions, session: SessionPort, drawn: FitResult | None, chosen: bool) -> None:
    """Enable the actions possible with the session's study, the result that is `drawn`, and modes if `chosen`."""
    edited, labelled = drawn is not None and drawn.settings.edits, drawn is not None and drawn.per_class.get("hybrid")
    able = dict.fromkeys(OF_A_RESULT, drawn is not None and session.result is drawn and not drawn.preview)
    able |= dict.fromkeys(("fit", "sweep"), session.settings is not None)
    able |= dict.fromkeys(("save", "save_as"), session.can_save)
    layers = 0 if session.state is None else len(session.state.layers)
    able |= {"find_layer": layers > MANY, "sort_layers": layers > 1}
    able |= dict.fromkeys(("remove_modes", "scale_modes"), chosen)
    able |= {"reset_modes": bool(edited), "unlearn": bool(labelled), "stop": session.busy}
    for key in able.keys() & actions.keys():
        actions[key].setEnabled(able[key])
