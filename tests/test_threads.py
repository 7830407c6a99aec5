"""Threads that wait sleep: seen in what libgomp says of itself when torch loads it."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only libgomp tells its settings")


COMMAND = "from koopview.cli import main; main(['layers', '--model', 'demo:yinyang'])"
WINDOW = "from koopview.gui import create_window; create_window(['--demo', 'yinyang']).close(); import torch"


@pytest.mark.parametrize(
    ("program", "asked", "told"),
    [
        pytest.param(COMMAND, {}, "PASSIVE", id="command"),
        pytest.param(COMMAND, {"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE", id="environment"),
        pytest.param(WINDOW, {}, "PASSIVE", id="window from a script"),
    ],
)
def test_threads_wait_asleep_unless_the_environment_says_otherwise(program, asked, told):
    environment = {name: text for name, text in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | asked | {"OMP_DISPLAY_ENV": "true", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert f"OMP_WAIT_POLICY = '{told}'" in done.stderr
