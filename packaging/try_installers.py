"""Try the installers for Linux in a minimal Debian that has neither Python nor a screen; needs root and debootstrap.

    sudo python3 packaging/try_installers.py [FOLDER]     the system is made in FOLDER (build/try), and kept

The .deb is installed with what it asks for, tried, shown on Xvfb, and removed; then nothing may be left. The archive is
unpacked and tried by a user without rights. Pictures of both windows are written beside the system.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from environment import ROOT, Refusal, say
from installers import ASKED, TARGET

SUITE = "bookworm"
USER = "tester"
SCREEN_PACKAGES = ("xvfb", "xauth", "x11-apps", "shared-mime-info", "desktop-file-utils")
"""A screen, a program that takes its picture, and the caches of desktops, which a minimal system lacks."""

IGNORED = (
    "dev",
    "home",
    "proc",
    "sys",
    "run",
    "tmp",
    "var/cache/apt",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/log",
    "var/cache/debconf",
)
"""Folders whose files are the system's and apt's own, or what programs keep for a person."""

QUIET = ["apt-get", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]
QUIET += ["-o", "APT::AutoRemove::RecommendsImportant=false", "-o", "APT::AutoRemove::SuggestsImportant=false"]
"""apt without questions; what it brought along goes again, also where another package would recommend it."""


class Fault(Exception):  # noqa: N818 - its text is a sentence
    """What did not hold."""


def is_kept(place: str) -> bool:
    """Say whether a file of the system counts when files before and after are compared."""
    return not any(place == folder or place.startswith(folder + "/") for folder in IGNORED)


def leftovers(before: set[str], after: set[str]) -> list[str]:
    """Return what is there after and was not before, in order."""
    return sorted(after - before)


def listed(system: Path) -> set[str]:
    """Return the places of all files and folders of a system that count."""
    found = set()
    for folder, folders, files in os.walk(system):
        here = Path(folder).relative_to(system).as_posix()
        folders[:] = [name for name in folders if is_kept(f"{here}/{name}".removeprefix("./"))]
        found |= {f"{here}/{name}".removeprefix("./") for name in [*folders, *files]}
    return found


# --- The system ------------------------------------------------------------------------------------------------


def make_system(system: Path) -> None:
    """Make a minimal Debian, unless it is there."""
    if not (system / "etc" / "debian_version").exists():
        say(f"Making a minimal Debian ({SUITE}) in {system} ...")
        system.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(system)], check=True, stdout=subprocess.DEVNULL)
    shutil.copy("/etc/resolv.conf", system / "etc" / "resolv.conf")


@contextmanager
def mounted(system: Path) -> Iterator[None]:
    """Give the system its /proc and /dev/shm, and take them away again."""
    places = [("proc", system / "proc"), ("tmpfs", system / "dev" / "shm")]
    mounts: list[Path] = []
    try:
        for kind, place in places:
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(place)], check=True)
            mounts.append(place)
        yield
    finally:
        for place in reversed(mounts):
            subprocess.run(["umount", str(place)], check=False)


def inside(system: Path, command: str, user: str = "root", wanted: int = 0) -> str:
    """Run a line of shell in the system and return what it prints; raises Fault at another exit code than `wanted`."""
    home = "/root" if user == "root" else f"/home/{user}"
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    called = ["chroot", f"--userspec={user}:{user}", str(system), "sh", "-c", f"cd {home} && {command}"]
    done = subprocess.run(called, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != wanted:
        raise Fault(f"`{command}` ended with {done.returncode}, expected {wanted}:\n{done.stdout[-2000:]}")
    return done.stdout


def apt(system: Path, *words: str) -> None:
    """Let apt do something in the system."""
    inside(system, " ".join([*QUIET, *words]))


# --- What is tried ---------------------------------------------------------------------------------------------


def try_commands(system: Path, program: str, user: str) -> None:
    """Try the program without a screen: its version, its own test, a fit and a picture."""
    say("  " + inside(system, f"{program} --version", user).strip())
    say("  " + inside(system, f"{program} --self-test", user).strip().replace("\n", "\n  "))
    inside(system, f"{program} fit --model demo:yinyang --layer 2 --json fit.json && rm fit.json", user)
    inside(system, f"{program} --demo yinyang --screenshot picture.png && rm picture.png", user)


def show_window(system: Path, program: str, user: str, picture: Path) -> None:
    """Open the window on Xvfb and take the screen's picture, into an XWD file of this machine."""
    shot = "sleep 12; xwd -root -silent -out /tmp/window.xwd"
    script = f"{program} --demo yinyang --size 1280x800 & started=$!; {shot}; kill $started; wait $started || true"
    inside(system, f"xvfb-run -a -s '-screen 0 1440x900x24' sh -c '{script}'", user)
    shutil.move(system / "tmp" / "window.xwd", picture)
    say(f"  the window: {picture}")


