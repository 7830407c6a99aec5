"""The tab Depth: cells in their places, filled in live; a click tells a cell's numbers; the session computes them."""

import html
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from reference.residual import ReluBlock
from reference.sequence_reader import Reader
from torch import nn

import koopview
from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.depth import AGAIN, COMPUTE, FIRST_CELL, GO_ON, WHAT_IT_IS, DepthPanel
from koopview.gui.plots.depth_map import LEGEND_TIP
from koopview.gui.saving.pictures import save_picture_of
from koopview.gui.session.deepening import DepthState, Kind, depth_state
from koopview.gui.session.session import Session
from koopview.hybrid.rows import DEPTH_ROWS

MILLISECONDS = 60_000


def residual_study(blocks=3):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), *[ReluBlock(6, 9) for _ in range(blocks)], nn.Linear(6, 3))
    x = np.random.default_rng(0).normal(size=(120, 4)).astype(np.float32)
    return koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()), name="residual")


@pytest.fixture(scope="module")
def cells():
    """The six cells of three blocks."""
    return tuple(residual_study().depth_table())


def state_of(cells, states="flat"):
    return depth_state(replace(cell, settings=replace(cell.settings, states=states)) for cell in cells)


@pytest.fixture
def panel(fitted):
    """The tab Depth in front."""
    shown = fitted.window.results.depth
    fitted.window.results.tabs.setCurrentWidget(shown)
    return shown


def told(panel):
    """The words of the numbers beside the map."""
    return [
        html.unescape(word).replace("\xa0", " ").strip()
        for word in re.split(r"<[^>]*>", panel.numbers.text())
        if word.strip()
    ]


def test_empty_it_says_what_a_residual_stream_is_and_one_click_asks(fitted, panel):
    assert panel.hint.isVisible()
    assert panel.hint.text() == WHAT_IT_IS
    assert panel.start.text() == COMPUTE
    panel.start.click()
    assert fitted.session.calls == [("deepen", "flat", True)]
    assert panel.hint.text() == FIRST_CELL
    assert not panel.start.isEnabled()
    fitted.session.finish(fitted.result)
    assert panel.start.isEnabled()


def test_why_a_network_has_none_is_told_in_a_sentence(fitted, panel):
    fitted.session.deepened.emit(DepthState().with_reason(Kind("flat"), "net has no residual stream: none"))
    assert panel.hint.text() == f"{WHAT_IT_IS}\nNet has no residual stream: none."
    panel.kinds.choose(1)
    assert panel.hint.text() == WHAT_IT_IS  # nothing is known of tokens


def test_cells_come_in_one_by_one(fitted, panel, cells):
    for count in range(1, 7):
        fitted.session.deepened.emit(state_of(cells[:count]))
        assert f"{count} cell" in panel.caption.text()
        assert panel.start.text() == (AGAIN if count == 6 else GO_ON)
        assert [panel.map.cell_at(panel.map.box((cell.start, cell.settings.blocks)).center()) for cell in cells] == [
            (cell.start, cell.settings.blocks) if i < count else None for i, cell in enumerate(cells)
        ]


def test_starts_go_right_and_numbers_of_blocks_up(fitted, panel, cells):
    fitted.session.deepened.emit(state_of(cells))
    centres = {cell: panel.map.box(cell).center() for cell in panel.map._cells}
    assert sorted(centres, key=lambda cell: (centres[cell].x(), -centres[cell].y())) == sorted(centres)


def test_a_click_tells_all_numbers_of_its_cell(fitted, panel, cells, qtbot):
    fitted.session.deepened.emit(state_of(cells))
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.box((1, 2)).center().toPoint())
    cell = next(one for one in cells if (one.start, one.settings.blocks) == (1, 2))
    assert panel.words.text().startswith(f"blocks 2 to 3, r = {cell.rank}: ")
    words = told(panel)
    for name in DEPTH_ROWS:
        shown = {"koopman": "Kᵖ", "affine_blocks": "affine a block"}.get(name, name)
        if cell.rows[name] is None:
            assert shown not in words
        else:
            assert words[words.index(shown) + 1] == f"{100 * cell.rows[name]:.1f} %"
    assert words[words.index("Kᵖ") + 4] == f"{cell.cosines['koopman']:.3f}"
    assert words[words.index("2", words.index("linearity")) + 1] == f"{cell.linearity[0].score:.3f}"
    upper = [value for value in cell.eigenvalues if value.imag >= 0]
    assert f"eigenvalues of K: {upper[0].real:.4f}" in words[-1].replace("−", "-")
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert panel.words.text().startswith("block 2, ")


