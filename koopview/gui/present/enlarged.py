"""A panel of the window, drawn larger as a whole: its texts, lines and marks grow together."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QSizePolicy, QVBoxLayout, QWidget

from koopview.gui.looks.stylesheet import stylesheet
from koopview.gui.looks.theme import Theme


class Enlarged(QGraphicsView):
    """Shows `inside` as large as there is room, all of it `zoom` times as large as in the window."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName(inside.accessibleName())
        self._zoom = 1.0
        self._ground = QWidget()
        self._ground.setObjectName("enlarged")
        self._ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self._ground)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(inside)
        self._scene = QGraphicsScene(self)
        self._scene.addWidget(self._ground)
        self.setScene(self._scene)

    def set_zoom(self, zoom: float) -> None:
        """Draw all `zoom` times as large."""
        self._zoom = zoom
        self.resetTransform()
        self.scale(zoom, zoom)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the ground and the texts' colours of `theme`."""
        self._ground.setStyleSheet(f"{stylesheet(theme)} #enlarged {{ background: {theme.panel}; }}")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, height = round(self.width() / self._zoom), round(self.height() / self._zoom)
        self._ground.setFixedSize(max(1, width), max(1, height))
        self._scene.setSceneRect(QRectF(0, 0, width, height))
