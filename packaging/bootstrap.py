"""Install, start, test and measure KoopView from a checkout, with nothing but Python and its standard library.

    python3 packaging/bootstrap.py install            make .venv and install KoopView in it
    python3 packaging/bootstrap.py run [...]          start it; what follows is passed on to koopview
    python3 packaging/bootstrap.py test [...]         checks and tests; what follows is passed on to pytest;
                                                      --slow runs the slow tests too, --cov tells what is covered
    python3 packaging/bootstrap.py bench              every tests/benchmarks/bench_*.py in turn
    python3 packaging/bootstrap.py screenshots [DIR]  pictures of every panel, in build/screenshots or DIR;
                                                      --readme draws the README's anew; --lecture plays the
                                                      built-in studies' stories by keys, in build/lecture
    python3 packaging/bootstrap.py docs               the guide as HTML, with its pictures, in build/docs/html
    python3 packaging/bootstrap.py wheel              wheel and sdist, checked, in build/dist
    python3 packaging/bootstrap.py bundle             the application that runs without Python, in build/bundle;
                                                      --check looks through it, --again makes it twice
    python3 packaging/bootstrap.py installers         a .deb and an archive of it, in build/installers
    python3 packaging/bootstrap.py sbom               what the bundle is made of, as CycloneDX, in build/installers

Each installs what it needs first; a second call finds that done and starts at once.
"""

import sys

OLDEST = (3, 10)
WHOLE_PYTHON = "sudo apt-get install -y python3-venv"


def python_refusal(version: tuple) -> str:
    """Return the sentence for a Python that is too old, empty for one that will do."""
    if tuple(version) >= OLDEST:
        return ""
    return "KoopView needs Python {}.{} or newer, this is {}.{}.".format(*OLDEST, *version[:2])


def refuse(sentence: str) -> None:
    """End with one line for a person who has to do something first."""
    sys.stderr.write("bootstrap.py: " + sentence + "\n")
    raise SystemExit(2)


if python_refusal(sys.version_info[:2]):  # before anything that an old Python cannot read
    refuse(python_refusal(sys.version_info[:2]))

try:
    import os
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import system_libraries
    from environment import ROOT, VENV, Refusal, ensure_installed, say, venv_python, wait_after_interrupt
except ImportError as lacking:  # Debian's python3-minimal holds a part of the standard library
    refuse(f"this Python came without its own {lacking.name}; on Debian and Ubuntu type: {WHOLE_PYTHON}")

EXTRAS: dict[str, set[str]] = {
    "install": set(),
    "run": set(),
    "test": {"test", "docs"},
    "bench": {"test", "bench"},
    "screenshots": set(),
    "wheel": {"release"},
    "sbom": {"package", "release", "onnx"},
    "docs": {"docs"},
    "bundle": {"package", "docs", "onnx"},
    "installers": {"package", "onnx"},
}
"""The commands, and which of pyproject.toml's extras each needs."""

SCRIPTS = {
    "docs": "documentation.py",
    "wheel": "distributions.py",
    "bundle": "bundle.py",
    "installers": "installers.py",
    "sbom": "sbom.py",
}
"""The commands that a script of packaging/ carries out, with `.venv`'s Python; only bundle takes something after it."""

BUNDLING, WITHOUT_QT = ("bundle", "installers"), ("wheel", "sbom")
GUIDE = ROOT / "build" / "docs" / "html" / "index.html"
"""What the bundle carries along, and builds first where it is not there."""

SUBCOMMANDS = ("layers", "fit", "sweep", "depth", "edit", "compare", "handout", "plot", "paper", "train")
TEXT_OPTIONS = ("--version", "--help", "-h")
"""What koopview answers in text."""

PICTURE = "koopview-window.png"
SCREENSHOTS, README_PICTURE = "build/screenshots", "resources/docs/window-light.png"
LECTURE = "build/lecture"
BUILT_IN_FIT = ["fit", "--model", "demo:yinyang", "--data", "yinyang", "--layer", "2", "--delays", "8", "--rank", "50"]


def display(environ: Mapping[str, str], platform: str) -> str:
    """Say where a window would be: "x11", "wayland", "native" (Windows, macOS, what Qt is told) or "" for nowhere."""
    asked = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if asked in ("offscreen", "minimal"):
        return ""
    if platform != "linux" or asked not in ("", "xcb", "wayland"):
        return "native"
    if environ.get("WAYLAND_DISPLAY") and asked != "xcb":
        return "wayland"
    return "x11" if environ.get("DISPLAY") else ""


