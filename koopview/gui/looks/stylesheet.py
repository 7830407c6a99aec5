"""The one style sheet of the window, written from a theme's colours."""

from koopview.gui.looks.theme import SMALL, TEXT, UNIT, Theme
from koopview.resources import resource_path

_FRAME = """
* {{ font-family: "Inter"; font-size: {TEXT}px; }}
QMainWindow, QDialog, #workspace {{ background: {ground}; color: {ink}; }}
QWidget {{ color: {ink}; }}
QToolTip {{ background: {panel}; color: {ink}; border: 1px solid {line}; padding: 6px; }}
#card {{ background: {panel}; border: 1px solid {line}; border-radius: {UNIT}px; }}
#card[docked="true"] {{ border-top: none; border-top-left-radius: 0; border-top-right-radius: 0; }}
#cardGrip {{ background: {panel}; border: 1px solid {line}; border-bottom: none;
  border-top-left-radius: {UNIT}px; border-top-right-radius: {UNIT}px; }}
#cardGrip:hover {{ background: {selection}; }}
QMainWindow::separator {{ background: transparent; width: {UNIT}px; height: {UNIT}px; }}
QMainWindow::separator:hover {{ background: {line}; }}
#card QLabel, QDialog QLabel {{ background: transparent; }}
QLabel[role="title"], QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="count"] {{ font-size: {SMALL}px; font-weight: 600; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="small"] {{ color: {muted}; font-size: {SMALL}px; }}
QLabel[role="warning"] {{ background: {warning}; border: 1px solid {original}; border-radius: 6px; padding: 6px 8px; }}
QLabel[role="hint"] {{ color: {muted}; font-size: {TEXT}px; }}
QFrame[role="rule"] {{ background: {line}; border: none; max-height: 1px; min-height: 1px; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {line}; border-radius: 3px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: {line}; border-radius: 3px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {baseline}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none;
  border: none;
  width: 0; height: 0; }}
"""

_BARS = """
QMenuBar {{ background: {ground}; padding: 2px {UNIT}px 0 {UNIT}px; }}
QMenuBar::item {{ background: transparent; padding: 4px {UNIT}px; border-radius: 5px; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {selection}; }}
QMenu {{ background: {panel}; border: 1px solid {line}; padding: 5px; }}
QMenu::item {{ padding: 6px 26px 6px 22px; border-radius: 5px; }}
QMenu::item:selected {{ background: {selection}; color: {ink}; }}
QMenu QLabel[role="heading"] {{ color: {muted}; font-size: {SMALL}px; padding: 5px {UNIT}px 2px {UNIT}px; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px {UNIT}px; }}
QMenu::indicator {{ width: 14px; height: 14px; left: 5px; }}
QMenu::indicator:checked {{ image: url("{menu_tick}"); }}
QToolBar {{ background: {ground}; border: none; border-bottom: 1px solid {line};
  padding: 3px {UNIT}px {UNIT}px {UNIT}px; spacing: 6px; }}
QToolBar::separator {{ background: transparent; width: 14px; }}
QToolButton, QPushButton {{ background: {panel}; border: 1px solid {line}; border-radius: 6px;
  padding: 4px 12px; color: {ink}; }}
QToolButton:hover, QPushButton:hover {{ background: {selection}; }}
QToolButton:pressed, QPushButton:pressed {{ background: {line}; }}
QToolButton:focus, QPushButton:focus {{ border-color: {accent}; }}
QToolButton:disabled, QPushButton:disabled {{ color: {muted}; background: {ground}; }}
QToolButton[role="accent"], QPushButton:default {{ background: {accent}; border-color: {accent}; color: {on_accent};
  font-weight: 600; }}
QToolButton[role="accent"]:hover, QPushButton:default:hover {{ background: {accent_hover}; }}
QToolButton[role="accent"]:disabled, QPushButton:default:disabled {{ background: {track}; border-color: {line};
  color: {muted}; }}
QToolButton[role="accent"]:focus {{ border-color: {ink}; }}
QToolButton[role="button"] {{ padding: 3px 7px; }}
QToolButton[role="small-button"] {{ padding: 2px 6px; font-size: {SMALL}px; color: {muted}; }}
QToolButton[role="small-button"]:checked {{ background: {selection}; color: {ink}; }}
QToolButton[role="small-button"]:checked:disabled {{ background: {ground}; color: {muted}; }}
#scalePopup {{ background: {panel}; border: 1px solid {line}; border-radius: 6px; }}
QToolButton[role="menu"] {{ padding-right: 24px; }}
QToolButton::menu-indicator {{ image: url("{chevron}"); width: 14px; height: 14px; right: 7px;
  subcontrol-position: right center; subcontrol-origin: padding; }}
QToolButton[role="plain"] {{ background: transparent; border-color: transparent; padding: 2px 7px; color: {muted}; }}
QToolButton[role="plain"]:hover {{ background: {selection}; color: {ink}; }}
QToolButton[role="plain"]:disabled {{ color: {line}; background: transparent; }}
QToolButton[role="plain"]:focus {{ border-color: {accent}; }}
QToolButton[role="segment"] {{ background: transparent; border: 1px solid transparent; border-radius: 6px;
  padding: 3px 2px;
  font-size: {SMALL}px; color: {muted}; }}
QToolButton[role="segment"]:hover {{ color: {ink}; }}
QToolButton[role="segment"]:checked {{ background: {selection}; color: {ink}; }}
QToolButton[role="segment"]:focus {{ border-color: {accent}; }}
QFileDialog QToolButton {{ padding: 2px; }}
QTabBar QToolButton {{ padding: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QStatusBar {{ background: {ground}; border-top: 1px solid {line}; font-size: {SMALL}px; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {muted}; font-size: {SMALL}px; }}
QStatusBar QToolButton {{ padding: 2px 9px; font-size: {SMALL}px; }}
QProgressBar {{ background: {track}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
#messageBar {{ background: {warning}; border: 1px solid {original}; border-radius: {UNIT}px; }}
#messageBar[role="quiet"] {{ background: {panel}; border-color: {line}; }}
#messageBar QLabel {{ background: transparent; }}
#messageBar QPlainTextEdit {{ background: {panel}; border: 1px solid {line}; border-radius: 6px;
  font-size: {SMALL}px; }}
"""

