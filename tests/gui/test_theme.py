"""Colours, contrast and the live change between themes."""

from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication, QRawFont

from koopview.gui.looks import theme as themes
from koopview.gui.looks.appearance import Appearance, remembered_choice
from koopview.gui.looks.stylesheet import stylesheet
from koopview.resources import resource_path

CONTRACT = {
    "light": "ground f3f4f6 panel ffffff line dfe2e7 ink 1c1f24 muted 69707a grid eceef1 selection e3effa accent 0072b2"
    " original e69f00 scaled 009e73 hybrid 0072b2",
    "dark": "ground 17191d panel 1f2227 line 33373e ink e8eaed muted 9aa1ab grid 2b2f36 selection 22354a accent 56b4e9"
    " original e69f00 scaled 009e73 hybrid 56b4e9",
}


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_tokens_are_those_of_the_contract(theme):
    words = CONTRACT[theme.name].split()
    for name, colour in zip(words[::2], words[1::2], strict=True):
        assert getattr(theme, name) == f"#{colour}"


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_text_can_be_read_on_every_ground(theme):
    for ground in (theme.panel, theme.ground, theme.selection, theme.field):
        assert contrast(theme.ink, ground) > 7
        assert contrast(theme.muted, ground) > 4.2
    assert contrast(theme.on_accent, theme.accent) > 4.5
    assert contrast(theme.ink, theme.warning) > 7


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_every_token_is_a_colour_and_the_style_sheet_is_filled_in(theme):
    for field in fields(theme):
        if field.name != "name":
            assert QColor(getattr(theme, field.name)).isValid()
    sheet = stylesheet(theme)
    assert "{{" not in sheet
    assert theme.accent in sheet


def test_bundled_font_is_found(qtbot):
    themes.load_fonts()
    assert QFontInfo(themes.font()).family() == "Inter"
    assert QFontInfo(themes.bold()).weight() >= 600


def test_figures_have_one_width(qtbot):
    from PySide6.QtGui import QFontMetrics

    themes.load_fonts()
    metrics = QFontMetrics(themes.font())
    assert metrics.horizontalAdvance("1111111111") == metrics.horizontalAdvance("0000000000")


@pytest.mark.parametrize("name", ["Regular", "SemiBold", "Bold"])
def test_text_in_a_pdf_can_be_copied(qtbot, name):
    """A glyph that a font puts in another's place, or of a private code point, is no text in the PDF files of Qt."""
    font = QRawFont(str(resource_path(f"fonts/Inter-{name}.otf")), 13)
    assert font.isValid()
    assert font.fontTable("GSUB").isEmpty()
    assert not any(font.supportsCharacter(code) for code in range(0xE000, 0xF900))


def test_choice_is_remembered(qtbot):
    assert remembered_choice() == "system"
    Appearance("light").choose("dark")
    assert remembered_choice() == "dark"
    assert Appearance().theme is themes.DARK


def test_theme_of_the_command_line_is_not_remembered(qtbot):
    assert Appearance("dark").theme is themes.DARK
    assert remembered_choice() == "system"


@pytest.fixture
def turn_system_dark(monkeypatch):
    """Do what the platform does when a person turns the system dark (the offscreen one has no such setting)."""

    def turn():
        monkeypatch.setattr("koopview.gui.looks.appearance.system_is_dark", lambda: True)
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    return turn


def test_system_theme_is_followed_live(qtbot, turn_system_dark):
    appearance = Appearance("system")
    assert appearance.theme is themes.LIGHT
    with qtbot.waitSignal(appearance.changed) as caught:
        turn_system_dark()
    assert caught.args[0] is themes.DARK


def test_chosen_theme_does_not_follow_the_system(qtbot, turn_system_dark):
    appearance = Appearance("light")
    with qtbot.assertNotEmitted(appearance.changed):
        turn_system_dark()
    assert appearance.theme is themes.LIGHT


def test_switching_re_dresses_the_plots(fitted):
    window = fitted.window
    before = window.grab().toImage()
    window.actions_by_name["next_theme"].trigger()
    assert window.eigenvalues.plane.widget.backgroundBrush().color().name() == themes.DARK.panel
    assert window.grab().toImage() != before
    ground = window.grab().toImage().pixelColor(4, window.height() // 2).name()
    assert ground == themes.DARK.ground
    window.actions_by_name["next_theme"].trigger()
    assert window.eigenvalues.plane.widget.backgroundBrush().color().name() == themes.LIGHT.panel
