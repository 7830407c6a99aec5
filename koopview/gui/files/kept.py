"""What is kept from one start to the next, and whether it can be: a home may be missing or write-protected."""

import os
from pathlib import Path

from koopview.gui.files.recovery import recovery_folder
from koopview.gui.preferences import preferences


def not_kept() -> str:
    """Return the sentence that says what cannot be kept, and where, empty where all can be."""
    places = {"preferences": Path(preferences().fileName()).parent, "copies for recovery": recovery_folder()}
    lost = {name: place for name, place in places.items() if not may_be_written(place)}
    if not lost:
        return ""
    what, where = " and ".join(lost), " and ".join(dict.fromkeys(str(place) for place in lost.values()))
    sentence = f"{what.capitalize()} are not kept, since {where} cannot be written"
    return f"{sentence}; save the study yourself before you close the window"


def may_be_written(folder: Path) -> bool:
    """Return whether files can be put into a folder, which may still have to be made; nothing is made here."""
    there = next((place for place in (folder, *folder.parents) if os.path.lexists(place)), Path(folder.anchor))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
