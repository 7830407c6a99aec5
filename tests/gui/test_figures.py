"""Figures from Python: every kind is drawn by the window's panels, without a window, beside any Qt application."""

import csv
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from torch import nn

import koopview
from koopview.errors import FileError, InputError
from koopview.figures import FIGURE_NAMES, FIGURES, figure_kind
from koopview.gui.figures import figure
from koopview.gui.figures.feeding import Asked, fed
from koopview.gui.figures.figure import fit_stem
from koopview.gui.looks.theme import DARK
from koopview.gui.plots import plane
from koopview.print_widths import ONE_COLUMN, TWO_COLUMNS
from koopview.study.subject import of_study

DELAYS, RANKS = (1, 2, 4), (2, 4)


@pytest.fixture(scope="module")
def study():
    """A small network on a plane of two classes, with a sweep and one fit of its first layer."""
    torch.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(200, 2)).astype("f4")
    module = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    made = koopview.Study(module, x, (x[:, 0] > 0).astype(int) + (x[:, 1] > 0), name="plane")
    made.sweep("2", delays=DELAYS, ranks=RANKS, steps=6)
    made.fit("2", delays=4, rank=4, steps=6)
    return made


@pytest.fixture(scope="module")
def fit(study):
    """The study's fit."""
    return study.fit("2", delays=4, rank=4, steps=6)


def drawn(what, name, **options):
    """A figure, with a mode where it needs one."""
    return koopview.plot(what, name, **({"mode": 0} if name == "mode" else {}), **options)


@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_every_figure_is_drawn_in_each_format_and_leaves_no_widget_behind(qapp, fit, name, tmp_path):
    before = set(QApplication.topLevelWidgets())
    made = drawn(fit, name)
    written = [made.save(tmp_path / f"a{ending}") for ending in (".pdf", ".png", ".svg", ".csv")]
    starts = [path.read_bytes()[:5] for path in written[:3]]
    assert starts == [b"%PDF-", b"\x89PNG\r", b"<?xml"]
    rows = list(csv.reader(written[3].open(encoding="utf-8")))
    assert len(rows) == len(made.numbers) > (name != "meaning")  # this hybrid changes no answer
    assert {len(row) for row in rows} == {len(rows[0])}
    image = QImage(str(written[1]))
    ink = {image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)}
    assert len(ink) > 3
    assert set(QApplication.topLevelWidgets()) <= before


@pytest.mark.parametrize("name", ["eigenvalues", "curve", "phase"])
def test_a_study_draws_what_its_fit_draws(qapp, study, fit, name):
    assert drawn(study, name).numbers == drawn(fit, name).numbers


def test_the_numbers_are_those_of_the_fit(qapp, fit):
    head, *rows = koopview.plot(fit).numbers
    assert [complex(row[head.index("Re λ")], row[head.index("Im λ")]) for row in rows] == pytest.approx(
        list(fit.eigenvalues), abs=1e-6
    )
    assert {(row[head.index("layer")], row[head.index("delays")], row[head.index("rank")]) for row in rows} == {
        ("2", 4, 4)
    }
    head, *rows = koopview.plot(fit, "accuracy").numbers
    assert rows[2][1] == pytest.approx(fit.hybrid_accuracy, abs=1e-6)
    head, *rows = koopview.plot(fit, "sweep").numbers
    cells = {(row[head.index("delays")], row[head.index("rank_asked")]) for row in rows}
    assert cells == {(delays, rank) for delays in DELAYS for rank in RANKS}
    head, *rows = koopview.plot(fit, "curve").numbers
    assert [row[head.index("delays")] for row in rows] == list(DELAYS)


def test_the_unit_circle_is_whole_however_crowded_the_eigenvalues_are(qapp, fit, tmp_path, monkeypatch):
    result = replace(fit.result, eigenvalues=1 + 1e-3 * fit.eigenvalues, fitted_eigenvalues=1 + 1e-3 * fit.eigenvalues)
    assert plane.crowded(result.eigenvalues)
    planes, ranges = [], []
    look, draw = plane.Plane.show_close_up, figure.picture_of
    monkeypatch.setattr(plane.Plane, "show_close_up", lambda one, wanted: (planes.append(one), look(one, wanted)))

    def drawing(*arguments, **options):
        made = draw(*arguments, **options)
        ranges.append(planes[-1].widget.viewRange())
        return made

    monkeypatch.setattr(figure, "picture_of", drawing)
    for width in ("one-column", 300):
        koopview.plot(result, width=width).save(tmp_path / "a.png")
    assert len(ranges) == 2
    for (low, high), (bottom, top) in ranges:
        assert low < -1 < 1 < high
        assert bottom < -1 < 1 < top


def test_width_and_theme(qapp, fit, tmp_path):
    def pixels(**options):
        return QImage(str(koopview.plot(fit, path=tmp_path / "a.png", **options) and tmp_path / "a.png"))

    assert pixels().width() == pytest.approx(ONE_COLUMN / 25.4 * 336, abs=3)
    assert pixels(width="two-columns").width() == pytest.approx(TWO_COLUMNS / 25.4 * 336, abs=3)
    assert pixels(width=120).width() == pytest.approx(120 / 25.4 * 336, abs=3)
    assert pixels(width=120).dotsPerMeterX() == pytest.approx(336 / 0.0254, abs=1)
    assert pixels().pixelColor(1, 1) == QColor("white")
    dark = pixels(theme="dark")
    assert dark.pixelColor(1, 1) == QColor(DARK.panel)
    share = sum(dark.pixelColor(x, y) == QColor(DARK.panel) for x in range(0, 900, 30) for y in range(0, 900, 30)) / 900
    assert share > 0.5  # the plot's ground too


