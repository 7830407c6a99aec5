"""Recipes that no machine here can run whole: what can be read of them, and their order with stand-ins for tools."""

import os
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import koopview

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
UNRUN = {
    "windows/koopview.iss": r"; No test and no workflow has run this recipe yet",
    "macos/make_dmg.sh": r"# On macOS no test and no workflow has run this recipe yet",
    "appimage/make_appimage.sh": r"# .* appimagetool itself no test and no workflow has run yet",
}
SIGNING = ("CODESIGN_IDENTITY", "NOTARY_KEY", "NOTARY_KEY_ID", "NOTARY_ISSUER")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are for Linux's own bash, find and sh")


@pytest.mark.parametrize("recipe", UNRUN)
def test_a_recipe_that_nothing_has_run_says_so_in_its_first_line(recipe):
    lines = (PACKAGING / recipe).read_text(encoding="utf-8").splitlines()
    assert re.match(UNRUN[recipe], lines[lines[0].startswith("#!")])


# --- Windows -----------------------------------------------------------------------------------------------------


def test_the_windows_recipe_names_files_that_exist_and_takes_its_version_from_the_command():
    text = (PACKAGING / "windows" / "koopview.iss").read_text(encoding="utf-8")
    assert "AppVersion={#Version}" in text
    assert (PACKAGING / "windows" / re.search(r"LicenseFile=(.+)", text)[1].replace("\\", "/")).is_file()
    assert "PrivilegesRequired=lowest" in text


def test_every_task_that_the_windows_recipe_names_is_one_of_its_tasks():
    text = (PACKAGING / "windows" / "koopview.iss").read_text(encoding="utf-8")
    asked = set(re.findall(r"; Tasks: (\w+)", text))
    assert asked == set(re.findall(r'^Name: "(\w+)"; Description', text, re.MULTILINE))


def test_windows_forgets_every_key_that_it_was_told():
    text = (PACKAGING / "windows" / "koopview.iss").read_text(encoding="utf-8")
    keys = re.findall(r'^Root: HKA; Subkey: "([^"]+)".*$', text, re.MULTILINE)
    removed = [
        re.search(r'Subkey: "([^"]+)"', line)[1]
        for line in text.splitlines()
        if "uninsdelete" in line and "HKA" in line
    ]
    assert keys
    assert all(any(key == whole or key.startswith(whole + "\\") for whole in removed) for key in keys)


# --- macOS and AppImage, with stand-ins ---------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path):
    """Return a checkout with what the recipes read of it, and a folder of stand-ins that write down their calls."""
    for name in ("macos", "appimage"):
        shutil.copytree(PACKAGING / name, tmp_path / "packaging" / name)
    shutil.copy(PACKAGING / "version.py", tmp_path / "packaging")
    (tmp_path / "koopview").mkdir()
    shutil.copy(ROOT / "koopview" / "__init__.py", tmp_path / "koopview")
    (tmp_path / "tools").mkdir()
    return tmp_path


def stand_in(checkout, name, does=""):
    tool = checkout / "tools" / name
    tool.write_text(f'#!/bin/sh\necho {name} "$@" >> "{checkout}/calls"\n{does}\n')
    tool.chmod(0o755)


def run(checkout, recipe, *arguments, **environ):
    """Run a recipe with the stand-ins before all else on the path; return what it did."""
    kept = {name: value for name, value in os.environ.items() if name not in SIGNING}
    path = f"{checkout / 'tools'}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", str(checkout / "packaging" / recipe), *arguments]
    return subprocess.run(command, env={**kept, "PATH": path, **environ}, capture_output=True, text=True, timeout=60)


@pytest.fixture
def mac(checkout):
    """Return a checkout with an application of two binary files, one in a framework, and one that is none."""
    inside = checkout / "build" / "bundle" / "KoopView.app" / "Contents"
    for name in ("MacOS/koopview", "Frameworks/Qt.framework/Qt", "Resources/notes.txt"):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(name)
    for name in ("codesign", "hdiutil", "xcrun", "spctl"):
        stand_in(checkout, name)
    stand_in(checkout, "file", 'case "$2" in *.txt) echo ASCII text ;; *) echo Mach-O 64-bit ;; esac')
    stand_in(checkout, "uname", "echo arm64")
    return checkout


def calls(checkout, *names):
    lines = (checkout / "calls").read_text().splitlines()
    return [line.replace(f"{checkout}/", "") for line in lines if line.split()[0] in names]


