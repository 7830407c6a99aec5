"""Files are checked before they are read, and written whole or not at all."""

import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest

from koopview.errors import FileError
from koopview.files import check_folder, existing_file, json_text, stamp_of, write_whole

as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write all")
posix = pytest.mark.skipif(os.name != "posix", reason="permissions, pipes and devices of Unix")


def test_a_file_is_written_with_the_permissions_that_new_files_get(tmp_path):
    old = os.umask(0o027)
    try:
        write_whole(tmp_path / "out", b"whole", "--json")
    finally:
        os.umask(old)
    assert (tmp_path / "out").read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["out"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


@posix
def test_an_existing_file_is_replaced_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_whole(path, b"new", "--json")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(target)
    write_whole(link, b"new", "--json")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@posix
def test_a_device_or_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, b"through", "--json")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        write_whole(path, b"new", "--json")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out"]


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new", "--json")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out"]


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    for name, sentence in (
        ("nowhere/out", "the folder .*nowhere does not exist"),
        ("file/out", "the folder .*file does not exist"),
        ("folder", "is a folder, expected a file to write"),
        ("x" * 300, "File name too long"),
    ):
        with pytest.raises(FileError, match=rf"^--json .*{sentence}"):
            check_folder(tmp_path / name, "--json")
    check_folder(tmp_path / "out", "--json")
    check_folder(tmp_path / "file", "--json")


@posix
def test_write_protection_is_said_before_the_work(tmp_path, monkeypatch):
    path = tmp_path / "out"
    path.write_bytes(b"x")
    protected = {str(path)}
    monkeypatch.setattr(os, "access", lambda asked, mode: str(asked) not in protected)
    with pytest.raises(FileError, match="out cannot be written: it is write-protected"):
        check_folder(path, "--json")
    protected = {str(tmp_path)}
    with pytest.raises(FileError, match=f"the folder {tmp_path} is write-protected"):
        check_folder(path, "--json")
    check_folder(type(path)(os.devnull), "--json")  # its folder is never written to


@posix
@as_root
def test_write_protection_is_seen(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"x")
    path.chmod(0o400)
    with pytest.raises(FileError, match="it is write-protected"):
        check_folder(path, "--json")
    path.unlink()
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="is write-protected"):
        check_folder(path, "--json")


def test_a_file_to_read_exists_and_holds_something(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "file").write_bytes(b"x")
    for name, what in (
        ("nothing", "does not exist"),
        ("file/inside", "does not exist"),
        ("folder", "is a folder"),
        ("empty", "is empty"),
        ("x" * 300, r"cannot be read \(File name too long\)"),
    ):
        with pytest.raises(FileError, match=rf"^model .*{what}, expected weights$"):
            existing_file(tmp_path / name, "model", "weights")
    assert existing_file(tmp_path / "file", "model", "weights") == tmp_path / "file"


@posix
def test_a_pipe_or_a_loop_of_links_is_no_file_to_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FileError, match="is a device or a pipe, expected weights"):
        existing_file(tmp_path / "pipe", "model", "weights")
    with pytest.raises(FileError, match="Too many levels of symbolic links"):
        existing_file(tmp_path / "loop", "model", "weights")


@posix
def test_a_file_that_may_not_be_read_is_said_so(tmp_path, monkeypatch):
    (tmp_path / "secret").write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda asked, mode: False)
    with pytest.raises(FileError, match="secret may not be read by you"):
        existing_file(tmp_path / "secret", "model", "weights")


def test_what_json_lacks_becomes_null_at_every_depth():
    value = {"a": [1.5, float("nan"), (float("inf"), -float("inf"))], "b": {"c": np.float64("nan")}, "d": "NaN", "e": 2}
    assert json.loads(json_text(value)) == {"a": [1.5, None, [None, None]], "b": {"c": None}, "d": "NaN", "e": 2}


@posix
def test_a_killed_program_leaves_the_old_file(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    script = (
        "import os, signal\nfrom pathlib import Path\nfrom koopview.files import write_whole\n"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"write_whole(Path({str(path)!r}), b'new' * 1000, '--json')"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60)
    assert done.returncode < 0
    assert path.read_bytes() == b"old"


@posix
def test_what_a_killed_save_left_is_cleaned_up_and_what_another_writes_is_not(tmp_path):
    script = "import os, sys; from koopview import files; print(files._machine(), os.getpid())"
    machine, gone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.split()
    killed, running = (tmp_path / f".koopview-{machine}-{number}-abc" for number in (gone, os.getpid()))
    elsewhere = tmp_path / ".koopview-00000000-1-abc"  # of another machine, on a shared drive
    for path in (killed, running, elsewhere):
        path.write_bytes(b"half")
    write_whole(tmp_path / "a", b"whole", "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([elsewhere.name, running.name, "a"])
    os.utime(elsewhere, (1, 1))
    write_whole(tmp_path / "a", b"whole", "file")
    assert not elsewhere.exists()


def test_a_file_that_was_written_anew_has_another_stamp(tmp_path):
    path = tmp_path / "a"
    assert stamp_of(path) is None
    write_whole(path, b"one", "file")
    first = stamp_of(path)
    assert stamp_of(path) == first
    write_whole(path, b"two", "file")
    assert stamp_of(path) != first
