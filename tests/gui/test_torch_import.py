"""torch imported behind a window: whole, its library loaded beforehand, and the search for garbage as it was."""

import subprocess
import sys

import pytest

PROGRAM = """
import gc, sys
from koopview.gui.session import torch_import
assert "torch" not in sys.modules
if {collects}:
    gc.enable()
else:
    gc.disable()
loaded = torch_import.load_library()
torch_import.import_torch()
torch_import.import_torch()
import torch
assert gc.isenabled() is {collects}
print(loaded, float(torch.ones(2, 2) @ torch.ones(2, 2) @ torch.ones(2) @ torch.ones(2)))
"""


@pytest.mark.parametrize("collects", [True, False])
def test_torch_works_and_garbage_is_collected_as_before(collects):
    code = PROGRAM.format(collects=collects)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded, product = done.stdout.split()
    assert float(product) == 8.0
    assert loaded == str(sys.platform in ("linux", "darwin"))


FIRST_PICTURE = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from koopview.gui import create_window
window = create_window(["--demo", "yinyang"])
window.show()
assert not window.grab().isNull()
print(sorted(name for name in sys.modules if name.split(".")[0] == "scipy"))
window.close()
"""


def test_the_first_picture_does_not_wait_for_scipy():
    done = subprocess.run([sys.executable, "-c", FIRST_PICTURE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
