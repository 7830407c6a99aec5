"""A study shows itself in a notebook: well-formed, with the right numbers, whatever its names are."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
import torch
from reference.examples import random_network

import koopview
from koopview.hybrid.rows import ROWS
from koopview.study.notebook import SHOWN, percent, result_html, result_svg, study_html

SVG = "{http://www.w3.org/2000/svg}"
SIZE = 240  # pixels of the plane's side


@pytest.fixture(scope="module")
def study():
    module = random_network((5, 8, 6, 3), "relu")
    x = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
    study = koopview.Study(module, koopview.Dataset(x, module(torch.tensor(x)).argmax(1).numpy()), name="net")
    study.fit("0", delays=2, rank=3, steps=8)
    study.fit("2", delays=3, rank=7, steps=8)
    return study


def cells(html):
    root = ElementTree.fromstring(html)
    return [[cell.text for cell in row] for row in root.iter("tr")]


def test_the_table_holds_the_accuracies_together_with_the_lift(study):
    head, *rows = cells(study._repr_html_())
    assert [row[0] for row in rows] == ["0", "2"]
    for row, result in zip(rows, study.results, strict=True):
        shown = dict(zip(head, row, strict=True))
        assert shown["lift"] == f"{result.settings.lift_fraction:.2f}"
        assert (shown["h"], shown["r"]) == (str(result.settings.delays), str(result.rank))
        assert [shown[name] for name in ROWS] == [f"{100 * result.accuracy[name]:.1f} %" for name in ROWS]


def test_the_figure_holds_every_eigenvalue_in_its_place_and_a_bar_an_accuracy(study):
    result = study.results[-1]
    root = ElementTree.fromstring(result_svg(result))
    circle = next(one for one in root.iter(f"{SVG}circle") if one.get("class") is None and float(one.get("r")) > 10)
    middle, unit = float(circle.get("cx")), float(circle.get("r"))
    group = next(one for one in root.iter(f"{SVG}g") if one.get("class") == "eigenvalues")
    found = [complex(float(p.get("cx")) - middle, middle - float(p.get("cy"))) / unit for p in group]
    np.testing.assert_allclose(found, result.eigenvalues, atol=0.02)
    assert all(abs(float(p.get("cx")) - middle) <= SIZE / 2 for p in group)
    bars = next(one for one in root.iter(f"{SVG}g") if one.get("class") == "accuracies")
    widths = [float(bar.get("width")) for bar in bars.iter(f"{SVG}rect")]
    shares = [result.accuracy[name] for name in ROWS]
    np.testing.assert_allclose(np.array(widths) / max(widths), np.array(shares) / max(shares), atol=1e-3)
    texts = [text.text for text in bars.iter(f"{SVG}text")]
    assert texts[::2] == list(ROWS)
    assert texts[1::2] == [percent(share) for share in shares]


def test_names_are_text_and_nothing_else(study):
    odd = "<script>\"&'</script>"
    result = replace(study.results[-1], model=odd, data=odd, settings=koopview.FitSettings(odd, scaling=odd))
    html = study_html(odd, odd, 3, [result])
    assert "<script>" not in html
    root = ElementTree.fromstring(html)
    assert odd in "".join(root.itertext())


def test_without_labels_and_without_fits(study):
    bare = koopview.Study(study.network, koopview.Dataset(study.dataset.x_train))
    root = ElementTree.fromstring(bare._repr_html_())
    assert "0 fits" in "".join(root.itertext())
    fit = bare.fit("2", delays=2, rank=3)
    root = ElementTree.fromstring(fit._repr_html_())
    texts = list(root.itertext())
    assert "agreement" in texts
    assert percent(fit.result.agreement) in texts
    assert "None" not in "".join(texts)


def test_many_fits_show_the_newest_and_huge_eigenvalues_stay_inside(study):
    result = study.results[-1]
    many = [replace(result, settings=replace(result.settings, delays=h)) for h in range(1, 9)] * 2
    assert len(cells(result_html(many))) == SHOWN + 1
    huge = replace(result, eigenvalues=result.eigenvalues * 50)
    group = next(
        one for one in ElementTree.fromstring(result_svg(huge)).iter(f"{SVG}g") if one.get("class") == "eigenvalues"
    )
    assert max(float(p.get("cx")) for p in group) <= 260