def try_deb(system: Path, deb: Path, folder: Path) -> None:
    """Install, try and remove the .deb, alone and beside a desktop; raises Fault where anything is left."""
    shutil.copy(deb, system / "tmp" / "koopview.deb")
    before = listed(system)
    apt(system, "install", "/tmp/koopview.deb")
    if "python3" in inside(system, "ls /usr/bin"):
        raise Fault("the package brought a Python, expected none")
    try_commands(system, "koopview", USER)
    apt(system, "purge", "--autoremove", "koopview")
    left = leftovers(before, listed(system))
    if left:
        raise Fault(f"{len(left)} files are left after the removal: {', '.join(left[:20])}")
    say("  after its removal nothing is left")
    try_deb_on_desktop(system, folder)


def try_deb_on_desktop(system: Path, folder: Path) -> None:
    """Show the window, and see that menus and kinds of files know the program as long as it is installed."""
    apt(system, "install", "/tmp/koopview.deb", *SCREEN_PACKAGES)
    show_window(system, "koopview", USER, folder / "window-deb.xwd")
    caches = ("/usr/share/mime/globs2", "/usr/share/applications/mimeinfo.cache")
    for cache in caches:
        inside(system, f"grep -q koopview {cache}")
    apt(system, "purge", "koopview")
    for cache in caches:
        inside(system, f"! grep -q koopview {cache}")
    apt(system, "purge", "--autoremove", *SCREEN_PACKAGES)


def try_archive(system: Path, archive: Path, folder: Path) -> None:
    """Unpack and try the archive as a user without rights: first where libraries lack, then where they are there."""
    apt(system, "install", "xz-utils")
    shutil.copy(archive, system / "tmp" / "koopview.tar.xz")
    inside(system, "tar -xf /tmp/koopview.tar.xz", USER)
    program = f"./{archive.name.removesuffix('.tar.xz')}/koopview"
    say("  without the libraries: " + inside(system, f"{program} --demo yinyang --screenshot a.png", USER, 2).strip())
    apt(system, "install", ASKED)
    try_commands(system, program, USER)
    apt(system, "install", *SCREEN_PACKAGES)
    show_window(system, program, USER, folder / "window-archive.xwd")
    inside(system, f"rm -r {program.removesuffix('/koopview')}", USER)
    apt(system, "purge", "--autoremove", "xz-utils", *ASKED.split(), *SCREEN_PACKAGES)


def only(pattern: str) -> Path:
    """Return the one installer of a kind."""
    found = sorted(TARGET.glob(pattern))
    if len(found) != 1:
        raise Refusal(f"{len(found)} files {pattern} are in {TARGET}, expected one: bootstrap.py installers makes it.")
    return found[0]


def main(arguments: Sequence[str]) -> int:
    """Try both installers; 1 where something does not hold."""
    folder = Path(arguments[0] if arguments else ROOT / "build" / "try").resolve()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        say("try_installers.py: root and debootstrap are needed (apt-get install debootstrap).")
        return 2
    trials: dict[str, Callable[[], None]] = {
        "the .deb": lambda: try_deb(folder / "system", only("*.deb"), folder),
        "the archive": lambda: try_archive(folder / "system", only("*.tar.xz"), folder),
    }
    try:
        make_system(folder / "system")
        with mounted(folder / "system"):
            apt(folder / "system", "update")
            inside(folder / "system", f"id {USER} >/dev/null 2>&1 || useradd --create-home {USER}")
            for name, trial in trials.items():
                say(f"== {name}")
                trial()
    except (Fault, Refusal) as wrong:
        say(f"try_installers.py: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
