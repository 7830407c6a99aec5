"""The virtual environment `.venv` at the top of the checkout: made, filled from pyproject.toml, and mended.

A stamp file in it tells the next call what is installed, so that it starts without asking pip.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import system_libraries

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "koopview-installed.json"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NOT_OFFERED = ("No matching distribution found", "ResolutionImpossible")
"""Pip's messages if no source within reach has the version; the second appears under a constraint."""


class Refusal(Exception):  # noqa: N818 - its text is for a person, who knows no exceptions
    """What a person must do first, in one sentence."""


def say(text: str) -> None:
    """Print and flush, so that lines keep their order relative to those of the programs started here."""
    print(text, flush=True)


# --- The stamp: what is installed ------------------------------------------------------------------------------


def fingerprint(root: Path, extras: Iterable[str], python: tuple[int, int]) -> str:
    """Return a hash of everything an installation depends on: path, extras, Python, requirements, pins, version."""
    whole = hashlib.sha256(repr((str(root), sorted(extras), python)).encode())
    for name in ("pyproject.toml", "packaging/constraints.txt", "koopview/__init__.py"):
        whole.update(hashlib.sha256((root / name).read_bytes()).digest())
    return whole.hexdigest()


def installed_extras(stamp: Path, root: Path, python: tuple[int, int]) -> set[str] | None:
    """Return the extras of the installation that `stamp` records, None if it is unfinished or out of date."""
    try:
        told = json.loads(stamp.read_text(encoding="utf-8"))
        extras = set(told["extras"])
        same = told["fingerprint"] == fingerprint(root, extras, python)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return extras if same else None


def write_stamp(stamp: Path, root: Path, extras: Iterable[str], python: tuple[int, int]) -> None:
    """Write the stamp file, which tells the next call that an installation is finished."""
    told = {"extras": sorted(extras), "fingerprint": fingerprint(root, extras, python)}
    stamp.write_text(json.dumps(told), encoding="utf-8")


# --- The virtual environment -----------------------------------------------------------------------------------


def venv_python(venv: Path, windows: bool = os.name == "nt") -> Path:
    """Return the path of a virtual environment's Python."""
    return venv / ("Scripts/python.exe" if windows else "bin/python")


