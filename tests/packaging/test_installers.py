"""The .deb, the archive, and how they are tried."""

import hashlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from pathlib import Path

import bundle_elf
import compare_bundle
import debian_package
import installers
import pytest
import try_installers

READELF = """
 0x0000000000000001 (NEEDED)             Shared library: [libm.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [libEGL.so.1]
 0x000000000000000e (SONAME)             Library soname: [libours.so.1]
Version needs section '.gnu.version_r' contains 1 entry:
  0x0010:   Name: GLIBC_2.4  Flags: none  Version: 3
  0x0020:   Name: GLIBC_2.34  Flags: none  Version: 4
  0x0030:   Name: GLIBC_PRIVATE  Flags: none  Version: 5
"""


def test_what_a_library_needs():
    found = bundle_elf.parse_readelf(READELF)
    assert found.sonames == {"libm.so.6", "libEGL.so.1"}
    assert found.glibc == (2, 34)


@pytest.mark.skipif(sys.platform != "linux", reason="ELF files are Linux's")
def test_what_this_python_needs_is_glibc():
    assert "libc.so.6" in bundle_elf.needs([Path(sys.executable).resolve()]).sonames


def test_depends_names_each_package_once_with_its_newer_name_and_glibc_with_its_version():
    wanted = bundle_elf.Needs(frozenset({"libm.so.6", "libc.so.6", "libglib-2.0.so.0", "libgthread-2.0.so.0"}), (2, 34))
    assert bundle_elf.dependencies(wanted) == ["libc6 (>= 2.34)", "libglib2.0-0 | libglib2.0-0t64", "xkb-data"]


def test_a_library_that_nobody_has_is_no_dependency():
    with pytest.raises(KeyError):
        bundle_elf.dependencies(bundle_elf.Needs(frozenset({"libstrange.so.1"}), (2, 34)))


def test_control_has_one_field_a_line():
    told = debian_package.control("1.2.3", "amd64", ["libc6", "xkb-data"], 700)
    fields = dict(line.split(": ", 1) for line in told.splitlines() if not line.startswith(" "))
    assert fields["Version"] == "1.2.3"
    assert fields["Depends"] == "libc6, xkb-data"
    assert fields["Installed-Size"] == "700"
    assert len(fields["Description"]) < 80
    assert told.endswith("\n")


def test_menu_entry_opens_the_kind_of_file_that_the_mime_type_describes():
    entry = ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read_string(debian_package.DESKTOP)
    kind = ElementTree.fromstring(debian_package.MIME)[0]
    assert entry["Desktop Entry"]["MimeType"] == kind.get("type") + ";"
    assert entry["Desktop Entry"]["Exec"].endswith("%f")
    assert kind.find("{*}glob").get("pattern") == "*.koopview"


def test_copyright_has_no_empty_line_inside_the_licence():
    told = debian_package.copyright_text("One.\n\nTwo.\n")
    assert "\n One.\n .\n Two.\n" in told
    assert "/usr/lib/koopview/_internal/licences" in told


def test_the_package_lays_the_bundle_out_with_a_program_on_the_path(tmp_path):
    bundle, root = tmp_path / "koopview", tmp_path / "root"
    bundle.mkdir()
    (bundle / "koopview").write_text("#!/bin/sh\necho started\n")
    (bundle / "koopview").chmod(0o700)
    debian_package.lay_out(bundle, root)
    debian_package.set_rights(root)
    program = root / "usr" / "bin" / "koopview"
    assert subprocess.run([program], capture_output=True, text=True).stdout == "started\n"
    assert program.resolve().stat().st_mode & 0o777 == 0o755
    assert (root / "usr/share/icons/hicolor/48x48/apps/koopview.png").read_bytes().startswith(b"\x89PNG")
    sums = dict(reversed(line.split("  ")) for line in debian_package.md5sums(root).splitlines())
    assert sums["usr/lib/koopview/koopview"] == hashlib.md5((bundle / "koopview").read_bytes()).hexdigest()
    assert "usr/bin/koopview" not in sums


@pytest.mark.skipif(sys.platform != "linux", reason="the archive is Linux's, made with its tar")
def test_the_archive_is_the_same_when_made_at_another_time(tmp_path):
    packed = []
    for name in ("first", "second"):
        bundle, target = tmp_path / name / "bundle", tmp_path / name
        (bundle / "_internal").mkdir(parents=True)
        (bundle / "_internal" / "data").write_text("data")
        (bundle / "koopview").write_text("program")
        (bundle / "koopview").chmod(0o755)
        packed.append(installers.make_archive(bundle, "1.0", target / "work", target, "1704067200"))
    assert packed[0].read_bytes() == packed[1].read_bytes()
    assert installers.write_sums(tmp_path / "first").read_text().endswith(f"  {packed[0].name}\n")


def test_the_readme_has_three_lines():
    assert installers.README.format(version="1", packages="a").count("\n") == 3


def test_leftovers_are_what_was_not_there_and_what_is_no_cache_of_apt():
    assert try_installers.leftovers({"etc/a"}, {"etc/a", "usr/b"}) == ["usr/b"]
    assert not try_installers.is_kept("var/lib/dpkg/status")
    assert try_installers.is_kept("var/lib/dpkg-new")


def test_a_system_is_listed_without_what_is_mounted(tmp_path):
    for place in ("proc/1", "etc/fonts"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "etc/fonts/a").touch()
    assert try_installers.listed(tmp_path) == {"etc", "etc/fonts", "etc/fonts/a"}


def test_numbers_are_compared_to_a_millionth_and_words_exactly():
    one = {"rank": 3, "accuracy": {"hybrid": 0.5, "none": None}, "eigenvalues": [[1.0, 0.0]], "seconds": 1, "ok": True}
    other = {"rank": 3, "accuracy": {"hybrid": 0.5 + 2e-7, "none": None}, "eigenvalues": [[1.0, 0.0]], "ok": True}
    assert list(compare_bundle.differences(one, other)) == []
    assert list(compare_bundle.differences(one, {**other, "eigenvalues": [[1.0, 1e-5]]})) == [
        ".eigenvalues[0][1]: 0.0 and 1e-05"
    ]
    assert len(list(compare_bundle.differences(one, {**other, "rank": None, "accuracy": {"hybrid": 0.5}}))) == 1
    assert list(compare_bundle.differences([1], [1, 2])) == [": [1] and [1, 2]"]
    assert list(compare_bundle.differences(True, 1)) != []
