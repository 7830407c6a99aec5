"""The message bar: long names break, and are copied as they are."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from koopview.gui.widgets.message_bar import MessageBar

PATH = "/home/" + "a_folder_with_a_long_name_that_has_no_place_to_break" * 3 + "/model.pt"
SENTENCE = f"{PATH} cannot be read: expected a state dict"


@pytest.fixture
def bar(qtbot):
    """A bar of 400 points with a sentence whose path is wider than that."""
    made = MessageBar()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.tell(SENTENCE)
    return made


def test_a_long_name_breaks_and_widens_nothing(bar):
    bar.show()
    assert bar.width() == 400
    assert bar.minimumSizeHint().width() <= 400
    assert bar.sentence.heightForWidth(bar.sentence.width()) > 3 * bar.sentence.fontMetrics().height()


def test_the_text_is_the_sentence_to_read_hear_and_copy(bar):
    assert bar.sentence.text() == SENTENCE
    assert bar.sentence.accessibleDescription() == SENTENCE
    bar.sentence.setSelection(0, len(PATH) + 7)
    assert "\u200b" in bar.sentence.selectedText()  # what Qt alone would copy
    QTest.keyClick(bar.sentence, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied in SENTENCE
    assert copied.startswith(PATH[:100])


def test_a_note_comes_back_after_another_message_until_it_is_closed(bar):
    bar.note(SENTENCE)
    bar.tell("another")
    bar.mend()
    assert bar.sentence.text() == SENTENCE
    bar.shut.click()
    assert bar.isHidden()
