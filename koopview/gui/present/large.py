"""Controls that are easy to hit from afar, and how high text is that a room reads."""

from koopview.gui.looks.theme import SMALL, Theme


def smallest_text(zoom: float) -> float:
    """Return the height of a capital of the smallest text, in logical pixels (Inter's is 0.727 of its size)."""
    return 0.727 * round(SMALL * zoom)


def large_controls(theme: Theme, zoom: float) -> str:
    """Return a style sheet for controls that are easy to hit with a mouse from afar."""
    track, beyond = round(4 * zoom), round(5 * zoom)
    knob = track + 2 * beyond  # height equal to width at every zoom, or Qt draws a square
    return f"""
#presentPage {{ background: {theme.panel}; }}
QSlider {{ min-height: {knob + 4}px; }}
QSlider::groove:horizontal {{ height: {track}px; border-radius: {track // 2}px; }}
QSlider::sub-page:horizontal {{ border-radius: {track // 2}px; }}
QSlider::handle:horizontal {{ width: {knob - 4}px; height: {knob - 4}px; margin: -{beyond}px 0;
  border-radius: {knob // 2}px; border-width: {max(2, round(zoom))}px; }}
QToolButton[role="segment"] {{ padding: {round(3 * zoom)}px {round(7 * zoom)}px; border-radius: {round(6 * zoom)}px; }}
"""
