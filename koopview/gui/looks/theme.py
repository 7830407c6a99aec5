"""The window's design as plain values: colours of the light and the dark theme, spacing, text sizes, the font."""

from dataclasses import dataclass, replace
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

from koopview.resources import resource_path

UNIT = 8
"""The one spacing unit, and the radius of a panel's corners, in logical pixels."""
TEXT, SMALL = 13, 11
"""The two text sizes, in logical pixels."""
FAMILY = "Inter"


@dataclass(frozen=True)
class Theme:
    """Colours by meaning, the same everywhere (Okabe and Ito's, as in the paper's figure 2)."""

    name: str
    ground: str
    panel: str
    field: str
    line: str
    ink: str
    muted: str
    grid: str
    selection: str
    accent: str
    accent_hover: str
    on_accent: str
    track: str
    baseline: str
    lost: str
    shade: str
    original: str
    scaled: str
    hybrid: str
    warning: str


LIGHT = Theme(
    name="light",
    ground="#f3f4f6",
    panel="#ffffff",
    field="#f3f4f6",
    line="#dfe2e7",
    ink="#1c1f24",
    muted="#69707a",
    grid="#eceef1",
    selection="#e3effa",
    accent="#0072b2",
    accent_hover="#006299",
    on_accent="#ffffff",
    track="#eceef1",
    baseline="#888f9a",
    lost="#b4b9c2",
    shade="#ebf3f9",
    original="#e69f00",
    scaled="#009e73",
    hybrid="#0072b2",
    warning="#fdf3e1",
)
DARK = Theme(
    name="dark",
    ground="#17191d",
    panel="#1f2227",
    field="#17191d",
    line="#33373e",
    ink="#e8eaed",
    muted="#9aa1ab",
    grid="#2b2f36",
    selection="#22354a",
    accent="#56b4e9",
    accent_hover="#7cc6f0",
    on_accent="#17191d",
    track="#2b2f36",
    baseline="#78808b",
    lost="#5c636d",
    shade="#22303a",
    original="#e69f00",
    scaled="#009e73",
    hybrid="#56b4e9",
    warning="#39301d",
)
CONTRAST = replace(
    LIGHT,
    ink="#000000",
    muted="#000000",
    line="#000000",
    grid="#c4c8ce",
    selection="#ffdd66",
    accent="#004f86",
    accent_hover="#003a63",
    track="#dfe2e7",
    baseline="#4a4f57",
    lost="#4a4f57",
    original="#a35a00",
    scaled="#006b4f",
    hybrid="#004f86",
)
"""Black on white for a weak projector: what is muted in the others is ink, and every colour of a meaning is dark."""


@cache
def load_fonts() -> None:
    """Register the bundled font with Qt, once; without its files the system's font is used."""
    for path in sorted(resource_path("fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


@cache
def font(size: int = TEXT, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the window's font at `size` logical pixels; its figures have one width.

    The object is shared by all painting code: do not change it.
    """
    chosen = QFont(FAMILY)
    chosen.setPixelSize(size)
    chosen.setWeight(weight)
    chosen.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return chosen


def bold(size: int = TEXT) -> QFont:
    """Return the window's semi-bold font, for titles and the hybrid's numbers."""
    return font(size, QFont.Weight.DemiBold)


def palette(theme: Theme) -> QPalette:
    """Return the theme as a QPalette, for parts outside the style sheet (dialogs, selections)."""
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.ink,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.ground,
        QPalette.ColorRole.Text: theme.ink,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.ButtonText: theme.ink,
        QPalette.ColorRole.ToolTipBase: theme.panel,
        QPalette.ColorRole.ToolTipText: theme.ink,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Light: theme.panel,
        QPalette.ColorRole.Dark: theme.line,
    }
    chosen = QPalette()
    for role, colour in roles.items():
        chosen.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        chosen.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return chosen
