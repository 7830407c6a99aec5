"""Whose each part of a bundle is, how large, and under which licence."""

import sys
from pathlib import Path

import bundle_checks
import bundle_licences
import bundle_owners
import bundle_sizes
import numpy
import pytest
from bundle_licences import Licence
from bundle_sizes import MIB, Size
from environment import ROOT


def test_owners_of_files_here():
    owners = bundle_owners.Owners.of_this_environment()
    assert owners.owner(numpy.__file__) == "numpy"
    assert owners.owner(str(ROOT / "koopview" / "cli" / "__init__.py")) == "KoopView"
    assert owners.owner(str(Path(sys.base_prefix) / "lib" / "python3" / "json.py")) == "Python"
    assert "numpy" in owners.top_level()["numpy"]


def test_a_file_of_nobody_is_refused(tmp_path):
    with pytest.raises(LookupError, match=r"stray\.so"):
        bundle_owners.Owners({}).owner(str(tmp_path / "stray.so"))


def test_what_koopview_needs_holds_no_test_library():
    needed = bundle_owners.runtime_closure("koopview")
    assert {"koopview", "numpy", "torch", "pyside6-essentials", "sympy"} <= needed
    assert not needed & {"pytest", "hypothesis", "pydmd", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("numpy/__init__.py", "numpy"),
        ("six.py", "six"),
        ("_cffi.cpython-311-x86_64-linux-gnu.so", "_cffi"),
        ("numpy-2.4.6.dist-info/RECORD", ""),
        ("numpy.libs/libopenblas.so", ""),
        ("__pycache__/six.pyc", ""),
    ],
)
def test_the_name_by_which_a_file_is_imported(place, name):
    assert bundle_owners.import_name(place) == name


def test_the_bundle_carries_what_its_readers_need():
    carried = bundle_owners.carried()
    assert bundle_owners.runtime_closure("koopview") < carried
    assert {"onnx", "protobuf"} <= carried
    assert not carried & {"pytest", "pyarrow", "mypy"}


def test_every_library_that_the_bundle_carries_has_a_licence_with_its_text():
    licences = [one for owner in bundle_owners.carried() for one in bundle_licences.licence_of(owner)]
    assert bundle_licences.lacking(licences) == []
    assert any("LESSER GENERAL PUBLIC" in text for one in licences for text in one.texts.values())


def test_a_licence_without_text_or_name_is_lacking():
    whole, empty = Licence("a", "1", "MIT", {"LICENSE": "text"}), Licence("b", "1", "MIT", {"LICENSE": " "})
    assert bundle_licences.lacking([whole, empty, Licence("c", "1", "", {"LICENSE": "text"})]) == ["b", "c"]


def test_a_part_whose_licence_is_not_in_the_bundle_is_told(tmp_path):
    folder = bundle_sizes.contents_folder(tmp_path) / "licences"
    (folder / "numpy").mkdir(parents=True)
    rows = [
        Licence("numpy", "2", "BSD", {}),
        Licence("scipy", "1", "BSD", {}),
        Licence("libx (Debian)", "1", "MIT", {}),
    ]
    (folder / "libx").mkdir()
    (folder / "licences.txt").write_text(bundle_licences.table(rows))
    assert bundle_checks.licence_faults(tmp_path, {"numpy", "system:libx"}) == []
    assert bundle_checks.licence_faults(tmp_path, {"numpy", "scipy", "torch"}) == [
        "scipy is in the bundle without its licence",
        "torch is in the bundle without its licence",
    ]


def test_a_library_that_nobody_asked_for_is_told():
    owners = {"numpy", "pytest", "Python", "KoopView", "system:libffi8", "pyinstaller"}
    assert bundle_checks.stranger_faults(owners, {"numpy"}) == [
        "the bundle holds pytest, which KoopView does not ask for"
    ]


def test_the_ratio_counts_the_builder_as_nothing_installed():
    found = [Size("torch", 50 * MIB, 80 * MIB), Size("Python", 20 * MIB, None), Size("pyinstaller", 5 * MIB, 9 * MIB)]
    assert bundle_sizes.ratio(found) == pytest.approx(75 / 100)
    told = bundle_sizes.report(found, [("a/b.so", 3 * MIB)])
    assert "0.750" in told
    assert "3.0  a/b.so" in told


def test_the_size_of_a_folder_counts_links_as_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to("a")
    assert bundle_sizes.folder_size(tmp_path) == 5
    assert bundle_sizes.largest_files(tmp_path) == [("a", 5)]
