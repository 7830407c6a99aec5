"""Make the saved results of the built-in studies, `resources/studies/*.koopview`, from the built-in networks.

The window draws them before torch is imported: the fit that it shows first with all the views in STORED.
Run from an environment that holds KoopView:

    python packaging/build_studies.py
"""

from dataclasses import replace

from koopview.arguments import Source
from koopview.opening import open_study
from koopview.progress import silent
from koopview.resources import resource_path
from koopview.study.held import save_study
from koopview.study.result import FitResult, KnownView, StudyState
from koopview.study.settings import FitSettings
from koopview.study.stored.register import STORED
from koopview.study.study import Study

SHOWN = {
    "yinyang": FitSettings("2", delays=12, rank=30),
    "mnist": FitSettings("0", delays=10, rank=50),
}
"""The fit that each study opens with."""


def main() -> None:
    """Fit and save both studies."""
    for name, settings in SHOWN.items():
        study = open_study(Source(model=f"demo:{name}"))
        results = (*around(study, settings), shown(study, settings))
        views = tuple(KnownView(kind, settings, study.view(settings, kind, silent)) for kind in STORED)
        state = StudyState(study.network.name, study.dataset.name, study.layers, results, views=views)
        save_study(study.setup, study.source, state, resource_path(f"studies/{name}.koopview"))
        print(f"{name}: {len(results)} results, {100 * (results[-1].accuracy['hybrid'] or 0):.1f} % hybrid")


def around(study: Study, settings: FitSettings) -> list[FitResult]:
    """Return what stands beside the shown fit: the other layers, and all delays."""
    others = [layer.name for layer in study.layers if layer.supported and layer.name != settings.layer]
    wanted = [replace(settings, layer=layer, replaced=(layer,)) for layer in others]
    wanted += [replace(settings, delays=h) for h in range(1, settings.steps + 1) if h != settings.delays]
    return [study.fit_settings(one).result.without_paths() for one in wanted]


def shown(study: Study, settings: FitSettings) -> FitResult:
    """Return the fit that is drawn first, with the paths of a few samples."""
    result = study.fit_settings(settings).result
    count = 32 if result.paths[0].size < 1000 else 8
    labels = None if result.path_labels is None else result.path_labels[:count]
    return replace(result, paths=result.paths[:count], path_labels=labels)


if __name__ == "__main__":
    main()
