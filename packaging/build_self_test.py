"""Write the numbers that ``koopview --self-test`` holds an installation against, `resources/self_test.json`.

Run from an environment that holds KoopView, after a change that means to change numbers:

    python packaging/build_self_test.py
"""

import json
import os
from typing import Any

os.environ["KOOPVIEW_DATA"] = os.devnull  # the digits that every installation has

from koopview.resources import resource_path
from koopview.selftest.numbers import FITS, STORED, fitted, numbers_of, opened


def main() -> None:
    """Fit everything and write the file."""
    studies: dict[str, Any] = {}
    found = {
        demo: {name: numbers_of(fitted(opened(studies, demo), settings)) for name, settings in fits.items()}
        for demo, fits in FITS.items()
    }
    resource_path(STORED).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