@linux
def test_macos_signs_from_the_inside_out_then_packs_notarises_and_staples(mac):
    done = run(mac, "macos/make_dmg.sh", **{name: f"my-{name}" for name in SIGNING})
    assert (done.returncode, done.stderr) == (0, "")
    dmg = f"build/installers/koopview-{koopview.__version__}-macos-arm64.dmg"
    assert done.stdout.splitlines()[-1] == dmg
    app = "build/bundle/KoopView.app"
    made = calls(mac, "codesign", "hdiutil", "xcrun")
    binaries, framework, whole, verified, packed, image, notarised, stapled = made[:2], *made[2:]
    assert {line.split()[-1] for line in binaries} == {
        f"{app}/Contents/{name}" for name in ("MacOS/koopview", "Frameworks/Qt.framework/Qt")
    }
    assert all("--options runtime --sign my-CODESIGN_IDENTITY" in line for line in (*binaries, framework, whole, image))
    assert framework.endswith("Qt.framework")
    assert whole.endswith(f"--entitlements packaging/macos/entitlements.plist {app}")
    assert verified.startswith("codesign --verify")
    assert packed.endswith(dmg)
    assert image.endswith(dmg)
    assert notarised.startswith(f"xcrun notarytool submit {dmg} --key my-NOTARY_KEY")
    assert notarised.endswith("--wait")
    assert stapled == f"xcrun stapler staple {dmg}"


@linux
def test_macos_without_an_identity_makes_nothing_and_says_what_is_missing(mac):
    done = run(mac, "macos/make_dmg.sh", CODESIGN_IDENTITY="mine")
    assert done.returncode == 2
    assert done.stderr.startswith("make_dmg.sh: NOTARY_KEY is not set")
    assert done.stderr.count("\n") == 1
    assert not (mac / "calls").exists()


@linux
def test_macos_unsigned_says_so_in_its_name_and_signs_nothing(mac):
    done = run(mac, "macos/make_dmg.sh", "--unsigned")
    assert done.stdout.splitlines()[-1].endswith("-macos-arm64-unsigned.dmg")
    assert [line.split()[0] for line in calls(mac, "codesign", "hdiutil", "xcrun")] == ["hdiutil"]


@linux
@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ("macos/make_dmg.sh", "build/bundle/KoopView.app is not there, expected"),
        ("appimage/make_appimage.sh", "expected one .deb in build/installers"),
    ],
)
def test_a_recipe_without_what_it_packs_says_what_to_run_first(checkout, recipe, told):
    done = run(checkout, recipe)
    assert done.returncode == 2
    assert told in done.stderr
    assert "run python3 packaging/bootstrap.py" in done.stderr


def test_the_entitlements_can_be_read():
    told = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert set(told.values()) == {True}


@pytest.fixture
def deb(checkout):
    """Return a checkout with a .deb of a program that prints its arguments."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb, of Debian and what comes of it, is not here")
    tree = checkout / "tree"
    files = {
        "DEBIAN/control": "Package: koopview\nVersion: 1\nArchitecture: all\nMaintainer: a <a@a>\nDescription: a\n",
        "opt/koopview/koopview": '#!/bin/sh\necho ran "$@"\n',
        "usr/share/applications/koopview.desktop": "[Desktop Entry]\nIcon=koopview\n",
        "usr/share/icons/hicolor/scalable/apps/koopview.svg": "<svg/>",
    }
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "opt/koopview/koopview").chmod(0o755)
    (checkout / "build" / "installers").mkdir(parents=True)
    package = checkout / "build" / "installers" / "koopview.deb"
    subprocess.run(["dpkg-deb", "--build", str(tree), str(package)], check=True, capture_output=True)
    return checkout


@linux
def test_the_folder_of_the_appimage_starts_the_program_from_anywhere(deb, tmp_path):
    done = run(deb, "appimage/make_appimage.sh", "--folder")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "build/appimage/AppDir\n")
    appdir = (deb / "build" / "appimage" / "AppDir").rename(tmp_path / "a moved folder")
    started = subprocess.run([appdir / "AppRun", "a b", "--self-test"], capture_output=True, text=True, cwd="/")
    assert started.stdout == "ran a b --self-test\n"
    assert (appdir / ".DirIcon").read_text() == "<svg/>"
    assert (appdir / "koopview.desktop").is_file()


@linux
def test_the_appimage_is_made_by_its_own_tool_or_the_tool_is_named(deb):
    assert run(deb, "appimage/make_appimage.sh", PATH=os.environ["PATH"]).stderr.startswith(
        "make_appimage.sh: appimagetool is not on the path"
    )
    stand_in(deb, "appimagetool")
    done = run(deb, "appimage/make_appimage.sh")
    image = done.stdout.splitlines()[-1]
    assert re.fullmatch(rf"build/installers/koopview-{re.escape(koopview.__version__)}-linux-\w+\.AppImage", image)
    assert calls(deb, "appimagetool")[-1].endswith(f"build/appimage/AppDir {image}")
