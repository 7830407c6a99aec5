"""Stdout holds results alone, stderr one line or a bar: in real processes, their streams closed, full or cut off."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from koopview import cli, terminal
from koopview.errors import FileError

KOOPVIEW = (sys.executable, "-m", "koopview")
FIT = ("fit", "--model", "model.safetensors", "--data", "data.npz", "--layer", "0", "--rank", "5")
READ = "koopview: note: model.safetensors was read as a plain chain of 3 layers with relu between them\n"
posix = pytest.mark.skipif(os.name != "posix", reason="streams, signals and terminals of Unix")
linux = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")


def process(*words, **options):
    """Run the command line in a process of its own."""
    options = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run([*KOOPVIEW, *words], **options)


def shell(line, **options):
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120, **options)


def command(*words):
    return " ".join(f"'{word}'" for word in (*KOOPVIEW, *words))


def test_a_process_gives_what_main_gives(koopview, folder):
    done, here = process(*FIT, "--json", "-"), koopview(*FIT, "--json", "-")
    assert (done.returncode, done.stderr) == (0, READ)
    assert json.loads(done.stdout)["accuracy"] == json.loads(here.out)["accuracy"]
    wrong = process(*FIT[:-1], "0")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == koopview(*FIT[:-1], "0").err


def test_what_a_library_warns_of_is_no_line_of_ours(folder):
    """PyTorch warns that lazy modules are new when one is made."""
    Path("lazy.py").write_text("from torch import nn\ndef make():\n    return nn.Sequential(nn.LazyLinear(3))\n")
    done = process("layers", "--model", "model.safetensors", "--factory", "lazy.py:make")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("koopview: ")
    assert done.stderr.count("\n") == 1


@posix
@pytest.mark.parametrize("words", [("--help",), ("--version",), ("layers", "--model", "demo:yinyang")])
def test_a_reader_that_goes_away_is_no_error(folder, words):
    done = shell(f"(sleep 0.3; {command(*words)}; echo $? >&2) | true")
    assert done.stderr == "0\n"


@linux
@pytest.mark.parametrize("words", [("--help",), ("layers", "--model", "demo:yinyang")])
def test_a_full_disk_is_told(folder, words):
    done = shell(f"{command(*words)} > /dev/full")
    assert done.returncode == 2
    assert done.stderr == "koopview: stdout cannot be written: No space left on device\n"


@posix
def test_closed_streams(folder):
    layers = command("layers", "--model", "demo:yinyang")
    done = shell(f"{layers} >&-")
    assert done.returncode == 2
    assert done.stderr == "koopview: stdout is closed, expected a terminal, a pipe or a file for the result\n"
    done = shell(f"{layers} 2>&-")
    assert done.returncode == 0
    assert done.stdout.startswith("layer")
    done = shell(f"{command('layers', '--model', 'none.pt')} >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@posix
def test_a_terminal_that_knows_no_such_letters(folder):
    os.rename("data.npz", "dätä 日本.npz")
    plain = {**os.environ, "LC_ALL": "C", "LANG": "C"}
    words = (*FIT[:4], "dätä 日本.npz", *FIT[5:])
    done = process(*words, env={**plain, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, READ)
    assert done.stdout.startswith("model.safetensors on d\\xe4t\\xe4 \\u65e5\\u672c.npz, layer 0")
    done = process(*words[:4], "nö.npz", *words[5:], env=plain)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@posix
def test_ctrl_c_ends_a_fit_at_once_and_leaves_no_file(folder):
    (folder / "slow.py").write_text(
        "import time\nfrom pathlib import Path\ndef make():\n    Path('begun').touch()\n    time.sleep(300)\n"
    )
    words = ("fit", "--model", "weights.pt", "--factory", "slow.py:make", *FIT[3:], "--json", "out.json")
    before = set(os.listdir())
    running = subprocess.Popen([*KOOPVIEW, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        while not os.path.exists("begun"):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert (running.returncode, out, err) == (-signal.SIGINT, b"", b"")
    assert set(os.listdir()) - before <= {"begun", "__pycache__"}


def on_terminal(*words):
    """Exit status and output of a process whose stderr is a terminal of 80 columns; its stdout is a file."""
    import pty

    ours, theirs = pty.openpty()
    with open("out.txt", "wb") as out:
        running = subprocess.Popen([*KOOPVIEW, *words], stdout=out, stderr=theirs)
    os.close(theirs)
    told = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end was closed
            break
        if not piece:
            break
        told += piece
    os.close(ours)
    return running.wait(120), told.decode()


@posix
def test_a_terminal_sees_a_bar_on_one_line_that_is_gone_in_the_end(folder):
    status, told = on_terminal(*FIT)
    assert status == 0
    bar, _, note = told.partition("koopview: note: ")
    assert f"koopview: note: {note}".replace("\r\n", "\n") == READ
    steps = bar.split("\r")
    assert sum("[" in step for step in steps) >= 3
    assert all(len(step) < 80 for step in steps)
    assert "nan" not in bar
    assert "\n" not in bar
    assert steps[-1] == ""
    assert steps[-2].strip() == ""
    with open("out.txt") as out:
        assert out.read().startswith("model.safetensors on data.npz")


@posix
def test_a_complaint_on_a_terminal_stands_in_the_bars_place(folder):
    status, told = on_terminal(*FIT, "--samples", "49")
    assert status == 2
    line = told.rstrip("\r\n").rpartition("\r")[2]
    assert line.startswith("koopview: samples is 49, expected at most 48")


def test_no_bar_without_a_terminal(monkeypatch):
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        terminal.terminal_progress()(0.5, "half")
        assert stream is None or stream.getvalue() == ""


def test_a_bar_tells_share_work_and_time_left(monkeypatch):
    stream, now = io.StringIO(), [100.0]
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    show = terminal.terminal_progress()
    now[0] = 110.0
    show(0.25, "Gram matrix")
    assert re.fullmatch(r"\r\[#####\.{15}\] Gram matrix +30 s left *\r", stream.getvalue())


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain ü 日", "plain ü 日"), ("\x1b[31m", "\\x1b[31m"), ("a\nb\t", "a\\nb\\t"), ("\udcff", "\\udcff")],
)
def test_what_a_terminal_would_obey_is_written_out(text, shown):
    assert terminal.printable(text) == shown


@linux
def test_a_failed_write_names_stdout_and_later_writes_go_nowhere(monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(FileError, match="stdout cannot be written: No space left on device"):
            terminal.deliver("result\n")
        full.flush()  # as Python does when it ends


def test_main_gives_the_interrupt_back(koopview, folder):
    before = signal.getsignal(signal.SIGINT)
    assert koopview("layers", "--model", "model.safetensors").status == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_a_defect_is_no_sentence(folder, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("koopview.opening.open_network", broken)
    with pytest.raises(ZeroDivisionError):  # exit status 1, with a traceback
        cli.main(["layers", "--model", "model.safetensors"])


@pytest.mark.parametrize("words", [("--model", "none.pt"), ("--model", "model.safetensors", "--data", "none.npz")])
def test_a_screenshot_that_fails_is_one_line_too(folder, words):
    plain = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = process(*words, "--screenshot", "out.png", env=plain | {"QT_QPA_PLATFORM": "offscreen"})
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert f"{words[-1]} does not exist" in done.stderr
    assert not os.path.exists("out.png")
