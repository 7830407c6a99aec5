"""Store what `koopview --self-test` compares with, `resources/self-test.json`: numbers of the built-in studies, files.

To be run after anything in `resources/` or a number of the studies has changed, from an environment with KoopView:

    python packaging/build_self_test.py
"""

from koopview.arguments import Source
from koopview.files import json_text, write_whole
from koopview.network.demos import DEMO_NAMES
from koopview.opening import open_study
from koopview.resources import resource_path
from koopview.selftest.expected import STORED, StudyNumbers, to_store
from koopview.study.study_file import read_study_file


def main() -> None:
    """Fit what each built-in study opens with, and store the numbers beside the files' digests."""
    numbers = {name: fitted_numbers(name) for name in DEMO_NAMES}
    write_whole(resource_path(STORED), f"{json_text(to_store(numbers))}\n".encode(), "file")
    print(f"{resource_path(STORED)}: {', '.join(numbers)}")


def fitted_numbers(name: str) -> StudyNumbers:
    """Return the numbers of a new fit with the settings that a built-in study opens with."""
    shown = read_study_file(resource_path(f"studies/{name}.koopview")).state.results[-1]
    return StudyNumbers.of(open_study(Source(model=f"demo:{name}")).fit_settings(shown.settings).result)


if __name__ == "__main__":
    main()
