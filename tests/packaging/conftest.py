import sys
from pathlib import Path

# The files of packaging/ are scripts that import each other by name, not a package (see test_pins.py).
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))
