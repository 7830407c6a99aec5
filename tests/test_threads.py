"""Threads that wait sleep, seen in what libgomp says of itself when torch loads it; small matrices take one thread."""

import os
import subprocess
import sys
import threading

import pytest
import torch

from koopview.threads import one_thread, take_all_threads

COMMAND = "from koopview.cli import main; main(['layers', '--model', 'demo:yinyang'])"
WINDOW = "from koopview.gui import create_window; create_window(['--demo', 'yinyang']).close(); import torch"


@pytest.mark.skipif(sys.platform != "linux", reason="only libgomp tells its settings")
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


@pytest.fixture
def two_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_one_thread_is_given_back(two_threads):
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with one_thread(wanted=False):
        assert torch.get_num_threads() == 2
    with pytest.raises(ValueError, match="wrong"), one_thread():
        raise ValueError("wrong")
    assert torch.get_num_threads() == 2


def test_a_thread_that_begins_meanwhile_takes_all(two_threads):
    seen = []

    def elsewhere():
        seen.append(torch.get_num_threads())
        take_all_threads()
        seen.append(torch.get_num_threads())

    with one_thread():
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join(30)
        assert torch.get_num_threads() == 1
    assert seen == [1, 2]
