"""Blocks of a study replaced by one operator: numbers by their formulas in numpy, for each task and kind of state."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from reference.residual import (
    AffineBlock,
    Transformer,
    affine_system,
    applied,
    chosen_ridge,
    conv_network,
    cosine,
    power_map,
    residual_states,
    rest_of,
    rings,
    trained_residual,
)
from torch import nn

import koopview
from koopview.errors import Cancelled, InputError
from koopview.hybrid.parts import fifth
from koopview.hybrid.rows import DEPTH_ROWS
from koopview.hybrid.statistics import paired_difference
from koopview.study.depth_result import COLUMNS, depth_rows

FITTED = 300


@pytest.fixture(scope="module")
def study():
    (x, y), (x_test, y_test) = rings(500, 1), rings(400, 2)
    return koopview.Study(trained_residual(), koopview.Dataset(x, y, x_test, y_test, name="rings"), name="residual")


@pytest.fixture(scope="module")
def table(study):
    return list(study.depth_table(samples=FITTED))


def by_formula(study, start, blocks):
    """Return the states of each replacement on the test samples, in float64 numpy."""
    seen = residual_states(trained_residual(), study.dataset.x_train[:FITTED])
    test = residual_states(trained_residual(), study.dataset.x_test)
    end, parts = start + blocks, [part.numpy() for part in fifth(FITTED)]

    def mapped(x, states, power=1):
        return applied(*power_map(states, chosen_ridge(states, *parts)), x, power)

    one_by_one = test[start]
    for k in range(start, end):
        one_by_one = mapped(one_by_one, seen[k : k + 2])
    found = {
        "koopman": mapped(test[start], seen[start : end + 1], blocks),
        "affine": mapped(test[start], [seen[start], seen[end]]),
        "affine_blocks": one_by_one,
        "skip": test[start],
        "mean": np.tile(seen[end].mean(0), (len(test[end]), 1)),
    }
    return found, test[end], seen[end].mean(0)


@pytest.mark.parametrize(("start", "blocks"), [(0, 1), (0, 4), (1, 2)])
def test_every_number_of_a_cell_is_that_of_the_formulas(study, start, blocks):
    cell = study.depth(str(start + 1), blocks, samples=FITTED)
    states, true, mean = by_formula(study, start, blocks)
    original, labels = rest_of(trained_residual(), true, start + blocks), study.dataset.y_test
    for name, found in states.items():
        outputs = rest_of(trained_residual(), found, start + blocks)
        right = outputs.argmax(1) == labels
        assert abs(cell.accuracy[name] - right.mean()) <= 2 / len(labels)  # a sample may stand on a border
        assert abs(cell.agreements[name] - (outputs.argmax(1) == original.argmax(1)).mean()) <= 2 / len(labels)
        error = np.linalg.norm(outputs - original) / np.linalg.norm(original)
        assert cell.output_errors[name] == pytest.approx(error, rel=5e-3, abs=1e-4)
        assert cell.cosines[name] == pytest.approx(cosine(found, true), abs=1e-3)  # states are float32
        if name != "mean":
            assert cell.centred_cosines[name] == pytest.approx(cosine(found - mean, true - mean), abs=5e-3)
    assert cell.centred_cosines["mean"] is None
    assert cell.accuracy["original"] == pytest.approx((original.argmax(1) == labels).mean())


def test_the_lead_over_a_control_is_the_paired_difference_on_the_same_samples(study):
    cell = study.depth("1", 4, samples=FITTED)
    states, _, _ = by_formula(study, 0, 4)
    right = {
        name: rest_of(trained_residual(), one, 4).argmax(1) == study.dataset.y_test for name, one in states.items()
    }
    for name, lead in cell.above.items():
        assert (lead.value, lead.error) == pytest.approx(paired_difference(right["koopman"], right[name]), abs=5e-3)
    if cell.output_errors["koopman"] >= cell.output_errors["mean"]:  # a wreck is ahead of others by chance
        assert cell.above_best_control is None
    part = study.depth("1", 1, samples=FITTED)
    assert part.above_best_control.value == min(lead.value for lead in part.above.values())


def test_the_table_has_every_start_and_number_of_blocks_once(table):
    wanted = {(start, blocks) for start in range(4) for blocks in range(1, 5 - start)}
    assert {(cell.start, cell.settings.blocks) for cell in table} == wanted
    assert len(table) == len(wanted)


def test_a_cell_asked_for_alone_is_that_of_the_table(study, table):
    own = {(cell.start, cell.settings.blocks): cell for cell in table}[1, 2].summary()
    alone = study.depth("2", 2, samples=FITTED).summary()
    assert {**own, "seconds": 0} == {**alone, "seconds": 0}


def test_known_cells_are_left_out(study, table):
    rest = list(study.depth_table(samples=FITTED, known=table[:7]))
    assert [(cell.start, cell.settings.blocks) for cell in rest] == [
        (cell.start, cell.settings.blocks) for cell in table[7:]
    ]
    assert (
        len(list(study.depth_table(None, 4, known=[replace(table[-1], stream=("a", "b"))]))) == 1
    )  # of another stream


def test_skip_is_the_network_without_the_blocks(study, table):
    net = trained_residual()
    for cell in table:
        left = [part for i, part in enumerate(net) if not cell.start < i <= cell.start + cell.settings.blocks]
        with torch.no_grad():
            outputs = nn.Sequential(*left)(torch.tensor(study.dataset.x_test)).numpy()
        assert cell.accuracy["skip"] == (outputs.argmax(1) == study.dataset.y_test).mean()


def test_a_network_of_one_affine_step_is_replaced_whole():
    system = affine_system(6, 3)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), *[AffineBlock(*system) for _ in range(3)], nn.Linear(6, 3))
    x = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    study = koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()))
    cell = study.depth("1", 3)
    assert cell.accuracy["koopman"] == 1.0
    assert cell.output_errors["koopman"] < 1e-5
    assert cell.cosines["koopman"] == pytest.approx(1.0, abs=1e-8)
    assert cell.output_errors["skip"] > 0.05
    for step in cell.linearity:
        assert step.apart == pytest.approx(1.0, abs=1e-5)


def test_work_can_be_stopped_between_cells_and_within(study):
    told = []

    def stop(fraction, text):
        told.append((fraction, text))
        if fraction > 0.3:
            raise Cancelled

    cells = study.depth_table(samples=FITTED, progress=stop)
    with pytest.raises(Cancelled):
        list(cells)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert 0 < len(list(itertools.islice(study.depth_table(samples=FITTED), 2))) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"samples": 5000}, "samples is 5000, expected at most 500"),
        ({"samples": 0}, "samples is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"states": "patches"}, "states is 'patches', expected flat, tokens"),
        ({"states": "tokens"}, r"shape \(10,\), expected \(tokens, width\)"),
        ({"steps": 3}, "'steps' is no setting of depth, expected one of states, samples"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(study, options, told):
    with pytest.raises(InputError, match=told):
        study.depth("1", 1, **options)


def test_states_that_the_memory_cannot_hold_are_refused_before_they_are_computed(study, monkeypatch):
    monkeypatch.setattr("koopview.memory.free_memory", lambda: 1000)
    with pytest.raises(
        InputError, match=r"states of 500 samples along 4 blocks of 10 entries .* expected fewer samples"
    ):
        study.depth("1", 1)


@pytest.mark.parametrize("blocks", [0, True, 1.5, "2"])
def test_a_number_of_blocks_is_a_whole_number(study, blocks):
    with pytest.raises(InputError, match=r"blocks is .* expected a whole number of 1 or more"):
        study.depth("1", blocks)


def test_a_network_without_blocks_says_so():
    net = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3))
    study = koopview.Study(net, koopview.Dataset(*rings(50, 0)))
    with pytest.raises(InputError, match="has no residual stream"):
        next(study.depth_table())


# Tasks and shapes


def study_of(net, shape, labels, samples=150):
    x = np.random.default_rng(0).normal(size=(samples, *shape)).astype(np.float32)
    with torch.no_grad():
        outputs = net.eval()(torch.tensor(x)).numpy()
    return koopview.Study(net, koopview.Dataset(x, labels(outputs)))


@pytest.mark.parametrize("states", ["flat", "tokens", "pca:12"])
def test_a_transformer_is_measured_with_each_kind_of_state(states):
    torch.manual_seed(0)
    study = study_of(Transformer(), (7, 4), lambda outputs: outputs.argmax(1))
    cell = study.depth("blocks.0", 2, states=states)
    assert (cell.blocks, cell.shape, cell.states) == (("blocks.0", "blocks.1"), (7, 8), states)
    assert (cell.rows["projected"] is None) == (states != "pca:12")
    assert all(score is not None for name, score in cell.rows.items() if name != "projected")


def test_projected_is_the_network_with_its_own_state_as_the_components_keep_it():
    torch.manual_seed(0)
    study = study_of(conv_network(), (1, 8, 8), lambda outputs: outputs.argmax(1))
    whole, few = (study.depth("2", 1, states=f"pca:{count}") for count in (256, 2))
    assert whole.rows["projected"] is None  # nothing is left out
    assert few.cosines["projected"] < 0.9999
    assert few.centred_cosines["projected"] >= few.centred_cosines["koopman"]


def test_real_targets_are_measured_by_r2_and_without_labels_by_agreement():
    torch.manual_seed(0)
    real = study_of(conv_network(), (1, 8, 8), lambda outputs: outputs).depth("2", 2)
    assert (real.measure, real.accuracy) == ("r2", {})
    assert real.r2["original"] == pytest.approx(1.0)
    assert real.summary()["relative_error"]["koopman"] > 0
    bare = study_of(conv_network(), (1, 8, 8), lambda outputs: None).depth("2", 2)
    assert (bare.measure, bare.task) == ("agreement", None)
    assert bare.rows["koopman"] == bare.agreements["koopman"]


def test_a_result_is_plain_json_and_a_row(table):
    told = json.loads(json.dumps(table[-1].summary()))
    assert (told["start"], told["blocks"], told["replaced"]) == ("1", 4, ["1", "2", "3", "4"])
    assert list(told["accuracy"]) == list(DEPTH_ROWS)
    assert len(told["eigenvalues"]) == told["rank"]
    assert len(told["linearity"]) == 4
    rows = depth_rows(table)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows[-1][COLUMNS.index("koopman")] == table[-1].accuracy["koopman"]


def test_states_too_large_to_be_flat_are_told():
    torch.manual_seed(0)
    blocks = [AffineBlock(np.zeros((2100, 2100)), np.zeros(2100)) for _ in range(2)]
    net = nn.Sequential(nn.Linear(3, 2100), *blocks, nn.Linear(2100, 2))
    study = study_of(net, (3,), lambda outputs: outputs.argmax(1), samples=30)
    cell = study.depth("1", 1)
    assert cell.states.startswith("pca:")
    assert "2,100 entries" in cell.note
    assert study.depth("1", 1, states="pca").note == ""


# Time steps


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(3, 4, num_layers=2, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def reader(steps=5):
    torch.manual_seed(0)
    net = Reader().eval()
    x = np.random.default_rng(0).normal(size=(200, steps, 3)).astype(np.float32)
    with pytest.warns(match="straight line"):
        return koopview.Study(net, koopview.Dataset(x, net(torch.tensor(x)).argmax(1).numpy()))


@pytest.mark.parametrize("inputs", [True, False])
def test_a_whole_sequence_in_the_place_of_an_lstm_is_numpys(inputs):
    """All time steps by their controls: outputs against numpy, on the states that PyTorch's own layer gives."""
    study = reader()
    cell = study.depth("1", 5, inputs=inputs)
    assert (cell.layer, cell.driven, cell.shape, cell.blocks) == ("rnn", inputs, (16,), ("1", "2", "3", "4", "5"))
    data, net = study.dataset, study.setup.network
    original = study.setup.original.numpy()
    (bias, weight) = (getattr(net.layers[-1].affine, name).numpy() for name in ("bias", "weight"))
    torch.manual_seed(0)
    own = Reader().eval().rnn(torch.tensor(data.x_train))[0][:, -1].detach().double().numpy()
    expected = np.tile(own.mean(0) @ weight.T + bias, (len(original), 1))
    error = np.linalg.norm(expected - original) / np.linalg.norm(original)
    assert cell.output_errors["mean"] == pytest.approx(error, rel=1e-4)
    start = np.tile(bias, (len(original), 1))  # the state is kept: zeros
    assert cell.output_errors["skip"] == pytest.approx(
        np.linalg.norm(start - original) / np.linalg.norm(original), rel=1e-4
    )
    if not inputs:  # nothing tells samples apart: an affine map of a constant is the mean
        assert cell.output_errors["affine"] == pytest.approx(error, rel=1e-4)
    else:
        assert cell.output_errors["affine"] < 0.5 * error
        assert cell.output_errors["koopman"] < 0.5 * error


def test_a_long_sequence_has_a_table_of_some_of_its_steps_and_the_whole():
    cells = list(reader(steps=19).depth_table(samples=20))
    starts, numbers = cells[0].grid
    assert (list(starts), list(numbers)) == (list(range(0, 19, 2)), [*range(2, 19, 2), 19])
    assert [(cell.start, cell.settings.blocks) for cell in cells][-1] == (0, 19)
    assert len({(cell.start, cell.settings.blocks) for cell in cells}) == len(cells) == 9 * 10 // 2 + 1


@pytest.mark.parametrize("inputs", [1, "yes", None])
def test_whether_inputs_are_seen_is_yes_or_no(inputs):
    with pytest.raises(InputError, match=r"inputs is .*, expected True or False"):
        reader().depth("1", 1, inputs=inputs)
