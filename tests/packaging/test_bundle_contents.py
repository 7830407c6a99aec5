"""What stays in a bundle and what goes."""

import bundle_contents as contents
import bundle_spec
import pytest


@pytest.mark.parametrize(
    "place",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "koopview/resources/models/yinyang.safetensors",
        "koopview/resources/docs/html/index.html",
    ],
)
def test_what_the_program_loads_stays(place):
    assert not contents.is_left_out(place)


@pytest.mark.parametrize(
    "place",
    [
        "torch/test/test_api",
        "torch\\include\\torch\\all.h",
        "torch/bin/protoc",
        "torch/bin/test_api",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "libQt6Network.so.6",
        "PySide6/Qt/translations/qt_de.qm",
    ],
)
def test_what_nothing_asks_for_goes_whatever_the_slashes(place):
    assert contents.is_left_out(place)


def test_a_left_out_module_takes_those_below_it_and_no_others_along():
    assert contents.is_module_left_out("torch.utils.benchmark")
    assert contents.is_module_left_out("torch.utils.benchmark.op_fuzzers.unary")
    assert not contents.is_module_left_out("torch.utils.benchmarks")
    assert not contents.is_module_left_out("torch.testing")


def test_of_the_system_only_what_desktops_lack_is_carried():
    assert contents.is_carried("libxcb-cursor.so.0")
    assert not any(map(contents.is_carried, ("libstdc++.so.6", "libxcb.so.1", "libGL.so.1", "libz.so.1")))


def test_a_line_is_listed_once():
    for lines in (contents.MODULES, contents.FILES, contents.SOURCES, contents.CARRIED):
        patterns = [line.pattern for line in lines]
        assert len(set(patterns)) == len(patterns)
        assert all(line.why for line in lines)


def test_libraries_of_the_system_go_unless_they_are_carried_and_links_go_with_their_goals(monkeypatch):
    monkeypatch.setattr(bundle_spec.sys, "platform", "linux")
    entries = [
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", "BINARY"),
        ("libxcb-cursor.so.0", "/lib/x86_64-linux-gnu/libxcb-cursor.so.0", "BINARY"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/venv/PySide6/Qt/lib/libQt6Core.so.6", "BINARY"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("PySide6/Qt/lib/libQt6Qml.so.6", "/venv/PySide6/Qt/lib/libQt6Qml.so.6", "BINARY"),
        ("libother.so", "PySide6/Qt/lib/libQt6Qml.so.6", "SYMLINK"),
        ("PySide6/QtTest.abi3.so", "/venv/PySide6/QtTest.abi3.so", "EXTENSION"),
        ("python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "/python/_ssl.so", "EXTENSION"),
    ]
    kept = [place for place, _, _ in bundle_spec.kept_binaries(entries)]
    assert kept == ["libxcb-cursor.so.0", "PySide6/Qt/lib/libQt6Core.so.6", "libQt6Core.so.6"]
