"""Saving, what is asked before work is lost, and what a crash leaves behind."""

import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QFileDialog, QMessageBox

from koopview.errors import FileError
from koopview.gui.files.recent import recent_files
from koopview.gui.files.recovery import Recovery, left_by_crashes, recovered
from koopview.study.source import Source
from koopview.study.study_file import read_study_file, write_study_file

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
    keeper.write(make.state([result]), SOURCE)
    state, source = recovered(keeper.path)
    assert state.results[0].settings == result.settings
    assert (state.results[0].paths == result.paths).all()
    assert source == replace(SOURCE, trust=False)
    keeper.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_running_window_is_no_crash_and_two_do_not_meet(make, tmp_path):
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    for keeper in (first, second):
        keeper.write(make.state(), SOURCE)
    assert left_by_crashes(tmp_path) == []
    first.drop()
    assert second.path.exists()
    second.drop()


def test_a_broken_recovery_file_is_one_sentence(tmp_path):
    (tmp_path / "a.koopview").write_bytes(b"PK broken")
    with pytest.raises(FileError, match="cannot be read"):
        recovered(tmp_path / "a.koopview")


def crash(folder):
    """A process that keeps its session and then dies."""
    code = f"""
        import os
        from pathlib import Path
        from koopview.gui.files.recovery import Recovery
        from koopview.study.result import StudyState
        from koopview.study.source import Source
        Recovery(Path({str(folder)!r})).write(StudyState("demo:yinyang", "Yin-Yang", ()), Source(model="demo:yinyang"))
        os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60).returncode == 9


@pytest.mark.parametrize("answer", ["Open", "Discard"])
def test_after_a_crash_the_next_start_offers_to_restore_once(fitted, tmp_path, answer):
    crash(tmp_path)
    fitted.window.studies.guard(tmp_path)
    box(fitted, "restoreBox").button(getattr(QMessageBox.StandardButton, answer)).click()
    wanted = [("restore", "demo:yinyang", Source(model="demo:yinyang"))] if answer == "Open" else []
    assert [(call[0], call[1].model, call[2]) for call in fitted.session.calls] == wanted
    assert fitted.window.studies.unsaved == (answer == "Open")
    assert left_by_crashes(tmp_path) == []


def test_changes_are_kept_soon_and_gone_after_an_orderly_end(guarded, qtbot, tmp_path):
    studies, folder = guarded.window.studies, tmp_path / "recovery"
    assert box(guarded, "restoreBox") is None
    change(guarded)
    assert studies._soon.isActive()
    studies._soon.setInterval(0)
    studies._soon.start()
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.koopview"))))
    studies._thread.waitForDone()
    (path,) = folder.glob("*.koopview")
    assert recovered(path)[0].results[-1].settings == guarded.result.settings
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
    guarded.window.studies._keep()
    guarded.window.studies._thread.waitForDone()
    assert threads
    assert threads[0] != threading.get_ident()
