"""Files that the program writes: numbers, hybrid networks and studies, each read back."""

import csv
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.selftest.check import Check, Unexpected
from koopview.selftest.numbers import opened

if TYPE_CHECKING:
    from koopview.study.study import Study

SETTINGS: dict[str, Any] = {"layer": "2", "delays": 6, "rank": 12}


def checks(studies: dict[str, "Study"], folder: Path) -> Iterable[Check]:
    """Return the checks of files, which are written into `folder`."""
    yield Check("numbers as JSON, NPZ, CSV", "the same in all three", partial(numbers_agree, studies, folder))
    yield Check("hybrid as torch.export", "the hybrid's own outputs", partial(hybrid_runs, studies, folder))
    yield Check("study saved and reopened", "the same numbers", partial(study_reopens, studies, folder))


def numbers_agree(studies: dict[str, "Study"], folder: Path) -> str:
    """Write a fit's numbers in every form, read them back, and return how many eigenvalues agree."""
    from koopview.study.export import write_numbers

    result = opened(studies, "yinyang").fit(**SETTINGS).result
    paths = [folder / f"fit.{ending}" for ending in ("json", "npz", "csv")]
    for path in paths:
        write_numbers(result, path)
    text = json.loads(paths[0].read_text(encoding="utf-8"))
    with np.load(paths[1]) as arrays:
        from_arrays = arrays["eigenvalues"]
    rows = list(csv.DictReader(paths[2].read_text(encoding="utf-8").splitlines()))
    from_text = np.array([complex(*pair) for pair in text["eigenvalues"]])
    if not (np.allclose(from_text, from_arrays) and len(rows) == len(from_arrays) == len(result.eigenvalues)):
        raise Unexpected(f"{len(from_text)}, {len(from_arrays)} and {len(rows)} eigenvalues, not all alike")
    return f"{len(rows)} eigenvalues in each"


def hybrid_runs(studies: dict[str, "Study"], folder: Path) -> str:
    """Export a hybrid network, load it with torch alone, and return how far its outputs are from the hybrid's own."""
    import torch

    study, path = opened(studies, "yinyang"), folder / "hybrid.pt2"
    fit = study.fit(**SETTINGS)
    fit.export(path)
    inputs = torch.from_numpy(study.dataset.x_test[:100])
    with torch.inference_mode():
        found = torch.export.load(path).module()(inputs)
    outputs = study.network.run(inputs, {SETTINGS["layer"]: fit.module().forward})
    apart = float((found - outputs).abs().max())
    if not apart <= 1e-4 * float(outputs.abs().max()):
        raise Unexpected(f"outputs {apart:.0e} apart")
    return f"outputs {apart:.0e} apart"


def study_reopens(studies: dict[str, "Study"], folder: Path) -> str:
    """Save a study, open it again, and return what its last fit says."""
    from koopview.study.study import Study

    study, path = opened(studies, "yinyang"), folder / "study.koopview"
    before = study.fit(**SETTINGS).result
    study.save(path)
    results = Study.open(path).results
    after = next(one for one in results if one.settings == before.settings)
    if not (np.array_equal(before.eigenvalues, after.eigenvalues) and before.accuracy == after.accuracy):
        raise Unexpected("other numbers than were saved")
    return f"{len(results)} results"