def test_a_cell_bears_the_lead_over_its_best_control(fitted, panel, cells, tmp_path):
    fitted.session.deepened.emit(state_of(cells))
    panel.map.resize(700, 300)
    save_picture_of((panel.map,), tmp_path / "map.svg", 180)
    words = set(re.findall(r">([^<>]+)</text>", (tmp_path / "map.svg").read_text()))
    for cell in cells:
        assert f"{100 * cell.above_best_control.value:+.1f}".replace("-", "−") in words
    assert {"1", "2", "3", "first block that is replaced"} <= words


def test_colours_are_those_of_leads_in_both_themes(fitted, panel, cells):
    fitted.session.deepened.emit(state_of(cells))
    panel.map.resize(700, 300)
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        picture = panel.map.grab().toImage()
        for cell in panel.map._cells:
            box = panel.map.box(cell)
            found = picture.pixelColor(round(box.left() + 8), round(box.top() + 8))
            wanted = panel.map._scale.colour(panel.map.gain(cell), theme)
            if panel.map.gain(cell) >= 0:  # others are hatched
                assert found.name() == wanted.name()


def test_the_tip_and_the_description_name_the_controls(fitted, panel, cells):
    fitted.session.deepened.emit(state_of(cells))
    tip = panel.map.tip((0, 3))
    for word in ("blocks 1 to 3", "original", "affine a block", "skip", "mean", "above best control"):
        assert word in tip
    below = sum(cell.above_best_control.value < 0 for cell in cells)
    assert panel.map.accessibleDescription() == f"{below} of 6 cells are worse than their best control"
    assert "Grey, hatched" in LEGEND_TIP


def test_numbers_are_saved_as_the_command_line_writes_them(fitted, panel, cells):
    fitted.session.deepened.emit(state_of(cells))
    rows = panel.map.exportable.rows()
    assert [(row[0], row[1]) for row in rows[1:]] == [(cell.blocks[0], cell.settings.blocks) for cell in cells]


def test_each_kind_of_state_has_its_own_cells(fitted, panel, cells):
    fitted.session.deepened.emit(state_of(cells[:2], "pca"))
    assert panel.hint.isVisible()
    panel.kinds.choose(2)
    assert "2 cells" in panel.caption.text()
    panel.start.click()
    assert fitted.session.calls == [("deepen", "pca", True)]


# Time steps


def recurrent_study(steps):
    torch.manual_seed(0)
    net = Reader().eval()
    x = np.random.default_rng(0).normal(size=(60, steps, 3)).astype(np.float32)
    with pytest.warns(match="straight line"):
        return koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()))


def test_a_recurrent_layer_is_told_in_time_steps(fitted, panel, qtbot):
    study = recurrent_study(17)
    steps = tuple(study.depth_table("1"))
    fitted.session.deepened.emit(state_of(steps))
    assert panel.start.text() == GO_ON
    assert panel.caption.text() == "rnn, time steps 1 to 17, 4, inputs seen: 9 cells, states flat"
    assert panel.map.column_title() == "first time step that is replaced"
    assert panel.map.accessibleName() == "Score over first time step and number of time steps, 9 cells"
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.box((0, 17)).center().toPoint())
    assert panel.words.text().startswith("time steps 1 to 17, r = 5")
    assert "affine a step" in told(panel)
    assert "affine a step" in panel.map.tip((0, 17))
    fitted.session.deepened.emit(state_of(tuple(study.depth_table())))
    assert panel.start.text() == AGAIN
    panel.map.resize(700, 300)
    panel.map.grab()


def test_inputs_are_a_choice_where_there_are_time_steps_alone(fitted, panel, qtbot):
    assert panel.inputs.isHidden()
    study = recurrent_study(3)
    fitted.session.open(study.state, None)
    assert not panel.inputs.isHidden()
    seen = tuple(study.depth_table())
    unseen = tuple(study.depth_table(inputs=False))
    fitted.session.deepened.emit(depth_state((*seen, *unseen)))
    assert "inputs seen" in panel.caption.text()
    panel.inputs.click()
    assert "inputs not seen" in panel.caption.text()
    shown = panel.map._cells[0, 2]
    assert shown.accuracy == next(one for one in unseen if (one.start, one.settings.blocks) == (0, 2)).accuracy
    fitted.session.calls.clear()
    panel.start.click()
    assert fitted.session.calls == [("deepen", "flat", False)]
    fitted.session.open(residual_study().state, None)
    assert panel.inputs.isHidden()
    assert panel.kind == Kind("flat")  # blocks of a residual stream have no inputs to leave out


def test_a_session_computes_both_kinds_side_by_side(qtbot, real):
    opened(qtbot, real, recurrent_study(2))
    states = []
    real.deepened.connect(states.append)
    for inputs in (True, False):
        with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
            real.deepen("flat", inputs)
    assert {kind: {one.driven for one in cells.values()} for kind, cells in states[-1].cells.items()} == {
        Kind("flat"): {True},
        Kind("flat", False): {False},
    }


