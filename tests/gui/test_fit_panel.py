"""Every control of the Fit panel asks for the right settings, once, and follows the session's without asking."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QSlider, QSpinBox

from koopview.study.comparison import Spread
from koopview.study.settings import FitSettings


def control(fitted, kind, name):
    found = fitted.window.findChild(kind, name)
    assert found is not None, name
    return found


def show(fitted, settings):
    """Bring the controls to `settings`."""
    fitted.session.settings = settings
    fitted.session.settings_changed.emit(settings)


@pytest.mark.parametrize(
    ("kind", "name", "set_to", "changes"),
    [
        (QSpinBox, "stepsSpin", 40, {"steps": 40}),
        (QSpinBox, "stepsSpin", 6, {"steps": 6, "delays": 6}),
        (QSpinBox, "delaySpin", 3, {"delays": 3}),
        (QSlider, "delaySlider", 20, {"delays": 20}),
        (QSpinBox, "rankSpin", 44, {"rank": 44}),
        (QSlider, "rankSlider", 7, {"rank": 7}),
        (QSpinBox, "samplesSpin", 250, {"samples": 250}),
    ],
)
def test_number_controls(fitted, kind, name, set_to, changes):
    control(fitted, kind, name).setValue(set_to)
    assert fitted.session.requests == [replace(fitted.result.settings, **changes)]


def test_scaling_box(fitted):
    control(fitted, QComboBox, "scalingBox").setCurrentText("linear")
    assert fitted.session.requests == [replace(fitted.result.settings, scaling="linear")]
    assert "control experiment" in control(fitted, QComboBox, "scalingBox").toolTip()


def test_observables_come_with_the_steps_they_are_at_home_with(fitted):
    box = control(fitted, QComboBox, "observablesBox")
    box.setCurrentText("rbf")
    asked = replace(fitted.result.settings, observables="rbf", steps=1, delays=1, rank="auto")
    assert fitted.session.requests == [asked]
    assert asked.lift_fraction == 0
    box.setCurrentText("delay")
    assert fitted.session.requests[-1] == replace(fitted.result.settings, steps=20, delays=6, rank="auto")


def test_auto_rank_and_back(fitted):
    box = control(fitted, QCheckBox, "autoRankCheck")
    box.click()
    assert fitted.session.requests == [replace(fitted.result.settings, rank="auto")]
    box.click()
    assert fitted.session.requests[-1] == fitted.result.settings


def test_all_samples_and_back(fitted):
    box = control(fitted, QCheckBox, "allSamplesCheck")
    box.click()
    assert fitted.session.requests == [replace(fitted.result.settings, samples=None)]
    assert not control(fitted, QSpinBox, "samplesSpin").isEnabled()
    box.click()
    assert fitted.session.requests[-1] == fitted.result.settings


def test_moving_the_rank_slider_leaves_auto(fitted, make):
    auto = replace(make.settings, rank="auto")
    fitted.session.finish(make.result(auto))
    assert control(fitted, QCheckBox, "autoRankCheck").isChecked()
    control(fitted, QSlider, "rankSlider").setValue(5)
    assert fitted.session.requests == [replace(auto, rank=5)]
    assert not control(fitted, QCheckBox, "autoRankCheck").isChecked()


def test_typing_counts_when_finished(fitted, qtbot):
    spin = control(fitted, QSpinBox, "stepsSpin")
    spin.selectAll()
    qtbot.keyClicks(spin, "35")
    assert fitted.session.requests == []
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert [settings.steps for settings in fitted.session.requests] == [35]


def test_controls_follow_settings_without_asking(fitted):
    other = FitSettings("4", ("2", "4"), "linear", schedule="uniform", steps=50, delays=33, rank="auto", samples=None)
    fitted.session.settings = other
    fitted.session.settings_changed.emit(other)
    assert fitted.session.requests == []
    assert control(fitted, QComboBox, "scalingBox").currentText() == "linear"
    assert control(fitted, QSpinBox, "stepsSpin").value() == 50
    assert control(fitted, QSpinBox, "delaySpin").value() == 33
    assert control(fitted, QSlider, "delaySlider").value() == 33
    assert control(fitted, QSlider, "delaySlider").maximum() == 50
    assert control(fitted, QCheckBox, "autoRankCheck").isChecked()
    assert control(fitted, QCheckBox, "allSamplesCheck").isChecked()
    assert "0.64" in fitted.window.fit_panel.controls.lift.text()


def test_every_setting_survives_the_round_through_the_controls(fitted, make):
    """Setting the controls and touching one of them changes that one alone."""
    for settings in (
        FitSettings(
            "2", scaling="linear", schedule="geometric:0.3", steps=7, delays=7, rank=3, samples=12, pad=-2.0, seed=5
        ),
        FitSettings("2", steps=1000, delays=999, rank=90_000, samples=999_999),
    ):
        fitted.session.open(make.state(), settings)
        fitted.session.requests.clear()
        control(fitted, QSpinBox, "delaySpin").setValue(2)
        assert fitted.session.requests == [replace(settings, delays=2)]


def test_rank_slider_reaches_what_one_decomposition_serves(fitted):
    slider = control(fitted, QSlider, "rankSlider")
    assert slider.maximum() == fitted.result.kept_rank
    assert slider.value() == control(fitted, QSpinBox, "rankSpin").value() == 30


def test_lowered_rank_is_told_with_both_numbers(fitted, make):
    asked = replace(make.settings, rank=400)
    result = make.result(asked)
    fitted.session.finish(result)
    note = fitted.window.fit_panel.controls.lowered
    assert result.rank < 400
    assert note.isVisible()
    assert str(result.rank) in note.text()
    assert control(fitted, QSpinBox, "rankSpin").value() == 400
    fitted.session.finish(fitted.result)
    assert not note.isVisible()


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("delaySpin", "99", "Delays h is 99, expected a whole number of 1 to 20"),
        ("samplesSpin", "-5", "Samples B is -5, expected a whole number of 1 to 1,000,000"),
        ("stepsSpin", "0", "Steps N is 0, expected a whole number of 1 to 1,000"),
        ("rankSpin", "abc", "Rank r is abc, expected a whole number of 1 to 100,000"),
        ("rankSpin", "", "Rank r is empty, expected a whole number of 1 to 100,000"),
    ],
)
def test_a_number_that_cannot_be_taken_is_told_and_asks_for_nothing(fitted, qtbot, name, typed, said):
    field = control(fitted, QSpinBox, name)
    before = field.value()
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, typed)
    assert field.text() == typed  # until typing is finished it stays as it was typed
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == before
    assert field.text() == f"{before:,}"
    assert fitted.session.requests == []
    assert fitted.window.message.isVisible()
    assert fitted.window.message.sentence.text() == said
    fitted.session.finish(replace(fitted.result))  # the next picture takes it back
    assert not fitted.window.message.isVisible()


@pytest.mark.parametrize(("kind", "name", "typed"), [(QSpinBox, "stepsSpin", "35"), (QDoubleSpinBox, None, "0.9")])
def test_undo_in_a_field_is_the_windows_once_a_number_is_in_force(fitted, qtbot, kind, name, typed):
    field = fitted.window.findChild(kind, name) if name else fitted.window.findChild(kind)
    undo, undone = fitted.window.actions_by_name["undo"], []
    undo.setEnabled(True)
    undo.triggered.connect(lambda: undone.append(1))
    fitted.window.activateWindow()
    qtbot.waitUntil(fitted.window.isActiveWindow)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed)
    undo.setEnabled(True)
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not undone, "what is half typed is the field's own to undo"
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.half_typed()
    undo.setEnabled(True)
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(undone) == 1


def test_esc_puts_the_number_in_force_back_and_asks_for_nothing(fitted, qtbot):
    field = control(fitted, QSpinBox, "stepsSpin")
    fitted.window.activateWindow()
    qtbot.waitUntil(fitted.window.isActiveWindow)
    field.setFocus()
    before = field.text()
    field.selectAll()
    qtbot.keyClicks(field, "3")
    fitted.window.actions_by_name["stop"].setEnabled(True)  # Esc is its key
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == before
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert fitted.session.requests == []
    assert ("stop",) not in fitted.session.calls


def test_figures_are_those_of_the_result(fitted):
    result = fitted.result
    gained = result.accuracy["hybrid"] - result.accuracy["lift_affine"]
    assert [value for _, value in fitted.window.fit_panel.figures.rows()] == [
        f"{100 * result.accuracy['hybrid']:.1f} %",
        f"{100 * gained:+.1f} ± 0.3 points",
        "affine of lift",
        f"{100 * result.agreement:.1f} %",
        "0.081",
        "0.042",
        str(result.numerical_rank),
        "exact",
        "0.06 s",
    ]
    assert fitted.window.fit_panel.controls.auto.text() == "auto rank 24"


def test_what_is_not_known_is_a_dash(fitted, make):
    result = replace(make.without_controls(fitted.result), agreement=None, numerical_rank=None)
    fitted.session.finish(result)
    figures = dict(fitted.window.fit_panel.figures.rows())
    assert [figures[name] for name in ("above control", "best control", "agreement")] == ["–"] * 3
    assert figures["numerical rank"] == f"≥ {result.kept_rank}"


# Schedule ---------------------------------------------------------------------------------------------------------


def test_schedule_and_ratio_ask_for_what_they_say(fitted):
    box, ratio = control(fitted, QComboBox, "scheduleBox"), control(fitted, QDoubleSpinBox, "ratioSpin")
    assert (box.currentText(), ratio.isVisible()) == ("uniform", False)
    box.setCurrentText("geometric")
    assert fitted.session.requests == [replace(fitted.result.settings, schedule="geometric:0.95")]
    assert ratio.isVisible()
    ratio.setValue(0.8)
    assert fitted.session.requests[-1].schedule == "geometric:0.8"
    box.setCurrentText("uniform")
    assert fitted.session.requests[-1] == fitted.result.settings
    assert not ratio.isVisible()
    box.setCurrentText("geometric")
    assert fitted.session.requests[-1].schedule == "geometric:0.8"


def test_the_ratio_steps_over_1_which_is_the_uniform_schedule(fitted):
    show(fitted, replace(fitted.result.settings, schedule="geometric:0.99"))
    ratio = control(fitted, QDoubleSpinBox, "ratioSpin")
    ratio.stepUp()
    assert fitted.session.requests[-1].schedule == "geometric:1.01"
    ratio.stepDown()
    assert fitted.session.requests[-1].schedule == "geometric:0.99"
    assert (ratio.minimum(), ratio.maximum(), ratio.singleStep()) == (0.5, 1.5, 0.01)


def test_a_ratio_that_cannot_be_is_told(fitted, qtbot):
    show(fitted, replace(fitted.result.settings, schedule="geometric:0.9"))
    ratio = control(fitted, QDoubleSpinBox, "ratioSpin")
    ratio.setFocus()
    ratio.selectAll()
    qtbot.keyClicks(ratio, "3")
    qtbot.keyClick(ratio, Qt.Key.Key_Return)
    assert fitted.session.requests == []
    assert fitted.window.message.sentence.text() == "Ratio ρ is 3, expected a number of 0.50 to 1.50"
    assert ratio.value() == 0.9


@pytest.mark.parametrize("scaling", ["flow", "inserted"])
def test_a_learned_scaling_has_no_schedule_and_a_formula_gets_one_again(fitted, scaling):
    box = control(fitted, QComboBox, "scalingBox")
    box.setCurrentText(scaling)
    assert fitted.session.requests == [replace(fitted.result.settings, scaling=scaling, schedule=None)]
    assert not control(fitted, QComboBox, "scheduleBox").isVisible()
    box.setCurrentText("homotopy")
    assert fitted.session.requests[-1].schedule == "geometric:0.95"
    assert control(fitted, QComboBox, "scheduleBox").isVisible()


def test_the_lift_is_the_share_of_the_path(fitted):
    """Uniform, h = 6 of 20: 0.25; at rho = 0.95 the long first steps come to (1 - 0.95^5) / (1 - 0.95^20) = 0.35."""
    for schedule, share in (("uniform", "0.25"), ("geometric:0.95", "0.35")):
        show(fitted, replace(fitted.result.settings, schedule=schedule, delays=6))
        assert f"lift fraction {share}:" in fitted.window.fit_panel.controls.lift.text()


# Words for ranks --------------------------------------------------------------------------------------------------


def test_a_word_chooses_the_rank(fitted):
    box, tick = control(fitted, QComboBox, "rankWordBox"), control(fitted, QCheckBox, "autoRankCheck")
    assert box.currentText() == "number"
    for text, word in (
        ("numerical", "numerical"),
        ("Gavish–Donoho", "gavish-donoho"),
        ("auto", "auto"),
        ("number", 30),
    ):
        box.setCurrentText(text)
        assert fitted.session.requests[-1] == replace(fitted.result.settings, rank=word)
        assert tick.isChecked() == (word == "auto")
    tick.click()
    assert box.currentText() == "auto"
    assert len(fitted.session.requests) == 5


@pytest.mark.parametrize(
    ("rank", "changes", "said"),
    [
        ("auto", {"rank": 24, "numerical_rank": 24}, "auto rank 24: all above rounding"),
        ("auto", {"rank": 24, "numerical_rank": 49}, "auto rank 24: does best on samples apart"),
        ("auto", {"rank": 200, "numerical_rank": None}, "auto rank 200: does best on samples apart"),
        ("numerical", {"rank": 49}, "numerical rank 49: all above rounding"),
        ("gavish-donoho", {"rank": 13}, "Gavish–Donoho 13: made for noisy data, it cuts signal of computed paths"),
        (30, {"rank": 30}, ""),
        (60, {"rank": 49, "numerical_rank": 49}, "lowered to r = 49: the numerical rank is 49"),
    ],
)
def test_why_the_rank_is_what_it_is(make, result, rank, changes, said):
    from koopview.gui.widgets.rank_field import rank_words

    settings = replace(make.settings, rank=rank)
    assert rank_words(settings, replace(result, settings=settings, **changes)) == said
    assert rank_words(replace(settings, rank=7), replace(result, settings=settings, **changes)) == ""


# Centres and repeats ----------------------------------------------------------------------------------------------


def test_centres_by_themselves_show_what_is_used(fitted, make):
    box, spin = control(fitted, QCheckBox, "autoCentresCheck"), control(fitted, QSpinBox, "centresSpin")
    assert not spin.isVisible()
    rbf = replace(make.settings, observables="rbf", steps=1, delays=1, rank="auto", samples=200)
    show(fitted, rbf)
    assert spin.isVisible()
    assert (box.isChecked(), spin.isEnabled(), spin.value()) == (True, False, 200)  # as many as samples
    box.click()
    assert fitted.session.requests[-1] == replace(rbf, centres=200)
    assert spin.isEnabled()
    spin.setValue(80)
    assert fitted.session.requests[-1].centres == 80
    box.click()
    assert fitted.session.requests[-1] == rbf


def test_repeats_ask_for_draws_and_say_what_came(fitted):
    field = fitted.window.fit_panel.repeats
    assert (field.number.minimum(), field.number.maximum()) == (2, 20)
    field.number.setValue(4)
    field.button.click()
    assert fitted.session.calls[-1] == ("repeat", 4)
    assert not field.said.isVisible()
    rows = dict.fromkeys(fitted.result.rows, 0.5)
    fitted.session.finish(replace(fitted.result, spread=Spread(4, rows | {"hybrid": 0.951}, rows | {"hybrid": 0.008})))
    assert field.said.text() == "4 draws of 1,000 samples: hybrid 95.1 ± 0.8 points (standard deviation)"


def test_where_all_samples_are_fitted_to_repeats_say_why_not(fitted):
    show(fitted, replace(fitted.result.settings, samples=None))
    field = fitted.window.fit_panel.repeats
    assert not field.button.isEnabled()
    assert not field.number.isEnabled()
    assert "there is one draw of them" in field.said.text() == field.button.toolTip()
    show(fitted, fitted.result.settings)
    assert field.button.isEnabled()


def test_every_control_has_a_tooltip_and_an_accessible_name(fitted):
    panel = fitted.window.fit_panel
    assert panel.surgery.popup.slider  # made when it is wanted
    controls = [
        *panel.findChildren(QSpinBox),
        *panel.findChildren(QDoubleSpinBox),
        *panel.findChildren(QSlider),
        *panel.findChildren(QCheckBox),
        *panel.controls.findChildren(QComboBox),
    ]
    assert len(controls) == 19
    for widget in controls:
        assert widget.toolTip(), widget.objectName()
        assert widget.accessibleName(), widget.objectName()


def test_the_wheel_changes_nothing_without_focus(fitted, qtbot):
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    spin = control(fitted, QSpinBox, "stepsSpin")
    fitted.window.network.table.setFocus()
    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(spin.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(spin, turn)
    assert spin.value() == 20
    assert fitted.session.requests == []


def test_the_longest_words_are_not_cut_in_the_narrowest_panel(fitted):
    """Nor do they widen it: beside its scroll bar there is room for the longest figure, and the note is shortened."""
    panel = fitted.window.fit_panel
    figures = [value.text() for value in panel.figures.values]
    panel.figures.show_values(["−173.0 ± 19.9 points", *figures[1:]])
    panel.surgery.note.setText("1,122 selected · 1,122 edited")
    fitted.window.resize(fitted.window.minimumSizeHint())
    QApplication.processEvents()
    area = panel.parts.parentWidget()
    assert panel.parts.minimumSizeHint().width() <= area.width()
    assert panel.parts.width() == area.width()