def answer(*arguments: str) -> str:
    """Return the output of `.venv`'s Python for `arguments`, empty if it fails or is not there."""
    try:
        done = subprocess.run([venv_python(VENV), *arguments], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def lacking_modules(modules: Iterable[str] = ("venv", "ensurepip")) -> list[str]:
    """Return the standard library's modules for virtual environments that this Python lacks."""
    importlib.invalidate_caches()
    return [name for name in modules if importlib.util.find_spec(name) is None]


def venv_refusal(lacking: Sequence[str]) -> str:
    """Return the sentence for a Python that cannot make virtual environments."""
    return (
        f"this Python ({sys.executable}) came without its own {' and '.join(lacking)}, which a virtual environment "
        "needs; on Debian and Ubuntu type: sudo apt-get install -y python3-venv"
    )


def make_venv() -> None:
    """Make `.venv`, or make it again if it is unfinished or belongs to another Python."""
    version = "{}.{}".format(*sys.version_info)
    # pip's version text ends in the Python that it belongs to: "pip 23.2.1 from ... (python 3.11)".
    if answer("-m", "pip", "--version").endswith(f"(python {version})"):
        return
    if lacking_modules() and system_libraries.may_install():
        system_libraries.install_packages(["python3-venv"], say)
    if lacking_modules():
        raise Refusal(venv_refusal(lacking_modules()))
    say(f"Making .venv with Python {version} ...")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if done.returncode:
        raise Refusal(f"Python's own venv module could not make {VENV}: see the lines above.")


def drop_half_installed(venv: Path) -> None:
    """Remove the metadata of packages whose installation was interrupted, or pip would take them for installed.

    pip writes a package's list of files, RECORD, last.
    """
    for pattern in ("lib/python*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info"):
        for metadata in venv.glob(pattern):
            if not (metadata / "RECORD").exists():
                shutil.rmtree(metadata)


# --- pip -------------------------------------------------------------------------------------------------------


def wait_after_interrupt(process: subprocess.Popen) -> None:
    """Wait for a program that also received Ctrl+C to clean up, then end it."""
    try:
        process.wait(timeout=5)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        process.wait()


def progress_line(line: str) -> str:
    """Return the text to show for a line of pip's output, empty for most lines."""
    if line.startswith("Installing collected packages"):
        others = line.count(",")
        return f"  Installing {others + 1} packages" if others else "  Installing one package"
    if line.startswith(("Collecting ", "Downloading ")):
        return "  " + line.partition(" (from ")[0].rstrip()
    return ""


def pip_install(*arguments: str) -> tuple[int, list[str]]:
    """Run ``pip install`` in `.venv`, show its progress, and return its exit code and its last lines."""
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--constraint", str(CONSTRAINTS)]
    tail: deque[str] = deque(maxlen=12)
    process = subprocess.Popen(
        [str(venv_python(VENV)), "-m", "pip", "install", *options, *arguments],
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in process.stdout or ():
            tail.append(line.rstrip())
            if progress_line(line):
                say(progress_line(line))
        return process.wait(), list(tail)
    except KeyboardInterrupt:
        wait_after_interrupt(process)
        raise


def require_success(what: str, code: int, tail: Sequence[str]) -> None:
    """Print pip's last lines and raise Refusal if pip did not install `what`."""
    if code:
        say("\n".join(tail))
        raise Refusal(
            f"pip could not install {what} (exit {code}): its last lines are above; the next call tries again."
        )


# --- What is installed -----------------------------------------------------------------------------------------


def torch_pin(constraints: str) -> str:
    """Return the version of torch that the text of constraints.txt pins."""
    return next(line.partition("==")[2].strip() for line in constraints.splitlines() if line.startswith("torch=="))


def torch_sources(version: str, platform: str) -> list[list[str]]:
    """Return pip's arguments for the CPU build of torch, one list per source, in the order in which they are tried.

    Only on Linux does the package index's own build include CUDA. The index that pip is configured for comes first,
    then PyTorch's own; the latter is not retried, as it may be unreachable and nobody should wait for it.
    """
    if platform != "linux":
        return []
    build = ["--no-deps", f"torch=={version}+cpu"]
    return [build, ["--index-url", TORCH_CPU_INDEX, "--retries", "0", "--timeout", "20", *build]]


def install_torch() -> None:
    """Install the CPU build of torch from the first source that has it; a torch of this version is kept."""
    version = torch_pin(CONSTRAINTS.read_text(encoding="utf-8"))
    there = answer("-c", "import importlib.metadata as m; print(m.version('torch'))")
    if there.partition("+")[0] == version:
        return
    sources = torch_sources(version, sys.platform)
    for arguments in sources:
        code, tail = pip_install(*arguments)
        if not any(sign in line for sign in NOT_OFFERED for line in tail):
            # Success, or a full disk or a broken download; CUDA's gigabytes would not solve those.
            require_success("torch", code, tail)
            return
    if sources:
        say("No source that can be reached offers torch's CPU build: taking the index's own, some gigabytes with CUDA.")


def install_all(extras: Iterable[str]) -> None:
    """Install KoopView, editable and with `extras`, and its pinned requirements into `.venv`."""
    install_torch()
    # The build tools are in .venv too, so that they are pinned and a repair needs no download.
    require_success("what builds KoopView", *pip_install("hatchling", "editables"))
    names = ",".join(sorted(extras))
    target = f"{ROOT}[{names}]" if names else str(ROOT)
    require_success("KoopView", *pip_install("--no-build-isolation", "--editable", target))


def ensure_installed(wanted: set[str]) -> bool:
    """Install KoopView with the extras `wanted` into `.venv` if needed; return whether it was needed."""
    present = installed_extras(STAMP, ROOT, sys.version_info[:2]) if venv_python(VENV).exists() else None
    if present is not None and present >= wanted:
        return False
    extras = wanted | (present or set())
    STAMP.unlink(missing_ok=True)
    make_venv()
    drop_half_installed(VENV)
    say("Installing KoopView and what it needs in .venv (the first time takes some minutes) ...")
    install_all(extras)
    write_stamp(STAMP, ROOT, extras, sys.version_info[:2])
    return True
