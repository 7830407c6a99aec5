"""Connect the sample chosen among the changed ones to the trajectory, which draws its path."""

from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.session.port import SearchPort
from koopview.study.views import ChangedPathsView

KIND, BY = "changed_paths", "sample"


def connect_chosen_sample(session: SearchPort, meaning: MeaningPanel, trajectory: TrajectoryPanel) -> None:
    """Draw the chosen sample's path; if the result has none of it, one is made as long as that sample is chosen."""
    chosen: list[int] = []

    def choose(sample: int) -> None:
        chosen[:] = [sample]
        result = session.result
        further = result is not None and sample >= len(result.paths)
        if not further:
            trajectory.choose_sample(sample)
        session.watch(KIND, further, BY)

    def draw(kind: str, view: object) -> None:
        if kind == KIND and chosen and isinstance(view, ChangedPathsView):
            found = view.path(chosen[0])
            if found is not None:
                trajectory.choose_sample(chosen[0], *found)

    meaning.sample_chosen.connect(choose)
    session.view_changed.connect(draw)
