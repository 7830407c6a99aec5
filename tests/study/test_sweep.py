"""Sweeps: every combination once, one decomposition for all ranks, resumed where they were stopped."""

import csv
import io
import json
from itertools import product

import numpy as np
import pytest
import torch
from reference.examples import Counter, random_network

import koopview
from koopview.cli.tables import sweep_table
from koopview.errors import Cancelled, FileError, InputError
from koopview.hybrid import decomposed
from koopview.hybrid.rows import ROWS
from koopview.koopman.principal_paths import NAME
from koopview.study.export import cells_csv

WIDTHS = (5, 8, 6, 3)
DELAYS, RANKS = (1, 4), (3, "auto", 8)
SETTINGS = {"steps": 8, "samples": 60}
GRID = [(layer, h, r) for layer, h, r in product(("0", "2", "4"), DELAYS, RANKS)]


def made(seed=0, data_seed=0):
    module = random_network(WIDTHS, "relu", seed)
    x = np.random.default_rng(data_seed).normal(size=(120, 5)).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    return koopview.Study(module, koopview.Dataset(x, y))


@pytest.fixture
def study():
    return made()


@pytest.fixture
def decompositions(monkeypatch):
    counter = Counter(decomposed.fit_dmd)
    monkeypatch.setattr(decomposed, "fit_dmd", counter)
    return counter


def swept(study, **options):
    return study.sweep("all", DELAYS, RANKS, **{**SETTINGS, **options})


def stop_after(count):
    """A callback that stops the sweep once so many cells are finished."""
    seen = []

    def on_cell(result):
        seen.append(result.settings)
        if len(seen) == count:
            raise Cancelled

    return on_cell


def numbers(result):
    return result.settings, result.accuracy, result.agreement, result.eigenvalues.tolist(), result.residuals.tolist()


def test_every_combination_once_and_equal_to_a_fit_of_its_own(study):
    found = swept(study)
    assert [(r.settings.layer, r.settings.delays, r.settings.rank) for r in found] == GRID
    for result in found:
        fresh = made().fit_settings(result.settings).result
        np.testing.assert_allclose(result.eigenvalues, fresh.eigenvalues, atol=1e-9)
        assert result.accuracy == fresh.accuracy
        assert result.rank == fresh.rank
        assert not len(result.paths)


def test_all_ranks_share_one_decomposition(study, decompositions):
    swept(study)
    assert decompositions.calls == 3 * len(DELAYS)


def test_a_large_layer_is_decomposed_once_for_its_largest_rank(decompositions):
    wide = torch.nn.Sequential(torch.nn.Linear(60, 180), torch.nn.Tanh(), torch.nn.Linear(180, 3))
    data = koopview.Dataset(np.random.default_rng(0).normal(size=(300, 60)) / 8)
    koopview.Study(wide, data).sweep(["0"], [5], [3, 120, 40], steps=10, samples=200)
    assert decompositions.calls == 1


def test_cells_are_told_as_they_are_finished_and_kept(study):
    told, shares = [], []
    found = swept(study, on_cell=told.append, progress=lambda share, text: shares.append((share, text)))
    assert {result.settings for result in told} == {result.settings for result in found}
    assert [share for share, _ in shares] == sorted(share for share, _ in shares)
    assert shares[-1][0] == 1
    assert any("cell 18 of 18: layer 4, h = 4, r = 3" in text for _, text in shares)
    assert {cell.settings for cell in study.state.cells} == {result.settings for result in found}
    assert study.results == ()  # the history is of what was asked one by one


def test_a_stopped_sweep_goes_on_where_it_was(study, decompositions, tmp_path):
    path = tmp_path / "cells.jsonl"
    with pytest.raises(Cancelled):
        swept(study, resume=path, on_cell=stop_after(7))
    assert len(path.read_bytes().splitlines()) == 7
    assert decompositions.calls == 3  # of 3 layers times 2 delays
    other = made()
    found = swept(other, resume=path)
    assert decompositions.calls == 3 + 1 + 3  # the group that was begun, and those that were not
    assert [numbers(a) for a in swept(made(), resume=path)] == [numbers(b) for b in found]
    assert decompositions.calls == 7
    fresh = {result.settings: result for result in swept(made())}
    for result in found:
        assert result.accuracy == fresh[result.settings].accuracy


def test_what_is_finished_is_known_without_a_file_too(study, decompositions):
    with pytest.raises(Cancelled):
        swept(study, on_cell=stop_after(6))
    before = decompositions.calls
    swept(study)
    assert decompositions.calls == 6
    assert before == 2


