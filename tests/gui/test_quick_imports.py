"""Imports of a start: no source is read, garbage is looked for as before, and PySide's features work afterwards."""

import subprocess
import sys

import pytest

QUICK = """
import builtins, gc, linecache, sys
if {collects}:
    gc.enable()
else:
    gc.disable()
from koopview.gui.quick_imports import quick_imports
with quick_imports():
    assert not gc.isenabled()
    import koopview.gui.application
assert gc.isenabled() is {collects}
assert builtins.__import__ is getattr(builtins, "__feature_import__", builtins.__import__)
print(sum("koopview" in name for name in linecache.cache))
"""
ON_REQUEST = """
from koopview.gui.quick_imports import quick_imports
with quick_imports():
    import pyqtgraph
import PySide6.QtCore, PySide6.QtGui, PySide6.QtWidgets
from pyqtgraph.Qt import QtCore, QtGui, QtWidgets
made = sum(len(vars(module)) for module in (QtCore, QtGui, QtWidgets))
assert QtWidgets.QWizard is PySide6.QtWidgets.QWizard
assert QtCore.Signal is PySide6.QtCore.Signal
assert QtCore.__version__ == PySide6.QtCore.__version__
from pyqtgraph.Qt.QtCore import QPointF
assert QPointF is PySide6.QtCore.QPointF
assert not hasattr(QtGui, "QWizard")
print(made)
"""
FEATURE_AFTER = """
from koopview.gui.quick_imports import sources_unread
with sources_unread():
    from koopview.gui.looks.theme import LIGHT, palette
from __feature__ import snake_case
from PySide6.QtCore import QObject
named = QObject()
named.set_object_name("after")
palette(LIGHT)  # which goes on with the names of Qt
print(named.object_name())
"""
FEATURE_BEFORE = """
import builtins
from PySide6.QtCore import QObject
from __feature__ import snake_case
from koopview.gui.quick_imports import sources_unread
reading = builtins.__import__
with sources_unread():
    assert builtins.__import__ is reading
print("before")
"""


def printed(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("collects", [True, False])
def test_no_source_is_read_and_garbage_is_collected_as_before(collects):
    read = int(printed(QUICK.format(collects=collects)))
    assert read <= 2  # those that were imported before this began


def test_pyqtgraph_has_the_classes_of_qt_though_few_are_made():
    assert int(printed(ON_REQUEST)) < 300  # of 700


@pytest.mark.parametrize(("code", "word"), [(FEATURE_AFTER, "after"), (FEATURE_BEFORE, "before")])
def test_features_of_pyside_work_beside_it(code, word):
    assert printed(code).splitlines()[-1] == word
