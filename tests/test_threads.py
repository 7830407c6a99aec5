"""Threads that wait sleep: seen in what libgomp says of itself when torch loads it."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only libgomp tells its settings")


@pytest.mark.parametrize(("asked", "told"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_threads_wait_asleep_unless_the_environment_says_otherwise(asked, told):
    program = "from koopview.cli import main; main(['layers', '--model', 'demo:yinyang'])"
    environment = {name: text for name, text in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | asked | {"OMP_DISPLAY_ENV": "true"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert f"OMP_WAIT_POLICY = '{told}'" in done.stderr
