"""Every control of the Fit panel asks for the right settings, once, and follows the session's without asking."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QSlider, QSpinBox

from koopview.study.settings import FitSettings


def control(fitted, kind, name):
    found = fitted.window.findChild(kind, name)
    assert found is not None, name
    return found


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
    asked = replace(fitted.result.settings, observables="rbf", steps=1, delays=1, rank=None)
    assert fitted.session.requests == [asked]
    assert asked.lift_fraction == 0
    box.setCurrentText("delay")
    assert fitted.session.requests[-1] == replace(fitted.result.settings, steps=20, delays=8, rank=None)


def test_auto_rank_and_back(fitted):
    box = control(fitted, QCheckBox, "autoRankCheck")
    box.click()
    assert fitted.session.requests == [replace(fitted.result.settings, rank=None)]
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
    auto = replace(make.settings, rank=None)
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
    other = FitSettings("4", ("2", "4"), scaling="linear", steps=50, delays=33, rank=None, samples=None)
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
        FitSettings("2", scaling="linear", steps=7, delays=7, rank=3, samples=12, pad=-2.0, seed=5),
        FitSettings("2", steps=1000, delays=999, rank=90_000, samples=999_999),
    ):
        fitted.session.open(make.state(), settings)
        fitted.session.requests.clear()
        control(fitted, QSpinBox, "delaySpin").setValue(2)
        assert fitted.session.requests == [replace(settings, delays=2)]


def test_rank_slider_reaches_what_one_decomposition_serves(fitted):
    slider = control(fitted, QSlider, "rankSlider")
    assert slider.maximum() == min(fitted.result.kept_rank, fitted.result.numerical_rank)
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


def test_figures_are_those_of_the_result(fitted):
    result = fitted.result
    shares = [result.accuracy[name] for name in ("hybrid", "affine")]
    error = sum(share * (1 - share) / result.test_samples for share in shares) ** 0.5
    assert [value for _, value in fitted.window.fit_panel.figures.rows()] == [
        f"{100 * result.accuracy['hybrid']:.1f} %",
        f"{100 * (result.accuracy['hybrid'] - result.accuracy['affine']):.1f} ± {100 * error:.1f} points",
        f"{100 * result.agreement:.1f} %",
        "0.081",
        str(result.numerical_rank),
        "exact",
        "0.06 s",
    ]
    assert fitted.window.fit_panel.controls.auto.text() == "auto rank (Gavish–Donoho: 24)"


def test_every_control_has_a_tooltip_and_an_accessible_name(fitted):
    panel = fitted.window.fit_panel
    assert panel.surgery.popup.slider  # made when it is wanted
    controls = [
        *panel.findChildren(QSpinBox),
        *panel.findChildren(QSlider),
        *panel.findChildren(QCheckBox),
        *panel.controls.findChildren(QComboBox),
    ]
    assert len(controls) == 12
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
