"""The virtual environment: when it is up to date, how it is filled and mended; pip itself is never run."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import environment
import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
TORCH_BUILD = "torch==2.13.0+cpu"
posix = pytest.mark.skipif(os.name == "nt", reason="a stand-in for Python is a shell script")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a checkout in a folder of its own, and make it the one that is installed."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("numpy==2.4.6\ntorch==2.13.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "koopview").mkdir()
    (tmp_path / "koopview" / "__init__.py").write_text('__version__ = "0.1.0"\n')
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.setattr(environment, "CONSTRAINTS", tmp_path / "packaging" / "constraints.txt")
    return tmp_path


@pytest.fixture
def pip(checkout, monkeypatch):
    """Record what pip would be asked for; each call answers with the next of `answers`, then success."""
    calls, answers = [], []

    def pip_install(*arguments):
        calls.append(" ".join(arguments))
        return answers.pop(0) if answers else (0, [])

    def make_venv():
        environment.venv_python(environment.VENV).parent.mkdir(parents=True, exist_ok=True)
        environment.venv_python(environment.VENV).touch()

    monkeypatch.setattr(environment, "pip_install", pip_install)
    monkeypatch.setattr(environment, "make_venv", make_venv)
    monkeypatch.setattr(environment, "answer", lambda *arguments: "")
    monkeypatch.setattr(sys, "platform", "linux")
    return calls, answers


# --- The stamp -------------------------------------------------------------------------------------------------


def test_the_fingerprint_changes_with_everything_that_an_installation_depends_on(checkout):
    moved = checkout / "moved"
    shutil.copytree(checkout, moved)
    prints = [
        environment.fingerprint(checkout, {"test"}, (3, 11)),
        environment.fingerprint(checkout, {"test", "bench"}, (3, 11)),
        environment.fingerprint(checkout, {"test"}, (3, 12)),
        environment.fingerprint(moved, {"test"}, (3, 11)),
    ]
    for name in ("pyproject.toml", "packaging/constraints.txt", "koopview/__init__.py"):
        (checkout / name).write_text((checkout / name).read_text() + "# changed\n")
        prints.append(environment.fingerprint(checkout, {"test"}, (3, 11)))
    assert len(set(prints)) == len(prints)


def test_the_fingerprint_does_not_depend_on_the_order_of_the_extras(checkout):
    orders = (["test", "bench"], ["bench", "test"])
    assert len({environment.fingerprint(checkout, extras, (3, 11)) for extras in orders}) == 1


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"extras": 3}', '{"extras": [], "fingerprint": "old"}'])
def test_a_stamp_that_is_missing_broken_or_old_tells_of_no_installation(content, checkout):
    stamp = checkout / "stamp.json"
    if content is not None:
        stamp.write_text(content)
    assert environment.installed_extras(stamp, checkout, (3, 11)) is None


def test_a_stamp_tells_which_extras_are_installed(checkout):
    stamp = checkout / "stamp.json"
    environment.write_stamp(stamp, checkout, {"test"}, (3, 11))
    assert environment.installed_extras(stamp, checkout, (3, 11)) == {"test"}


# --- Installing ------------------------------------------------------------------------------------------------


def test_a_second_call_does_not_ask_pip(pip):
    assert environment.ensure_installed({"test"})
    pip[0].clear()
    assert not environment.ensure_installed({"test"})
    assert not environment.ensure_installed(set())
    assert pip[0] == []


def test_an_extra_that_is_asked_for_later_is_added_to_those_installed(pip, checkout):
    environment.ensure_installed({"test"})
    environment.ensure_installed({"bench"})
    assert pip[0][-1].endswith(f"{checkout}[bench,test]")


def test_a_virtual_environment_that_was_removed_is_made_again(pip):
    environment.ensure_installed(set())
    pip[0].clear()
    environment.venv_python(environment.VENV).unlink()
    assert environment.ensure_installed(set())
    assert pip[0]


def test_a_changed_requirement_is_installed(pip, checkout):
    environment.ensure_installed(set())
    (checkout / "pyproject.toml").write_text("[project]\ndependencies = []\n")
    assert environment.ensure_installed(set())


@pytest.mark.parametrize("end", [KeyboardInterrupt, environment.Refusal])
def test_an_installation_that_did_not_end_is_taken_up_again(pip, end, monkeypatch):
    def broken(extras):
        raise end

    environment.ensure_installed(set())
    with monkeypatch.context() as patch:
        patch.setattr(environment, "install_all", broken)
        with pytest.raises(end):
            environment.ensure_installed({"test"})
    assert environment.ensure_installed(set())


def test_packages_that_pip_was_stopped_in_are_installed_again(tmp_path):
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.dist-info", "half-1.dist-info", "half"):
        (packages / name).mkdir(parents=True)
    (packages / "whole-1.dist-info" / "RECORD").touch()
    (packages / "half-1.dist-info" / "METADATA").touch()
    environment.drop_half_installed(tmp_path)
    assert sorted(path.name for path in packages.iterdir()) == ["half", "whole-1.dist-info"]


def test_where_a_virtual_environment_keeps_its_python():
    assert environment.venv_python(Path("v"), windows=False) == Path("v/bin/python")
    assert environment.venv_python(Path("v"), windows=True) == Path("v/Scripts/python.exe")


# --- torch -----------------------------------------------------------------------------------------------------


def test_the_cpu_build_is_taken_from_where_pip_is_told_to_look(pip):
    environment.install_torch()
    assert pip[0] == [f"--no-deps {TORCH_BUILD}"]


@pytest.mark.parametrize("sign", environment.NOT_OFFERED)
def test_then_from_pytorchs_own_index(pip, sign):
    pip[1].append((1, ["pip says", f"ERROR: {sign} for torch"]))
    environment.install_torch()
    assert len(pip[0]) == 2
    assert "--index-url https://download.pytorch.org/whl/cpu" in pip[0][1]
    assert pip[0][1].endswith(TORCH_BUILD)


def test_where_nobody_offers_it_the_person_is_told_of_cudas_size(pip, capsys):
    pip[1].extend([(1, [environment.NOT_OFFERED[0]])] * 2)
    environment.install_torch()
    assert "gigabytes" in capsys.readouterr().out


def test_a_broken_download_is_not_answered_with_gigabytes_of_cuda(pip, capsys):
    pip[1].append((1, ["ERROR: [Errno 28] No space left on device"]))
    with pytest.raises(environment.Refusal, match="torch"):
        environment.install_torch()
    assert len(pip[0]) == 1
    assert "No space left" in capsys.readouterr().out


@pytest.mark.parametrize("there", ["2.13.0", "2.13.0+cpu", "2.13.0+cu130"])
def test_a_torch_of_the_pinned_version_is_kept_whatever_its_build(there, pip, monkeypatch):
    monkeypatch.setattr(environment, "answer", lambda *arguments: there)
    environment.install_torch()
    assert pip[0] == []


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_the_package_index_has_a_cpu_build(platform):
    assert environment.torch_sources("2.13.0", platform) == []


# --- pip's output ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting numpy>=2.0 (from koopview==0.1.0)\n", "  Collecting numpy>=2.0"),
        ("  Downloading a.whl (190.0 MB)\n", ""),
        ("Downloading a.whl (190.0 MB)\n", "  Downloading a.whl (190.0 MB)"),
        ("Installing collected packages: a, b, c\n", "  Installing 3 packages"),
        ("Installing collected packages: torch\n", "  Installing one package"),
        ("Requirement already satisfied: numpy\n", ""),
    ],
)
def test_progress_line(line, shown):
    assert environment.progress_line(line) == shown


def stand_in(venv, script):
    """Put a shell script where a virtual environment's Python would be."""
    python = environment.venv_python(venv)
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


