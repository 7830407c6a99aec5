"""The program's icon as pictures of points, drawn from its SVG."""

from pathlib import Path

from environment import ROOT

SVG = ROOT / "resources" / "icons" / "koopview.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def draw_icon(size: int, target: Path) -> Path:
    """Draw the icon, `size` x `size` points, into the PNG file `target`; returns `target`."""
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(target)):
        raise OSError(f"the icon cannot be written to {target}")
    return target
