"""The paper's rows: which there are, what is told of each, and where the numbers stand."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from reference.results import plain_result

from koopview.study import paper
from koopview.study.paper import Comparison, PaperRow, difference, nearest_scaling, paper_rows, sampling_error, table
from koopview.study.settings import FitSettings


def comparison(hybrid, published, original=0.99, scaling="homotopy", samples=10_000):
    settings = FitSettings("0", scaling=scaling, delays=1, rank=50)
    result = plain_result(settings, {"original": original, "hybrid": hybrid}, samples)
    return Comparison(PaperRow("mnist", settings, published), result)


def test_every_number_of_the_papers_figure_4_has_a_row_and_delays_fit_the_steps():
    rows = [row for row in paper_rows() if row.network == "mnist" and row.settings.layer == "0"]
    cells = {(row.settings.rank, row.settings.delays) for row in rows}
    assert cells == {(r, h) for r in (50, 500) for h in (1, 10, 50, 100)}
    assert all(row.settings.steps >= 100 for row in rows if row.settings.delays >= 50)


def test_larger_ranks_come_first_so_that_one_decomposition_serves_both():
    order = [(one.delays, one.rank) for one in paper.figure_4()]
    assert order == sorted(order, key=lambda cell: (cell[0], -cell[1]))


def test_two_standard_errors_are_what_drawing_samples_gives():
    drawn = np.random.default_rng(0).binomial(400, 0.8, size=20_000) / 400
    assert sampling_error(0.8, 400) == pytest.approx(2 * drawn.std(), rel=0.02)


@pytest.mark.parametrize(("hybrid", "told"), [(0.5648, False), (0.5698, False), (0.60, True), (0.50, True)])
def test_a_difference_is_told_where_sampling_does_not_explain_it(hybrid, told):
    sentence = difference(comparison(hybrid, 0.5648))
    assert bool(sentence) is told
    if told:
        assert f"{100 * (hybrid - 0.5648):+.1f} points" in sentence
        assert "homotopy" in sentence


def test_a_row_without_a_published_number_says_nothing_of_a_difference():
    assert difference(comparison(0.3, None)) == ""


def test_the_nearest_scaling_loses_as_much_as_the_papers():
    near = [comparison(0.90, 0.872, 0.99, "linear"), comparison(0.70, 0.872, 0.99, "homotopy")]
    found = nearest_scaling(near)  # the paper's own network has 97.2 %: it lost 10 points
    assert list(found) == ["linear", "homotopy"]
    assert found["linear"] == pytest.approx(0.01)
    assert found["homotopy"] == pytest.approx(0.19)


def test_rows_with_each_scaling_are_those_with_a_published_number_and_few_steps():
    rows = paper.with_each_scaling(paper_rows())
    assert {row.settings.scaling for row in rows} == set(paper.SCALINGS)
    assert all(row.paper is not None and row.settings.steps == paper.SHORT for row in rows)
    plain = {replace(row.settings, scaling="homotopy", schedule="uniform") for row in rows}
    assert len(rows) == len(plain) * len(paper.SCALINGS)


def test_the_table_holds_what_must_stand_beside_a_hybrid():
    one = comparison(0.61, 0.5648)
    found = paper.PaperComparison((one,), (), figures=None)
    rows = list(csv.reader(io.StringIO(found.csv().decode())))
    assert rows == [list(row) for row in table([one])]
    beside = dict(zip(*rows, strict=True))
    assert beside["paper"] == "56.48"
    assert beside["hybrid"] == "61.00"
    assert {"original", "scaled", "affine", "mean", "identity", "lift fraction", "seconds"} <= set(beside)
