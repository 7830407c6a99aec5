"""What an installation or its system lacks is told in one sentence: libraries, code, files that come with it."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from koopview import installation, resources, system_libraries
from koopview.errors import FileError, InputError
from koopview.gui import displays
from koopview.installation import check_resources, explanation, imports_explained
from koopview.network.modelfiles.load import load_network

ROOT = Path(__file__).resolve().parents[1]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the words are those of Linux' loader")


def failure(load):
    """The error of loading something that cannot be loaded."""
    with pytest.raises((ImportError, OSError)) as caught:
        load()
    return caught.value


@linux
def test_the_loader_s_words_name_the_library(tmp_path):
    (tmp_path / "libempty.so.3").write_bytes(b"")
    (tmp_path / "libtext.so").write_text("not a library, but long enough to be read as the head of one, and no more\n")
    assert system_libraries.named_in(failure(lambda: ctypes.CDLL("libkoopview-none.so.9"))) == "libkoopview-none.so.9"
    assert system_libraries.named_in(failure(lambda: ctypes.CDLL(str(tmp_path / "libempty.so.3")))) == "libempty.so.3"
    assert system_libraries.named_in(failure(lambda: ctypes.CDLL(str(tmp_path / "libtext.so")))) == "libtext.so"
    assert system_libraries.named_in(failure(lambda: (tmp_path / "none.txt").read_text())) == ""


def test_a_library_of_the_system_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(installation, "on_path", lambda program: True)
    monkeypatch.setattr(installation, "lacking_with", lambda name: {name: system_libraries.OFFSCREEN[name]})
    said = str(explanation(ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")))
    assert said.startswith("Qt needs libEGL.so.1, which this system lacks")
    assert said.endswith("libegl1")


def test_all_that_is_lacking_beside_a_library_is_named(monkeypatch):
    absent = ("libGL.so.1", "libxcb-shape.so.0", "libwayland-egl.so.1")
    real = system_libraries.missing
    monkeypatch.setattr(system_libraries, "missing", lambda wanted: real(wanted, lambda name: name not in absent))
    lacking = system_libraries.lacking_with("libxcb-cursor.so.0")
    assert lacking == {
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libGL.so.1": "libgl1",
    }


def test_a_library_whose_package_is_not_known_is_named_alone():
    for has_apt in (True, False):
        said = system_libraries.advice({"libnew.so.2": ""}, has_apt)
        assert said.startswith("Qt needs libnew.so.2, which this system lacks; install")
        assert "apt-get" not in said


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (ImportError("libQt6Core.so.6: cannot open shared object file: No such file"), "libQt6Core.so.6"),
        (OSError("/opt/torch/lib/libtorch_cpu.so: file too short"), "libtorch_cpu.so"),
        (ModuleNotFoundError("No module named 'koopview.hybrid'", name="koopview.hybrid"), "koopview.hybrid"),
    ],
)
def test_what_belongs_to_the_installation_is_installed_again(error, named):
    said = str(explanation(error))
    assert named in said
    assert said.endswith("this installation is not whole; install KoopView again")


def test_other_errors_stay_what_they_are():
    refused = FileError("weights.so: file too short")
    for error in (ImportError("cannot import name 'a' from 'b'"), PermissionError(13, "no"), refused):
        with pytest.raises(type(error)) as caught, imports_explained():
            raise error
        assert caught.value is error


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the installation's resources in which something can be missing."""
    shutil.copytree(resources.resource_path(""), tmp_path / "resources", ignore=lambda *_: ["docs"])
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "package" / "resources.py"))
    return tmp_path / "resources"


def test_every_file_of_the_window_and_its_studies_is_looked_for():
    root = resources.resource_path("")
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    texts = {name for name in files if name.startswith("docs/") or name.endswith((".md", ".txt"))}
    assert files - texts - {"self_test.json"} == set(installation.NEEDED)


def test_a_missing_or_empty_resource_is_named(copied):
    check_resources()
    for name in installation.NEEDED:
        content = (copied / name).read_bytes()
        for damage in ((copied / name).unlink, lambda name=name: (copied / name).write_bytes(b"")):
            damage()
            with pytest.raises(FileError, match="install KoopView again") as refusal:
                check_resources()
            assert str(copied / name) in str(refusal.value)
        (copied / name).write_bytes(content)


def test_a_built_in_network_or_data_set_that_is_cut_off_is_named(copied):
    from koopview.network.mnist import _subset

    for name, load in (
        ("models/yinyang.safetensors", lambda: load_network("demo:yinyang")),
        ("data/mnist-subset.idx.xz", _subset),
    ):
        (copied / name).write_bytes((copied / name).read_bytes()[:1000])
        with pytest.raises(FileError, match="install KoopView again") as refusal:
            load()
        assert str(copied / name) in str(refusal.value)


def without(library, *command, folder):
    """Run a command in a mount namespace of its own in which a library is an empty file."""
    hide = (
        "for f in $(ldconfig -p | awk -v l=$0 '$1 == l {print $NF}'); do "
        'mount --bind /dev/null "$(readlink -f "$f")" || exit 99; done; exec "$@"'
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{os.environ['PATH']}:/sbin:/usr/sbin"}
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", hide, library, *command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def namespaces(tmp_path):
    """Skips where a program may not have mounts of its own."""
    if shutil.which("unshare") is None or without("libEGL.so.1", "true", folder=tmp_path).returncode:
        pytest.skip("this system gives no mount namespaces")


@linux
@pytest.mark.usefixtures("namespaces")
def test_without_a_library_the_program_names_it(tmp_path):
    done = without("libEGL.so.1", sys.executable, "-m", "koopview", "--screenshot", "a.png", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "libEGL.so.1" in done.stderr
    assert "libegl1" in done.stderr


@linux
@pytest.mark.usefixtures("namespaces")
def test_without_a_library_of_windows_it_is_named(tmp_path):
    code = "from koopview.installation import imports_explained as explained\n"
    code += "from koopview.gui.displays import load_plugin\nwith explained(): load_plugin('xcb')"
    done = without("libxcb-cursor.so.0", sys.executable, "-c", code, folder=tmp_path)
    assert done.stderr.splitlines()[-1].startswith("koopview.errors.FileError: Qt needs libxcb-cursor.so.0, which")
    assert "libxcb-cursor0" in done.stderr


@linux
def test_a_platform_that_qt_has_not_is_named():
    displays.load_plugin("offscreen")
    with pytest.raises(InputError, match=r"Qt has no platform 'paper', expected .* offscreen"):
        displays.load_plugin("paper")
