"""Find the files that come with the program, in a checkout, a wheel and a bundle alike."""

from pathlib import Path


def resource_path(name: str) -> Path:
    """Return the path of a file or folder below `resources/`, e.g. ``"models/yinyang.safetensors"``.

    A wheel and a bundle hold the folder inside the package, a checkout beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return (inside if inside.is_dir() else package.parent / "resources") / name
