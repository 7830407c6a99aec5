"""The Mode panel: what it draws of the selected mode is that mode's, in every part and class."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QToolButton

from koopview.gui.panels.eigenvalues import TABLE
from koopview.gui.panels.mode import IMAGINARY, MODULUS, NOTHING_SELECTED
from koopview.gui.panels.mode_words import CLASSES, GRADIENT, PATTERN, SHAPE
from koopview.gui.plots.class_strips import strips_of
from koopview.gui.plots.mode_samples import samples_of
from koopview.gui.saving.saving import save_exportable
from koopview.study.views import ModeInputs, NoView


@pytest.fixture
def panel(fitted, make):
    """The Mode tab in front, the modes there, nothing selected."""
    shown = fitted.window.results.mode
    fitted.window.results.tabs.setCurrentWidget(shown)
    fitted.view = make.modes(fitted.result)
    fitted.session.view_changed.emit("modes", fitted.view)
    return shown


def pair(result):
    return int(np.argmax(result.eigenvalues.imag))


def real(result):
    return int(np.flatnonzero(result.eigenvalues.imag == 0)[0])


def select(fitted, index):
    fitted.window.eigenvalues.selection.select((index,))


def heights(panel, part):
    return np.asarray(panel.shape._dots[part].getData()[1])


def test_its_modes_are_made_only_while_it_is_looked_at(fitted):
    tabs = fitted.window.results.tabs
    assert not fitted.session.watched.get(("modes", ""))
    tabs.setCurrentWidget(fitted.window.results.mode)
    assert fitted.session.watched["modes", ""]
    tabs.setCurrentIndex(0)
    assert not fitted.session.watched["modes", ""]


def test_empty_it_says_what_to_do(fitted, panel):
    assert panel.words.text() == NOTHING_SELECTED
    assert panel.words.isVisible()
    select(fitted, 0)
    assert panel.picture.isVisible()
    fitted.window.eigenvalues.selection.select(())
    assert panel.words.isVisible()


def test_modes_on_their_way_are_told(fitted):
    panel = fitted.window.results.mode
    fitted.window.results.tabs.setCurrentWidget(panel)
    select(fitted, 0)
    assert panel.words.isVisible()
    assert panel.words.text() not in ("", NOTHING_SELECTED)


def test_shape_and_figures_are_those_of_the_selected_mode(fitted, panel):
    index = pair(fitted.result)
    select(fitted, index)
    first = fitted.window.eigenvalues.selection.modes[0]
    np.testing.assert_array_equal(heights(panel, "real"), fitted.view.shapes[:, first].real)
    np.testing.assert_array_equal(heights(panel, "imag"), fitted.view.shapes[:, first].imag)
    text = panel.facts.text().replace("−", "-")
    assert f"{abs(fitted.result.eigenvalues[first]):.4f}" in text
    worth, error = 100 * fitted.view.importance[first], 100 * fitted.view.importance_errors[first]
    assert f"importance {worth:.1f} ± {error:.1f} points" in text


def test_importance_of_a_regression_is_of_r2_and_in_no_points(fitted, panel, make):
    result = make.result(make.settings, task="regression")
    fitted.session.finish(result)
    view = make.modes(result)
    fitted.session.view_changed.emit("modes", view)
    select(fitted, real(result))
    worth = view.importance[real(result)]
    assert f"importance {worth:.3f} ± {view.importance_errors[real(result)]:.3f}" in panel.facts.text().replace(
        "−", "-"
    )
    assert panel.strips.rows()[0][-1] == "r2 lost"
    fitted.window.eigenvalues.views.choose(TABLE)
    table = fitted.window.eigenvalues.table
    assert table.numbers.heads[-1] == "R² lost"
    assert [row[-1].replace("−", "-") for row in table.numbers.rows] == [f"{one:.3f}" for one in view.importance]
    fitted.session.finish(fitted.result)
    fitted.session.view_changed.emit("modes", fitted.view)
    assert table.numbers.heads[-1] == "points"


def test_a_real_mode_has_no_imaginary_part(fitted, panel):
    select(fitted, real(fitted.result))
    assert not panel.shape._dots["imag"].isVisible()
    np.testing.assert_array_equal(heights(panel, "real"), fitted.view.shapes[:, real(fitted.result)].real)


@pytest.mark.parametrize(
    ("part", "of"), [(0, np.real), (IMAGINARY, np.imag), (MODULUS, np.abs)], ids=["real", "imaginary", "modulus"]
)
def test_strips_are_percentiles_of_each_class(fitted, panel, part, of):
    mode = real(fitted.result)
    select(fitted, mode)
    panel.part.choose(part)
    rows = panel.strips.rows()
    assert [row[0] for row in rows[1:]] == ["all", "yang", "yin", "dot"]
    values = of(fitted.view.eigenfunctions[:, mode])
    for index, row in enumerate(rows[2:]):
        mine = np.sort(values[fitted.view.labels == index])
        assert float(row[3]) == pytest.approx(np.median(mine), rel=1e-5)
        assert float(row[1]) == pytest.approx(np.quantile(mine, 0.05), rel=1e-5)
        assert float(row[6]) == pytest.approx(fitted.view.class_importance[mode, index], rel=1e-5)
    assert float(rows[1][6]) == pytest.approx(fitted.view.importance[mode], rel=1e-5)


def test_a_picture_is_drawn_upright_where_the_input_is_one(fitted, panel, make):
    view = make.modes(fitted.result, picture=(4, 7))
    fitted.session.view_changed.emit("modes", view)
    index = pair(fitted.result)
    select(fitted, index)
    first = fitted.window.eigenvalues.selection.modes[0]
    shown = panel.shape._images["real"]
    np.testing.assert_array_equal(shown.image[::-1], view.shapes[:, first].real.reshape(4, 7))
    assert shown.isVisible()
    assert panel.shape._images["imag"].isVisible()
    assert not panel.shape._dots["real"].isVisible()
    low, high = shown.levels
    assert low == -high
    box = shown.mapRectToParent(shown.boundingRect())
    assert (box.width(), box.height()) == (7, 4)


def test_modes_of_another_rank_are_not_taken_for_those_on_screen(fitted, panel, make):
    from dataclasses import replace

    select(fitted, 0)
    fitted.session.finish(make.result(replace(make.settings, rank=7)))
    select(fitted, 6)
    assert panel.words.isVisible()
    fitted.session.view_changed.emit("modes", make.modes(fitted.window.shown_result()))
    assert panel.picture.isVisible()


def test_why_there_are_none_is_said(fitted, panel):
    select(fitted, 0)
    fitted.session.view_changed.emit("modes", NoView("This fit has no modes."))
    assert panel.words.isVisible()
    assert panel.words.text() == "This fit has no modes."


def test_without_labels_one_strip_stands_for_all():
    (strip,) = strips_of(np.arange(101.0), None, (), 0.25, np.zeros(0))
    assert (strip.name, strip.percentiles, strip.loss) == ("all", (5, 25, 50, 75, 95), 0.25)


def test_a_class_without_samples_has_a_row_and_no_figures():
    strips = strips_of(np.arange(4.0), np.array([0, 0, 2, 2]), ("a", "b", "c"), 0.1, np.array([0.1, np.nan, 0.2]))
    assert [strip.name for strip in strips] == ["all", "a", "b", "c"]
    assert np.isnan(strips[2].percentiles).all()
    assert strips[2].loss is None


def test_saved_numbers_say_which_mode_they_are_of(fitted, panel, tmp_path):
    index = real(fitted.result)
    select(fitted, index)
    panel.part.choose(MODULUS)
    for exportable in (panel.shape.exportable, panel.strips.exportable):
        rows = list(csv.DictReader(save_exportable(exportable, tmp_path / "a.csv", "").open()))
        assert {row["mode"] for row in rows} == {str(index)}
        assert {row["layer"] for row in rows} == {"2"}
    assert {row["part"] for row in rows} == {"modulus"}


def test_of_several_channels_one_is_drawn_and_all_have_one_scale(fitted, panel, make):
    view = make.modes(fitted.result, picture=(4, 6))
    view = replace(view, picture=(2, 3, 4))
    fitted.session.view_changed.emit("modes", view)
    select(fitted, pair(fitted.result))
    shape = view.shapes[:, fitted.window.eigenvalues.selection.modes[0]]
    shown, seen = panel.shape._images["real"], []
    assert panel.channel.isVisible()
    assert panel.channel.maximum() == 2
    assert panel.channel.value() == np.abs(shape.reshape(2, 12)).max(axis=1).argmax() + 1
    for channel in (1, 2):
        panel.channel.setValue(channel)
        np.testing.assert_array_equal(shown.image[::-1], shape.real.reshape(2, 3, 4)[channel - 1])
        assert panel.shape_caption.text().startswith(f"shape of channel {channel} of 2 as a picture")
        seen.append(tuple(shown.levels))
    assert seen[0] == seen[1]
    fitted.session.view_changed.emit("modes", replace(view, picture=(4, 6), axes="tokens × width"))
    assert panel.channel.isHidden()
    np.testing.assert_array_equal(shown.image[::-1], shape.real.reshape(4, 6))
    assert panel.shape_caption.text().startswith("shape, tokens × width")


# Over the inputs ------------------------------------------------------------------------------------------------------


def with_inputs(make, result, picture=(4, 6), plane=False, common=1.0):
    """A view whose modes are known over the inputs: random numbers, samples chosen by hand."""
    rng, view = np.random.default_rng(5), make.modes(result)
    rank, features = result.rank, 24
    numbers = lambda *shape: rng.normal(size=shape) + 1j * rng.normal(size=shape)  # noqa: E731
    order = np.argsort(view.eigenfunctions.real, axis=0)
    most, least = order[::-1][:5].T.copy(), order[:5].T.copy()
    samples = np.unique(np.concatenate([most.ravel(), least.ravel()]))
    inputs = ModeInputs(
        gradients=numbers(features, rank),
        common=np.full(rank, common),
        averaged=64,
        patterns=numbers(features, rank),
        spreads=rng.uniform(0.1, 2, features),
        picture=picture,
        most=most,
        least=least,
        samples=samples,
        inputs=rng.uniform(size=(len(samples), features)).astype(np.float32),
        plane=numbers(8, 8, rank) if plane else None,
        extent=(0.0, 1.0, 0.0, 2.0) if plane else (),
    )
    return replace(view, inputs=inputs, score=0.9, class_scores=np.array([0.8, 0.9, 0.95]))


def shown(fitted, view, index):
    fitted.session.view_changed.emit("modes", view)
    select(fitted, index)
    return fitted.window.eigenvalues.selection.modes[0]


@pytest.mark.parametrize("kind", [PATTERN, GRADIENT])
def test_a_mode_is_drawn_in_the_inputs_pixels_on_a_symmetric_scale(fitted, panel, make, kind):
    view = with_inputs(make, fitted.result)
    mode = shown(fitted, view, pair(fitted.result))
    assert panel.pictured.index == PATTERN
    panel.pictured.choose(kind)
    inputs = view.inputs
    expected = inputs.patterns[:, mode].real if kind == PATTERN else inputs.spreads * inputs.gradients[:, mode].real
    image = panel.shape._images["real"]
    np.testing.assert_allclose(image.image[::-1], expected.reshape(4, 6))
    assert image.levels[1] == -image.levels[0] == np.abs(expected).max()
    assert not panel.shape._images["imag"].isVisible()
    assert "phase" in panel.shape_caption.text()
    select(fitted, real(fitted.result))
    assert "phase" not in panel.shape_caption.text()
    assert panel.pictured.index == kind  # a person's choice stays


@pytest.mark.parametrize(
    ("common", "words"),
    [(1.0, "the same at all inputs"), (0.6, "mean of 64 test samples"), (0.1, "10 % of the gradient")],
)
def test_a_gradient_says_what_it_is_a_mean_of_and_when_it_says_little(fitted, panel, make, common, words):
    shown(fitted, with_inputs(make, fitted.result, common=common), real(fitted.result))
    panel.pictured.choose(GRADIENT)
    assert words in panel.shape_caption.text()


def test_a_gradient_that_looks_like_noise_says_why(fitted, panel, make):
    view, mode = with_inputs(make, fitted.result), real(fitted.result)
    mode = shown(fitted, view, mode)
    panel.pictured.choose(GRADIENT)
    assert "noise" in panel.shape_caption.text()
    smooth = view.inputs.gradients.copy()
    smooth[:, mode] = 1 / view.inputs.spreads
    fitted.session.view_changed.emit("modes", replace(view, inputs=replace(view.inputs, gradients=smooth)))
    assert "noise" not in panel.shape_caption.text()


def test_a_plane_shows_the_eigenfunction_about_its_mean_and_where_its_samples_are(fitted, panel, make):
    view = with_inputs(make, fitted.result, plane=True)
    mode = shown(fitted, view, real(fitted.result))
    mean = view.eigenfunctions[:, mode].real.mean()
    image = panel.shape._images["real"].image  # its first row is the lowest y
    np.testing.assert_allclose(image, view.inputs.plane[:, :, mode].real - mean)
    x, y = panel.shape._marks["t1"].getData()
    found = view.inputs.inputs[np.searchsorted(view.inputs.samples, view.inputs.most[mode])][:, :2]
    np.testing.assert_allclose(np.stack([x / 8, y / 8 * 2], 1), found, rtol=1e-5)
    panel.pictured.choose(SHAPE)
    assert len(panel.shape._marks["t1"].getData()[0]) == 0


@pytest.mark.parametrize("picture", [(4, 6), None])
def test_the_samples_at_both_ends_are_shown_with_their_classes(fitted, panel, make, picture):
    view = with_inputs(make, fitted.result, picture=picture)
    mode = shown(fitted, view, real(fitted.result))
    rows = panel.samples.rows()[1:]
    values = view.eigenfunctions[:, mode].real
    ranked = np.sort(values)
    np.testing.assert_allclose([float(row[3]) for row in rows[:5]], ranked[::-1][:5], rtol=1e-5)
    np.testing.assert_allclose([float(row[3]) for row in rows[5:]], ranked[:5], rtol=1e-5)
    for _, sample, name, value in rows:
        assert name == view.class_names[view.labels[int(sample) - 1]]
        assert values[int(sample) - 1] == pytest.approx(float(value), rel=1e-5)
    most, least = samples_of(view, mode)
    assert all((one.image is not None) == (picture is not None) for one in (*most, *least))
    panel.resize(470, 300)
    panel.samples.grab()
    assert "largest" in panel.samples.accessibleDescription()


def test_scores_with_and_without_a_mode_stand_beside_its_classes(fitted, panel, make):
    view = with_inputs(make, fitted.result)
    mode = shown(fitted, view, real(fitted.result))
    strips = panel.strips._strips
    assert [strip.score for strip in strips] == [0.9, 0.8, 0.9, 0.95]
    losses = [view.importance[mode], *view.class_importance[mode]]
    np.testing.assert_allclose([strip.loss for strip in strips], losses)
    for width in (230, 600):
        panel.strips.resize(width, 160)
        panel.strips.grab()


def test_a_group_of_ill_conditioned_modes_is_told_as_one(fitted, panel, make):
    groups = fitted.result.groups.copy()
    members = np.flatnonzero(np.isin(groups, np.unique(groups)[:3]))
    groups[members] = members[0]
    grouped = replace(fitted.result, groups=groups)
    fitted.session.finish(grouped)
    shown(fitted, with_inputs(make, grouped), int(members[-1]))
    assert f"group of {len(members)} modes" in panel.facts.text()
    assert f"{grouped.eigenvalues[members].mean().real:.4f}" in panel.facts.text()


def test_a_narrow_panel_offers_the_boxes_of_the_classes_in_the_pictures_place(fitted, panel, make):
    """Beside the picture there is no room for them: a button shows them, with the part of the eigenfunction."""

    def sized(width):
        fitted.window.resize(width, width * 5 // 8)
        QApplication.processEvents()

    shown(fitted, with_inputs(make, fitted.result), 0)
    classes = panel.pictured.findChildren(QToolButton)[CLASSES]
    sized(1280)
    assert not classes.isHidden()
    assert panel.part.isHidden()
    assert not panel.shape.widget.isHidden()
    classes.click()
    assert not panel.part.isHidden()
    assert panel.shape.widget.isHidden()
    assert panel.strips.isVisibleTo(panel)
    panel.part.choose(MODULUS)
    assert panel.strips._caption.startswith("|φ|")
    sized(1800)
    assert classes.isHidden()
    assert not panel.shape.widget.isHidden()
    assert not panel.part.isHidden()
    sized(1280)
    assert panel.pictured.index == CLASSES  # a person's choice comes back
