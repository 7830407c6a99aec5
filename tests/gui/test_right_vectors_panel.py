"""Right singular vectors: one plot a number of delays, on one scale, their means and their samples."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.right_vectors import RightVectorsPanel
from koopview.gui.plots.vector_grid import Vectors, reading, scale_of, vector_colour
from koopview.gui.saving.pictures import save_picture_of
from koopview.study.views import RightVectorsView


def vectors_view(samples=12, steps=20, delays=(1, 10, 12), vectors=3):
    rng = np.random.default_rng(0)
    values = tuple(
        (rng.normal(size=(vectors, samples, steps - h + 1)) * 0.1 + np.arange(vectors)[:, None, None]).astype(
            np.float32
        )
        for h in delays
    )
    return RightVectorsView(delays, values, np.arange(samples) % 3)


@pytest.fixture
def panel(put_up, result):
    """The panel with a view."""
    made = put_up(RightVectorsPanel())
    made.show_result(result)
    made.show_view(vectors_view())
    QApplication.processEvents()
    return made


def test_one_plot_a_number_of_delays_the_fits_own_marked(panel):
    assert [plot._words.text() for plot in panel.grid.plots] == ["h = 1", "h = 10", "h = 12 (shown)"]
    frames = [plot.getViewBox().sceneBoundingRect() for plot in panel.grid.plots]
    assert all(panel.grid.rect().toRectF().contains(frame) for frame in frames)
    assert len({round(frame.width()) for frame in frames}) == 1
    assert not any(a.intersects(b) for i, a in enumerate(frames) for b in frames[i + 1 :])


def test_means_are_drawn_where_they_lie(panel):
    """Level vectors 0, 1 and 2 on a scale that they set: each line's colour is found at its height."""
    grid = panel.grid
    picture, ratio = grid.grab().toImage(), grid.grab().devicePixelRatio()
    for index in range(3):
        mean, share = panel.vectors[1].values.mean(axis=1)[index, 5], panel.vectors[1].shares[5]
        at = grid.plots[1].getViewBox().mapViewToScene(QPointF(share, mean))
        wanted = np.array(vector_colour(index, LIGHT).getRgb()[:3])
        near = [
            np.array(picture.pixelColor(round((at.x() + dx) * ratio), round((at.y() + dy) * ratio)).getRgb()[:3])
            for dx in range(-4, 5)
            for dy in (-1, 0, 1)
        ]
        assert min(np.abs(one - wanted).max() for one in near) < 30


def test_a_close_up_is_as_high_in_all_plots_and_a_double_click_leads_back(panel, qtbot):
    views = [plot.getViewBox() for plot in panel.grid.plots]
    home = [view.viewRange() for view in views]
    views[1].scaleBy((0.5, 0.25))
    assert len({tuple(view.viewRange()[1]) for view in views}) == 1
    assert np.ptp(views[0].viewRange()[1]) == pytest.approx(np.ptp(home[0][1]) / 4)
    assert views[0].viewRange()[0] == home[0][0]
    assert np.ptp(views[1].viewRange()[0]) == pytest.approx(np.ptp(home[1][0]) / 2)
    middle = panel.grid.mapFromScene(views[1].sceneBoundingRect().center())
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseDClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    np.testing.assert_allclose([view.viewRange() for view in views], home)


def test_nobody_can_zoom_or_pan_beyond_what_there_is(panel):
    view = panel.grid.plots[0].getViewBox()
    home = view.viewRange()
    view.scaleBy((3.0, 3.0))
    np.testing.assert_allclose(view.viewRange(), home)
    view.scaleBy((0.5, 0.5))
    view.translateBy(x=10.0)
    assert view.viewRange()[0][1] == pytest.approx(home[0][1])


def test_all_plots_share_a_scale_that_holds_zero_and_the_means():
    shares = np.linspace(0, 1, 6)
    plots = (
        Vectors(1, np.full((1, 3, 5), 4.0), shares[:-1], False),
        Vectors(2, np.full((1, 3, 4), 6.0), shares[1:-1], False),
    )
    assert scale_of(plots) == (0.0, 6.0)
    assert scale_of((Vectors(1, np.zeros((1, 1, 2)), shares[:2], False),)) == (-1.0, 1.0)


def test_the_mouse_reads_the_means(panel):
    plot = panel.vectors[0]
    said = reading(plot, 7)
    assert said.startswith("<b>h = 1, z[7]</b> up to s = 0.35, mean of 12 samples")
    for index, mean in enumerate(plot.values.mean(axis=1)[:, 7]):
        assert f"v{index + 1}: {mean:.3f}".replace("-", "−") in said


def test_rows_hold_means_and_spreads(panel):
    head, *rows = panel.rows()
    assert head == ("delays", "vector", "step", "s", "mean", "standard deviation")
    values = vectors_view().vectors[2]
    found = [row for row in rows if row[:2] == ("12", "2")]
    np.testing.assert_allclose([float(row[3]) for row in found], np.arange(11, 20) / 20)
    np.testing.assert_allclose([float(row[4]) for row in found], values[1].mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose([float(row[5]) for row in found], values[1].std(axis=0), rtol=1e-4)


def test_the_legend_names_vectors_and_samples(panel):
    assert panel.legend.accessibleName() == "Legend: v₁, v₂, v₃, strong: mean, faint: 12 samples"


def test_windows_lie_where_their_newest_states_stand(panel, make):
    """At rho = 0.5 the steps 1 to 3 of 4 stand at 8, 12 and 14 of 15."""
    settings = replace(make.settings, schedule="geometric:0.5", steps=4, delays=2, rank=3)
    panel.show_result(make.result(settings))
    panel.show_view(vectors_view(steps=4, delays=(1, 2)))
    plot = panel.vectors[1]
    assert plot.shown
    np.testing.assert_allclose(plot.shares, np.array([8, 12, 14]) / 15)
    np.testing.assert_allclose(panel.grid.plots[1].means[0].getData()[0], np.array([8, 12, 14]) / 15)


def test_one_sample_one_window_and_fewer_vectors_are_drawn(panel, make):
    panel.show_result(make.result(replace(make.settings, steps=3, delays=3, rank=3)))
    panel.show_view(vectors_view(samples=1, steps=3, delays=(1, 3), vectors=2))
    assert len(panel.grid.plots[1].means) == 2
    assert len({*panel.grid.plots[1].means[0].getData()[1]}) == 1  # a level line
    assert not panel.grid.grab().isNull()
    assert panel.legend.accessibleName() == "Legend: v₁, v₂, strong: mean, faint: 1 sample"


def test_a_figure_of_several_panels_is_on_white_with_lines_as_thick_as_on_screen(panel, tmp_path):
    """As the paper's figure 5 is: the panel takes its colours from what it is put into, which here takes none."""
    figure = QWidget()
    QVBoxLayout(figure).addWidget(panel)
    figure.resize(760, 240)
    panel.set_theme(DARK)
    save_picture_of([figure], tmp_path / "a.png", 170.0)
    picture = QImage(str(tmp_path / "a.png"))
    blue = vector_colour(0, LIGHT).name()
    column = [picture.pixelColor(round(0.2 * picture.width()), y).name() for y in range(picture.height())]
    assert column.count("#ffffff") > 0.3 * len(column)
    assert column.count(blue) >= 4  # of 2.2 logical pixels, three of the file's to each
    panel.setParent(None)
