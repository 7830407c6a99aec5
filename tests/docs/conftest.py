import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The files of packaging/ are scripts that import each other by name, not a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))