def needs_window(arguments: Sequence[str]) -> bool:
    """Say whether koopview would open a window when called with `arguments`."""
    asked = {argument.partition("=")[0] for argument in arguments}
    return not (asked & {"--screenshot", "--self-test", *TEXT_OPTIONS} or set(arguments[:1]) & set(SUBCOMMANDS))


def needed_libraries(command: str, arguments: Sequence[str], shown: str) -> dict[str, str]:
    """Return the system's libraries that a command needs on Linux; `shown` is where a window would be."""
    if command in WITHOUT_QT:
        return {}
    if command == "run" and (set(arguments[:1]) & set(SUBCOMMANDS) or set(arguments) & set(TEXT_OPTIONS)):
        return {}  # what prints needs no Qt
    if command in BUNDLING:  # the bundle carries some of them
        return {**system_libraries.OFFSCREEN, **system_libraries.WINDOW}
    window = shown == "x11" and (command == "install" or (command == "run" and needs_window(arguments)))
    return {**system_libraries.OFFSCREEN, **(system_libraries.WINDOW if window else {})}


def prepare_system(command: str, arguments: Sequence[str]) -> None:
    """Install what the command needs of the system, or raise Refusal where it cannot do without."""
    if sys.platform != "linux":
        return
    needed = needed_libraries(command, arguments, display(os.environ, sys.platform))
    lacking = system_libraries.missing(needed)
    if system_libraries.may_install():
        wanted = lacking | (system_libraries.missing_for_tests() if command == "test" else {})
        wanted |= system_libraries.missing_for_bundle() if command in BUNDLING else {}
        if wanted:
            system_libraries.install_packages(wanted.values(), say)
            lacking = system_libraries.missing(lacking)
    if not lacking:
        return
    advice = system_libraries.advice(lacking, system_libraries.on_path("apt-get"))
    if command != "install":
        raise Refusal(advice)
    say(advice)


def start(arguments: Sequence[str | Path], cwd: Path | None = None, offscreen: bool = False) -> int:
    """Run a program with `.venv`'s Python to its end and return its exit code, as a shell counts it."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if offscreen else None
    process = subprocess.Popen([venv_python(VENV), *arguments], cwd=cwd, env=env)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        wait_after_interrupt(process)
        raise
    return code if code >= 0 else 128 - code


# --- The commands ----------------------------------------------------------------------------------------------


def install(newly: bool) -> int:
    """Say that it is installed, and how to go on."""
    say("KoopView is installed in .venv." if newly else "KoopView is installed in .venv already; nothing was to do.")
    say("Start it: python3 packaging/bootstrap.py run")
    return 0


def windowless_calls(arguments: Sequence[str], picture: Path) -> list[list[str]]:
    """Return the calls of koopview that stand in for a window: its picture, and the built-in study's results."""
    if arguments:
        return [[*arguments, "--screenshot", str(picture)]]
    return [["--demo", "yinyang", "--screenshot", str(picture)], BUILT_IN_FIT]


def run(arguments: Sequence[str]) -> int:
    """Start koopview in a window; where no display is, show what it would show."""
    if not needs_window(arguments) or display(os.environ, sys.platform):
        return start(["-m", "koopview", *arguments], offscreen=not display(os.environ, sys.platform))
    picture = Path.cwd() / PICTURE
    for call in windowless_calls(arguments, picture):
        code = start(["-m", "koopview", *call], offscreen=True)
        if code:
            return code
    say(f"No window was opened, as no display is set (DISPLAY, WAYLAND_DISPLAY): its picture is {picture}")
    return 0


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(count: int) -> list[str]:
    """Return pytest's arguments for tests on `count` processors; a file's tests stay in one process, in their order.

    More than eight processes would only wait for the longest file, and each takes half a gigabyte of memory.
    """
    return ["-n", str(min(count, 8)), "--dist", "loadfile"] if count > 1 else []


