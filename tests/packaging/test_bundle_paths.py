"""No folder of the building machine."""

import zipfile

import bundle_checks
import bundle_paths
import pytest


def test_a_path_is_replaced_by_one_of_the_same_length_whose_end_stays():
    content = b"\0/home/ann/python/3.11.7/lib\0/home/ann/python/3.11.7\0"
    made = bundle_paths.neutral(content, ["/home/ann/python/3.11.7"])
    assert len(made) == len(content)
    assert b"ann" not in made
    assert made.count(b"/3.11.7") == 2
    assert made.endswith(b"/3.11.7\0")


@pytest.mark.parametrize("folder", ["/usr", "/usr/local/python", "/Library/Frameworks/Python.framework"])
def test_where_many_have_their_python_tells_nothing(folder):
    assert bundle_paths.is_public(folder)


def test_other_folders_tell_something():
    assert not bundle_paths.is_public("/home/ann/.pyenv/versions/3.11.7")
    assert not bundle_paths.is_public("/usrlocal")


def test_a_path_is_found_inside_a_zip_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", "x" * 500 + "/home/ann/checkout/koopview")
    (tmp_path / "b.txt").write_text("/home/bob")
    found = [
        name
        for file in bundle_checks.files(tmp_path)
        for name, content in bundle_checks.contents_of(file, tmp_path)
        if bundle_checks.named_paths(content, ["/home/ann/checkout"])
    ]
    assert found == ["a.zip:inner.txt"]


def test_digests_see_content_and_goals_of_links(tmp_path):
    for name, text in (("one", "a"), ("two", "b")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "same").write_text("same")
        (folder / "other").write_text(text)
        (folder / "link").symlink_to("same")
    one, two = bundle_checks.digests(tmp_path / "one"), bundle_checks.digests(tmp_path / "two")
    assert one.keys() == two.keys()
    assert {place for place in one if one[place] != two[place]} == {"other"}
