"""Saving, what is asked before work is lost, and what a crash leaves behind."""

import os
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QFileDialog, QMessageBox

from koopview.gui.files.recent import recent_files
from koopview.gui.files.recovery import Recovery, left_by_crashes
from koopview.study.source import Source
from koopview.study.study_file import read_study_file, write_study_file

OPEN, DISCARD = QMessageBox.StandardButton.Open, QMessageBox.StandardButton.Discard
SOURCE = Source(model="demo:yinyang", keys=("x", "y"), trust=True)


def change(fitted):
    """Do what a person does: change a setting, and get its result."""
    fitted.session.undo_stack.push(QUndoCommand("delays"))
    fitted.session.result_changed.emit(fitted.session.result)


def box(fitted, name="unsavedBox"):
    return fitted.window.findChild(QMessageBox, name)


@pytest.fixture
def guarded(fitted, tmp_path):
    fitted.session.source = SOURCE
    fitted.window.studies.guard(tmp_path / "recovery")
    return fitted


# --- Saving ----------------------------------------------------------------------------------------------------


def test_saving_asks_for_a_file_once_and_then_writes_to_it(fitted, tmp_path):
    actions = fitted.window.actions_by_name
    change(fitted)
    assert fitted.window.studies.unsaved
    actions["save"].trigger()
    dialog = fitted.window.findChild(QFileDialog, "saveStudyDialog")
    dialog.fileSelected.emit(str(tmp_path / "mine"))
    dialog.close()
    assert fitted.session.calls == [("save_study", tmp_path / "mine.koopview")]
    assert not fitted.window.studies.unsaved
    assert recent_files() == [tmp_path / "mine.koopview"]
    change(fitted)
    actions["save"].trigger()
    assert fitted.session.calls[1:] == [("save_study", tmp_path / "mine.koopview")]


def test_undoing_back_to_what_was_saved_is_saved(fitted):
    change(fitted)
    fitted.session.undo_stack.undo()
    assert not fitted.window.studies.unsaved


def test_a_sweep_is_work_too(fitted):
    fitted.session.swept.emit()
    assert fitted.window.studies.unsaved


def test_another_study_has_nothing_unsaved(fitted, make):
    change(fitted)
    fitted.session.source = Source(study="/tmp/other.koopview")
    fitted.session.undo_stack.clear()
    fitted.session.open(replace(make.state(), results=(fitted.result,)), make.settings)
    assert not fitted.window.studies.unsaved
    assert str(fitted.window.studies.path) == "/tmp/other.koopview"


def test_the_network_of_a_study_with_other_data_is_not_saved_over_it(fitted, make):
    fitted.session.source = Source(study="/tmp/other.koopview", data="/tmp/more.npz")
    fitted.session.open(make.state(), make.settings)
    assert fitted.window.studies.path is None


# --- Asking ----------------------------------------------------------------------------------------------------


def test_nothing_is_asked_without_a_guard_or_without_changes(fitted, guarded, tmp_path):
    guarded.window.close()
    assert not guarded.window.isVisible()
    assert box(guarded) is None


def test_a_window_of_a_script_closes_without_a_word(fitted):
    change(fitted)
    fitted.window.close()
    assert not fitted.window.isVisible()
    assert box(fitted) is None


def test_cancel_keeps_the_window(guarded):
    change(guarded)
    guarded.window.close()
    box(guarded).button(QMessageBox.StandardButton.Cancel).click()
    assert guarded.window.isVisible()
    assert guarded.window.studies.unsaved


def test_discard_closes_and_asks_no_second_time(guarded):
    change(guarded)
    guarded.window.close()
    assert guarded.window.isVisible()
    box(guarded).button(QMessageBox.StandardButton.Discard).click()
    assert not guarded.window.isVisible()
    assert guarded.session.calls == [("close",)]


def test_save_saves_and_then_closes(guarded, tmp_path):
    guarded.window.studies.path = tmp_path / "mine.koopview"
    change(guarded)
    guarded.window.close()
    box(guarded).button(QMessageBox.StandardButton.Save).click()
    assert guarded.session.calls == [("save_study", tmp_path / "mine.koopview"), ("close",)]
    assert not guarded.window.isVisible()


