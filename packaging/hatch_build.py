"""What hatchling asks before it builds: where the documentation's pages are, if they have been built.

A wheel holds them as ``koopview/resources/docs/html``. An sdist holds them where they were built, so that the wheel
that is built from it is the same.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = "build/docs/html"
PLACES = {"wheel": "koopview/resources/docs/html", "sdist": PAGES}


def pages_to_include(root: Path, target: str, version: str) -> dict[str, str]:
    """Return the pages' folder and its place in a distribution, empty where there are none or none are wanted.

    `target` is "wheel" or "sdist", `version` hatchling's "standard" or "editable"; a checkout that is installed as
    editable has its pages where they are.
    """
    pages = root / PAGES
    return {str(pages): PLACES[target]} if version == "standard" and pages.is_dir() else {}


class DocumentationHook(BuildHookInterface):
    """Puts the documentation's pages into wheel and sdist."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the pages to what is included."""
        build_data["force_include"].update(pages_to_include(Path(self.root), self.target_name, version))