def test_steps(arguments: Sequence[str]) -> dict[str, list[str]]:
    """Return the steps of the test command by name, each as arguments of Python."""
    return {
        "ruff check": ["-m", "ruff", "check"],
        "ruff format": ["-m", "ruff", "format", "--check"],
        "mypy": ["-m", "mypy"],
        "lint-imports": ["-c", "from importlinter.cli import lint_imports_command as check; check()", "--no-logo"],
        "pytest": ["-m", "pytest", *side_by_side(processors()), *arguments],
    }


def test(arguments: Sequence[str]) -> int:
    """Run every check and the tests up to the first failure; pytest's closing line comes last."""
    for name, step in test_steps(arguments).items():
        say(f"== {name}")
        code = start(step, cwd=ROOT, offscreen=True)
        if code:
            if name != "pytest":
                say(f"The step {name} failed (exit {code}); the steps after it did not run.")
            return code
    return 0


def bench() -> int:
    """Run every benchmark in turn, up to the first that fails."""
    scripts = sorted((ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    if not scripts:
        raise Refusal("No benchmark is in tests/benchmarks: expected scripts named bench_*.py there.")
    for script in scripts:
        say(f"== {script.stem}")
        code = start([script], cwd=ROOT, offscreen=True)
        if code:
            say(f"The benchmark {script.stem} failed (exit {code}); those after it did not run.")
            return code
    return 0


def screenshots(arguments: Sequence[str]) -> int:
    """Draw every panel into a folder, or, with --readme, the README's picture, or, with --lecture, the stories."""
    module = ["-m", "koopview.gui.screenshots"]
    if arguments[:1] == ["--readme"]:
        return start([*module, "--readme", ROOT / README_PICTURE], offscreen=True)
    if arguments[:1] == ["--lecture"]:
        return start(["-m", "koopview.gui.lecture", *(arguments[1:] or [str(ROOT / LECTURE)])], offscreen=True)
    folder = arguments[0] if arguments else str(ROOT / SCREENSHOTS)
    return start([*module, folder], offscreen=True)


def script(command: str, arguments: Sequence[str]) -> int:
    """Run the script of packaging/ that carries out a command, and return its exit code."""
    return start([ROOT / "packaging" / SCRIPTS[command], *arguments], cwd=ROOT, offscreen=True)


def usage_refusal(arguments: Sequence[str]) -> str:
    """Return the sentence for a call that none of the commands understands, empty for a right one."""
    if not arguments or arguments[0] not in EXTRAS:
        return f"expected one of {', '.join(EXTRAS)} after bootstrap.py, got {' '.join(arguments[:1]) or 'nothing'}."
    if arguments[0] in {"install", "bench", *SCRIPTS} - {"bundle"} and len(arguments) > 1:
        return f"{arguments[0]} takes nothing after it, got {' '.join(arguments[1:])}."
    most = 3 if arguments[1:2] == ["--lecture"] else 2
    if arguments[0] == "screenshots" and (
        len(arguments) > most or _is_other_option(arguments[1:], ("--readme", "--lecture"))
    ):
        return f"screenshots takes a folder, --readme or --lecture after it, got {' '.join(arguments[1:])}."
    return ""


def _is_other_option(words: Sequence[str], known: Sequence[str]) -> bool:
    return words[:1] not in [[one] for one in known] and any(word.startswith("-") for word in words)


def carry_out(arguments: Sequence[str]) -> int:
    """Install what the command needs, carry it out and return its exit code."""
    if usage_refusal(arguments):
        raise Refusal(usage_refusal(arguments))
    command, rest = arguments[0], arguments[1:]
    prepare_system(command, rest)
    newly = ensure_installed(EXTRAS[command])
    if command == "install":
        return install(newly)
    if command == "bench":
        return bench()
    if command == "screenshots":
        return screenshots(rest)
    if command in SCRIPTS:
        lacks_guide = command == "bundle" and not GUIDE.is_file()
        return (script("docs", []) if lacks_guide else 0) or script(command, rest)
    return run(rest) if command == "run" else test(rest)


def main(arguments: Sequence[str]) -> int:
    """Carry out a command line; 2 with one sentence where the person has to do something first, 130 after Ctrl+C."""
    if arguments[:1] in (["-h"], ["--help"]):
        say((__doc__ or "").strip())
        return 0
    try:
        return carry_out(arguments)
    except Refusal as refusal:
        sys.stdout.flush()
        sys.stderr.write(f"bootstrap.py: {refusal}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nbootstrap.py: stopped\n")
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
