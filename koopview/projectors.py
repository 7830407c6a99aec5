"""Presets of present mode, one line each: menu, palette and command line have them from here; no Qt."""

from dataclasses import dataclass

EIGENVALUES, ACCURACY, MEANING, TRAJECTORY = "eigenvalues", "accuracy", "meaning", "trajectory"
STAGE = (EIGENVALUES, ACCURACY, MEANING)
"""The three pictures of the window's main stage; the trajectory comes on request."""


@dataclass(frozen=True)
class Preset:
    """How present mode looks on a projector.

    Attributes
    ----------
    name, title, keys : str
        On the command line, in menu and palette, and its shortcut.
    size : pair of int
        Pixels of the picture that it is made for; in others all grows or shrinks with it.
    scale : float
        How many times as large as in the window all is written and drawn there.
    theme : str or None
        "light", "dark" or "contrast"; None: as the window.
    panels : tuple of str
    tip : str
        What it is for, in a sentence.
    """

    name: str
    title: str
    keys: str
    size: tuple[int, int]
    scale: float
    theme: str | None
    panels: tuple[str, ...]
    tip: str

    @property
    def key(self) -> str:
        """What its action is called."""
        return f"preset_{self.name}"


PRESETS = (
    Preset("usual", "Usual", "Alt+0", (1920, 1080), 2.6, None, STAGE, "Present as the window looks"),
    Preset("1024x768", "1024 × 768", "Alt+1", (1024, 768), 2.05, "light", STAGE, "Present for an old projector"),
    Preset("1280x800", "1280 × 800", "Alt+2", (1280, 800), 2.15, "light", STAGE, "Present for a wide projector"),
    Preset("1920x1080", "1920 × 1080", "Alt+3", (1920, 1080), 2.9, "light", STAGE, "Present for a large hall"),
    Preset("contrast", "High contrast", "Alt+4", (1920, 1080), 2.9, "contrast", STAGE, "Present in a bright room"),
)
"""All but the first write capitals of the main labels at least 1/40 of the picture's height high."""

USUAL = PRESETS[0]
PRESET_NAMES = tuple(preset.name for preset in PRESETS)


def preset_of(name: str) -> Preset:
    """Return the preset called `name`, one of PRESET_NAMES."""
    return next(preset for preset in PRESETS if preset.name == name)
