"""Find the files that come with the program, in a checkout, a wheel and a bundle alike."""

from pathlib import Path


def resource_path(name: str) -> Path:
    """Return the path of a file or folder below `resources/`, e.g. ``"models/yinyang.safetensors"``.

    A wheel and a bundle hold the folder inside the package, a checkout beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return (inside if inside.is_dir() else package.parent / "resources") / name


def built_guide() -> Path | None:
    """Return the first page of the built guide (HTML), None where it was not built.

    An installation holds it among the resources, a checkout where ``bootstrap.py docs`` builds it.
    """
    checkout = Path(__file__).resolve().parent.parent
    places = (resource_path("docs/html/index.html"), checkout / "build" / "docs" / "html" / "index.html")
    return next((place for place in places if place.is_file()), None)