def test_what_the_study_knows_is_put_into_the_file_and_what_another_knows_is_not_taken(decompositions, tmp_path):
    study = made()
    swept(study)
    assert decompositions.calls == 6
    swept(study, resume=tmp_path / "cells.jsonl")
    study.save(tmp_path / "s.koopview")
    opened = koopview.Study.open(tmp_path / "s.koopview")
    swept(opened)
    swept(made(), resume=tmp_path / "cells.jsonl")
    assert decompositions.calls == 6
    swept(koopview.Study.open(tmp_path / "s.koopview", dataset=made(data_seed=1).dataset))
    assert decompositions.calls == 12


def test_cells_of_another_model_other_data_or_settings_are_left_alone(decompositions, tmp_path):
    path = tmp_path / "cells.jsonl"
    first = swept(made(), resume=path)
    lines = path.read_bytes()
    for other, options in ((made(seed=1), {}), (made(data_seed=1), {}), (made(), {"pad": -2.0}), (made(), {"seed": 5})):
        before = decompositions.calls
        swept(other, resume=path, **options)
        assert decompositions.calls == before + 6
        assert path.read_bytes().startswith(lines)
        lines = path.read_bytes()
    before = decompositions.calls
    assert [numbers(a) for a in swept(made(), resume=path)] == [numbers(b) for b in first]
    assert decompositions.calls == before


@pytest.mark.parametrize("cut", [1, 9, 300, -1])
def test_a_torn_last_line_is_as_if_it_were_not_there(decompositions, tmp_path, cut):
    path = tmp_path / "cells.jsonl"
    swept(made(), resume=path)
    whole = path.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    stop = start + cut if cut > 0 else len(whole) - 1
    path.write_bytes(whole[:stop])
    before = decompositions.calls
    swept(made(), resume=path)
    assert decompositions.calls == before + 1
    assert len(path.read_bytes().splitlines()) == len(whole.splitlines())
    assert all(json.loads(line)["study"] for line in path.read_bytes().splitlines())


def test_a_first_line_that_was_torn_is_written_anew(tmp_path):
    path = tmp_path / "cells.jsonl"
    path.write_bytes(b'{"stu')
    found = made().sweep("0", [1], [3], resume=path, **SETTINGS)
    assert len(found) == len(path.read_bytes().splitlines()) == 1


@pytest.mark.parametrize("content", [b"layer,h\n0,1\n", b"\x89PNG\r\n\x1a\n\x00", b'{"study"\nx\n', b"x"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(study, tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(FileError, match=f"sweep {path} is no file of finished cells, expected one that a sweep wrote"):
        swept(study, resume=path)
    assert path.read_bytes() == content


def test_where_cells_cannot_be_kept_is_said_before_anything_is_fitted(study, decompositions, tmp_path):
    with pytest.raises(FileError, match=r"the folder .* does not exist"):
        swept(study, resume=tmp_path / "none" / "cells")
    assert decompositions.calls == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("all", [1, 9], [3]), r"delays is 9, expected 1 to 8 \(the number of steps\)"),
        (("all", [0], [3]), "delays is 0, expected a whole number of 1"),
        (("all", [1], [3, 0]), "rank is 0, expected a whole number of 1 or more, or auto"),
        (("all", [], [3]), "delays is empty, expected at least one"),
        (("all", [1], ()), "ranks is empty, expected at least one"),
        (("all", 3, [3]), "delays is 3, expected a list"),
        ((["0", "9"], [1], [3]), "layer '9' is not in Sequential, expected one of 0, 2, 4"),
        (([], [1], [3]), "layers is empty, expected at least one"),
    ],
)
def test_a_grid_that_cannot_be_is_one_sentence_before_anything_runs(study, decompositions, arguments, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        study.sweep(*arguments, **SETTINGS)
    assert decompositions.calls == 0


def test_a_name_alone_is_a_layer_and_doubles_are_one_cell(study):
    found = study.sweep("2", [1, 1], [3, 3], **SETTINGS)
    assert [result.settings.layer for result in found] == ["2"]


def test_json_and_csv_of_the_cells(study):
    found = swept(study)
    bare, full = found.summaries(), found.summaries(spectra=True)
    assert not {"eigenvalues", "residuals", "singular_values"} & set(bare[0])
    assert full == [result.summary() for result in found]
    rows = list(csv.DictReader(io.StringIO(cells_csv(found).decode())))
    assert len(rows) == len(found)
    for row, result in zip(rows, found, strict=True):
        assert (row["layer"], int(row["delays"]), int(row["rank"])) == (
            result.settings.layer,
            result.settings.delays,
            result.rank,
        )
        assert row["rank_asked"] == str(result.settings.rank)
        assert [float(row[name]) for name in ROWS] == [result.accuracy[name] for name in ROWS]
        assert float(row["lift_fraction"]) == result.settings.lift_fraction


def test_a_damaged_line_is_named(study, tmp_path):
    path = tmp_path / "cells.jsonl"
    found = swept(study, resume=path)
    whole = path.read_bytes()
    path.write_bytes(whole + b"garbage\n")
    with pytest.raises(FileError, match=f"line {len(found) + 1} of sweep {path} is no finished cell"):
        swept(study, resume=path)
    assert path.read_bytes() == whole + b"garbage\n"


WIDE = (2, 4, 5, 7)
"""Numbers of delays of a layer whose snapshot matrices are too large to be decomposed whole."""


def wide(samples=300, tests=100):
    """Return a study of a wide layer whose inputs have few large directions, as pictures have."""
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(samples + tests, 400)) * 0.8 ** np.arange(400) @ generator.normal(size=(400, 400))
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(400, 360), torch.nn.ReLU(), torch.nn.Linear(360, 3))
    x = (inputs / 20).astype(np.float32)
    y = module(torch.tensor(x)).argmax(1).numpy()
    return koopview.Study(module, koopview.Dataset(x[:samples], y[:samples], x[samples:], y[samples:]))