def test_numbers_stand_below_the_map_where_there_is_no_room_beside_it(put_up, cells):
    shown = DepthPanel()
    put_up(shown, 400, 300)
    shown.show_depth(state_of(cells))
    for width, below in ((400, True), (900, False)):
        shown.resize(width, 300)
        QApplication.processEvents()
        assert (shown.words.mapTo(shown, QPoint(0, 0)).y() > shown.map.geometry().bottom()) == below
        assert shown.map.width() > 250


# A session of its own


@pytest.fixture
def real(qtbot):
    made = Session()
    made.found = []
    made.deepened.connect(lambda state: made.found.append(dict(state.cells.get(Kind("flat"), {}))))
    yield made
    made.close()


def opened(qtbot, real, study):
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.open_study(study)
    real.found.clear()


def test_a_session_computes_the_table_and_the_fit_on_screen_stays(qtbot, real, cells):
    opened(qtbot, real, residual_study())
    before = real.result
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
        assert real.deepening
        assert real.busy
    assert not real.deepening
    assert real.result is before
    assert [len(found) for found in real.found] == [1, 2, 3, 4, 5, 6, 6]
    found = real.found[-1]
    assert {cell: one.accuracy for cell, one in found.items()} == {
        (one.start, one.settings.blocks): one.accuracy for one in cells
    }


def test_the_table_is_that_of_the_stream_of_the_layer_on_screen(qtbot, real):
    torch.manual_seed(0)
    blocks = [ReluBlock(6, 9) for _ in range(3)], [ReluBlock(5, 9) for _ in range(2)]
    net = nn.Sequential(nn.Linear(4, 6), *blocks[0], nn.Linear(6, 5), *blocks[1], nn.Linear(5, 3))
    x = np.random.default_rng(0).normal(size=(120, 4)).astype(np.float32)
    study = koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()))
    study.fit("5", steps=4, delays=2)
    opened(qtbot, real, study)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert {cell.stream for cell in real.found[-1].values()} == {("5", "6")}
    study.fit("2", steps=4, delays=2)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.request(study.results[-1].settings)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert {cell.stream for cell in real.found[-1].values()} == {("1", "2", "3")}
    assert len(real.found[-1]) == 6  # none of the other stream's is left


def test_what_was_found_before_a_stop_stays_and_only_the_rest_is_computed(qtbot, real):
    opened(qtbot, real, residual_study())

    def stop_at_two(state):
        if len(state.cells.get(Kind("flat"), {})) == 2 and real.deepening:
            real.deepened.disconnect(stop_at_two)
            real.stop()

    real.deepened.connect(stop_at_two)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert not real.deepening
    first = real.found[-1]
    assert len(first) == 2
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert len(real.found[-1]) == 6
    assert all(real.found[-1][cell] is one for cell, one in first.items())


def test_a_network_without_blocks_tells_the_panel_and_fails_nothing(qtbot, real):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    opened(qtbot, real, koopview.Study(net, koopview.Dataset(x, np.arange(60) % 3)))
    failures, states = [], []
    real.failed.connect(lambda sentence, details: failures.append(sentence))
    real.deepened.connect(states.append)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert failures == []
    assert "has no residual stream" in states[-1].reasons[Kind("flat")]


def test_another_study_begins_with_an_empty_table(qtbot, real):
    opened(qtbot, real, residual_study())
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    assert real.found[-1]
    opened_again = residual_study(2)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.open_study(opened_again)
    assert real.found[-1] == {}


def test_before_anything_is_open_nothing_happens(real):
    real.deepen("flat")
    assert not real.busy
    assert real.found == []


# Kept with the study


def test_a_saved_table_is_drawn_again_without_computing(qtbot, real, tmp_path, monkeypatch):
    """The tab draws the same cells of the file, number by number, before and after the engine is ready."""
    study = residual_study()
    study.fit("1", steps=4, delays=2)
    opened(qtbot, real, study)
    with qtbot.waitSignal(real.settled, timeout=MILLISECONDS):
        real.deepen("flat")
    before = real.found[-1]
    path, saved = tmp_path / "a.koopview", []
    real.save_study(path, lambda: saved.append(path))
    qtbot.waitUntil(lambda: bool(saved), timeout=MILLISECONDS)

    def refuse(*arguments, **settings):
        raise AssertionError("computed again")

    monkeypatch.setattr("koopview.study.study.depth_table", refuse)
    again = Session()
    shown = DepthPanel()
    qtbot.addWidget(shown)
    again.deepened.connect(shown.show_depth)
    try:
        with qtbot.waitSignal(again.settled, timeout=MILLISECONDS):
            again.open_saved(str(path))
        assert shown.start.text() == AGAIN
        assert list(shown.map._cells) == list(before)
        for cell, one in before.items():
            assert numbers_of(shown.map._cells[cell]) == numbers_of(one)
    finally:
        again.close()


def numbers_of(cell):
    return cell.summary(), cell.settings, cell.eigenvalues.tolist()
