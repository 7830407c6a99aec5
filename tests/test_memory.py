"""What cannot fit into memory is refused with both sizes; where the size is not known, nothing is."""

import ctypes
import gc
import subprocess
import sys
import weakref

import pytest
from reference.resident import resident_bytes

from koopview import memory
from koopview.errors import InputError
from koopview.memory import GIB, Settled, check_memory, free_memory, give_back, search_only_at_rest


def test_what_does_not_fit_is_refused_with_both_sizes(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 3 * GIB)
    check_memory(3 * GIB, "work", "less")
    with pytest.raises(
        InputError, match=r"^work would take 1,000\.0 GiB of memory and 3\.0 GiB are free, expected less$"
    ):
        check_memory(1000 * GIB, "work", "less")


def test_where_no_size_is_known_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "_free_of_machine", lambda: None)
    monkeypatch.setattr(memory, "_free_of_container", lambda: None)
    assert free_memory() is None
    check_memory(10**30, "work", "less")


def test_a_container_has_less_than_its_machine(monkeypatch):
    monkeypatch.setattr(memory, "_free_of_machine", lambda: 5)
    monkeypatch.setattr(memory, "_free_of_container", lambda: 4)
    assert free_memory() == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Python cannot tell there")
def test_this_machine_has_some():
    assert 2**26 < free_memory() < 2**50


@pytest.mark.skipif(sys.platform != "linux", reason="the C libraries of other systems give it back by themselves")
def test_what_lies_free_in_pieces_is_given_back():
    pieces = [bytearray(50_000) for _ in range(4000)]
    kept, before = pieces[::40], resident_bytes()
    del pieces
    give_back()
    assert resident_bytes() < before - 100 * 2**20
    assert len(kept) == 100


HEAPS = """
import ctypes, sys, threading
from koopview.memory import share_one_heap

if sys.argv[2] == "shared":
    share_one_heap()
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
library.malloc_info.argtypes, library.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
thread = threading.Thread(target=lambda: library.malloc(1000))
thread.start()
thread.join()
file = library.fopen(sys.argv[1].encode(), b"w")
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None) if sys.platform == "linux" else None, "malloc_info"), reason="glibc's"
)
@pytest.mark.parametrize(("asked", "heaps"), [("shared", 1), ("not", 2)])
def test_threads_share_one_heap_where_they_are_told(tmp_path, asked, heaps):
    path = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", HEAPS, str(path), asked], check=True)
    assert path.read_text().count("<heap nr=") == heaps


class Knot:
    """Refers to itself, so that only a search finds it once it is no longer used."""

    def __init__(self):
        self.self = self


@pytest.fixture
def thawed():
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_is_settled_is_left_out_of_later_searches(thawed):
    settled, kept = Settled(), Knot()
    settled.give_back()
    assert gc.get_freeze_count() > 0
    later, frozen = weakref.ref(Knot()), weakref.ref(kept)
    del kept
    settled.give_back()
    assert later() is None  # what is made and dropped afterwards is found
    assert frozen() is not None


def test_a_study_that_was_left_is_searched_for_where_something_still_holds_it(thawed):
    settled, part = Settled(), Knot()
    settled.give_back()
    gone = weakref.ref(part)
    settled.leave([part])
    del part
    assert gone() is not None
    settled.give_back()
    assert gone() is None
    assert gc.get_freeze_count() > 0


def test_a_study_that_is_gone_costs_no_search_of_all(thawed):
    class Plain:
        pass

    settled, knot, part = Settled(), Knot(), Plain()
    settled.give_back()
    frozen = weakref.ref(knot)
    settled.leave([part])
    del part, knot
    settled.give_back()
    assert frozen() is not None


def test_all_objects_are_searched_only_at_rest():
    before = gc.get_threshold()
    found = weakref.ref(Knot())
    try:
        search_only_at_rest()
        assert gc.get_threshold()[:2] == before[:2]
        kept = [Knot() for _ in range(20_000)]
        assert found() is None  # what was made lately is still found
        searches = gc.get_stats()[2]["collections"]
        kept += [Knot() for _ in range(200_000)]
        assert gc.get_stats()[2]["collections"] == searches
    finally:
        gc.set_threshold(*before)
