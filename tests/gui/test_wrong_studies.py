"""Study files with a wrong value that open all the same are drawn by every panel; the others are one sentence."""

import json
import zipfile

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QToolButton
from reference.windows import main_window
from reference.wrong_values import with_value, wrong_ones

from koopview.gui.session.fitting import Fits
from koopview.gui.session.session import Session
from koopview.gui.session.views import Views
from koopview.resources import resource_path
from koopview.study.study_file import read_study_file


@pytest.fixture(scope="module")
def whole():
    """The members of a small study file and its text: two results of the built-in one."""
    with zipfile.ZipFile(resource_path("studies/yinyang.koopview")) as file:
        members = {name: file.read(name) for name in file.namelist()}
    text = json.loads(members["study.json"])
    views = [{**one, "result": 0} for one in text["views"]]  # they are of the last result
    return members, {**text, "results": text["results"][-1:], "cells": text["results"][:1], "views": views}


@pytest.fixture
def shows(qtbot, monkeypatch):
    """Show a study file in a window whose engine never starts, and look at every tab and view."""
    monkeypatch.setattr(Views, "_make_next", lambda views: None)
    monkeypatch.setattr(Fits, "_warm_up", lambda fits: None)
    session = Session()
    window = main_window(session, keeps_layout=False)
    window.show()
    told = []
    session.failed.connect(lambda sentence, details: told.append((sentence, details)))

    def show(path):
        told.clear()
        before = session.state
        session.open_saved(str(path))
        qtbot.waitUntil(lambda: bool(told) or session.state is not before, timeout=20_000)
        assert all("\n" not in sentence and not details for sentence, details in told)
        for index in range(window.results.tabs.count()):
            window.results.tabs.setCurrentIndex(index)
            QCoreApplication.processEvents()
        for views in (window.trajectory.views, window.eigenvalues.views, window.accuracy.views):
            for index in reversed(range(len(views.findChildren(QToolButton)))):
                views.choose(index)
                QCoreApplication.processEvents()
        window.grab()
        return told

    yield show
    window.close()
    session.close()


def written(path, members, text):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            file.writestr(name, json.dumps(text) if name == "study.json" else content)
    return path


def those_that_open(whole, folder, every):
    members, text = whole
    for number, (at, wrong) in enumerate(wrong_ones(text)):
        if at[0] == "cells" or number % every:
            continue
        path = written(folder / f"{number}.koopview", members, wrong)
        try:
            read_study_file(path)
        except OSError:
            path.unlink()
            continue
        yield at, path


@pytest.mark.parametrize("every", [41, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(1500)])])
def test_what_opens_is_drawn_by_every_panel(whole, tmp_path, shows, every):
    drawn = 0
    for at, path in those_that_open(whole, tmp_path, every):
        assert shows(path) == [] or at[0] == "origin", at
        drawn += 1
    assert drawn >= 2


@pytest.mark.parametrize(
    ("at", "value"), [(("layers", 0, "name"), 1e308), (("results", 0, "accuracy", "hybrid"), "abc")]
)
def test_what_is_refused_is_one_sentence_and_the_window_goes_on(whole, tmp_path, shows, at, value):
    members, text = whole
    wrong = with_value(text, at, value)
    ((sentence, _),) = shows(written(tmp_path / "wrong.koopview", members, wrong))
    assert "has a wrong value" in sentence
    assert shows(written(tmp_path / "whole.koopview", members, text)) == []