@posix
def test_pip_is_given_the_pins_and_its_last_lines_come_back(checkout, capsys):
    stand_in(environment.VENV, 'echo "Collecting six (from x)"; echo "$@"; echo "ERROR: no" >&2; exit 3')
    code, tail = environment.pip_install("six")
    assert code == 3
    assert tail[0] == "Collecting six (from x)"
    assert f"--constraint {environment.CONSTRAINTS} six" in tail[1]
    assert tail[2] == "ERROR: no"
    assert capsys.readouterr().out == "  Collecting six\n"


def test_a_failure_of_pip_is_shown_with_its_last_lines_and_one_sentence(capsys):
    with pytest.raises(environment.Refusal, match=r"KoopView \(exit 3\)"):
        environment.require_success("KoopView", 3, ["Looking", "ERROR: no"])
    assert capsys.readouterr().out == "Looking\nERROR: no\n"
    environment.require_success("KoopView", 0, ["fine"])


# --- Making it -------------------------------------------------------------------------------------------------


def test_a_python_without_ensurepip_is_refused_with_the_package_to_install(checkout, monkeypatch):
    monkeypatch.setattr(environment.system_libraries, "may_install", lambda: False)
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(environment.Refusal, match=r"without its own ensurepip.*apt-get install -y python3-venv"):
        environment.make_venv()


@posix
def test_a_healthy_virtual_environment_is_left_alone(checkout, monkeypatch):
    stand_in(environment.VENV, f"echo 'pip 99 from there (python {sys.version_info[0]}.{sys.version_info[1]})'")
    monkeypatch.setattr(environment, "lacking_modules", lambda: pytest.fail("looked at what it needs to make one"))
    environment.make_venv()


@posix
@pytest.mark.parametrize("script", ["exit 1", "echo 'pip 99 from there (python 2.7)'"])
def test_a_broken_one_and_one_of_another_python_are_not_healthy(script, checkout, monkeypatch):
    stand_in(environment.VENV, script)
    monkeypatch.setattr(environment.system_libraries, "may_install", lambda: False)
    monkeypatch.setattr(environment, "lacking_modules", lambda: ["venv"])
    with pytest.raises(environment.Refusal):
        environment.make_venv()


@posix
def test_ctrl_c_during_an_installation_exits_130_and_leaves_no_stamp(checkout):
    shutil.copytree(PACKAGING, checkout / "packaging", dirs_exist_ok=True)
    shutil.copytree(PACKAGING.parent / "koopview", checkout / "koopview", dirs_exist_ok=True)
    version = "{}.{}".format(*sys.version_info)
    stand_in(
        environment.VENV,
        f'case "$*" in *--version*) echo "pip 99 (python {version})";; *install*) echo Collecting; exec sleep 9;; esac',
    )
    # A shell that starts programs in the background has them ignore Ctrl+C; a terminal does not.
    call = checkout / "call.py"
    call.write_text(
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "os.execv(sys.executable, [sys.executable, 'packaging/bootstrap.py', 'install'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, call],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    while "Installing KoopView" not in process.stdout.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert not list(environment.VENV.glob("*.json"))