def swept_wide(study, **options):
    return study.sweep("0", WIDE, [3, 12], steps=10, samples=250, **{"tests": 80} | options)


def test_delays_of_a_wide_layer_share_principal_paths_that_give_what_the_samples_give(decompositions):
    found = swept_wide(wide())
    assert decompositions.calls == 0
    assert all(result.decomposition.endswith(NAME) for result in found)
    assert all(cell["decomposition"].endswith(NAME) for cell in found.summaries())
    assert f"8 cells fitted from {found.results[0].decomposition}, not" in sweep_table(found.results)
    fresh = wide()
    for result in found:
        wanted = result.settings
        (exact,) = fresh.sweep("0", [wanted.delays], [wanted.rank], steps=10, samples=250, tests=80)
        assert exact.decomposition in ("gram", "randomized")
        assert abs(result.hybrid - exact.hybrid) <= 0.0126  # one of 80 test samples
        assert result.eigenvalues.mean() == pytest.approx(exact.eigenvalues.mean(), abs=1e-3)
        np.testing.assert_allclose(result.singular_values[:3], exact.singular_values[:3], rtol=1e-3)
        assert result.output_error == pytest.approx(exact.output_error, rel=0.02)
        assert result.operator_residual == pytest.approx(exact.operator_residual, rel=0.1)
    assert decompositions.calls > 0


def test_only_a_quick_sweep_is_of_principal_paths_and_none_of_its_cells_is_kept():
    study = wide()
    assert all(result.decomposition.endswith(NAME) for result in swept_wide(study))
    assert study.state.cells == ()
    again = study.fit("0", delays=5, rank=12, steps=10, samples=250)
    assert not again.result.decomposition.endswith(NAME)
    for tests in (None, 100):  # all of them
        assert not any(result.decomposition.endswith(NAME) for result in swept_wide(study, tests=tests))
    assert len(study.state.cells) == 2 * len(WIDE)


@pytest.mark.parametrize(
    ("delays", "options"),
    [((2,), {}), (WIDE, {"observables": "polynomial", "states": "pca:20"}), (WIDE, {"states": "pca:300"})],
)
def test_what_principal_paths_do_not_serve_goes_the_usual_way(delays, options):
    cells = wide(200, 50).sweep("0", delays, [3], steps=10, samples=200, tests=40, **options)
    assert not any(result.decomposition.endswith(NAME) for result in cells)


def test_few_test_samples_are_told_and_not_kept_with_the_study(study, tmp_path):
    few = swept(study, tests=7, resume=tmp_path / "cells")
    assert {result.test_samples for result in few} == {7}
    assert study.state.cells == ()
    whole = swept(study, resume=tmp_path / "cells")
    assert {result.test_samples for result in whole} == {len(study.dataset.x_test)}
    again = swept(made(), tests=7, resume=tmp_path / "cells")
    assert [result.accuracy for result in again] == [result.accuracy for result in few]


@pytest.mark.parametrize("tests", [0, 1.5, True])
def test_a_number_of_test_samples_that_is_none_is_refused(study, tests):
    with pytest.raises(InputError, match="expected a whole number of 1 or more"):
        swept(study, tests=tests)