def test_opening_another_study_asks_too(guarded):
    change(guarded)
    guarded.window.actions_by_name["demo_mnist"].trigger()
    assert guarded.session.calls == []
    box(guarded).button(QMessageBox.StandardButton.Discard).click()
    assert guarded.session.calls == [("open_demo", "mnist")]


# --- Recovery --------------------------------------------------------------------------------------------------


def test_what_is_written_comes_back_whole_but_trusts_nobody(make, result, tmp_path):
    keeper = Recovery(tmp_path)
    assert keeper.write(make.state([result]), SOURCE)
    file = read_study_file(keeper.path)
    assert file.state.results[0].settings == result.settings
    assert (file.state.results[0].paths == result.paths).all()
    assert file.asked_source() == replace(SOURCE, trust=False)
    keeper.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_running_window_is_no_crash_and_two_do_not_meet(make, tmp_path):
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    for keeper in (first, second):
        assert keeper.write(make.state(), SOURCE)
    assert left_by_crashes(tmp_path) == []
    first.drop()
    assert second.path.exists()
    second.drop()


def crash(folder, model="demo:yinyang"):
    """A process that keeps its session and then dies."""
    code = f"""
        import os
        from pathlib import Path
        from koopview.gui.files.recovery import Recovery
        from koopview.study.result import StudyState
        from koopview.study.source import Source
        state = StudyState({model!r}, "Yin-Yang", ())
        assert Recovery(Path({str(folder)!r})).write(state, Source(model={model!r}))
        os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60).returncode == 9


def studies_in(folder):
    return sorted(folder.glob("*.koopview"))


def answer(fitted, choice):
    box(fitted, "restoreBox").button(choice).click()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_after_a_crash_the_next_start_offers_to_restore_and_keeps_the_file_until_its_successor_is_there(
    fitted, tmp_path
):
    crash(tmp_path)
    (left,) = studies_in(tmp_path)
    studies = fitted.window.studies
    studies.guard(tmp_path)
    answer(fitted, OPEN)
    assert fitted.session.calls == [("restore", left)]
    assert studies.unsaved
    assert studies_in(tmp_path) == [left]  # nothing else holds what it holds yet
    assert left_by_crashes(tmp_path) == []  # and no other window is asked about it
    fitted.session.source = SOURCE
    studies.recovering.keep()
    studies.recovering.thread_pool.waitForDone()
    (successor,) = studies_in(tmp_path)
    assert successor != left


def test_what_is_declined_is_deleted_and_what_is_closed_is_asked_about_again(fitted, tmp_path):
    crash(tmp_path)
    fitted.window.studies.guard(tmp_path)
    answer(fitted, QMessageBox.StandardButton.Close)
    (left,) = left_by_crashes(tmp_path)
    left.keep()
    fitted.window.studies.guard(tmp_path)
    answer(fitted, DISCARD)
    assert fitted.session.calls == []
    assert studies_in(tmp_path) == []


def test_two_windows_that_were_killed_are_both_offered_one_by_one(fitted, tmp_path):
    crash(tmp_path, "demo:yinyang")
    (older,) = studies_in(tmp_path)
    os.utime(older, (1, 1))
    crash(tmp_path, "demo:mnist")
    fitted.window.studies.guard(tmp_path)
    answer(fitted, DISCARD)  # the newer one
    assert studies_in(tmp_path) == [older]
    answer(fitted, OPEN)
    assert fitted.session.calls == [("restore", older)]
    assert box(fitted, "restoreBox") is None


def test_a_file_that_cannot_be_read_is_told_and_takes_no_other_with_it(fitted, tmp_path):
    crash(tmp_path)
    (whole,) = studies_in(tmp_path)
    os.utime(whole, (1, 1))
    (tmp_path / "broken.koopview").write_bytes(b"PK broken")
    fitted.window.studies.guard(tmp_path)
    answer(fitted, OPEN)
    assert "cannot be read" in fitted.window.message.sentence.text()
    assert len(studies_in(tmp_path)) == 2
    answer(fitted, OPEN)
    assert fitted.session.calls[-1] == ("restore", whole)
    assert len(studies_in(tmp_path)) == 2


def test_a_second_window_that_saves_the_same_file_is_told(fitted, tmp_path):
    path, studies = tmp_path / "mine.koopview", fitted.window.studies
    path.write_bytes(b"first")
    studies._saved(path, None)
    assert studies.save() is None
    path.write_bytes(b"another window's")
    change(fitted)
    asks = studies.save()
    assert asks.text() == "Replace mine.koopview?"
    saved = [call for call in fitted.session.calls if call[0] == "save_study"]
    asks.button(QMessageBox.StandardButton.Cancel).click()
    assert [call for call in fitted.session.calls if call[0] == "save_study"] == saved
    studies.save().button(QMessageBox.StandardButton.Yes).click()
    assert len([call for call in fitted.session.calls if call[0] == "save_study"]) == len(saved) + 1


@pytest.mark.parametrize(
    ("typed", "saved"), [("run v1.2", "run v1.2.koopview"), ("a.koopview", "a.koopview"), ("b", "b.koopview")]
)
def test_a_study_keeps_its_name_and_its_ending(fitted, tmp_path, typed, saved):
    dialog = fitted.window.studies.save_as()
    dialog.fileSelected.emit(str(tmp_path / typed))
    assert fitted.session.calls[-1] == ("save_study", tmp_path / saved)


def test_changes_are_kept_soon_and_gone_after_an_orderly_end(guarded, qtbot, tmp_path):
    studies, folder = guarded.window.studies, tmp_path / "recovery"
    assert box(guarded, "restoreBox") is None
    change(guarded)
    assert studies.recovering.soon.isActive()
    studies.recovering.soon.setInterval(0)
    studies.recovering.soon.start()
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.koopview"))))
    studies.recovering.thread_pool.waitForDone()
    (path,) = folder.glob("*.koopview")
    assert read_study_file(path).state.results[-1].settings == guarded.result.settings
    guarded.window.close()
    box(guarded).button(QMessageBox.StandardButton.Discard).click()
    assert list(folder.iterdir()) == []


def test_where_nothing_can_be_kept_nothing_fails(make, tmp_path):
    (tmp_path / "file").write_text("in the way")
    keeper = Recovery(tmp_path / "file")
    keeper.write(make.state(), SOURCE)
    keeper.drop()
    assert left_by_crashes(tmp_path / "file") == []


def test_killed_at_any_point_of_a_save_the_file_is_the_old_or_the_new_one(make, result, tmp_path):
    """A process that saves again and again is killed at moments that are spread over many saves."""
    path = tmp_path / "a.koopview"
    write_study_file(path, make.state([result]))
    code = f"""
        from pathlib import Path
        from dataclasses import replace
        from koopview.study.study_file import read_study_file, write_study_file
        state = read_study_file(Path({str(path)!r})).state
        print("go", flush=True)
        while True:
            for name in ("one", "two"):
                write_study_file(Path({str(path)!r}), replace(state, model=name))
    """
    for wait in (0, 7, 23):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
        process.stdout.readline()
        try:
            process.wait(timeout=0.02 + wait / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        process.stdout.close()
        state = read_study_file(path).state
        assert state.model in ("Yin-Yang", "one", "two")
        assert (state.results[0].paths == result.paths).all()


def test_the_recovery_file_is_written_beside_the_window(guarded, monkeypatch):
    """The GUI thread is not the one that writes."""
    import threading

    threads = []
    monkeypatch.setattr(Recovery, "write", lambda self, state, source: threads.append(threading.get_ident()))
    change(guarded)
    guarded.window.studies.recovering.keep()
    guarded.window.studies.recovering.thread_pool.waitForDone()
    assert threads
    assert threads[0] != threading.get_ident()
