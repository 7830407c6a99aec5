"""The two commands: what they refuse, what they start, and what they say."""

import sys
from pathlib import Path

import bootstrap
import pytest
import system_libraries
from environment import Refusal

from koopview.arguments import COMMANDS

FIT = "fit --model demo:yinyang --data yinyang --layer 2 --delays 8 --rank 50"


@pytest.fixture
def started(monkeypatch):
    """Record what would be started: (arguments as one line, offscreen); each ends with the next of `codes`, then 0."""
    calls, codes = [], []

    def start(arguments, cwd=None, offscreen=False):
        calls.append((" ".join(map(str, arguments)), offscreen))
        return codes.pop(0) if codes else 0

    monkeypatch.setattr(bootstrap, "start", start)
    monkeypatch.setattr(bootstrap, "prepare_system", lambda command, arguments: None)
    monkeypatch.setattr(bootstrap, "ensure_installed", lambda extras: False)
    return calls, codes


@pytest.fixture
def screen(monkeypatch):
    """Set what a Linux desktop says of its screen, and nothing else."""

    def set_screen(**environ):
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "platform", "linux")

    return set_screen


# --- What is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 14), (4, 0)])
def test_a_python_that_will_do_is_not_refused(version):
    assert bootstrap.python_refusal(version) == ""


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 9)])
def test_an_older_python_is_refused_in_one_line_with_both_versions(version):
    sentence = bootstrap.python_refusal(version)
    assert "3.10" in sentence
    assert "{}.{}".format(*version) in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        *(([], "nothing"), (["tset"], "tset"), (["install", "--now"], "--now")),
        *((["bench", "dmd"], "dmd"), (["docs", "pdf"], "pdf")),
    ],
)
def test_wrong_use_exits_with_2_and_one_line_that_names_it(arguments, named, started, capsys):
    assert bootstrap.main(arguments) == 2
    told = capsys.readouterr().err
    assert named in told
    assert told.count("\n") == 1
    assert started[0] == []


@pytest.mark.parametrize(("there", "scripts"), [(True, ["bundle"]), (False, ["documentation", "bundle"])])
def test_a_bundle_carries_the_guide_which_is_built_first_where_it_is_not_there(
    started, monkeypatch, tmp_path, there, scripts
):
    monkeypatch.setattr(bootstrap, "GUIDE", Path(__file__) if there else tmp_path / "index.html")
    assert bootstrap.main(["bundle"]) == 0
    assert [Path(arguments.split()[0]).stem for arguments, _ in started[0]] == scripts


def test_help_names_every_command(capsys):
    assert bootstrap.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"bootstrap.py {command}" in told for command in bootstrap.EXTRAS)


def test_ctrl_c_exits_with_130_and_no_traceback(monkeypatch, capsys):
    def interrupted(extras):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "prepare_system", lambda command, arguments: None)
    monkeypatch.setattr(bootstrap, "ensure_installed", interrupted)
    assert bootstrap.main(["install"]) == 130
    assert "Traceback" not in capsys.readouterr().err


# --- Where a window would be -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "platform", "where"),
    [
        ({}, "linux", ""),
        ({"DISPLAY": ""}, "linux", ""),
        ({"DISPLAY": ":0"}, "linux", "x11"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", "wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, "linux", "x11"),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux", ""),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux", "native"),
        ({}, "darwin", "native"),
        ({}, "win32", "native"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "win32", ""),
    ],
)
def test_display(environ, platform, where):
    assert bootstrap.display(environ, platform) == where


# --- run -------------------------------------------------------------------------------------------------------


def test_run_with_a_display_starts_koopview_with_the_arguments_and_nothing_else(started, screen):
    screen(DISPLAY=":0")
    assert bootstrap.main(["run", "a.koopview", "--theme", "dark"]) == 0
    assert started[0] == [("-m koopview a.koopview --theme dark", False)]


def test_run_without_a_display_takes_the_picture_and_prints_the_built_in_fit(
    started, screen, capsys, monkeypatch, tmp_path
):
    screen()
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "koopview-window.png"
    assert bootstrap.main(["run"]) == 0
    assert started[0] == [
        (f"-m koopview --demo yinyang --screenshot {picture}", True),
        (f"-m koopview {FIT}", True),
    ]
    last = capsys.readouterr().out.splitlines()[-1]
    assert str(picture) in last
    assert "DISPLAY" in last


