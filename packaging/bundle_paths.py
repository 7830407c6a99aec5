"""The paths of the building machine, and how a bundle is kept free of them."""

import sys
import sysconfig
from pathlib import Path

from environment import ROOT

PUBLIC = ("/usr", "/usr/local", "/Library", "/opt/homebrew", "C:\\Program Files", "C:\\Python")
"""Where a Python lives on many machines: such a path tells nothing of this one."""


def building_paths() -> list[str]:
    """Return the folders of this machine that no file of a bundle may name: checkout, Python, home; longest first.

    /root is no such folder: libraries made in containers name their own.
    """
    own_python = sys.base_prefix if not is_public(sys.base_prefix) else ""
    found = {str(ROOT), str(Path.home()), own_python} - {"", "/", "/root"}
    return sorted(found, key=len, reverse=True)


def is_public(folder: str) -> bool:
    """Say whether a folder tells nothing of the machine."""
    return any(folder == public or folder.startswith((public + "/", public + "\\")) for public in PUBLIC)


def neutral(content: bytes, paths: list[str]) -> bytes:
    """Return `content` with each of `paths` replaced by one of the same length that leads nowhere.

    What stands after the last slash stays: in a library, a version that is a path's end may be stored as that end.
    """
    for path in paths:
        head, _, tail = path.encode().rpartition(b"/")
        if head:
            content = content.replace(path.encode(), b"/" + b"x" * (len(head) - 1) + b"/" + tail)
    return content


def sysconfig_source() -> Path | None:
    """Return the module that says how this Python was built, which names its folders; None on Windows and macOS."""
    if sys.platform != "linux":
        return None
    name = sysconfig._get_sysconfigdata_name()  # type: ignore[attr-defined]
    return Path(sysconfig.get_path("stdlib")) / f"{name}.py"


def write_neutral(source: Path, target: Path) -> Path:
    """Write a copy of `source` without the building machine's paths to `target`; returns `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(neutral(source.read_bytes(), building_paths()))
    target.chmod(source.stat().st_mode)
    return target
