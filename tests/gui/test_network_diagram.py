"""The network as a picture: a block a layer in order, clicks that choose, and folds where layers are many."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from koopview.gui.plots.network_diagram import FOLDED, NetworkDiagram, unfolded
from koopview.gui.plots.stage_runs import Run, run_name, run_tip, runs_of
from koopview.network.info import LayerInfo


@pytest.fixture
def diagram(fitted):
    return fitted.window.network.diagram


def test_blocks_stand_in_the_order_of_the_layers_inside_the_panel(diagram):
    boxes = diagram.boxes()
    assert [place for place, _ in boxes] == [0, 1, 2, 3]
    edges = [edge for _, box in boxes for edge in (box.left(), box.right())]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= diagram.width()
    heights = [box.height() for _, box in boxes]
    assert heights[0] == heights[1] == max(heights)  # 8 units wide both
    assert heights[3] == min(heights)


def test_a_click_chooses_a_layer_as_the_table_does(fitted, diagram, qtbot):
    box = dict(diagram.boxes())[2]
    qtbot.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert fitted.session.requests == [replace(fitted.result.settings, layer="4", replaced=("4",))]
    assert diagram._shown == "4"


def test_a_layer_that_cannot_be_replaced_cannot_be_chosen(qtbot, qapp):
    diagram, asked = NetworkDiagram(), []
    diagram.resize(240, 92)
    diagram.chosen.connect(asked.append)
    odd = LayerInfo("lstm", "LSTM", "", 4, 4, 4, 9, supported=False, reason="an LSTM is no affine layer")
    diagram.show_layers((odd,))
    qtbot.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=diagram.boxes()[0][1].center().toPoint())
    assert asked == []
    assert diagram._tip(0) == odd.reason
    diagram.deleteLater()


def test_replaced_layers_are_drawn_with_all_three_colours_and_others_with_none(fitted, diagram):
    from koopview.gui.looks.theme import LIGHT

    image = diagram.grab().toImage()
    ratio = image.width() / diagram.width()

    def colours(box):
        places = [
            (x, y) for x in range(int(box.left()), int(box.right())) for y in range(int(box.top()), int(box.bottom()))
        ]
        return {image.pixelColor(int(x * ratio), int(y * ratio)).name() for x, y in places}

    boxes = dict(diagram.boxes())
    assert {LIGHT.original, LIGHT.hybrid} <= colours(boxes[1])
    assert not {LIGHT.original, LIGHT.hybrid, LIGHT.scaled} & colours(boxes[0])
    assert diagram.accessibleDescription() == "0, 2, replaced, 4, 6"


@pytest.mark.parametrize("count", [5, 12, 30, 400])
@pytest.mark.parametrize("room", [5, 7, 9])
def test_many_layers_fold_round_the_one_shown(count, room):
    for shown in range(count):
        places = unfolded(count, shown, room)
        layers = [place for place in places if place != FOLDED]
        assert len(places) <= room
        assert {0, count - 1, shown} <= set(layers)
        assert layers == sorted(set(layers))
        for one, other in pairwise(places):
            assert FOLDED in (one, other) or other == one + 1  # what is left out is never left out in silence
            assert (one, other) != (FOLDED, FOLDED)


def test_thirty_layers_with_long_names_stay_inside(window, session, make):
    layers = [LayerInfo(f"encoder.blocks.{k}.mlp.fc1", "Linear", "GELU", 512 + k, 2048, 2048, 9) for k in range(30)]
    session.open(make.state(layers=layers), replace(make.settings, layer=layers[17].name, replaced=(layers[17].name,)))
    diagram = window.network.diagram
    boxes = diagram.boxes()
    assert {0, 17, 29, FOLDED} <= {place for place, _ in boxes}
    assert all(0 <= box.left() < box.right() <= diagram.width() for _, box in boxes)
    assert min(box.width() for place, box in boxes if place != FOLDED) > 12


BLOCK = (("attn", "Attention"), ("mlp", "MLP"), ("scale", "Linear"))


def deep_layers(blocks, start="blocks"):
    """An embedding, blocks of three layers each, and a head; the embedding looks like a block's last layer."""
    inner = [(f"{start}.{k}.{name}", kind) for k in range(blocks) for name, kind in BLOCK]
    named = [("embed", "Linear"), *inner, ("head", "Linear")]
    return [
        LayerInfo(name, kind, "", 32, 3 if name == "head" else 32, 32, 100, in_shape=(4, 8), out_shape=(4, 8))
        for name, kind in named
    ]


def test_few_layers_are_never_drawn_as_one(make):
    same = [LayerInfo(str(k), "Linear", "relu", 8, 8, 8, 72) for k in range(12)]
    assert [len(run) for run in runs_of(same, 0)] == [1] * 12


@pytest.mark.parametrize("shown", [0, 1, 150, 151, 152, 300, 301])
def test_runs_cover_every_layer_once_in_order_and_the_one_shown_is_alone(shown):
    layers = deep_layers(100)
    runs = runs_of(layers, shown)
    assert [index for run in runs for index in range(run.start, run.stop)] == [*range(302)]
    assert [run for run in runs if run.start <= shown < run.stop] == [Run(shown, shown + 1)]
    assert len(runs) <= 5
    for run in runs:
        for index in range(run.start + run.period, run.stop):
            assert layers[index].kind == layers[index - run.period].kind


def test_a_run_says_how_often_it_repeats_what_it_is_called_and_what_it_is_made_of():
    layers = deep_layers(100)
    alone, blocks, head = runs_of(layers, 0)
    assert (len(alone), blocks.times, run_name(blocks, layers), len(head)) == (1, "× 100", "blocks", 1)
    tip = run_tip(blocks, layers)
    assert "<b>blocks.0.attn</b> to <b>blocks.99.scale</b>: 300 stages" in tip
    assert [tip.count(f"{kind}, 4 × 8 → 4 × 8") for _, kind in BLOCK] == [1, 1, 1]
    before = runs_of(layers, 150)[1]
    assert before.times == "149"
    same = [LayerInfo(str(2 * k), "Linear", "relu", 16, 16, 16, 272) for k in range(300)]
    assert [run.times for run in runs_of(same, 50)] == ["× 50", "× 1", "× 249"]
    assert run_name(runs_of(same, 50)[0], same) == "0–98"


def test_a_click_on_a_run_chooses_its_first_layer(window, session, make, qtbot):
    layers = deep_layers(100)
    session.open(make.state(layers=layers), replace(make.settings, layer="embed", replaced=("embed",)))
    diagram = window.network.diagram
    box = dict(diagram.boxes())[1]
    qtbot.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert session.requests[-1].layer == "blocks.0.attn"
    assert [index for index, _ in diagram.boxes()] == [0, 1, 2, 301]
    assert "blocks.0.mlp to blocks.99.scale (299 layers)" in diagram.accessibleDescription()