_FIELDS = """
QComboBox, QAbstractSpinBox, QLineEdit {{ background: {field}; border: 1px solid {line}; border-radius: 6px;
  padding: 3px 8px; min-height: 20px; selection-background-color: {accent}; selection-color: {on_accent}; }}
QComboBox:hover, QAbstractSpinBox:hover, QLineEdit:hover {{ border-color: {baseline}; }}
QComboBox:focus, QAbstractSpinBox:focus, QLineEdit:focus {{ border-color: {accent}; }}
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled {{ color: {muted}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 7px; border: none; background: transparent; }}
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow {{ image: none; width: 0; height: 0; }}
QComboBox {{ padding-right: 4px; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {panel}; border: 1px solid {line}; selection-background-color: {selection};
  selection-color: {ink}; outline: none; padding: 3px; }}
QComboBox[role="compact"] {{ font-size: {SMALL}px; padding: 1px 4px 1px 8px; min-height: 18px; }}
QCheckBox {{ spacing: 7px; }}
QCheckBox[role="small"] {{ color: {muted}; font-size: {SMALL}px; }}
QCheckBox::indicator, QTableView::indicator {{ width: 13px; height: 13px; border: 1px solid {muted}; border-radius: 4px;
  background: {panel}; }}
QCheckBox::indicator:hover, QTableView::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{ background: {accent}; border-color: {accent};
  image: url("{tick}"); }}
QCheckBox::indicator:disabled, QTableView::indicator:disabled {{ border-color: {line}; background: {ground}; }}
QCheckBox:focus {{ color: {accent}; }}
QSlider::groove:horizontal {{ height: 4px; background: {track}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -5px 0; border-radius: 7px; border: 2px solid {accent};
  background: {panel}; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {selection}; }}
QSlider::sub-page:horizontal:disabled {{ background: {line}; }}
QSlider::handle:horizontal:disabled {{ border-color: {line}; }}
QTableView, QTextBrowser, QPlainTextEdit {{ background: {panel}; border: none; gridline-color: transparent;
  selection-background-color: {selection}; selection-color: {ink}; outline: none; }}
QTreeWidget {{ background: {panel}; border: none; outline: none; selection-background-color: {selection};
  selection-color: {ink}; }}
QTreeWidget::item {{ padding: 4px 6px; }}
QTreeWidget::item:selected {{ background: {selection}; color: {ink}; }}
#commandPalette {{ background: {panel}; border: 1px solid {line}; }}
#layerTable::item {{ padding-left: 9px; }}
#layerTable QHeaderView::section:first {{ padding-left: 37px; padding-right: 0; }}
QTableView[role="numbers"] {{ font-size: {SMALL}px; }}
QTableView[role="numbers"]::item {{ padding: 0 2px; }}
QHeaderView {{ background: {panel}; border: none; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none; border-bottom: 1px solid {grid};
  padding: 3px 6px; font-size: {SMALL}px; font-weight: 400; }}
QTableView[role="numbers"] QHeaderView::section {{ padding: 3px 6px 3px 0; }}
QTableView[role="numbers"] QHeaderView::section:first {{ padding-left: 6px; }}
QTableView[words="true"] QHeaderView::section {{ padding: 3px 9px; }}
QTableView[words="true"] QHeaderView::section:first {{ padding-left: 9px; }}
QTableView[words="true"]::item {{ padding: 0 6px; }}
QTableCornerButton::section {{ background: {panel}; border: none; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 3px 9px;
  margin-right: 4px;
  font-size: {SMALL}px; color: {muted}; }}
QTabBar::tab:hover {{ color: {ink}; }}
QTabBar::tab:selected {{ background: {selection}; color: {ink}; }}
QTabBar::tab:focus {{ border-color: {accent}; }}
"""


def stylesheet(theme: Theme, zoom: float = 1.0) -> str:
    """Return the style sheet of `theme`, its texts `zoom` times as large."""
    icons = resource_path("icons")
    names = {
        "TEXT": round(TEXT * zoom),
        "SMALL": round(SMALL * zoom),
        "UNIT": UNIT,
        "chevron": (icons / f"chevron-{theme.name}.svg").as_posix(),
        "tick": (icons / f"tick-{theme.name}.svg").as_posix(),
        "menu_tick": (icons / f"tick-{'dark' if theme.name == 'light' else 'light'}.svg").as_posix(),
    }
    return (_FRAME + _BARS + _FIELDS).format(**names, **vars(theme))
