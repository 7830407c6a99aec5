"""Presets of present mode: a hall can read them, nothing is cut, and all faces have them from one register."""

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from koopview.arguments import window_options
from koopview.errors import InputError
from koopview.gui.application import window_of
from koopview.gui.looks.theme import CONTRAST, DARK, LIGHT, font
from koopview.gui.present.overlays import DOT
from koopview.projectors import ACCURACY, EIGENVALUES, MEANING, PRESETS, TRAJECTORY

MADE_FOR_ONE = [preset for preset in PRESETS if preset.name != "usual"]
SHARE = 1 / 40


def contrast(one, other):
    """The contrast ratio of two colours as WCAG 2 defines it."""

    def light(name):
        parts = [int(name[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def projected(fitted):
    """Present as a preset says, in a picture of a size; returns the page."""

    def show(preset, size):
        fitted.window.presenting.choose(preset.name, full_screen=False)
        fitted.window.resize(*size)
        QApplication.processEvents()
        return fitted.window.presenting.page

    return show


def capitals(page):
    """Heights of capitals of the main labels in pixels: title, sentence, settings, names and figures of the bars."""
    labels = (page.title, page.sentence, page.chooser.delays_text, page.chooser.rank_text)
    heights = [QFontMetricsF(label.font()).capHeight() for label in labels]
    return [*heights, page.bars._zoom * QFontMetricsF(font()).capHeight()]


@pytest.mark.parametrize("preset", MADE_FOR_ONE, ids=lambda preset: preset.name)
def test_capitals_of_main_labels_are_a_fortieth_of_the_picture_high_and_nothing_is_cut(projected, preset):
    page = projected(preset, preset.size)
    assert (page.width(), page.height()) == preset.size
    assert min(capitals(page)) >= SHARE * preset.size[1]
    assert min(slider.width() for slider in (page.chooser.delays, page.chooser.rank)) >= preset.size[0] / 8  # large
    least = page.layout().totalMinimumSize()
    assert least.width() <= preset.size[0]
    assert least.height() <= preset.size[1]


@pytest.mark.parametrize("size", [(960, 540), (1920, 1080)])
def test_in_a_picture_of_another_size_text_keeps_its_share(projected, size):
    page = projected(PRESETS[3], size)
    assert (page.width(), page.height()) == size
    assert min(capitals(page)) >= SHARE * size[1]
    least = page.layout().totalMinimumSize()
    assert least.width() <= size[0]
    assert least.height() <= size[1]


def test_a_preset_shows_its_panels_and_colours_and_another_takes_its_place(projected):
    for preset in PRESETS:
        page = projected(preset, preset.size)
        assert page.plane.widget.isVisible() == (EIGENVALUES in preset.panels)
        assert page.bars.isVisible() == (ACCURACY in preset.panels)
        assert page.meaning.isVisible() == (MEANING in preset.panels)
        assert page.grid.isVisible() == page.paths.isChecked() == (TRAJECTORY in preset.panels)
        assert page._theme is (CONTRAST if preset.theme == "contrast" else LIGHT)


def test_high_contrast_is_that():
    for colour in (CONTRAST.ink, CONTRAST.muted):
        assert contrast(colour, CONTRAST.panel) >= 15
    for colour in (CONTRAST.original, CONTRAST.scaled, CONTRAST.hybrid, CONTRAST.baseline):
        assert contrast(colour, CONTRAST.panel) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda theme: theme.name)
def test_words_can_be_read_and_marks_be_seen_on_the_page(theme):
    for words in (theme.ink, theme.muted):
        assert contrast(words, theme.panel) >= 4.5
    assert contrast(theme.accent, theme.panel) >= 3  # the frame that points
    assert contrast(DOT, theme.panel) >= 3  # the laser pointer


def test_menu_and_command_line_have_all_of_the_register(fitted):
    entries = fitted.window.menus.projector.actions()
    assert [entry.text() for entry in entries] == [preset.title for preset in PRESETS]
    assert [entry.shortcut().toString() for entry in entries] == [preset.keys for preset in PRESETS]
    assert all(entry.toolTip().startswith(preset.tip) for entry, preset in zip(entries, PRESETS, strict=True))
    entries[1].trigger()
    assert fitted.window.presenting.page.preset is PRESETS[1]
    for preset in PRESETS:
        assert window_options(["--preset", preset.name]).preset == preset.name
    with pytest.raises(InputError, match=r"--preset: invalid choice: 'cinema'"):
        window_options(["--preset", "cinema"])


def test_light_and_dark_can_still_be_changed(projected, fitted):
    page = projected(PRESETS[-1], (1280, 720))
    page.dark.click()
    assert page._theme is fitted.window.appearance.theme


def test_a_long_name_is_shortened_and_widens_nothing(projected, make, fitted):
    page = projected(PRESETS[1], (1024, 768))
    fitted.session.open(make.state(model="/home/someone/" + "long" * 60 + ".safetensors"), make.settings)
    QApplication.processEvents()
    assert page.layout().totalMinimumSize().width() <= 1024


@pytest.mark.parametrize(("words", "theme"), [((), LIGHT), (("--theme", "dark"), DARK)])
def test_a_theme_that_is_asked_for_holds_in_a_preset_too(qtbot, words, theme):
    window = window_of(window_options(["--demo", "yinyang", "--preset", "1280x800", *words]))
    qtbot.addWidget(window)
    assert window.presenting.page._theme is theme
    window.close()