def test_a_running_application_stays_as_it_is(qapp, fit):
    qapp.setStyleSheet("QLabel { color: red }")
    before = qapp.style().name(), qapp.font(), qapp.palette(), qapp.applicationName(), qapp.quitOnLastWindowClosed()
    try:
        koopview.plot(fit, "accuracy")._repr_png_()
        after = qapp.style().name(), qapp.font(), qapp.palette(), qapp.applicationName(), qapp.quitOnLastWindowClosed()
        assert before == after
        assert qapp.styleSheet() == "QLabel { color: red }"
    finally:
        qapp.setStyleSheet("")


def test_jupyter_shows_it(qapp, fit):
    made = koopview.plot(fit)
    assert QImage.fromData(made._repr_png_()).size().width() > 500
    assert ElementTree.fromstring(made._repr_svg_()).tag.endswith("svg")
    assert repr(made) == "<Figure of eigenvalues: plane, layer 2, h = 4, r = 4>"
    formatters = pytest.importorskip("IPython.core.formatters")
    shown, _ = formatters.DisplayFormatter().format(made)
    assert {"image/png", "image/svg+xml", "text/plain"} <= set(shown)


def test_files_without_a_name_have_the_fits(qapp, fit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(koopview.plot(fit, "accuracy").save()) == "plane-layer2-h4-r4-accuracy.pdf"
    assert koopview.plot(fit, "mode", mode=1).save(tmp_path).name == "plane-layer2-h4-r4-mode1.pdf"
    for model, stem in {"demo:yinyang": "yinyang", "a/my net.pt2": "my-net", "..": "network"}.items():
        assert fit_stem(replace(fit.result, model=model)) == f"{stem}-layer2-h4-r4"


def test_results_alone_are_drawn_without_network_and_data(qapp, study, fit):
    cells = study.sweep("2", delays=DELAYS, ranks=RANKS, steps=6)
    assert koopview.plot(cells, "sweep").numbers == koopview.plot(fit, "sweep").numbers
    assert koopview.plot(fit.result, "confusion").numbers == koopview.plot(fit, "confusion").numbers
    with pytest.raises(InputError, match="needs network and data, expected a Study or a Fit"):
        koopview.plot(fit.result, "boundary")
    with pytest.raises(InputError, match="holds no paths, as a sweep's cells do not"):
        koopview.plot(cells, "states")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("eigenvalue", {}, "'eigenvalue' is no figure, expected one of eigenvalues, accuracy,"),
        ("mode", {}, "no mode is named, expected the index of an eigenvalue, 0 to 3"),
        ("mode", {"mode": 4}, "mode is 4, expected the index of an eigenvalue, 0 to 3"),
        ("states", {"sample": 0}, "sample is 0, expected 1 to "),
        ("heatmap", {"sample": 999}, "sample is 999, expected 1 to "),
        ("accuracy", {"width": "wide"}, "'wide' is no width, expected one-column, two-columns or 30 to 1000 mm"),
        ("accuracy", {"width": 3}, "'3' is no width"),
        ("accuracy", {"theme": "blue"}, "theme is 'blue', expected one of light, dark"),
        ("accuracy", {"path": "a.doc"}, "a.doc ends in .doc, expected .pdf, .png, .svg, .csv for a figure"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(qapp, fit, name, options, sentence):
    with pytest.raises(InputError) as told:
        koopview.plot(fit, name, **options)
    assert sentence in str(told.value)


def test_too_few_points_name_the_sweep_that_makes_them(qapp):
    x = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
    study = koopview.Study(nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2)), x)
    with pytest.raises(InputError, match="nothing to draw in a study without a fit"):
        koopview.plot(study)
    fit = study.fit("0", delays=2, rank=3, steps=4)
    with pytest.raises(InputError, match=r"expected study.sweep\(\"0\", delays=range\(1, 5\), ranks=\[3\]\) before"):
        koopview.plot(fit, "curve")
    study.sweep("0", delays=range(1, 5), ranks=[3], steps=4)
    assert len(koopview.plot(fit, "curve").numbers) == 5
    with pytest.raises(InputError, match=r"A decision boundary needs inputs of two dimensions; those of .* have 5"):
        koopview.plot(fit, "boundary")
    with pytest.raises(InputError, match="Confusion needs labels; these data have none"):
        koopview.plot(fit, "confusion")
    for wrong in (3, [], ["a"], nn.Linear(1, 1)):
        with pytest.raises(InputError, match="there is nothing to draw in a"):
            koopview.plot(wrong)


def test_a_missing_folder_is_a_file_error(qapp, fit, tmp_path):
    with pytest.raises(FileError, match="figure"):
        koopview.plot(fit, path=tmp_path / "none" / "a.pdf")


def test_the_register_names_panels_and_ways_that_there_are(qapp, study, fit):
    subject = of_study(study, fit.result)
    for kind in FIGURES:
        view = subject.view(kind.view) if kind.view else None
        panel, exportable = fed(kind, subject, view, Asked(mode=0))
        assert type(panel).__name__ == kind.home.partition(":")[2]
        assert exportable.parts, kind.name
        assert figure_kind(kind.name) is kind


SCRIPT = """
import sys
import koopview
assert not {"torch", "PySide6", "numpy"} & set(sys.modules)
assert {"plot", "view", "Study", "Dataset"} <= set(dir(koopview))
assert not {"torch", "PySide6", "numpy"} & set(sys.modules)
import numpy as np, torch
x = np.random.default_rng(0).normal(size=(60, 3)).astype("f4")
fit = koopview.Study(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)), x).fit("0")
print(koopview.plot(fit, path="a.pdf"))
"""


def test_it_needs_no_display(tmp_path):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: text for name, text in os.environ.items() if name not in hidden}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("<Figure of eigenvalues: ")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
