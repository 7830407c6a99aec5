"""What the built-in networks give on test samples, N = 20, B = 1000: the paper's numbers met at the same r and h."""

from functools import cache

import numpy as np
import pytest

from koopview.arguments import Source
from koopview.opening import open_study
from koopview.resources import resource_path
from koopview.study.study_file import read_study_file


@pytest.fixture(scope="module")
def study_of():
    """Open a built-in study by its name, once each."""
    return cache(lambda name: open_study(Source(model=f"demo:{name}")))


@pytest.mark.parametrize(
    ("name", "layer", "delays", "rank", "least"),
    [
        ("yinyang", "2", 8, 50, 0.913),
        ("yinyang", "4", 8, 50, 0.758),
        ("yinyang", "6", 2, 50, 0.973),
        ("mnist", "0", 1, 50, 0.565),
        pytest.param("mnist", "0", 10, 50, 0.833, marks=pytest.mark.slow),
        pytest.param("mnist", "0", 10, 500, 0.903, marks=pytest.mark.slow),
        ("mnist", "6", 10, 50, 0.958),
    ],
)
def test_hybrids_meet_the_papers_numbers(study_of, name, layer, delays, rank, least):
    result = study_of(name).fit(layer, delays=delays, rank=rank, schedule="uniform").result
    assert result.accuracy["hybrid"] >= least
    assert result.accuracy["scaled"] == result.accuracy["original"]


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_saved_results_are_what_the_engine_finds_today(study_of, name):
    study = study_of(name)
    saved = read_study_file(resource_path(f"studies/{name}.koopview")).state
    assert saved.layers == study.layers
    shown = saved.results[-1]
    fresh = study.fit_settings(shown.settings).result
    assert fresh.accuracy == pytest.approx(shown.accuracy, abs=1e-3)
    np.testing.assert_allclose(np.abs(fresh.eigenvalues), np.abs(shown.eigenvalues), atol=1e-4)
    np.testing.assert_allclose(fresh.paths[: len(shown.paths)], shown.paths, atol=1e-5)
