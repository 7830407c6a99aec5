"""A Sphinx extension that shows a picture's dark twin (`NAME-dark.png` beside `NAME.png`) where a page is dark."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

BEFORE_PICTURES_ARE_COLLECTED = 400
"""Sphinx's own collector of pictures has 500, and copies those alone that it has seen."""


def add_twins(app: Sphinx, page: nodes.document) -> None:
    """Put the twin behind each picture that has one; furo shows the one or the other."""
    folder = Path(app.env.doc2path(app.env.docname)).parent
    for picture in list(page.findall(nodes.image)):
        light = Path(picture["uri"])
        dark = light.with_name(f"{light.stem}-dark{light.suffix}")
        if (folder / dark).is_file():
            twin = picture.copy()
            twin["uri"] = dark.as_posix()
            picture["classes"].append("only-light")
            twin["classes"] = ["only-dark"]
            picture.parent.insert(picture.parent.index(picture) + 1, twin)


def setup(app: Sphinx) -> dict[str, bool]:
    """Do so for every page that is read."""
    app.connect("doctree-read", add_twins, priority=BEFORE_PICTURES_ARE_COLLECTED)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