def test_run_without_a_display_takes_the_picture_of_what_was_asked(started, screen, monkeypatch, tmp_path):
    screen()
    monkeypatch.chdir(tmp_path)
    bootstrap.main(["run", "--demo", "mnist"])
    assert started[0] == [(f"-m koopview --demo mnist --screenshot {tmp_path / 'koopview-window.png'}", True)]


@pytest.mark.parametrize("complete", [FIT, "--demo yinyang --screenshot=a.png", "x.koopview --screenshot a.png", "-h"])
def test_run_without_a_display_passes_complete_arguments_on(complete, started, screen):
    screen()
    assert bootstrap.main(["run", *complete.split()]) == 0
    assert started[0] == [(f"-m koopview {complete}", True)]


def test_run_stops_at_the_first_failure_with_its_code(started, screen, capsys):
    screen()
    started[1].append(2)
    assert bootstrap.main(["run"]) == 2
    assert len(started[0]) == 1
    assert "picture" not in capsys.readouterr().out


def test_every_command_of_koopview_is_known_to_need_no_window():
    assert set(COMMANDS) <= set(bootstrap.SUBCOMMANDS)


# --- test and bench --------------------------------------------------------------------------------------------


def test_test_runs_the_checks_before_pytest_and_passes_arguments_to_pytest_alone(started, capsys, monkeypatch):
    monkeypatch.setattr(bootstrap, "processors", lambda: 2)
    assert bootstrap.main(["test", "-k", "dmd"]) == 0
    steps = ("ruff check", "ruff format --check", "mypy", "importlinter", "pytest -n 2 --dist loadfile -k dmd")
    assert len(started[0]) == len(steps)
    assert all(step in command for step, (command, _) in zip(steps, started[0], strict=True))
    assert all(offscreen for _, offscreen in started[0])
    assert capsys.readouterr().out.splitlines()[-1] == "== pytest"  # nothing after pytest's own closing line


@pytest.mark.parametrize(("count", "processes"), [(1, []), (2, ["-n", "2"]), (8, ["-n", "8"]), (96, ["-n", "8"])])
def test_there_is_a_process_of_tests_a_processor_up_to_eight(count, processes):
    assert bootstrap.side_by_side(count)[:2] == processes


def test_this_machine_has_a_processor():
    assert 1 <= bootstrap.processors() <= 4096


def test_the_first_failing_step_ends_the_test_command_with_its_code_and_name(started, capsys):
    started[1].extend([0, 0, 7])
    assert bootstrap.main(["test"]) == 7
    assert len(started[0]) == 3
    assert "mypy failed (exit 7)" in capsys.readouterr().out.splitlines()[-1]


def test_docs_builds_the_guide_offscreen(started):
    started[1].append(1)
    assert bootstrap.main(["docs"]) == 1  # a warning is an error
    assert started[0] == [(str(bootstrap.ROOT / "packaging" / "documentation.py"), True)]
    assert "docs" in bootstrap.EXTRAS["test"]


def test_bench_runs_every_script_in_turn_up_to_the_first_failure(started, monkeypatch, tmp_path):
    folder = tmp_path / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    for name in ("bench_b.py", "bench_a.py", "bench_c.py", "helper.py"):
        (folder / name).write_text("")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    started[1].extend([0, 3])
    assert bootstrap.main(["bench"]) == 3
    assert [command for command, _ in started[0]] == [str(folder / "bench_a.py"), str(folder / "bench_b.py")]


def test_a_program_ended_by_a_signal_is_counted_as_a_shell_does(monkeypatch):
    monkeypatch.setattr(bootstrap, "venv_python", lambda venv: sys.executable)
    assert bootstrap.start(["-c", "raise SystemExit(5)"]) == 5
    if sys.platform != "win32":
        assert bootstrap.start(["-c", "import os; os.kill(os.getpid(), 6)"]) == 134


