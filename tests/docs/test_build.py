"""The guide is built without a warning, loads nothing from the network, and is where Help looks for it."""

import re
import shutil
from pathlib import Path

import docs_pictures
import documentation
import pytest
import system_libraries

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("sphinx", reason="the extra docs is not installed: bootstrap.py test installs it")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """All pages, with empty pictures."""
    folder = tmp_path_factory.mktemp("source")
    documentation.lay_out(folder)
    docs_pictures.blank(folder / "pictures")
    return folder


@pytest.fixture(scope="module")
def html(source, tmp_path_factory):
    """The guide, built without a warning."""
    folder = tmp_path_factory.mktemp("html")
    assert documentation.build(source, folder) == 0
    return folder


def test_every_page_is_built_and_reached_from_the_first(source, html):
    pages = {path.relative_to(source).with_suffix(".html").as_posix() for path in source.rglob("*.md")}
    assert pages <= {path.relative_to(html).as_posix() for path in html.rglob("*.html")}
    first = (html / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{page}"' in first for page in pages - {"index.html"})


def test_every_link_inside_the_guide_leads_to_a_page_and_a_place_on_it(html):
    texts = {path: path.read_text(encoding="utf-8") for path in html.rglob("*.html")}
    assert len(texts) > 20
    for path, text in texts.items():
        for link in re.findall(r'<a [^>]*href="([^"]+)"', text):
            if ":" not in link:
                page, _, place = link.partition("#")
                target = (path.parent / page).resolve() if page else path
                assert target.is_file(), f"{path.name}: {link}"
                assert not place or target not in texts or f'id="{place}"' in texts[target], f"{path.name}: {link}"


def test_every_link_from_the_repository_into_the_guide_leads_somewhere():
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(
            r"\]\(((?:resources|packaging|koopview|tests)/[^)#]+)", (ROOT / name).read_text("utf-8")
        ):
            assert (ROOT / link).exists(), f"{name}: {link}"


def test_nothing_is_loaded_from_the_network(html, tmp_path):
    assert list(documentation.loaded_from_network(html)) == []
    for name, text in {
        "a.html": '<script src="https://cdn.example/a.js"></script>',
        "b.html": '<link rel="stylesheet" href="//fonts.example/b.css">',
        "c.css": "@import url(https://fonts.example/c.css);",
        "d.html": '<a href="https://arxiv.org/abs/2409.01308">a link is only followed by a person</a>',
    }.items():
        (tmp_path / name).write_text(text)
    assert [line.partition(":")[0] for line in documentation.loaded_from_network(tmp_path)] == [
        "a.html",
        "b.html",
        "c.css",
    ]


def test_formulas_are_mathml(html):
    text = (html / "method.html").read_text(encoding="utf-8")
    assert text.count("<math ") > 20
    assert "\\lambda" not in text


def test_a_broken_link_fails_the_build(source, tmp_path):
    pages = tmp_path / "source"
    shutil.copytree(source, pages, ignore=lambda folder, names: [name for name in names if name.endswith(".md")])
    (pages / "index.md").write_text("# A\n\n[nowhere](none.md#at-all)\n")
    assert documentation.build(pages, tmp_path / "html") != 0


def test_every_picture_that_a_page_shows_is_drawn():
    shown = {
        name
        for path in (ROOT / "resources" / "docs").glob("*.md")
        for name in re.findall(r"\(pictures/([\w-]+)\.png\)", path.read_text(encoding="utf-8"))
    }
    assert shown == set(docs_pictures.PICTURES)


def test_a_dark_page_shows_the_dark_twin_of_a_picture_that_has_one(html):
    text = (html / "own-model.html").read_text(encoding="utf-8")
    classes = {Path(source).name: kind for kind, source in re.findall(r'<img [^>]*class="([^"]*)" src="([^"]+)"', text)}
    assert classes == {"open-model.png": "only-light", "open-model-dark.png": "only-dark"}
    assert "_images/figure.png" in text  # on paper, in either theme
    assert (html / "_images" / "open-model-dark.png").is_file()


def test_two_builds_give_the_same_files(source, html, tmp_path):
    assert documentation.build(source, tmp_path) == 0
    names = [{str(path.relative_to(folder)) for path in folder.rglob("*")} for folder in (html, tmp_path)]
    assert names[0] == names[1]
    for path in html.glob("*.html"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_workflow_runs_the_one_command_with_the_libraries_that_it_needs():
    text = (ROOT / ".github" / "workflows" / "docs.yml").read_text(encoding="utf-8")
    assert text.startswith("# No run of this workflow has been seen yet")
    assert "run: python3 packaging/bootstrap.py docs\n" in text
    assert set(system_libraries.OFFSCREEN.values()) <= set(text.split())
    assert "path: build/docs/html" in text