def test_offscreen_is_told_to_the_program_alone(monkeypatch):
    monkeypatch.setattr(bootstrap, "venv_python", lambda venv: sys.executable)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    ask = "import os; raise SystemExit(os.environ['QT_QPA_PLATFORM'] == 'offscreen')"
    assert [bootstrap.start(["-c", ask], offscreen=offscreen) for offscreen in (False, True)] == [0, 1]


# --- The system's libraries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "arguments", "shown", "offscreen", "window"),
    [
        ("run", [], "", True, False),
        ("run", [], "x11", True, True),
        ("run", [], "wayland", True, False),
        ("run", ["--screenshot", "a.png"], "x11", True, False),
        ("run", ["--self-test"], "x11", True, False),
        ("run", ["fit"], "x11", False, False),
        ("run", ["--version"], "", False, False),
        ("install", [], "x11", True, True),
        ("install", [], "", True, False),
        ("test", [], "x11", True, False),
        ("docs", [], "", True, False),  # its pictures are drawn
        ("bundle", [], "", True, True),  # it carries them
        ("wheel", [], "x11", False, False),
    ],
)
def test_needed_libraries(command, arguments, shown, offscreen, window):
    needed = bootstrap.needed_libraries(command, arguments, shown)
    assert ("libEGL.so.1" in needed, "libxcb-cursor.so.0" in needed) == (offscreen, window)


@pytest.fixture
def bare_system(monkeypatch):
    """Pretend to be a Linux system that has none of Qt's libraries, where nothing may be installed."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "may_install", lambda: False)
    monkeypatch.setattr(system_libraries, "missing", lambda wanted: dict(wanted))


def test_missing_libraries_that_may_not_be_installed_stop_run_with_the_command_to_type(bare_system, monkeypatch):
    monkeypatch.setattr(system_libraries, "on_path", lambda program: program == "apt-get")
    with pytest.raises(Refusal, match=r"libEGL\.so\.1.*sudo apt-get install -y --no-install-recommends .*libegl1"):
        bootstrap.prepare_system("run", [])


def test_missing_libraries_do_not_stop_an_installation(bare_system, capsys):
    bootstrap.prepare_system("install", [])
    assert "libEGL.so.1" in capsys.readouterr().out


def test_root_gets_what_is_missing_installed_once(bare_system, monkeypatch):
    there, asked = set(), []

    def install_packages(packages, say):
        asked.append(sorted(packages))
        there.update(packages)

    monkeypatch.setattr(system_libraries, "may_install", lambda: True)
    monkeypatch.setattr(system_libraries, "install_packages", install_packages)
    monkeypatch.setattr(
        system_libraries, "missing", lambda wanted: {name: p for name, p in wanted.items() if p not in there}
    )
    bootstrap.prepare_system("run", ["--screenshot", "a.png"])
    bootstrap.prepare_system("run", ["--screenshot", "a.png"])
    assert asked == [["libdbus-1-3", "libegl1", "libfontconfig1", "libgl1", "libglib2.0-0", "libxkbcommon0"]]


# --- Screenshots -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("screenshots", f"-m koopview.gui.screenshots {bootstrap.ROOT / bootstrap.SCREENSHOTS}"),
        ("screenshots /tmp/there", "-m koopview.gui.screenshots /tmp/there"),
        ("screenshots --lecture", f"-m koopview.gui.lecture {bootstrap.ROOT / bootstrap.LECTURE}"),
        ("screenshots --lecture /tmp/there", "-m koopview.gui.lecture /tmp/there"),
        ("screenshots --readme", f"-m koopview.gui.screenshots --readme {bootstrap.ROOT / bootstrap.README_PICTURE}"),
    ],
)
def test_screenshots_are_drawn_without_a_display(started, words, expected):
    calls, _ = started
    assert bootstrap.carry_out(words.split()) == 0
    assert calls == [(expected, True)]


def test_screenshots_take_one_folder(started):
    with pytest.raises(Refusal, match="screenshots takes a folder"):
        bootstrap.carry_out(["screenshots", "a", "b"])
    with pytest.raises(Refusal, match="got --help"):
        bootstrap.carry_out(["screenshots", "--help"])
